import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { response } from "../fixtures/answers.ts";
import { startRawServer, type RawServer } from "../fixtures/raw-server.ts";
import { runProgram } from "./program.ts";

let server: RawServer;
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "llmaas-headers-"));
  // It says back all it was told.
  server = startRawServer(async ({ request, write, fin }) => {
    await write(response("400 No", "", JSON.stringify({ error: { message: JSON.stringify(request.headers) } })));
    fin();
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function file(name: string, text: string, mode = 0o600): Promise<string> {
  const path = join(folder, name);
  await Bun.write(path, text);
  await chmod(path, mode);
  return path;
}

const VALUE = "something-of-mine";

async function ask(...args: string[]): Promise<{ shown: string; sent: Record<string, string>; stderr: string }> {
  const before = server.requests.length;
  const { code, stdout, stderr } = await runProgram(["stream", "two words", "--debug", "-e", server.url, ...args]);
  expect(code).toBe(1);
  return { shown: stdout + stderr, sent: server.requests[before]?.headers ?? {}, stderr };
}

describe("the value of a header", () => {
  test.each(["x-team", "x-request-id", "user-agent", "x-pass", "x-author"])("%s is shown", async (name) => {
    const { shown, sent } = await ask("--header", `${name}: ${VALUE}`);
    expect(sent[name]).toBe(VALUE);
    expect(shown).toContain(VALUE);
  });

  test.each(["x-api-key", "Authorization", "Cookie", "x-auth-token", "X-SECRET-WORD", "x-password", "openai-apikey"])(
    "%s, whose name speaks of a secret, is not",
    async (name) => {
      const { shown, sent } = await ask("--header", `${name}: ${VALUE}`);
      expect(sent[name.toLowerCase()]).toBe(VALUE);
      expect(shown).not.toContain(VALUE);
    },
  );

  test.each(["Bearer", "basic"])("that is written as %s credentials is not, whatever its name", async (scheme) => {
    const { shown } = await ask("--header", `x-upstream: ${scheme} ${VALUE}`);
    expect(shown).not.toContain(VALUE);
  });

  test("given with --header-secret is not, whatever its name", async () => {
    const { shown, sent } = await ask("--header-secret", `x-team: ${VALUE}`);
    expect(sent["x-team"]).toBe(VALUE);
    expect(shown).not.toContain(VALUE);
  });

  test("that stands in a file is taken from there, and is not shown", async () => {
    const path = await file("value", `\uFEFF  ${VALUE}\r\n`);
    for (const option of ["--header", "--header-secret"]) {
      const { shown, sent } = await ask(option, `X-Team=@${path}`);
      expect(sent["x-team"]).toBe(VALUE);
      expect(shown).not.toContain(VALUE);
    }
  });
});

describe("a header is refused in a sentence", () => {
  const row = async (given: string): Promise<string> => {
    const { code, stdout, stderr } = await runProgram(["stream", "two words", "--demo", "--header", given]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    return stderr;
  };
  test("when its file is missing, a folder, empty, of several lines, or too large", async () => {
    expect(await row("x-key=@/no/such/file")).toContain("There is no file /no/such/file.");
    expect(await row(`x-key=@${folder}`)).toContain("it is a folder");
    for (const text of ["", "\n", "one\ntwo"])
      expect(await row(`x-key=@${await file("bad", text)}`)).toContain("@FILE");
    expect(await row(`x-key=@${await file("large", "x".repeat(2 ** 20 + 1))}`)).toMatch(/1(\.0)? MiB/);
    expect(await row("x-key=@/dev/zero")).toContain("it is a device");
  });
  test.each(["x-team=blue", "x-team", ": blue", "x team: blue", "=@file", "x-team=@"])(
    "when it is %p",
    async (given) => {
      expect(await row(given)).toContain("--header 'x-team: blue'");
    },
  );
});

test("a report names the file of a header, and no value", async () => {
  const path = await file("for-report", VALUE);
  const headers = ["--header", `x-a=@${path}`, "--header-secret", "x-b: 12", `--header-secret=x-c: ${VALUE}-2`];
  const args = ["bench", "hi you", "--requests", "1", "--report", "r.json", "-e", server.url, ...headers];
  const { files } = await runProgram(args);
  const report = JSON.parse(files["r.json"] ?? "");
  expect(report.arguments.slice(-5)).toEqual([
    "--header",
    `x-a=@${path}`,
    "--header-secret",
    "x-b: •••",
    "--header-secret=x-c: •••",
  ]);
});

describe("a file that others can read", () => {
  const READABLE = "others on this machine can read it";
  const settings = (): string => JSON.stringify({ api: { endpoint: server.url, token: VALUE } });

  test("is remarked on once where it holds a key: settings, a key's file, a header's", async () => {
    const config = await file("readable.json", settings(), 0o644);
    const key = await file("readable-key", VALUE, 0o640);
    const both = await ask("--config", config, "--header", `x-key=@${key}`, "--header", `x-b=@${key}`);
    expect(both.stderr.split(READABLE)).toHaveLength(3);
    expect(both.stderr).toContain(`chmod 600 ${config}`);
    expect(both.stderr).toContain(`chmod 600 ${key}`);
    const env = { LLMAAS_API_KEY_FILE: key };
    const { stderr } = await runProgram(["stream", "two words", "-e", server.url], { env });
    expect(stderr.split(READABLE)).toHaveLength(2);
    const checked = await runProgram(["config", "check", "--config", config]);
    expect(checked.code).toBe(0);
    expect(checked.stderr.split(READABLE)).toHaveLength(2);
  });

  test("is not where it is the owner's alone, holds no key or the example's, or nobody wants to hear", async () => {
    const open = await file("no-key.json", JSON.stringify({ api: { endpoint: server.url } }), 0o644);
    const closed = await file("closed.json", settings(), 0o600);
    const example = await file("example.json", JSON.stringify({ api: { token: "VOTRE_TOKEN_API" } }), 0o644);
    const env = { LLMAAS_API_KEY: VALUE };
    const readable = await file("quiet.json", settings(), 0o644);
    for (const [config, ...args] of [[open], [closed], [example, "-e", server.url], [readable, "--quiet"]] as const) {
      const { stderr } = await runProgram(["stream", "two words", "--config", config, ...args], { env });
      expect(stderr).not.toContain(READABLE);
    }
  });
});
