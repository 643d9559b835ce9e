import { describe, expect, test } from "bun:test";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load.ts";
import { createFolder, problemOf } from "./folder.ts";

describe("the file", () => {
  test("is --config, else LLMAAS_CONFIG, else ./config.json, else the user's own; one is read", async () => {
    const { load, plant, own, write, root } = await createFolder();
    const model = async (...given: Parameters<typeof load>) => (await load(...given)).settings.model;
    await own({ defaults: { model: "users" } });
    expect(await model()).toBe("users");
    await write("xdg/llmaas/config.json", { defaults: { model: "xdg" } });
    expect(await model({ XDG_CONFIG_HOME: join(root, "xdg") })).toBe("xdg");
    expect(await model({ XDG_CONFIG_HOME: "relative" })).toBe("users");
    expect(await model({ OS: "Windows_NT", APPDATA: join(root, "nothing") })).toBe("granite3.3:2b");
    await plant({ defaults: { temperature: 1 } });
    expect(await model()).toBe("granite3.3:2b");
    const named = await write("named.json", { defaults: { model: "variable" } });
    expect(await model({ LLMAAS_CONFIG: named })).toBe("variable");
    await write("work/sub/option.json", { defaults: { model: "option" } });
    expect(await model({ LLMAAS_CONFIG: named }, {}, "./sub/option.json")).toBe("option");
  });

  test("./config.json is the owner's own when it is named, or when it is the user's own file", async () => {
    const { load, plant, own, cwd, home } = await createFolder();
    const path = await plant({ api: {} });
    expect((await load()).file).toEqual({ path, own: false, endpoint: null, untaken: [] });
    for (const name of ["config.json", "./config.json", path]) {
      expect((await load({}, {}, name)).file).toMatchObject({ path, own: true });
      expect((await load({ LLMAAS_CONFIG: name })).file).toMatchObject({ path, own: true });
    }
    const users = await own({ api: {} });
    const there = await loadSettings({ cwd: join(home, ".config/llmaas"), env: { HOME: home } });
    expect(there.file).toMatchObject({ path: users, own: true });
    expect((await loadSettings({ cwd, env: {} })).file).toMatchObject({ own: false });
  });

  test.each(['{"compilerOptions": {}}', "[]", '"text"', "null", '{"retry": {"retries": 1}}'])(
    "./config.json holding %j is not ours: ignored, said, and the search goes on",
    async (content) => {
      const { load, plant, own } = await createFolder();
      const ignored = { path: await plant(content), problem: null };
      expect(await load()).toMatchObject({ file: null, ignored, configured: false });
      const path = await own({ defaults: { model: "mine" } });
      expect(await load()).toMatchObject({ file: { path, own: true }, ignored, settings: { model: "mine" } });
    },
  );

  test.each([
    ["// JSONC of another program\n{}", { code: "config_syntax", line: 1, column: 1, why: "comment", ours: false }],
    ["", { code: "config_syntax", line: 1, column: 1, why: "empty", ours: false }],
    [" ".repeat(1024 * 1024 + 1), { code: "file_size", limit: 1024 * 1024 }],
  ])(
    "./config.json of which nobody can tell whose it is stops no stream, and what is wrong is kept",
    async (content, problem) => {
      const { load, plant, own } = await createFolder();
      const ignored = { path: await plant(content), problem };
      expect(await load()).toMatchObject({ file: null, ignored, configured: false });
      const path = await own({ defaults: { model: "mine" } });
      expect(await load()).toMatchObject({ file: { path, own: true }, ignored });
    },
  );

  test("that is named may have 1 MiB and no more", async () => {
    const { load, write } = await createFolder();
    const text = '{"defaults": {"model": "large"}}';
    const path = await write("large.json", text.padEnd(1024 * 1024));
    expect((await load({}, {}, path)).settings.model).toBe("large");
    await write("large.json", text.padEnd(1024 * 1024 + 1));
    expect(await problemOf(() => load({}, {}, path))).toEqual({ code: "file_size", path, limit: 1024 * 1024 });
  });

  test("may be a pipe, but no device: it may have no end", async () => {
    const { load, cwd } = await createFolder();
    const path = join(cwd, "pipe");
    Bun.spawnSync(["mkfifo", path]);
    const writer = Bun.spawn(["sh", "-c", `printf '%s' '{"defaults": {"model": "piped"}}' > '${path}'`]);
    expect((await load({}, {}, path)).settings.model).toBe("piped");
    await writer.exited;
    for (const device of ["/dev/zero", "/dev/null"]) {
      const problem = { code: "config_unreadable", path: device, why: "ENODEV" } as const;
      expect(await problemOf(() => load({}, {}, device))).toEqual(problem);
      const keyProblem = {
        code: "key_file_unreadable",
        path: device,
        origin: "LLMAAS_API_KEY_FILE",
        why: "ENODEV",
      } as const;
      expect(await problemOf(() => load({ LLMAAS_API_KEY_FILE: device }))).toEqual(keyProblem);
    }
  });

  test("named and missing is refused, with who named it", async () => {
    const { load, cwd } = await createFolder();
    const path = join(cwd, "absent.json");
    expect(await problemOf(() => load({}, {}, "absent.json"))).toEqual({
      code: "config_missing",
      path,
      origin: "--config",
    });
    expect(await problemOf(() => load({ LLMAAS_CONFIG: "absent.json" }))).toMatchObject({ origin: "LLMAAS_CONFIG" });
  });

  test("that is a folder is refused, with why", async () => {
    const { load, cwd } = await createFolder();
    const problem = await problemOf(() => load({}, {}, "."));
    expect(problem).toEqual({ code: "config_unreadable", path: `${cwd}/.`, why: "EISDIR" });
  });

  test.skipIf(process.getuid?.() === 0)("that may not be read is refused, with why (skipped for root)", async () => {
    const { load, plant } = await createFolder();
    const path = await plant({ api: {} });
    await chmod(path, 0);
    expect(await problemOf(() => load())).toEqual({ code: "config_unreadable", path, why: "EACCES" });
  });

  test("may start with a byte order mark", async () => {
    const { load, plant } = await createFolder();
    await plant('\uFEFF{"defaults": {"model": "bom"}}');
    expect((await load()).settings.model).toBe("bom");
  });

  test("may be in UTF-16 with its mark, as Windows shells write it", async () => {
    for (const swap of [false, true]) {
      const { load, root } = await createFolder();
      const bytes = Buffer.from('\uFEFF{"defaults": {"system": "Réponds."}}\r\n', "utf16le");
      const path = join(root, "work/config.json");
      await Bun.write(path, swap ? bytes.swap16() : bytes);
      expect((await load()).settings.system).toBe("Réponds.");
    }
  });

  test("that is no UTF-8 is refused, rather than send other letters than it has", async () => {
    const { load, root } = await createFolder();
    const path = join(root, "work/config.json");
    await Bun.write(path, Buffer.from('{"defaults": {"system": "R\xe9ponds."}}', "latin1"));
    expect(await problemOf(() => load())).toEqual({ code: "config_unreadable", path, why: "EILSEQ" });
  });

  test("of another program may be in any encoding", async () => {
    const { load, root } = await createFolder();
    await Bun.write(join(root, "work/config.json"), Buffer.from('{"name": "caf\xe9"}', "latin1"));
    expect((await load()).configured).toBe(false);
  });

  test("that is no JSON: line, column, the line, the caret and the reason", async () => {
    const { load, plant } = await createFolder();
    const path = await plant('{\n  "defaults": {\n    "max_tokens": 300,\n    "temperature": 0,8\n  }\n}\n');
    expect(await problemOf(() => load())).toEqual({
      code: "config_syntax",
      path,
      line: 4,
      column: 22,
      text: '    "temperature": 0,8',
      caret: 21,
      why: "key_expected",
      ours: true,
    });
  });

  test("a broken line shows no token", async () => {
    const { load, plant } = await createFolder();
    await plant('{"api": {"token": "CANARY-1234" "endpoint": "https://me:CANARY-5678@host"}}');
    expect(JSON.stringify(await problemOf(() => load()))).not.toContain("CANARY");
  });

  test("nor one whose key is spelt with escapes", async () => {
    const { load, plant } = await createFolder();
    for (const name of ["t\\u006fken", "h\\u0065aders", "x-\\u0061uth"]) {
      await plant(`{"api": {"${name}": {"a": "CANARY-1234\n`);
      expect(JSON.stringify(await problemOf(() => load()))).not.toContain("CANARY");
    }
  });
});
