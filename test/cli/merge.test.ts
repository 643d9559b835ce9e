import { afterAll, describe, expect, test } from "bun:test";
import { allModels, type RunReport } from "../../src/metrics/report.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { startTimeServer } from "../fixtures/time-server.ts";
import { runProgram, startProgram } from "./program.ts";

const server = startSimulator({ control: { rate: 400, ttft_ms: 40, tokens: 20 } });
afterAll(() => server.stop());

const SECOND = 1000;

function reportIn(text: string | undefined): RunReport {
  const report: RunReport = JSON.parse(text ?? "{}");
  return report;
}

type Shard = { code: number | null; stderr: string; stdout: string; report: string; records: string };

type Shards = { made: Shard[]; requests: number };

/** Three shards of one load; where the machine is so busy that one of them is late, with more time to load. */
async function shards(load: readonly string[], prompts?: readonly string[], seconds = 5): Promise<Shards> {
  const before = server.requests().length;
  const start = String(Math.ceil(Date.now() / SECOND) + seconds);
  const made = await Promise.all([0, 1, 2].map((index) => shard([...load, "--start-at", start], index, prompts)));
  const late = made.some(({ code }) => code === 2);
  if (late && seconds < 15) return shards(load, prompts, 2 * seconds);
  return { made, requests: server.requests().length - before };
}

async function shard(
  load: readonly string[],
  index: number,
  prompts = ["a question"] as readonly string[],
): Promise<Shard> {
  const asked = ["bench", "--endpoint", server.url, "--prompts", "prompts.txt", ...load];
  const made = ["--shard", `${index}/3`, "--report", "shard.json", "--records", "records.jsonl"];
  const options = { files: { "prompts.txt": `${prompts.join("\n")}\n` } };
  const { code, stderr, stdout, files } = await runProgram([...asked, ...made], options);
  return { code, stderr, stdout, report: files["shard.json"] ?? "", records: files["records.jsonl"] ?? "" };
}

describe("a load that three machines share", () => {
  test("is that of one: so many starts, so many answers, one window", async () => {
    const load = ["--rate", "30", "--duration", "2s", "--slo", "p95(ttft) < 10s", "--slo", "ttft < 10s"];
    const { made, requests } = await shards(load);
    expect(made.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(requests).toBe(60);
    const reports = made.map(({ report }) => reportIn(report));
    expect(new Set(reports.map(({ steps }) => steps[0]?.window.start_ms)).size).toBe(1);
    expect(reports.map(({ steps }) => steps[0]?.results[0]?.streams.started)).toEqual([20, 20, 20]);
    expect(made[1]?.stdout).toContain("2 thresholds to be judged by llmaas merge");
    expect(made[1]?.stderr).toContain("Shard 1/3");

    const files = Object.fromEntries(made.map(({ report }, index) => [`shard-${index}.json`, report]));
    const outputs = ["all.json", "all.html", "all.md", "all.csv", "all.xml", "all.vllm.json"];
    const merged = await runProgram(
      ["merge", ...Object.keys(files), ...outputs.flatMap((name) => ["--report", name])],
      { files },
    );
    expect(merged.code).toBe(0);
    expect(merged.stdout).toMatch(/2\/2 thresholds passed.*60 streams ok/);
    expect(merged.stdout).toContain("3 joined");
    expect(merged.stdout).toContain("clocks not compared");
    expect(Object.keys(merged.files).toSorted()).toEqual([...Object.keys(files), ...outputs].toSorted());
    const all = reportIn(merged.files["all.json"]);
    const [step] = all.steps;
    expect(step === undefined ? null : allModels(step)?.streams).toMatchObject({ started: 60, ok: 60 });
    expect(all.merged).toMatchObject({ of: 3, missing: [], common_window: 1 });
    expect(all.merged_from?.length).toBe(3);
    for (const [name, said] of [
      ["all.html", "3 joined"],
      ["all.md", "3 joined"],
      ["all.csv", "requests_per_second"],
      ["all.xml", "testcase"],
      ["all.vllm.json", "request_throughput"],
    ] as const)
      expect([name, merged.files[name]?.includes(said)]).toEqual([name, true]);

    // What a pod leaves is a log, and a merged report is read like any other.
    const log = `Pulling image…\n{"v":1,"type":"progress"}\n${JSON.stringify(reports[0])}\n`;
    const fromLog = await runProgram(["merge", "log.txt", "shard-1.json", "shard-2.json", "--json"], {
      files: { ...files, "log.txt": log },
    });
    expect(reportIn(fromLog.stdout).verdict.streams.ok).toBe(60);
    const again = await runProgram(["report", "all.json", "--lang", "fr"], { files: merged.files });
    expect(again.stdout).toContain("3 réunies");
  });

  test("has each step of a sweep begin at an instant of its own, however long the one before it took", async () => {
    const load = ["-j", "3,6", "--duration", "1s", "--warmup", "500ms", "--drain", "1s"];
    const reports = (await shards(load)).made.map(({ report }) => reportIn(report));
    const start = Date.parse(reports[0]?.shard?.start_at ?? "");
    for (const { steps } of reports)
      expect(steps.map(({ window }) => window.start_ms)).toEqual([start + 500, start + 3000]);
    expect(reports.map(({ steps }) => steps.map(({ concurrency }) => concurrency.asked))).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  test("has clocks that a time server was asked for, and merge says how far they are apart", async () => {
    const time = await startTimeServer({ ahead: 90_000 });
    try {
      const { made } = await shards(["--rate", "12", "--duration", "1s", "--ntp", `127.0.0.1:${time.port}`]);
      expect(time.asked()).toBeGreaterThanOrEqual(12);
      expect(made.map(({ stderr }) => stderr)).toEqual(
        Array.from({ length: 3 }, () =>
          expect.stringMatching(/clock of this machine is .+ behind that of 127\.0\.0\.1/),
        ),
      );
      const files = Object.fromEntries(made.map(({ report }, index) => [`shard-${index}.json`, report]));
      for (const { clock } of made.map(({ report }) => reportIn(report)))
        expect(clock).toEqual({ offset_ms: expect.closeTo(90_000, -3), error_ms: expect.any(Number), source: "ntp" });
      const merged = await runProgram(["merge", ...Object.keys(files)], { files });
      expect(merged.stdout).toContain("clocks within");
      expect(merged.stdout).not.toContain("not compared");
    } finally {
      time.stop();
    }
  });

  test("says that a time server gave no time, and measures all the same", async () => {
    const time = await startTimeServer({ ahead: 0, silent: true });
    try {
      const { made } = await shards(["--rate", "12", "--duration", "1s", "--ntp", `127.0.0.1:${time.port}`]);
      for (const { code, stderr, report } of made) {
        expect(code).toBe(0);
        expect(stderr).toContain("127.0.0.1 gave no answer");
        expect(reportIn(report).clock).toEqual({ offset_ms: null, error_ms: null, source: "unknown" });
      }
    } finally {
      time.stop();
    }
  });

  test("asks each prompt of a list in turn, each machine every third one", async () => {
    const prompts = ["one a", "two b", "three c", "four d"];
    const { made } = await shards(["--rate", "12", "--duration", "1s"], prompts);
    const asked = made.map(({ records }) =>
      records
        .trim()
        .split("\n")
        .map((line): { prompt: string; sent_at: string } => JSON.parse(line))
        .toSorted((a, b) => a.sent_at.localeCompare(b.sent_at))
        .map(({ prompt }) => prompt),
    );
    // The prompts 0, 3, 6, 9 of 0, 1, 2, 3, 0, 1, 2, 3 … and so on.
    expect(asked).toEqual([
      ["one a", "four d", "three c", "two b"],
      ["two b", "one a", "four d", "three c"],
      ["three c", "two b", "one a", "four d"],
    ]);
  });
});

describe("a shard is refused", () => {
  const asked = ["bench", "--endpoint", server.url];
  const soonAfter = (): string[] => ["--start-at", String(Math.ceil(Date.now() / SECOND) + 600)];

  test.each([
    [["--shard", "0/3", "--duration", "1s"], "--start-at"],
    [["--shard", "0/3", ...soonAfter()], "--duration"],
    [["--shard", "3/3", ...soonAfter(), "--duration", "1s"], "0/3"],
    [["--shard", "1of3", ...soonAfter(), "--duration", "1s"], "0/3"],
    [["--shard", "0/3", "--start-at", "10:00", "--duration", "1s"], "date"],
    [["--shard", "0/3", "--start-at", "+2m", "--duration", "1s"], "date"],
    [["--shard", "0/3", "--start-at", "2026-11-26T08:00:00", "--duration", "1s"], "date"],
    [["--shard", "0/3", "--start-at", "2020-01-01T00:00:00Z", "--duration", "1s"], "ago: another instant"],
    [["--shard", "0/3", ...soonAfter(), "--duration", "1s", "--requests", "9"], "--requests"],
    [["--shard", "0/3", ...soonAfter(), "--duration", "1s", "--warmup", "5"], "500ms"],
    [["--shard", "0/3", ...soonAfter(), "--duration", "1s", "-j", "2"], "3 machines"],
    [["--shard", "0/3", ...soonAfter(), "--duration", "1s", "--rate", "5", "--max-in-flight", "2"], "--max-in-flight"],
    [
      ["--shard", "0/3", ...soonAfter(), "--duration", "1s", "--slo", "ttft < 1s", "--abort-on-fail"],
      "--abort-on-fail",
    ],
    [["--shard", "0/3", ...soonAfter(), "--duration", "1s", "--baseline", "a.json"], "--baseline"],
    [[...soonAfter(), "--duration", "1s"], "--shard"],
  ])("%j", async (args, said) => {
    const { code, stderr } = await runProgram([...asked, ...args, "a question"]);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });

  test("and reports that are no shards", async () => {
    const { code, stderr } = await runProgram(["merge", "a.json"], { files: { "a.json": "{}" } });
    expect(code).toBe(2);
    expect(stderr).toContain("a.json");
  });
});

test("a shard that waits for its start ends at once when it is told to", async () => {
  const args = ["--shard", "0/2", "--start-at", String(Math.ceil(Date.now() / SECOND) + 600), "--duration", "1s"];
  const program = await startProgram(["bench", "--endpoint", server.url, ...args, "a question"]);
  await program.until("Shard 0/2");
  program.signal("SIGINT");
  expect((await program.ended).code).toBe(130);
});
