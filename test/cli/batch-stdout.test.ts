import { describe, expect, test } from "bun:test";
import { batchLine, batchLines, startBatchServer } from "../batch/server.ts";
import { runProgram, startProgram, type ProgramOptions } from "./program.ts";

const KEY = "sk-batch-0123456789";

function optionsOf(files: Record<string, string>, more: ProgramOptions = {}): ProgramOptions {
  return { ...more, files, env: { LLMAAS_API_KEY: KEY, ...more.env } };
}

const argsOf = (url: string, ...more: string[]): string[] => [
  "batch",
  "run",
  "in.jsonl",
  "--out",
  "-",
  "-e",
  url,
  ...more,
];

function resultsIn(stdout: string): { custom_id: string; llmaas: { verdict: string }; response: unknown }[] {
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

describe("batch run --out -", () => {
  test("writes each result as a line to standard output and nothing else there, and no file", async () => {
    await using server = startBatchServer();
    const { code, stdout, stderr, files } = await runProgram(
      argsOf(server.url),
      optionsOf({ "in.jsonl": batchLines(30) }),
    );
    expect([code, Object.keys(files)]).toEqual([0, ["in.jsonl"]]);
    const results = resultsIn(stdout);
    expect(new Set(results.map((one) => one.custom_id)).size).toBe(30);
    expect(results.every(({ llmaas, response }) => llmaas.verdict === "complete" && response !== null)).toBe(true);
    expect(stderr).toContain("30 requests answered");
    expect(stderr).not.toContain("Results:");
  });

  test("reads a pipe as well, and is the middle of one", async () => {
    await using server = startBatchServer();
    const args = ["batch", "run", "-", "--out", "-", "-e", server.url];
    const shell = `"$@" | grep -c custom_id`;
    const { stdout, files } = await runProgram(args, { ...optionsOf({}, { shell }), stdin: batchLines(40) });
    expect([stdout, Object.keys(files)]).toEqual(["40\n", []]);
  });

  for (const [name, shell] of [
    ["/dev/stdout into a pipe", `"$@" | cat`],
    ["/dev/stdout into a file", `"$@" > kept; cat kept`],
    ["/dev/fd/1", `"$@"`],
  ] as const)
    test(`${name} is that too`, async () => {
      await using server = startBatchServer();
      const path = name.split(" ")[0] ?? "";
      const args = ["batch", "run", "in.jsonl", "--out", path, "-e", server.url];
      const { stdout } = await runProgram(args, optionsOf({ "in.jsonl": batchLines(3) }, { shell }));
      expect(resultsIn(stdout)).toHaveLength(3);
    });

  test("ends with the codes of a batch with a file: 3 where some failed, 1 where all did or it was stopped", async () => {
    await using server = startBatchServer(({ prompt }) =>
      prompt === "bad" ? Response.json({ error: { message: "no" } }, { status: 400 }) : "yes",
    );
    const run = (lines: string) => runProgram(argsOf(server.url), optionsOf({ "in.jsonl": lines }));
    const some = await run(batchLine("good") + batchLine("bad"));
    expect([
      some.code,
      resultsIn(some.stdout)
        .map(({ llmaas }) => llmaas.verdict)
        .toSorted(),
    ]).toEqual([3, ["complete", "failed"]]);
    expect(some.stderr).not.toContain("--retry-failed");
    expect((await run(batchLine("bad"))).code).toBe(1);
    const stopped = await runProgram(
      argsOf(server.url, "--max-tokens-total", "10", "-j", "1"),
      optionsOf({ "in.jsonl": batchLines(9) }),
    );
    expect([stopped.code, resultsIn(stopped.stdout).length < 9]).toEqual([1, true]);
    expect(stopped.stderr).toContain("--out FILE instead of --out -");
  });

  test("says lines that cannot be sent on standard error, where --skip-invalid leaves them out", async () => {
    await using server = startBatchServer();
    const files = { "in.jsonl": `${batchLine("a")}nonsense\n${batchLine("a")}${batchLine("b")}` };
    const refused = await runProgram(argsOf(server.url), optionsOf(files));
    expect([refused.code, refused.stdout, server.got.length]).toEqual([2, "", 0]);
    const {
      code,
      stdout,
      stderr,
      files: left,
    } = await runProgram(argsOf(server.url, "--skip-invalid"), optionsOf(files));
    expect([code, resultsIn(stdout).length, Object.keys(left)]).toEqual([0, 2, ["in.jsonl"]]);
    expect(stderr).toContain("in.jsonl, line 2: this is not JSON.");
    expect(stderr).toContain("in.jsonl, line 3:");
    expect(stderr).toContain("2 lines cannot be sent and are left out.");
  });

  for (const [option, ...value] of [
    ["--retry-failed"],
    ["--changed", "rerun"],
    ["--order", "input"],
    ["--json"],
    ["--queue", "redis://127.0.0.1:1"],
  ] as const)
    test(`${option} is refused with it, in a sentence that names both`, async () => {
      await using server = startBatchServer();
      const { code, stdout, stderr } = await runProgram(
        argsOf(server.url, option, ...value),
        optionsOf({ "in.jsonl": batchLines(2) }),
      );
      expect([code, stdout, server.got.length]).toEqual([2, "", 0]);
      expect(stderr).toContain(option);
      expect(stderr).toContain("--out");
    });

  test("so is a table, and a queue that the environment names", async () => {
    await using server = startBatchServer();
    const table = await runProgram(
      ["batch", "run", "--csv", "in.csv", "--prompt", "{a}", "--out", "-", "-e", server.url],
      optionsOf({ "in.csv": "a\n1\n" }),
    );
    expect([table.code, table.stderr.includes("--out out.csv")]).toEqual([2, true]);
    const queue = await runProgram(
      argsOf(server.url),
      optionsOf({ "in.jsonl": batchLines(2) }, { env: { LLMAAS_QUEUE: "redis://127.0.0.1:1" } }),
    );
    expect([queue.code, queue.stderr.includes("LLMAAS_QUEUE"), server.got.length]).toEqual([2, true, 0]);
  });

  test("its reader may leave: what runs is ended, nothing is said of it, and the code is 141", async () => {
    await using server = startBatchServer();
    const shell = `{ "$@"; echo "code $?" >&2; } | head -n 2`;
    const { stdout, stderr } = await runProgram(
      argsOf(server.url, "-j", "2"),
      optionsOf({ "in.jsonl": batchLines(5000) }, { shell }),
    );
    expect(resultsIn(stdout)).toHaveLength(2);
    expect(stderr).toContain("code 141");
    expect(stderr).not.toMatch(/EPIPE|❌|answered/);
    expect(server.got.length).toBeLessThan(5000);
  });

  test("a reader that stops holds the batch, and Ctrl+C ends it all the same", async () => {
    await using server = startBatchServer(({ prompt }) => prompt.repeat(20_000));
    const program = await startProgram(
      argsOf(server.url, "-j", "2"),
      optionsOf({ "in.jsonl": batchLines(400) }, { hold: true }),
    );
    // More than a pipe takes: the next requests wait for it.
    await server.came(3);
    program.signal("SIGINT");
    await program.until("Stopped.");
    program.release();
    const { code, stderr } = await program.ended;
    expect(code).toBe(130);
    expect(server.got.length).toBeLessThan(400);
    expect(stderr).toContain("Stopped.");
  });

  test("a standard output that takes nothing is said", async () => {
    await using server = startBatchServer();
    const options = optionsOf({ "in.jsonl": batchLines(50) }, { stdoutFile: "/dev/full" });
    const { code, stderr } = await runProgram(argsOf(server.url), options);
    expect([code, stderr.includes("ENOSPC")]).toEqual([1, true]);
    expect(stderr).not.toContain("Go on");
  });

  test("on a terminal no line obeys what a model wrote, and the progress does not stand in one", async () => {
    await using server = startBatchServer(({ prompt }) => `\u001b[31m\u009b${prompt}`);
    const options = optionsOf({ "in.jsonl": batchLines(20) }, { terminal: true });
    const { code, stdout } = await runProgram(argsOf(server.url), options);
    expect(code).toBe(0);
    expect(stdout).not.toContain("\u001b[31m");
    expect(stdout).not.toContain("\u009b");
    expect(stdout.match(/\{"custom_id":"r\d+","llmaas".*\}\r?\n/g)).toHaveLength(20);
  });
});
