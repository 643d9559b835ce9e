import { describe, expect, test } from "bun:test";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Flags, loadSettings } from "../../src/config/load.ts";
import { PLACEHOLDER_TOKEN } from "../../src/config/schema.ts";
import { createFolder, problemOf } from "./folder.ts";

const HOST = "https://one.example/v1";

describe("with nothing anywhere", () => {
  test("the defaults hold, and nothing counts as configured", async () => {
    const { load } = await createFolder();
    const loaded = await load();
    expect(loaded.settings).toEqual({
      endpoint: "https://api.ai.cloud-temple.com/v1",
      api: "chat",
      headers: {},
      allowHttp: false,
      trustDone: false,
      model: "granite3.3:2b",
      system: null,
      maxTokens: 300,
      temperature: 0.8,
      topP: null,
      params: {},
      timeoutOpen: 120_000,
      timeoutFirstToken: 120_000,
      timeoutIdle: 60_000,
      timeoutTotal: 0,
      retries: 2,
      maxWait: 60_000,
      concurrency: 8,
      stall: 1000,
      reasoning: "show",
      prices: null,
      slo: [],
      lang: "en",
      color: "auto",
    });
    expect(Object.values(loaded.origins).every(({ kind }) => kind === "default")).toBe(true);
    expect(loaded).toMatchObject({ key: null, file: null, ignored: null, configured: false });
  });

  test.each([
    [{ LLMAAS_API_KEY: "secret" }, {}, true],
    [{ LLMAAS_ENDPOINT: HOST }, {}, true],
    [{}, { endpoint: HOST }, true],
    [{ LLMAAS_MODEL: "m" }, { model: "n" }, false],
    [
      { LLMAAS_API_KEY: " ", LLMAAS_API_KEY_FILE: "", LLMAAS_ENDPOINT: "", LLMAAS_CONFIG: "", LLMAAS_MODEL: "" },
      {},
      false,
    ],
  ])("but %j and flags %j: configured is %p", async (env, flags, configured) => {
    const { load } = await createFolder();
    expect((await load(env, flags)).configured).toBe(configured);
  });
});

describe("layers", () => {
  test("defaults, file, environment, flags: each over the one before, and says so", async () => {
    const { load, plant } = await createFolder();
    const path = await plant({
      api: { endpoint: HOST },
      defaults: { model: "file", max_tokens: 5, temperature: 1 },
      lang: "fr",
    });
    const { settings, origins } = await load({ LLMAAS_MODEL: "env", LLMAAS_LANG: "en_GB" }, { maxTokens: "7" });
    expect(settings).toMatchObject({
      endpoint: HOST,
      model: "env",
      maxTokens: 7,
      temperature: 1,
      lang: "en",
      concurrency: 8,
    });
    expect(origins).toMatchObject({
      endpoint: { kind: "file", path },
      model: { kind: "env", name: "LLMAAS_MODEL" },
      lang: { kind: "env", name: "LLMAAS_LANG" },
      maxTokens: { kind: "flag", name: "--max-tokens" },
      concurrency: { kind: "default" },
    });
  });

  test("timeout sets three timers; a more specific one wins in its layer, a later layer's timeout over both", async () => {
    const { load, plant } = await createFolder();
    await plant({ defaults: { timeout: 30, timeout_idle: "500ms", timeout_total: "2m" } });
    const timers = async (flags: Flags = {}): Promise<unknown[]> => {
      const { settings, origins } = await load({}, flags);
      const { timeoutOpen, timeoutFirstToken, timeoutIdle, timeoutTotal } = settings;
      return [timeoutOpen, timeoutFirstToken, timeoutIdle, timeoutTotal, origins.timeoutIdle.kind, origins.timeoutOpen];
    };
    expect((await timers()).slice(0, 5)).toEqual([30_000, 30_000, 500, 120_000, "file"]);
    const flag = { kind: "flag", name: "--timeout" };
    expect(await timers({ timeout: "10s" })).toEqual([10_000, 10_000, 10_000, 120_000, "flag", flag]);
    expect(await timers({ timeout: "10s", timeoutIdle: "0" })).toEqual([10_000, 10_000, 0, 120_000, "flag", flag]);
    expect((await timers({ timeoutOpen: "1" })).slice(0, 5)).toEqual([1000, 30_000, 500, 120_000, "file"]);
  });

  test("open is as first_token, wherever that comes from, unless it is given by itself", async () => {
    const { load, plant } = await createFolder();
    const open = async (flags: Flags = {}): Promise<unknown[]> => {
      const { settings, origins } = await load({}, flags);
      return [settings.timeoutOpen, settings.timeoutFirstToken, origins.timeoutOpen.kind];
    };
    expect(await open()).toEqual([120_000, 120_000, "default"]);
    expect(await open({ timeoutFirstToken: "10m" })).toEqual([600_000, 600_000, "flag"]);
    expect(await open({ timeoutFirstToken: "0" })).toEqual([0, 0, "flag"]);
    expect(await open({ timeoutOpen: "5s" })).toEqual([5000, 120_000, "flag"]);
    await plant({ defaults: { timeout: 30 } });
    expect(await open()).toEqual([30_000, 30_000, "file"]);
    expect(await open({ timeoutFirstToken: "10m" })).toEqual([600_000, 600_000, "flag"]);
    await plant({ defaults: { timeout_open: 7, timeout_first_token: 60 } });
    expect(await open({ timeoutFirstToken: "10m" })).toEqual([7000, 600_000, "file"]);
    expect(await open({ timeout: "10s" })).toEqual([10_000, 10_000, "flag"]);
    await plant({ defaults: { timeout_open: null, timeout_first_token: 60 } });
    expect(await open()).toEqual([60_000, 60_000, "file"]);
  });

  test("the language follows the file before the locale, and the locale before the system", async () => {
    const { load, own, cwd, home } = await createFolder();
    const byLocale = await load({ LANG: "fr_FR.UTF-8" });
    expect([byLocale.settings.lang, byLocale.origins.lang]).toEqual(["fr", { kind: "env", name: "LANG" }]);
    expect((await loadSettings({ cwd, env: { HOME: home }, locale: "fr-FR" })).settings.lang).toBe("fr");
    await own({ lang: "en" });
    expect((await load({ LANG: "fr_FR.UTF-8" })).settings.lang).toBe("en");
    expect((await load({ LANG: "fr_FR.UTF-8" }, { lang: "fr" })).settings.lang).toBe("fr");
  });
});

test("allow_http is not taken from a ./config.json that was only found", async () => {
  const { load, plant, own } = await createFolder();
  await own({ api: { allow_http: true } });
  expect((await load()).settings.allowHttp).toBe(true);
  const path = await plant({ api: { allow_http: true } });
  const { settings, file, origins } = await load();
  expect([settings.allowHttp, origins.allowHttp, file?.untaken]).toEqual([
    false,
    { kind: "default" },
    ["api.allow_http"],
  ]);
  expect((await load({}, {}, path)).settings.allowHttp).toBe(true);
  expect((await load({}, { allowHttp: "true" })).settings.allowHttp).toBe(true);
});

describe("the key", () => {
  test("is LLMAAS_API_KEY, else that of LLMAAS_API_KEY_FILE, else the file's token", async () => {
    const { load, plant, write } = await createFolder();
    const path = await plant({ api: { token: "from-file" } });
    const LLMAAS_API_KEY_FILE = await write("key", "  from-key-file\r\n");
    const LLMAAS_API_KEY = " from-env\n";
    const key = async (env = {}) => (await load(env)).key;
    expect(await key()).toEqual({ value: "from-file", origin: { kind: "file", path } });
    const byFile = { value: "from-key-file", origin: { kind: "env" as const, name: "LLMAAS_API_KEY_FILE" } };
    expect(await key({ LLMAAS_API_KEY_FILE })).toEqual(byFile);
    expect(await key({ LLMAAS_API_KEY_FILE: "../key" })).toEqual(byFile);
    const byVariable = { value: "from-env", origin: { kind: "env" as const, name: "LLMAAS_API_KEY" } };
    expect(await key({ LLMAAS_API_KEY, LLMAAS_API_KEY_FILE: "absent" })).toEqual(byVariable);
  });

  test("OPENAI_API_KEY alone is not read, and an empty token is none", async () => {
    const { load, plant } = await createFolder();
    await plant({ api: { token: "" } });
    expect((await load({ OPENAI_API_KEY: "x" })).key).toBeNull();
  });

  test("a missing, empty or strange key file is refused without its text", async () => {
    const { load, write, cwd } = await createFolder();
    const problem = (path: string) => problemOf(() => load({ LLMAAS_API_KEY_FILE: path }));
    const origin = "LLMAAS_API_KEY_FILE";
    expect(await problem("absent")).toEqual({
      code: "key_file_unreadable",
      path: join(cwd, "absent"),
      origin,
      why: "ENOENT",
    });
    const refused = { code: "bad_key", origin } as const;
    expect(await problem(await write("empty", "\n"))).toEqual({ ...refused, why: "empty" });
    expect(await problem(await write("two", "CANARY\nlines"))).toEqual({ ...refused, why: "line_end" });
  });
});

test("config.example.json of the project is valid, with the seed's values", async () => {
  const { load, plant, cwd } = await createFolder();
  const example = join(import.meta.dir, "../../config.example.json");
  await mkdir(cwd, { recursive: true });
  await cp(example, join(cwd, "config.json"));
  expect((await load()).key?.value).toBe(PLACEHOLDER_TOKEN);
  await plant((await Bun.file(example).text()).replace(PLACEHOLDER_TOKEN, "real"));
  const { settings, key } = await load();
  expect(key?.value).toBe("real");
  expect(settings).toMatchObject({
    endpoint: "https://api.ai.cloud-temple.com/v1",
    model: "granite3.3:2b",
    maxTokens: 300,
  });
  expect(settings).toMatchObject({
    temperature: 0.8,
    timeoutOpen: 30_000,
    timeoutFirstToken: 30_000,
    timeoutIdle: 30_000,
  });
  expect(settings).toMatchObject({ timeoutTotal: 0, retries: 2, maxWait: 60_000, concurrency: 8, stall: 1000 });
});

describe("a password in an endpoint that is refused is not shown", () => {
  const SECRET = "Zq7Xw2Vu9Ts4Rp1On6Ml3Kj8";
  test.each([
    `ftp://${SECRET.slice(0, 16)}\uFEFF${SECRET.slice(16)}@one.example/v1?key=${SECRET}`,
    `ftp://user:${SECRET.slice(0, 16)} ${SECRET.slice(16)}@one.example/v1`,
    `’https://user:${SECRET}@one.example/v1`,
    `"https://user:${SECRET}@one.example/v1"`,
    `htp:/user:${SECRET}@one.example/v1`,
  ])("%j", async (endpoint) => {
    const { load, plant } = await createFolder();
    await plant({ api: { endpoint, token: "sk-0123456789" } });
    for (const problem of [await problemOf(() => load()), await problemOf(() => load({ LLMAAS_ENDPOINT: endpoint }))])
      expect(JSON.stringify(problem)).not.toContain(SECRET.slice(0, 12));
  });
});
