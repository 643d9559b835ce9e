import { describe, expect, test } from "bun:test";
import { chmod, mkdir, stat, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { configCheck, configInit, configSchema, configShow, type ConfigWords } from "../../src/commands/config.ts";
import { configJsonSchema } from "../../src/config/schema.ts";
import { createFolder, problemOf } from "./folder.ts";

const words: ConfigWords = {
  origin: { default: "default", file: (path) => `in ${path}`, environment: (name) => `$${name}`, flag: (name) => name },
  created: (path, schemaPath) => `created ${path} ${schemaPath}`,
  file: (path) => `file ${path}`,
  command: (line) => `llmaas ${line}`,
  foundInFolder: () => "found",
  noFile: "no file",
  ignored: (path) => `ignored ${path}`,
  ignoredUnread: (path) => `ignored, no JSON: ${path}`,
  trusted: (path, endpoint) => `trusted ${path} ${endpoint}`,
  untaken: (keys) => `untaken ${keys}`,
  off: "off",
  valid: (path) => `valid ${path}`,
  validWithoutFile: "valid",
  placeholderGoes: (keyOrigin, endpoint) => `placeholder ${keyOrigin} -> ${endpoint}`,
  keyGoes: (keyOrigin, endpoint) => `key ${keyOrigin} -> ${endpoint}`,
  noKey: (endpoint) => `no key -> ${endpoint}`,
};

describe("config init", () => {
  test("writes ./config.json for its owner alone, and the schema it points to", async () => {
    const { cwd, load } = await createFolder();
    const path = join(cwd, "config.json");
    expect(await configInit({ cwd, words })).toBe(`created ${path} ${join(cwd, "config.schema.json")}\n`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await Bun.file(path).json()).toMatchObject({ $schema: "./config.schema.json", defaults: { timeout: 30 } });
    expect(await Bun.file(join(cwd, "config.schema.json")).text()).toBe(configJsonSchema());
    const loaded = await load();
    expect(await problemOf(() => configCheck({ loaded, words }))).toEqual({
      code: "placeholder_key",
      origin: path,
      llmaas: true,
    });
  });

  test("writes an explicit path, parents included", async () => {
    const { cwd, root } = await createFolder();
    await configInit({ cwd, path: "../deep/er/mine.json", words });
    expect(await Bun.file(join(root, "deep/er/mine.json")).exists()).toBe(true);
    expect(await Bun.file(join(root, "deep/er/config.schema.json")).exists()).toBe(true);
  });

  test("never writes over a file, nor through a link, nor over a foreign schema", async () => {
    const { cwd, plant, write, root } = await createFolder();
    const path = await plant({ api: { token: "precious" } });
    expect(await problemOf(() => configInit({ cwd, words }))).toEqual({ code: "config_exists", path });
    expect(await Bun.file(path).json()).toEqual({ api: { token: "precious" } });
    const link = join(cwd, "link.json");
    await symlink(join(root, "target.json"), link);
    expect(await problemOf(() => configInit({ cwd, path: link, words }))).toEqual({
      code: "config_exists",
      path: link,
    });
    expect(await Bun.file(join(root, "target.json")).exists()).toBe(false);
    const schema = await write("other/config.schema.json", "{}");
    const beside = join(dirname(schema), "config.json");
    expect(await problemOf(() => configInit({ cwd, path: beside, words }))).toEqual({
      code: "config_exists",
      path: schema,
    });
    expect(await Bun.file(beside).exists()).toBe(false);
  });

  test("beside a schema that is already the right one writes the file alone", async () => {
    const { cwd } = await createFolder();
    await configInit({ cwd, words });
    await configInit({ cwd, path: "second.json", words });
    expect(await Bun.file(join(cwd, "second.json")).exists()).toBe(true);
  });

  test("where nothing can be written says why", async () => {
    const { cwd, write } = await createFolder();
    await write("work/file", "x");
    const problem = await problemOf(() => configInit({ cwd, path: "file/config.json", words }));
    expect(problem).toMatchObject({ code: "file_unwritable", path: join(cwd, "file/config.json") });
  });

  test.skipIf(process.getuid?.() === 0)("in a read-only folder says why (skipped for root)", async () => {
    const { cwd } = await createFolder();
    const folder = join(cwd, "closed");
    await mkdir(folder);
    await chmod(folder, 0o500);
    const problem = await problemOf(() => configInit({ cwd: folder, words }));
    expect(problem).toMatchObject({ code: "file_unwritable", why: "EACCES" });
  });
});

const SECRET = {
  api: {
    endpoint: "https://me:CANARY-one@host.example/v1?k=CANARY-two",
    token: "CANARY-three",
    headers: { "X-Key": "CANARY-four" },
  },
  defaults: { system: "I know CANARY-three", params: { user: "CANARY-three" }, timeout: "1500ms" },
};

describe("config show", () => {
  test("prints every value with its origin, and no secret", async () => {
    const { load, own } = await createFolder();
    const path = await own(SECRET);
    const env = { LLMAAS_MODEL: "m" };
    const text = configShow({ loaded: await load(env, { maxTokens: "9" }), env, words });
    expect(text).not.toContain("CANARY");
    const lines = text.split("\n").map((line) => line.replace(/ {2,}/g, " | "));
    expect(lines[0]).toBe(`file ${path}`);
    for (const line of [
      `api.endpoint | https://•••@host.example/v1?k=••• | in ${path}`,
      `api.token | ••• | in ${path}`,
      `api.headers | {"x-key":"•••"} | in ${path}`,
      "defaults.model | m | $LLMAAS_MODEL",
      "defaults.max_tokens | 9 | --max-tokens",
      `defaults.timeout_idle | 1500ms | in ${path}`,
      "defaults.timeout_total | 0 (off) | default",
      `defaults.system | I know ••• | in ${path}`,
      `defaults.params | {"user":"•••"} | in ${path}`,
      "defaults.top_p | – | default",
      "retry.max_wait | 60s | default",
    ]) {
      expect(lines).toContain(line);
    }
  });

  test("says which ./config.json was passed over, and what was not taken from one that was only found", async () => {
    const { load, plant } = await createFolder();
    const path = await plant({ name: "another program" });
    expect(configShow({ loaded: await load(), env: {}, words })).toStartWith(`no file\nignored ${path}\n\n`);
    await plant("{broken");
    expect(configShow({ loaded: await load(), env: {}, words })).toStartWith(`no file\nignored, no JSON: ${path}\n\n`);
    await plant({ api: { allow_http: true } });
    expect(configShow({ loaded: await load(), env: {}, words })).toStartWith(
      `file ${path}\nfound\nuntaken api.allow_http\n\n`,
    );
  });

  test("shows what could move the cursor or the text as a mark", async () => {
    const { load, plant } = await createFolder();
    await plant({ defaults: { model: "a\u001b[2J\u202eb\u009bc", system: "x\ny" } });
    const text = configShow({ loaded: await load(), env: {}, words });
    expect(text).toContain("a␛[2J⟨U+202E⟩b⟨U+009B⟩c");
    expect(text).toContain("x␊y");
  });

  test("as JSON has the same, with origins as data", async () => {
    const { load, own } = await createFolder();
    const path = await own(SECRET);
    const text = configShow({ loaded: await load(), env: {}, words, json: true });
    expect(text).not.toContain("CANARY");
    const origin = { kind: "file", path };
    expect(JSON.parse(text)).toMatchObject({
      v: 1,
      file: { path, own: true, untaken: [] },
      ignored: null,
      configured: true,
      settings: expect.arrayContaining([
        { key: "api.token", value: "•••", origin },
        { key: "api.headers", value: { "x-key": "•••" }, origin },
        { key: "defaults.timeout_open", value: "1500ms", origin },
        { key: "retry.retries", value: 2, origin: { kind: "default" } },
      ]),
    });
  });
});

describe("config check", () => {
  test("reads the thresholds too, which bench would refuse", async () => {
    const { own, load } = await createFolder();
    await own({ bench: { slo: ["p95(tft) < 20ms"] } });
    const loaded = await load();
    expect(await problemOf(() => configCheck({ loaded, words }))).toMatchObject({ code: "bad_slo", part: "tft" });
  });

  test("says that the file is valid and where the key would go", async () => {
    const { load, own } = await createFolder();
    const path = await own(SECRET);
    expect(configCheck({ loaded: await load(), words })).toBe(
      `valid ${path}\nkey in ${path} -> https://host.example\n`,
    );
    const env = { LLMAAS_API_KEY: "k" };
    expect(configCheck({ loaded: await load(env), words })).toContain("key $LLMAAS_API_KEY -> https://host.example\n");
  });

  test("without file and key says so, and refuses what would be refused", async () => {
    const { load, plant } = await createFolder();
    expect(configCheck({ loaded: await load(), words })).toBe("valid\nno key -> https://api.ai.cloud-temple.com\n");
    await plant({ api: { endpoint: "https://evil.example" } });
    const loaded = await load({ LLMAAS_API_KEY: "k" });
    expect(await problemOf(() => configCheck({ loaded, words }))).toMatchObject({
      code: "key_from_environment_to_folder",
    });
  });
});

test("config check stops at a ./config.json of which nobody can tell whose it is, though it stops no stream", async () => {
  const { load, plant, own } = await createFolder();
  await own({ defaults: { model: "mine" } });
  const path = await plant('{\n  "compilerOptions": {},\n}\n');
  const loaded = await load();
  expect(loaded.settings.model).toBe("mine");
  const problem = await problemOf(() => configCheck({ loaded, words }));
  expect(problem).toMatchObject({ code: "config_syntax", path, line: 2, why: "trailing_comma", ours: false });
});

test("config schema prints the schema", () => expect(configSchema()).toBe(configJsonSchema()));
