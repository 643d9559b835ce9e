import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "bun:test";
import { cp, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DONE, finish, HEAD, response, token } from "../fixtures/answers.ts";
import { startRawServer, type RawServer } from "../fixtures/raw-server.ts";
import { runProgram, type Outcome, type ProgramOptions } from "./program.ts";

/** Nobody's: whatever goes there comes out at the proxy. */
const THEIRS = "http://models.example/v1";
const PROMPT = "the secret plan";
const MODELS = JSON.stringify({ data: [{ id: "m" }] });

let proxy: RawServer;
beforeAll(() => {
  proxy = startRawServer(async ({ request, write, fin }) => {
    await write(request.method === "GET" ? response("200 OK", "", MODELS) : HEAD + token("a") + finish() + DONE);
    fin();
  });
});
afterAll(() => proxy[Symbol.asyncDispose]());

/** A folder of somebody else's, a home, and the program run in them. */
async function createPlace(api: Record<string, unknown> = { endpoint: THEIRS }) {
  const root = await mkdtemp(join(tmpdir(), "llmaas-found-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const [cwd, home] = [join(root, "cloned"), join(root, "home")];
  await Promise.all([mkdir(cwd), mkdir(home)]);
  const config = join(cwd, "config.json");
  await Bun.write(config, JSON.stringify({ api }));
  await Bun.write(join(cwd, "prompts.txt"), `${PROMPT}\n`);
  await Bun.write(join(cwd, "a.png"), Buffer.from("89504e470d0a1a0a", "hex"));
  const run = (args: readonly string[], options: ProgramOptions = {}): Promise<Outcome> => {
    const env = { HOME: home, HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, ...options.env };
    return runProgram(args, { cwd, ...options, env });
  };
  return { root, cwd, home, config, run };
}

/** How many requests came while this ran. */
async function during(work: () => Promise<Outcome>): Promise<Outcome & { sent: string[] }> {
  const before = proxy.requests.length;
  const outcome = await work();
  return { ...outcome, sent: proxy.requests.slice(before).map(({ path, body }) => `${path} ${body}`) };
}

function expectRefused({ code, stdout, stderr, sent }: Outcome & { sent: string[] }, terminal = false): string {
  const said = terminal ? stdout : stderr;
  expect({ code, sent, stdout: terminal ? "" : stdout }).toEqual({ code: 2, sent: [], stdout: "" });
  // A terminal folds it where its line ends, which the length of the program's path decides.
  const unfolded = said.replace(/\s+/g, " ");
  for (const words of ["http://models.example", "--config ./config.json", " config trust"])
    expect(unfolded).toContain(words);
  return said;
}

describe("an endpoint that only a found ./config.json names", () => {
  const unseen: readonly [string, string[], ProgramOptions][] = [
    ["appended from a pipe", ["stream", "-q", "--stdin", "review this"], { stdin: PROMPT }],
    ["appended from a pipe, stderr in a file", ["stream", "--stdin", "review this"], { stdin: PROMPT }],
    ["from a pipe", ["stream", "--quiet"], { stdin: PROMPT }],
    ["from a pipe, for a program", ["stream", "--json"], { stdin: PROMPT }],
    ["named -", ["stream", "-"], { stdin: PROMPT }],
    ["from a file", ["stream", "--prompts", "prompts.txt"], {}],
    ["from a file that is standard input", ["stream", "--prompts", "-"], { stdin: PROMPT }],
    ["with an image", ["stream", "two words", "--image", "a.png", "-q"], {}],
    ["of bench, from a file", ["bench", "--prompts", "prompts.txt", "--requests", "1"], {}],
    ["of bench, from a pipe", ["bench", "--requests", "1", "-q"], { stdin: PROMPT }],
  ];
  for (const [name, args, options] of unseen)
    test(`gets no prompt that nobody sees: ${name}`, async () => {
      const { run, config } = await createPlace();
      expect(expectRefused(await during(() => run(args, options)))).toContain(config);
    });

  test("gets no prompt from a file on a terminal with --quiet, and one where it is seen", async () => {
    const { run, config } = await createPlace();
    const args = ["stream", "--prompts", "prompts.txt"];
    expectRefused(await during(() => run([...args, "--quiet"], { terminal: true })), true);
    const seen = await during(() => run(args, { terminal: true }));
    expect([seen.code, seen.sent.length]).toEqual([0, 1]);
    expect(seen.stdout).toContain(config);
    expect(seen.stdout).toContain("http://models.example");
  });

  test.each([[[]], [["--quiet"]], [["--json"]]])(
    "is named on one line, with a prompt of one's own: %p",
    async (more) => {
      const { run, config } = await createPlace();
      const { code, stderr, sent } = await during(() => run(["stream", PROMPT, ...more]));
      expect([code, sent.length]).toEqual([0, 1]);
      const lines = stderr.split("\n").filter((line) => line.includes(config));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain("http://models.example");
    },
  );

  test("is named by bench, and by models, which send no prompt of others", async () => {
    const { run, config } = await createPlace();
    for (const args of [
      ["bench", PROMPT, "--requests", "1"],
      ["bench", "--prompt-tokens", "9", "--requests", "1"],
    ]) {
      const { code, stderr, sent } = await during(() => run([...args, "-q"]));
      expect([code, sent.length]).toEqual([0, 1]);
      expect(stderr.split(config)).toHaveLength(2);
    }
    const models = await during(() => run(["models"]));
    expect([models.code, models.stderr.split(config).length]).toEqual([0, 2]);
  });

  test("gets nothing where the user has a file of their own, even one that is broken", async () => {
    const { run, home } = await createPlace();
    const own = join(home, ".config/llmaas/config.json");
    for (const content of ['{"api": {"endpoint": "http://127.0.0.1:9/v1"}}', "{"]) {
      await Bun.write(own, content);
      for (const args of [["stream", PROMPT], ["models"], ["bench", PROMPT]])
        expect(expectRefused(await during(() => run(args)))).toContain(own);
    }
  });

  test("gets neither the key nor the headers of the user", async () => {
    const { run } = await createPlace();
    const env = { LLMAAS_API_KEY: "a-key-of-mine" };
    expectRefusedKey(await during(() => run(["stream", PROMPT, "--allow-http"], { env })));
    expectRefusedKey(await during(() => run(["stream", PROMPT, "--allow-http", "--header", "x-key: mine"])));
  });
});

function expectRefusedKey({ code, stderr, sent }: Outcome & { sent: string[] }): void {
  expect({ code, sent }).toEqual({ code: 2, sent: [] });
  expect(stderr).toContain(" config trust");
}

describe("a found ./config.json is taken without a word", () => {
  test.each([
    ["the default endpoint", {}],
    ["the default endpoint by name", { endpoint: "https://api.ai.cloud-temple.com/v1" }],
  ])("with %s", async (_, api) => {
    const { run } = await createPlace(api);
    // Nothing listens there: what counts is that it was asked, and not refused.
    const env = { HTTPS_PROXY: "http://127.0.0.1:9" };
    const { code, stderr } = await run(["stream", "-q", "--retries", "0"], { stdin: PROMPT, env });
    expect(code).toBe(1);
    expect(stderr).not.toContain("config.json");
  });

  test("with an endpoint on this machine", async () => {
    for (const host of ["127.0.0.1", "localhost"]) {
      const { run } = await createPlace({ endpoint: `http://${host}:${proxy.port}/v1` });
      const { code, stderr } = await run(["stream", "-q"], { stdin: PROMPT });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    }
  });

  test("whose endpoint is another's: of the command line, or of the environment", async () => {
    const { run } = await createPlace();
    const url = `http://127.0.0.1:${proxy.port}/v1`;
    const flag = await run(["stream", "-q", "-e", url], { stdin: PROMPT });
    const env = await run(["stream", "-q"], { stdin: PROMPT, env: { LLMAAS_ENDPOINT: url } });
    for (const { code, stderr } of [flag, env]) expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test("when it is named", async () => {
    const { run } = await createPlace();
    const flag = await during(() => run(["stream", "-q", "--config", "./config.json"], { stdin: PROMPT }));
    const env = { LLMAAS_CONFIG: "config.json" };
    const variable = await during(() => run(["stream", "-q"], { stdin: PROMPT, env }));
    for (const { code, stderr, sent } of [flag, variable])
      expect({ code, stderr, sent: sent.length }).toEqual({ code: 0, stderr: "", sent: 1 });
  });
});

describe("config trust", () => {
  const piped = { stdin: PROMPT };
  const ask = ["stream", "-q", "--allow-http"];

  test("lets prompts and the key go to the file's endpoint, until it changes", async () => {
    const { run, config, home } = await createPlace();
    const trusted = await run(["config", "trust"]);
    expect(trusted).toMatchObject({ code: 0, stderr: "" });
    expect(trusted.stdout).toContain(config);
    expect(trusted.stdout).toContain(THEIRS);
    // It now counts as named: neither an own file nor a key stands in its way.
    await Bun.write(join(home, ".config/llmaas/config.json"), "{}");
    const env = { LLMAAS_API_KEY: "a-key-of-mine" };
    const sent = await during(() => run(ask, { ...piped, env }));
    expect({ code: sent.code, stderr: sent.stderr }).toEqual({ code: 0, stderr: "" });
    expect(sent.sent[0]).toContain(PROMPT);
    expect(proxy.requests.at(-1)?.headers["authorization"]).toBe("Bearer a-key-of-mine");

    const content = await Bun.file(config).text();
    await rm(join(home, ".config"), { recursive: true });
    await Bun.write(config, `${content} `);
    expect(expectRefused(await during(() => run(ask, piped)))).toContain("has changed since you trusted it");
    await Bun.write(config, content);
    expect((await run(ask, piped)).code).toBe(0);
    await Bun.write(config, content.replace("models.", "other.models."));
    expect((await run(ask, piped)).code).toBe(2);
    expect((await run(["config", "trust"])).code).toBe(0);
    expect((await run(ask, piped)).code).toBe(0);
  });

  test("remembers in the state folder, for this user's eyes only, and forgets no other file", async () => {
    const { run, home, root, cwd } = await createPlace();
    await run(["config", "trust"]);
    const memory = join(home, ".local/state/llmaas/trusted.json");
    expect((await stat(memory)).mode & 0o777).toBe(0o600);
    expect((await stat(join(memory, ".."))).mode & 0o777).toBe(0o700);
    expect(await Bun.file(memory).text()).not.toContain("models.example");
    const copy = join(root, "copy");
    await cp(cwd, copy, { recursive: true });
    expect((await run(ask, { ...piped, cwd: copy })).code).toBe(2);
    expect((await run(["config", "trust", "--config", "./config.json"], { cwd: copy })).code).toBe(0);
    expect((await stat(memory)).mode & 0o777).toBe(0o600);
    for (const folder of [cwd, copy]) expect((await run(ask, { ...piped, cwd: folder })).code).toBe(0);
  });

  test("takes a path, and remembers where XDG_STATE_HOME says, if that is absolute", async () => {
    const { run, root, home } = await createPlace();
    const env = { XDG_STATE_HOME: join(root, "state") };
    expect((await run(["config", "trust", "cloned/config.json"], { cwd: root, env })).code).toBe(0);
    expect(await Bun.file(join(root, "state/llmaas/trusted.json")).exists()).toBe(true);
    expect((await run(ask, { ...piped, env })).code).toBe(0);
    expect((await run(ask, { ...piped, env: { XDG_STATE_HOME: "state" } })).code).toBe(2);
    expect(await Bun.file(join(home, ".local/state/llmaas/trusted.json")).exists()).toBe(false);
  });

  test.each(["{", "[]", '{"v":2}', '{"v":1,"trusted":[]}', ""])("asks again where %p is remembered", async (text) => {
    const { run, home } = await createPlace();
    await Bun.write(join(home, ".local/state/llmaas/trusted.json"), text);
    expectRefused(await during(() => run(ask, piped)));
    expect((await run(["config", "trust"])).code).toBe(0);
    expect((await run(ask, piped)).code).toBe(0);
  });

  test("says what is wrong: no file, one that cannot be used, nowhere to remember", async () => {
    const { run, config, cwd } = await createPlace();
    const nowhere = await run(["config", "trust"], { env: { HOME: "" } });
    expect([nowhere.code, nowhere.stderr.includes("XDG_STATE_HOME")]).toEqual([2, true]);
    await Bun.write(config, '{"api": {"endpoint": 1}}');
    const wrong = await run(["config", "trust"]);
    expect([wrong.code, wrong.stderr.includes("api.endpoint")]).toEqual([2, true]);
    await rm(config);
    const missing = await run(["config", "trust"]);
    expect([missing.code, missing.stderr.includes(join(cwd, "config.json"))]).toEqual([2, true]);
  });
});
