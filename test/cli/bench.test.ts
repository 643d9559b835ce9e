import { afterAll, describe, expect, test } from "bun:test";
import { enReport } from "../../src/i18n/en/report.ts";
import type { Progress } from "../../src/metrics/progress.ts";
import type { RunReport } from "../../src/metrics/report.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { bench } from "./bench-made.ts";
import { CANARIES, canariesIn, withCanaries } from "./canaries.ts";
import { runProgram, startProgram } from "./program.ts";

const quick = startSimulator({ control: { rate: 0, ttft_ms: 5, tokens: 20 } });
const slow = startSimulator({ control: { rate: 20, ttft_ms: 50, tokens: 40 } });
afterAll(() => Promise.all([quick.stop(), slow.stop()]));

function run(args: readonly string[], options: Parameters<typeof runProgram>[1] = {}) {
  return runProgram(["bench", "--endpoint", quick.url, ...args], options);
}

function linesOf(stdout: string): (Progress | RunReport | { type: "plan" })[] {
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function reportIn(files: Record<string, string>, name = "report.json"): RunReport {
  const report: RunReport = JSON.parse(files[name] ?? "{}");
  return report;
}

describe("bench alone", () => {
  test("sends 20 requests, 4 at once, and says so before it does", async () => {
    const before = quick.requests().length;
    const { code, stdout, stderr, files } = await run(["--report", "report.json", "a question"]);
    const report = reportIn(files);
    expect(code).toBe(0);
    expect(quick.requests().length - before).toBe(20);
    expect(report.plan).toMatchObject({ loads: [{ kind: "closed", concurrency: 4 }], requests: 20, retries: 0 });
    expect(report.steps[0]?.concurrency).toMatchObject({ asked: 4, max: 4 });
    expect(stderr).toMatch(/20 requests/);
    expect(stdout).toMatch(/^.*20/);
  });

  test("measures nothing that nobody configured", async () => {
    const { code, stderr, stdout } = await runProgram(["bench", "a question"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--demo");
    expect(stdout).toBe("");
  });

  test("measures the built-in server with --demo, in another process and without a key", async () => {
    const env = { LLMAAS_API_KEY: "sk-bench-0123456789abcdef" };
    const args = ["bench", "--demo", "--requests", "3", "--max-tokens", "5", "--json", "a question"];
    const { code, stdout } = await runProgram(args, { env });
    const report = linesOf(stdout).find((line): line is RunReport => line.type === "report");
    expect(code).toBe(0);
    expect(report).toMatchObject({ demo: true, verdict: { streams: { ok: 3 } } });
    expect(stdout).not.toContain("0123456789abcdef");
  });

  test("explains every figure with --help-numbers, in both languages and without sending anything", async () => {
    for (const lang of ["en", "fr"]) {
      const { code, stdout } = await runProgram(["bench", "--help-numbers", "--lang", lang]);
      expect(code).toBe(0);
      for (const name of ["TTFT", "tpot_ms", "goodput", "p50", "dispatch_delay"]) expect(stdout).toContain(name);
      expect(stdout.split("\n").filter((line) => Bun.stringWidth(line) > 80)).toEqual([]);
    }
  });
});

describe("the load", () => {
  test("of a sweep is one step a value, numbered on", async () => {
    const { report, records } = await bench(quick, "-j", "1,3", "--requests", "6");
    expect(report.steps.map(({ load }) => load)).toEqual([
      { kind: "closed", concurrency: 1 },
      { kind: "closed", concurrency: 3 },
    ]);
    expect(report.steps.map(({ concurrency }) => concurrency.max)).toEqual([1, 3]);
    expect(records.map(({ stream }) => stream).toSorted((a, b) => a - b)).toEqual([...Array(12).keys()]);
    expect(records.filter(({ step }) => step === 1).length).toBe(6);
  });

  test("of several models goes to each in turn, and each has its column", async () => {
    const models = "granite3.3:2b,qwen3:8b,gemma3:4b";
    const { step, records } = await bench(quick, "-m", models, "--requests", "9", "-j", "2");
    expect(step.results.map(({ model, streams }) => [model, streams.started])).toEqual([
      ["granite3.3:2b", 3],
      ["qwen3:8b", 3],
      ["gemma3:4b", 3],
      [null, 9],
    ]);
    const order = records.toSorted((a, b) => a.stream - b.stream).map(({ model }) => model);
    expect(order.slice(0, 3)).toEqual(models.split(","));
  });

  test("goes through the prompts of a file over and over", async () => {
    const files = { "prompts.txt": "the first one\nthe second one\n" };
    const { stdout, files: left } = await run(
      ["--prompts", "prompts.txt", "--requests", "5", "-j", "1", "--records", "r.jsonl"],
      { files },
    );
    const prompts = (left["r.jsonl"] ?? "")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).prompt);
    expect(prompts).toEqual(["the first one", "the second one", "the first one", "the second one", "the first one"]);
    expect(stdout).not.toBe("");
  });

  test("of synthetic prompts has about that length, and is the same again for the same seed", async () => {
    const bodies = async (seed: string) => {
      const from = quick.requests().length;
      await runProgram(["bench", "--endpoint", quick.url, "--prompt-tokens", "50", "--seed", seed, "--requests", "3"]);
      const seen = quick
        .requests()
        .slice(from)
        .map(({ body }) => JSON.parse(body).messages[0].content as unknown);
      return seen.map(String).toSorted();
    };
    const first = await bodies("5");
    expect(new Set(first).size).toBe(3);
    expect(first.every((prompt) => Math.abs(prompt.split(/\s+/).length - 50) <= 2)).toBe(true);
    expect(await bodies("5")).toEqual(first);
    expect(await bodies("6")).not.toEqual(first);
  });

  test("of a duration starts nothing after it, and cuts what outlasts the drain: unfinished, and no error", async () => {
    const { whole, step, report, code } = await bench(slow, "-j", "3", "--duration", "1s", "--drain", "100ms");
    expect(whole.streams).toMatchObject({ started: 3, ok: 0, failed: 0, unfinished: 3 });
    expect(whole.error_rate).toBeNull();
    expect(whole.distributions.duration_ms).toMatchObject({ count: 0, missing: 3, left_out: { unfinished: 3 } });
    expect(whole.distributions.ttft_ms.count).toBe(3);
    expect(step.window.length_ms).toBe(1000);
    expect(report.verdict.window_too_short).toBe(true);
    expect(code).toBe(1);
  });

  test("retries nothing unless asked; then the first token counts from the first attempt", async () => {
    const flaky = startSimulator({
      control: { rate: 0, ttft_ms: 5, tokens: 5, fault: "status", status: 503, times: 1, retry_after: 1 },
    });
    try {
      const { whole } = await bench(flaky, "--requests", "1");
      expect(whole.streams).toMatchObject({ ok: 0, failed: 1 });
      const again = startSimulator({
        control: { rate: 0, ttft_ms: 5, tokens: 5, fault: "status", status: 503, times: 1, retry_after: 1 },
      });
      const retried = await bench(again, "--requests", "1", "--retries", "1").finally(() => again.stop());
      expect(retried.whole.trust).toMatchObject({ retries: 1, ttft_from: "first_attempt" });
      expect(retried.whole.distributions.ttft_ms.min ?? 0).toBeGreaterThan(1000);
    } finally {
      await flaky.stop();
    }
  });
});

describe("thresholds", () => {
  test("that hold exit 0, one that does not exits 5, and both are in the report", async () => {
    const slo = ["--slo", "error_rate < 1%", "--slo", "max(ttft) < 60s"];
    const held = await bench(quick, "--requests", "5", ...slo);
    expect([held.code, held.report.verdict.thresholds]).toEqual([0, { passed: 2, total: 2 }]);
    const broken = await bench(quick, "--requests", "5", ...slo, "--slo", "requests_per_second > 100000");
    expect([broken.code, broken.report.verdict.thresholds]).toEqual([5, { passed: 2, total: 3 }]);
    expect(broken.whole.thresholds.map(({ passed }) => passed)).toEqual([true, true, false]);
  });

  test("on a percentile of fewer values than it takes are not judged, do not pass, and say how many it takes", async () => {
    const slo = ["--slo", "p95(duration) < 60s", "--slo", "p50(duration) < 60s"];
    const few = await bench(quick, "--requests", "4", ...slo);
    expect([few.code, few.report.verdict.thresholds]).toEqual([5, { passed: 1, total: 2 }]);
    expect(few.whole.thresholds[0]).toEqual({
      text: "p95(duration) < 60s",
      value: null,
      limit: 60_000,
      samples: 4,
      passed: false,
      needed: 20,
    });
    expect((await bench(quick, "--requests", "20", ...slo)).code).toBe(0);
  });

  test("of each stream give goodput", async () => {
    const { whole, code } = await bench(quick, "--requests", "4", "--slo", "ttft < 60s", "--slo", "goodput >= 100%");
    expect(whole.goodput).toMatchObject({ met: 4, share: 1 });
    expect(code).toBe(0);
  });

  test("stand in the configuration, and on the command line instead", async () => {
    const files = {
      "config.json": JSON.stringify({ api: { endpoint: quick.url }, bench: { slo: ["requests_per_second > 100000"] } }),
    };
    const fixed = ["bench", "--requests", "2", "--json", "a question"];
    expect((await runProgram(fixed, { files })).code).toBe(5);
    expect((await runProgram([...fixed, "--slo", "error_rate < 1%"], { files })).code).toBe(0);
  });

  test.each(["fast", "p95(speed) < 1s", "p95(ttft) < 800", "gap < 1s", "goodput > 95%"])(
    "that cannot be read (%s) send nothing and say what can",
    async (expression) => {
      const before = quick.requests().length;
      const { code, stderr } = await run(["--slo", expression, "a question"]);
      expect(code).toBe(2);
      expect(stderr).toContain(expression);
      expect(stderr).toMatch(/\n(For example|There are|Write)/);
      expect(quick.requests().length).toBe(before);
    },
  );

  test("without a sample are not passed", async () => {
    const refusing = startSimulator({ control: { fault: "status", status: 401 } });
    const { whole, code } = await bench(refusing, "--requests", "3", "--slo", "p95(ttft) < 60s").finally(() =>
      refusing.stop(),
    );
    expect(whole.thresholds).toMatchObject([{ passed: false, value: null, samples: 0 }]);
    expect(code).toBe(1);
  });

  test("that are broken end the run with --abort-on-fail, after 30 streams, with a report marked partial", async () => {
    const args = ["--duration", "20s", "-j", "2", "--slo", "p50(ttft) < 1us", "--abort-on-fail"];
    const paced = startSimulator({ control: { rate: 0, ttft_ms: 20, tokens: 3 } });
    const { report, whole, code } = await bench(paced, ...args).finally(() => paced.stop());
    expect(code).toBe(5);
    expect(report.partial).toBe("threshold");
    expect(whole.streams.ok + whole.streams.failed).toBeGreaterThanOrEqual(30);
    expect(report.steps[0]?.window.length_ms).toBeLessThan(19_000);
  });
});

describe("what is written", () => {
  test("streams progress with --json: the plan, how it stands, and the report last", async () => {
    const { stdout, stderr } = await runProgram([
      "bench",
      "--endpoint",
      slow.url,
      "--requests",
      "4",
      "-j",
      "2",
      "--json",
      "a question",
    ]);
    const types = linesOf(stdout).map(({ type }) => type);
    expect(types[0]).toBe("plan");
    expect(types.at(-1)).toBe("report");
    expect(types.filter((type) => type === "progress").length).toBeGreaterThan(2);
    expect(stderr).toBe("");
  });

  test("is never over an existing file but with --force, and of a kind that the name says", async () => {
    const files = { "old.json": "mine", "old.jsonl": "mine" };
    const kept = await run(["--report", "old.json", "a question"], { files });
    expect([kept.code, kept.files["old.json"]]).toEqual([2, "mine"]);
    const appended = await run(["--report", "old.json", "--append", "a question"], { files });
    expect([appended.code, appended.files["old.json"]]).toEqual([2, "mine"]);
    // What adds to records does nothing for a report, and is no remedy.
    expect(kept.stderr).toMatch(/old\.json exists already\.[^-]*--force replaces it\.\s*$/);
    expect(appended.stderr).toContain("--append needs --records.");
    const records = await run(["--records", "old.jsonl", "a question"], { files });
    expect(records.stderr).toContain("--append adds to it, --force replaces it.");
    const unknown = await run(["--report", "run.txt", "a question"]);
    expect([unknown.code, Object.keys(unknown.files)]).toEqual([2, []]);
    expect(unknown.stderr).toContain(".html");
    const forced = await run(["--report", "old.json", "--force", "--requests", "1", "a question"], { files });
    expect(forced.code).toBe(0);
    expect(JSON.parse(forced.files["old.json"] ?? "").type).toBe("report");
  });

  test("leaves no empty file behind when nothing was measured", async () => {
    const { code, files } = await run([
      "--report",
      "a.json",
      "--report",
      "b.csv",
      "--records",
      "no/such/r.jsonl",
      "x y",
    ]);
    expect([code, Object.keys(files)]).toEqual([2, []]);
  });

  test("in three kinds at once, none of which holds the key", async () => {
    const env = { LLMAAS_API_KEY: "sk-bench-0123456789abcdef" };
    const all = ["--report", "r.json", "--report", "r.csv", "--report", "r.html", "--header", "x-team: hunter2hunter2"];
    const { code, files } = await run([...all, "--requests", "3", "a question"], { env });
    expect(code).toBe(0);
    expect(Object.keys(files).toSorted()).toEqual(["r.csv", "r.html", "r.json"]);
    for (const text of Object.values(files)) expect(text).not.toMatch(/0123456789abcdef|hunter2/);
    expect(files["r.html"]).toContain(enReport.facts.samePrompt);
    const report = reportIn(files, "r.json");
    expect(report.plan.temperature).toBe(0.8);
    expect(report.steps[0]?.results[0]?.lengths).toMatchObject({
      different_prompts: 1,
      answer_tokens: { max: expect.any(Number) },
    });
  });

  test("after Ctrl+C is a report marked partial, and the exit code is the signal's", async () => {
    const program = await startProgram([
      "bench",
      "--endpoint",
      slow.url,
      "-j",
      "2",
      "--duration",
      "20s",
      "--report",
      "report.json",
      "--json",
      "a question",
    ]);
    await program.until('"type":"progress"');
    await Bun.sleep(500);
    program.signal("SIGINT");
    const { code, files, stdout } = await program.ended;
    const report = reportIn(files);
    expect(code).toBe(130);
    expect(report).toMatchObject({ partial: "signal", verdict: { exit_code: 130 } });
    expect(report.steps[0]?.results[0]?.streams.failed).toBe(0);
    expect(linesOf(stdout).at(-1)).toMatchObject({ type: "report", partial: "signal" });
  });

  test("not even begun, Ctrl+C ends a start that waits for its time", async () => {
    const program = await startProgram([
      "bench",
      "--endpoint",
      quick.url,
      "--rate",
      "0.01",
      "--requests",
      "5",
      "--json",
      "a question",
    ]);
    await program.until('"type":"progress"');
    program.signal("SIGINT");
    expect((await program.ended).code).toBe(130);
  });
});

describe("what bench writes holds no secret", () => {
  // Too short to be masked wherever they stand.
  const short = ["--header", "x-pin: 123", "--header=x-door: 45"];
  const written = ["--report", "report.json", "--report", "report.html", "--report", "report.csv"];

  test.each([
    ["of an endpoint", () => ["--endpoint", withCanaries(quick.url)]],
    ["of a command line that --demo has no use for", () => ["--demo", `-e${withCanaries("https://llm.example/v1")}`]],
  ])("%s", async (_, where) => {
    const header = ["--header", `x-secret: ${CANARIES.header}`];
    const limits = ["--requests", "2", "--max-tokens", "2", "--records", "records.jsonl"];
    const args = ["bench", ...where(), ...header, ...short, ...limits, ...written, "a question"];
    const { code, stdout, stderr, files } = await runProgram(args, { env: { LLMAAS_API_KEY: CANARIES.key } });
    expect(code).toBe(0);
    expect(stderr.includes("--endpoint has no effect")).toBe(where().includes("--demo"));
    const report = reportIn(files);
    expect(report.arguments).toContain("x-pin: •••");
    expect(report.arguments).toContain("--header=x-door: •••");
    expect(canariesIn([stdout, stderr, ...Object.values(files)].join("\n"))).toEqual([]);
  });
});
