import { afterAll, describe, expect, test } from "bun:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { CANARIES } from "./canaries.ts";
import { runProgram, type ProgramOptions } from "./program.ts";

const control = { rate: 0, ttft_ms: 0 };
const mine = startSimulator({ control });
const theirs = startSimulator({ control });
afterAll(() => Promise.all([mine.stop(), theirs.stop()]));

const KEY = { LLMAAS_API_KEY: CANARIES.key };
const planted = (api: Record<string, unknown>) => ({ "config.json": JSON.stringify({ api }) });

/** Runs a stream that must be refused before anything is sent to either server. */
async function refused(args: readonly string[], options: ProgramOptions): Promise<string> {
  const before = [mine.requests().length, theirs.requests().length];
  const { code, stdout, stderr } = await runProgram(["stream", ...args, "two words"], options);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect([mine.requests().length, theirs.requests().length]).toEqual(before);
  return stderr;
}

async function keyOf(args: readonly string[], options: ProgramOptions): Promise<string | undefined> {
  const { code } = await runProgram(["stream", ...args, "two words"], options);
  expect(code).toBe(0);
  return mine.requests().at(-1)?.headers["authorization"];
}

describe("a key of the environment", () => {
  test("does not go to the endpoint of a planted ./config.json", async () => {
    const words = await refused([], { env: KEY, files: planted({ endpoint: theirs.url }) });
    expect(words).toContain(new URL(theirs.url).origin);
    expect(words).toContain("--config");
  });

  test("does not go there either when the planted file brings a key of its own", async () => {
    await refused([], { env: KEY, files: planted({ endpoint: theirs.url, token: "somebody-elses-key" }) });
  });

  test("goes to an endpoint of the command line, of the environment, or of a file that is named", async () => {
    const bearer = `Bearer ${CANARIES.key}`;
    expect(await keyOf(["--endpoint", mine.url], { env: KEY })).toBe(bearer);
    expect(await keyOf([], { env: { ...KEY, LLMAAS_ENDPOINT: mine.url } })).toBe(bearer);
    expect(await keyOf(["--config", "./config.json"], { env: KEY, files: planted({ endpoint: mine.url }) })).toBe(
      bearer,
    );
    expect(
      await keyOf([], { env: { ...KEY, LLMAAS_CONFIG: "config.json" }, files: planted({ endpoint: mine.url }) }),
    ).toBe(bearer);
  });

  test("does not go over plain http to another machine, unless that is allowed", async () => {
    const words = await refused(["--endpoint", "http://192.0.2.1/v1"], { env: KEY });
    expect(words).toContain("--allow-http");
  });

  test("is not lured over plain http by a ./config.json that allows it", async () => {
    await refused(["--endpoint", "http://192.0.2.1/v1"], { env: KEY, files: planted({ allow_http: true }) });
  });
});

describe("a key in a file", () => {
  test("goes to that file's endpoint", async () => {
    const files = planted({ endpoint: mine.url, token: CANARIES.key });
    expect(await keyOf([], { files })).toBe(`Bearer ${CANARIES.key}`);
  });

  test("does not go to another endpoint of the command line or of the environment", async () => {
    const files = planted({ endpoint: mine.url, token: CANARIES.key });
    const words = await refused(["--endpoint", theirs.url], { files });
    expect(words).toContain(new URL(mine.url).origin);
    expect(words).toContain(new URL(theirs.url).origin);
    expect(words).toContain("LLMAAS_API_KEY");
    await refused([], { files, env: { LLMAAS_ENDPOINT: theirs.url } });
  });

  test("without an endpoint belongs to the default one", async () => {
    await refused(["--endpoint", theirs.url], { files: planted({ token: CANARIES.key }) });
  });
});

describe("what lies in the current folder", () => {
  test("a .env is not believed", async () => {
    const files = { ".env": `LLMAAS_ENDPOINT=${theirs.url}\nHTTP_PROXY=http://127.0.0.1:${theirs.port}\n` };
    const before = theirs.requests().length;
    expect(await keyOf(["--endpoint", mine.url], { env: KEY, files })).toBe(`Bearer ${CANARIES.key}`);
    expect(theirs.requests().length).toBe(before);
  });

  test("a config.json of another program is ignored", async () => {
    const files = { "config.json": JSON.stringify({ endpoint: theirs.url, token: "x" }) };
    expect(await keyOf(["--endpoint", mine.url], { env: KEY, files })).toBe(`Bearer ${CANARIES.key}`);
  });
});

describe("--header values", () => {
  test("do not go to the endpoint of a planted ./config.json", async () => {
    await refused(["--header", `x-secret: ${CANARIES.header}`], { files: planted({ endpoint: theirs.url }) });
  });
});

describe("a key too short to be one", () => {
  test.each(["x", "r", "abc"])("%p is said, sent, masked in Authorization alone, and judges nothing", async (key) => {
    const param = `simulate=${JSON.stringify({ finish_reason: "max_tokens" })}`;
    const args = ["stream", "two words", "--endpoint", mine.url, "--debug", "--param", param];
    const { stderr } = await runProgram(args, { env: { LLMAAS_API_KEY: key } });
    expect(mine.requests().at(-1)?.headers["authorization"]).toBe(`Bearer ${key}`);
    expect(stderr).toContain("too few for a key");
    expect(stderr).toContain("authorization: •••");
    expect(stderr.split("•••")).toHaveLength(3);
  });

  test("is one with four characters", async () => {
    const { stderr } = await runProgram(["stream", "two words", "--endpoint", mine.url], {
      env: { LLMAAS_API_KEY: "wxyz" },
    });
    expect(stderr).not.toContain("too few for a key");
  });

  test("is said by config check and models too", async () => {
    const env = { LLMAAS_API_KEY: "x" };
    for (const args of [
      ["config", "check"],
      ["models", "--endpoint", mine.url],
    ]) {
      const { code, stderr } = await runProgram(args, { env });
      expect([code, stderr.includes("too few for a key")]).toEqual([0, true]);
    }
  });
});

test.each([
  ["on the command line", ["--endpoint", "sk-0123abc"], {}, {}],
  ["in the environment", [], { LLMAAS_ENDPOINT: "sk-0123abc" }, {}],
  ["in the settings", [], {}, planted({ endpoint: "sk-0123abc" })],
])("a key in the place of another setting is not quoted: %s", async (_, args, env, files) => {
  const { code, stderr } = await runProgram(["stream", "two words", ...args], { env, files });
  expect(code).toBe(2);
  expect(stderr).toContain("••••••••••");
  expect(stderr).not.toContain("0123abc");
});

test("a dummy key that is a word of the host leaves the host readable", async () => {
  const args = ["stream", "two words", "--endpoint", "http://ollama.example:11434/v1"];
  const { code, stderr } = await runProgram(args, { env: { LLMAAS_API_KEY: "ollama" } });
  expect(code).toBe(2);
  expect(stderr).toContain("http://ollama.example:11434");
});

test("the placeholder of the example is refused, and the console named where LLMaaS is asked", async () => {
  const elsewhere = await refused([], {
    files: planted({ endpoint: "https://h.invalid/v1", token: "VOTRE_TOKEN_API" }),
  });
  expect(elsewhere).toContain("LLMAAS_API_KEY");
  expect(elsewhere).not.toContain("console.cloud-temple.com");
  const words = await refused([], { files: planted({ token: "VOTRE_TOKEN_API" }) });
  expect(words).toContain("console.cloud-temple.com");
});

test("the placeholder hurts nobody at an endpoint on this machine: config check says so, and it is asked", async () => {
  const files = planted({ endpoint: mine.url, token: "VOTRE_TOKEN_API" });
  const { code, stdout } = await runProgram(["config", "check"], { files });
  expect([code, stdout]).toEqual([0, expect.stringContaining("is the placeholder of the example.")]);
  expect((await runProgram(["stream", "two words"], { files })).code).toBe(0);
  const named = ["stream", "two words", "--endpoint", mine.url];
  expect((await runProgram(named, { files: planted({ token: "VOTRE_TOKEN_API" }) })).code).toBe(0);
  expect((await runProgram(named, { env: { LLMAAS_API_KEY: "changeme" } })).code).toBe(0);
  const real = await refused(["--endpoint", mine.url], { files: planted({ token: "sk-0123456789abcdef" }) });
  expect(real).toContain("config.json");
});

test("a redirect is not followed with the key", async () => {
  const param = `simulate=${JSON.stringify({ fault: "redirect", status: 307, location: `${theirs.url}/chat/completions` })}`;
  const before = theirs.requests().length;
  const { code, stderr } = await runProgram(["stream", "--endpoint", mine.url, "--param", param, "two words"], {
    env: KEY,
  });
  expect(code).toBe(1);
  expect(stderr).toContain(theirs.url);
  expect(theirs.requests().length).toBe(before);
});
