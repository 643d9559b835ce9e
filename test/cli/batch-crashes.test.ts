import { describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { batchLine, batchLines, startBatchServer } from "../batch/server.ts";
import { runProgram, startProgram, type ProgramOptions } from "./program.ts";

const ENV = { LLMAAS_API_KEY: "sk-batch-0123456789" };

/** A folder with a batch of so many requests. */
function folderWith(count: number) {
  const cwd = mkdtempSync(join(tmpdir(), "llmaas-batch-"));
  writeFileSync(join(cwd, "in.jsonl"), batchLines(count));
  const out = (): string => readFileSync(join(cwd, "out.jsonl"), "utf8");
  return { cwd, out, [Symbol.dispose]: () => rmSync(cwd, { recursive: true }) };
}

const argsFor = (url: string, ...more: string[]): string[] => [
  "batch",
  "run",
  "in.jsonl",
  "--out",
  "out.jsonl",
  "-e",
  url,
  ...more,
];

/** The ids of whole lines, of which every one must be one. */
function idsIn(results: string): string[] {
  expect(results).toEndWith("\n");
  return results
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).custom_id);
}

const idsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `r${index}`).toSorted();

describe("a batch that is killed", () => {
  test("ten times at any instant has every id exactly once in the end, and asks twice only what was under way", async () => {
    const kills = Number(process.env["LLMAAS_KILLS"] ?? 10);
    const [count, concurrency] = [60 * kills, 16];
    await using server = startBatchServer(async ({ prompt }) => {
      await Bun.sleep(Math.random() * 30);
      return prompt;
    });
    using folder = folderWith(count);
    const args = argsFor(server.url, "-j", String(concurrency));
    for (let kill = 0; kill < kills; kill++) {
      const program = await startProgram(args, { cwd: folder.cwd, env: ENV });
      await server.came(server.got.length + 1 + Math.floor(Math.random() * 50));
      program.signal("SIGKILL");
      expect((await program.ended).signal).toBe("SIGKILL");
    }
    const last = await runProgram(args, { cwd: folder.cwd, env: ENV });
    expect([last.code, idsIn(folder.out()).toSorted()]).toEqual([0, idsOf(count)]);
    expect([...server.answered.keys()].toSorted()).toEqual(idsOf(count));
    expect(server.got.length - count).toBeLessThanOrEqual(kills * concurrency);
    const sent = server.got.length;
    const again = await runProgram(args, { cwd: folder.cwd, env: ENV });
    expect([again.code, server.got.length]).toEqual([0, sent]);
    if (kills !== 10) console.log(`${kills} kills: ${count} requests, ${sent - count} asked twice, 0 lost, 0 twice`);
  }, 600_000);

  test("leaves its output to the next; while it runs, a second process is refused and told whose it is", async () => {
    await using server = startBatchServer(({ prompt }) => (prompt === "r3" ? null : prompt));
    using folder = folderWith(5);
    const first = await startProgram(argsFor(server.url), { cwd: folder.cwd, env: ENV });
    await server.came(5);
    const second = await runProgram(argsFor(server.url), { cwd: folder.cwd, env: ENV });
    expect([second.code, server.got.length]).toEqual([2, 5]);
    expect(second.stderr).toContain(`is being written by another batch: process ${first.pid}`);
    first.signal("SIGKILL");
    await first.ended;
    const third = await startProgram(argsFor(server.url), { cwd: folder.cwd, env: ENV });
    await server.came(6);
    third.signal("SIGKILL");
    await third.ended;
  });
});

describe.each(["SIGINT", "SIGTERM"] as const)("%s", (signal) => {
  test("keeps all that was answered, within a second, and says the command that goes on, with all its options", async () => {
    await using server = startBatchServer(({ prompt }) => (Number(prompt.slice(1)) < 10 ? prompt : null));
    using folder = folderWith(20);
    const more = [
      "-j",
      "4",
      "--max-tokens",
      "20",
      "--param",
      'stop="a b"',
      "--header-secret",
      "x-token: sk-header-0123456789",
    ];
    const program = await startProgram(argsFor(server.url, ...more), { cwd: folder.cwd, env: ENV });
    await server.came(14);
    const at = performance.now();
    program.signal(signal);
    const { code, stderr } = await program.ended;
    const took = performance.now() - at;
    expect([code, idsIn(folder.out()).toSorted()]).toEqual([signal === "SIGINT" ? 130 : 143, idsOf(10)]);
    expect(stderr).toContain("10 requests answered, 10 left.");
    expect(stderr).toContain(
      `batch run in.jsonl -o out.jsonl -e ${server.url} -j 4 --max-tokens 20 --param 'stop="a b"'`,
    );
    expect(stderr).not.toContain("sk-header");
    expect(took).toBeLessThan(5000);
  });
});

describe("a disk that fills up", () => {
  const full = (blocks: number): ProgramOptions => ({ shell: `trap "" XFSZ; ulimit -f ${blocks}; exec "$@"` });

  test("ends the batch with whole lines alone; with room again it goes on", async () => {
    await using server = startBatchServer(({ prompt }) => `${prompt} ${"words ".repeat(50)}`);
    using folder = folderWith(100);
    const cut = await runProgram(argsFor(server.url), { ...full(96), cwd: folder.cwd, env: ENV });
    expect([cut.code, cut.stderr]).toEqual([1, expect.stringContaining("EFBIG")]);
    expect(cut.stderr).toContain("batch run in.jsonl -o out.jsonl");
    const kept = idsIn(folder.out());
    expect(kept.length).toBeGreaterThan(0);
    expect(new Set(kept).size).toBe(kept.length);
    const { code } = await runProgram(argsFor(server.url), { cwd: folder.cwd, env: ENV });
    expect([code, idsIn(folder.out()).toSorted()]).toEqual([0, idsOf(100)]);
  });

  test.each([[["--retry-failed"]], [["--changed", "rerun"]], [["--order", "input"]]])(
    "while results are written anew, for %s, leaves them as they were and says so",
    async (more) => {
      await using server = startBatchServer(({ prompt }) =>
        prompt === "r0" ? new Response("{}", { status: 400 }) : `${prompt} ${"words ".repeat(50)}`,
      );
      using folder = folderWith(100);
      const options = { cwd: folder.cwd, env: ENV };
      await runProgram(argsFor(server.url), options);
      const before = folder.out();
      if (more.includes("rerun"))
        writeFileSync(join(folder.cwd, "in.jsonl"), batchLines(100).replace(batchLine("r7"), batchLine("r7", "other")));
      const { code, stderr } = await runProgram(argsFor(server.url, ...more), { ...options, ...full(96) });
      expect([code, stderr]).toEqual([1, expect.stringContaining("EFBIG")]);
      expect(stderr).not.toContain("bug");
      expect(folder.out()).toBe(before);
      expect(readdirSync(folder.cwd).toSorted()).toEqual(["in.jsonl", "out.jsonl", "out.jsonl.lock"]);
    },
  );

  test("before anything is sent is said as such, and nothing is", async () => {
    await using server = startBatchServer();
    using folder = folderWith(3);
    const { code, stderr } = await runProgram(argsFor(server.url), { ...full(2), cwd: folder.cwd, env: ENV });
    expect([code, stderr, server.got.length]).toEqual([2, expect.stringContaining("out.jsonl.lock"), 0]);
  });
});

test("results behind a link stay there when they are written anew", async () => {
  await using server = startBatchServer();
  using folder = folderWith(3);
  const options = { cwd: folder.cwd, env: ENV };
  writeFileSync(join(folder.cwd, "elsewhere.jsonl"), "");
  symlinkSync("elsewhere.jsonl", join(folder.cwd, "out.jsonl"));
  expect((await runProgram(argsFor(server.url, "--order", "input"), options)).code).toBe(0);
  expect(idsIn(readFileSync(join(folder.cwd, "elsewhere.jsonl"), "utf8"))).toEqual(idsOf(3));
});

test("what was validated once is remembered, but lines that were left out are named again", async () => {
  await using server = startBatchServer();
  using folder = folderWith(3);
  writeFileSync(join(folder.cwd, "in.jsonl"), `${batchLines(3)}{oops\n`);
  const options = { cwd: folder.cwd, env: ENV };
  expect((await runProgram(argsFor(server.url, "--skip-invalid"), options)).code).toBe(0);
  expect((await runProgram(argsFor(server.url, "--skip-invalid"), options)).code).toBe(0);
  const refused = await runProgram(argsFor(server.url), options);
  expect([refused.code, refused.stderr.includes("line 4"), server.got.length]).toEqual([2, true, 3]);
  expect(idsIn(folder.out()).toSorted()).toEqual(idsOf(3));
});
