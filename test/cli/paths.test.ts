import { afterAll, describe, expect, test } from "bun:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { CANARIES } from "./canaries.ts";
import { runProgram, type ProgramOptions } from "./program.ts";

/** What a path on the command line may be: a file, a pipe, a device, a folder. */

const simulator = startSimulator({ control: { rate: 0, ttft_ms: 0, text: "An answer." } });
afterAll(() => simulator.stop());

const stream = (args: readonly string[], options?: ProgramOptions) =>
  runProgram(["stream", "--endpoint", simulator.url, ...args], options);

const lastBody = (): { messages: { content: unknown }[] } => JSON.parse(simulator.requests().at(-1)?.body ?? "");

const PNG = Buffer.from("\x89PNG\r\n\x1a\nrest", "latin1");

describe("a device", () => {
  test.each<[string, string[], ProgramOptions]>([
    ["--config", ["-c", "/dev/zero", "two words"], {}],
    ["LLMAAS_CONFIG", ["two words"], { env: { LLMAAS_CONFIG: "/dev/zero" } }],
    ["LLMAAS_API_KEY_FILE", ["two words"], { env: { LLMAAS_API_KEY_FILE: "/dev/zero" } }],
    ["--prompts", ["--prompts", "/dev/zero"], {}],
    ["--image", ["--image", "/dev/zero", "two words"], {}],
  ])("is refused as %s, for it may have no end", async (_, args, options) => {
    const before = simulator.requests().length;
    const { code, stdout, stderr } = await stream(args, options);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("/dev/zero");
    expect(stderr).toContain("it is a device");
    expect(simulator.requests().length).toBe(before);
  });
});

describe("a pipe", () => {
  const fifo = (command: string): string => `mkfifo pipe; ${command} > pipe & "$@"`;

  test("is read as --config, as LLMAAS_API_KEY_FILE, as --prompts and as --image", async () => {
    const config = await runProgram(["config", "check", "-c", "pipe"], { shell: fifo("echo '{\"api\": {}}'") });
    expect(config).toMatchObject({ code: 0 });
    const key = { env: { LLMAAS_API_KEY_FILE: "pipe" }, shell: fifo(`echo ${CANARIES.key}`) };
    expect(await stream(["two words"], key)).toMatchObject({ code: 0 });
    expect(simulator.requests().at(-1)?.headers["authorization"]).toBe(`Bearer ${CANARIES.key}`);
    expect(await stream(["--prompts", "pipe"], { shell: fifo("echo from a pipe") })).toMatchObject({ code: 0 });
    expect(lastBody().messages[0]?.content).toBe("from a pipe");
    const image = { files: { "a.b64": PNG.toString("base64") }, shell: fifo("base64 -d a.b64") };
    expect(await stream(["--image", "pipe", "two words"], image)).toMatchObject({ code: 0 });
    expect(lastBody().messages[0]?.content).toContainEqual({
      type: "image_url",
      image_url: { url: `data:image/png;base64,${PNG.toString("base64")}` },
    });
  });

  test("without end is given up at the most that is read, which is said", async () => {
    const shell = fifo("exec cat /dev/zero");
    for (const [args, limit] of [
      [["-c", "pipe", "two words"], "1 MiB"],
      [["--image", "pipe", "two words"], "20 MiB"],
    ] as const) {
      const { code, stderr } = await stream(args, { shell });
      expect(code).toBe(2);
      expect(stderr).toContain(`pipe is larger than ${limit}`);
    }
  });
});

describe("a file that is too large", () => {
  test("is named as what it is", async () => {
    const files = { "c.json": " ".repeat(2 * 1024 * 1024) };
    const { code, stderr } = await stream(["-c", "c.json", "two words"], { files });
    expect(code).toBe(2);
    expect(stderr).toContain("c.json is larger than 1 MiB");
  });
});

describe("a ./config.json that is broken and names nothing of ours", () => {
  const files = { "config.json": '{\n  "compilerOptions": {},\n}\n' };

  test("stops no stream, and is said in config show and --debug", async () => {
    expect(await stream(["two words"], { files })).toMatchObject({ code: 0, stdout: "An answer." });
    expect((await stream(["--debug", "two words"], { files })).stderr).toContain(
      "config.json (it cannot be read as JSON",
    );
    const show = await runProgram(["config", "show"], { files });
    expect(show.code).toBe(0);
    expect(show.stdout).toContain("config.json (it cannot be read as JSON");
  });

  test("is an error of config check, with line and column", async () => {
    const { code, stdout, stderr } = await runProgram(["config", "check"], { files });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("config.json, line 2, column 24");
    expect(stderr).toContain("^");
    expect(stderr).toContain("--config");
  });
});

describe("an empty prompt", () => {
  test.each<[string[], ProgramOptions]>([
    [["stream", ""], {}],
    [["stream", " \t\n"], {}],
    [[""], {}],
    [["  "], {}],
    [["stream", "--each", "", "word"], {}],
    [["stream", "--stdin", ""], { stdin: "text" }],
    [["stream", "--prompts", "p.jsonl"], { files: { "p.jsonl": '{"prompt": " "}\n' } }],
  ])("is refused before anything is sent: %j", async (args, options) => {
    const before = simulator.requests().length;
    const env = { LLMAAS_ENDPOINT: simulator.url };
    const { code, stdout, stderr } = await runProgram(args, { ...options, env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/empty/);
    expect(simulator.requests().length).toBe(before);
  });

  test("is no line of a prompts file: one without any other line is refused, from standard input too", async () => {
    for (const stdin of ["", "\n", " \n\r\n\t"]) {
      const { code, stdout, stderr } = await stream(["--prompts", "-"], { stdin });
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain("stdin holds no prompt");
    }
  });
});

describe("a line of prompts", () => {
  test("keeps its text however its bytes are cut, with CRLF, an emoji and a byte order mark", async () => {
    const long = `${"né 𝄞 🚀 ".repeat(20_000)}end`;
    const shell = '{ head -c 100001; sleep 0.1; cat; } | "$@"';
    const stdin = `\uFEFFfirst\r\n\n${long}\r\nlast`;
    const { stdout } = await stream(["--json", "--prompts", "-"], { stdin, shell });
    const records = stdout.split("\n").filter((line) => line.includes('"type":"record"'));
    const prompts = records.map((line) => JSON.parse(line)).toSorted((a, b) => a.stream - b.stream);
    expect(prompts.map(({ prompt }) => prompt)).toEqual(["first", long, "last"]);
  });

  test("of 8 MiB is sent, and a longer one is left out by its number, however long, and not kept", async () => {
    const MIB = 1024 * 1024;
    const shell = `{ head -c ${8 * MIB} /dev/zero | tr '\\0' a; echo; head -c ${64 * MIB} /dev/zero | tr '\\0' b; echo; echo last; } | "$@"`;
    const own = startSimulator({
      answer: ({ prompt }) => `${prompt.slice(0, 4)} ${prompt.length}`,
      control: { rate: 0 },
    });
    const args = ["stream", "--endpoint", own.url, "-q", "--skip-invalid", "--prompts", "-"];
    const { code, stdout, stderr } = await runProgram(args, { shell });
    expect(code).toBe(0);
    expect(stderr).toContain("stdin, line 2: this line is longer than 8 MiB");
    const answers = stdout.split("\n").filter((line) => !line.startsWith("==="));
    expect(answers.filter((line) => line !== "").toSorted()).toEqual([`aaaa ${8 * MIB}`, "last 4"]);
    await own.stop();
  });
});
