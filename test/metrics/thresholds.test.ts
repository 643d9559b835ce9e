import { describe, expect, test } from "bun:test";
import { UserError, type Problem } from "../../src/config/user-error.ts";
import { checkThreshold, parseSlo, type JudgedStream } from "../../src/metrics/thresholds.ts";
import type { ResultReport } from "../../src/metrics/result-report.ts";
import { resultOf } from "../fixtures/report.ts";

const OBJECTIVE = "ttft < 1s";

function limitOf(text: string): number | undefined {
  const { thresholds, objectives } = parseSlo(text.startsWith("goodput") ? [text, OBJECTIVE] : [text]);
  return (thresholds[0] ?? objectives[0])?.limit;
}

function refusal(...texts: string[]): Problem {
  try {
    parseSlo(texts);
  } catch (error) {
    if (error instanceof UserError) return error.problem;
    throw error;
  }
  throw new Error(`accepted: ${texts.join(", ")}`);
}

function check(text: string, of: ResultReport) {
  const [threshold] = parseSlo(text.startsWith("goodput") ? [text, OBJECTIVE] : [text]).thresholds;
  if (threshold === undefined) throw new Error(`no threshold: ${text}`);
  return checkThreshold(threshold, of);
}

describe("a limit", () => {
  test.each([
    ["p95(ttft) < 800ms", 800],
    ["P95( TTFT_ms )<=1.5S", 1500],
    ["  p99.9(gap)   <  500us ", 0.5],
    ["max(gap) < 20µs", 0.02],
    ["avg(duration) < 2m", 120_000],
    ["min(dispatch_delay) >= 0ms", 0],
    ["stdev(latency_from_due) < .5s", 500],
    ["p50(tokens_per_second) > 30", 30],
    ["mean(decode_tokens_per_second) >= 30.5 tokens/s", 30.5],
    ["error_rate < 1%", 0.01],
    ["error_rate <= 0.01", 0.01],
    ["error_rate <= 29 %", 0.29],
    ["goodput >= 100%", 1],
    ["goodput_per_second > 2/s", 2],
    ["requests_per_second > 2 requests/s", 2],
    ["output_tokens_per_second > 400 tokens/s", 400],
    ["peak_tokens_per_second > 400", 400],
    ["ttfo < 1s", 1000],
    ["tpot < 50ms", 50],
    ["tokens_per_second > 30", 30],
  ])("%s is %d in ms, shares or per second", (text, limit) => {
    expect(limitOf(text)).toBe(limit);
  });

  test("on a figure of the run is a threshold, on one of each stream an objective", () => {
    const slo = parseSlo(["p95(ttft) < 800ms", "ttft < 1s", "error_rate < 1%", "tokens_per_second > 30"]);
    expect(slo.thresholds.map(({ text }) => text)).toEqual(["p95(ttft) < 800ms", "error_rate < 1%"]);
    expect(slo.objectives.map(({ text }) => text)).toEqual(["ttft < 1s", "tokens_per_second > 30"]);
  });

  test.each([
    ["p95(ttft) = 800ms", "p95(ttft) < 800ms"],
    ["tokens_per_second == 30", "tokens_per_second > 30"],
    ["ttft ≤ 1s", "ttft <= 1s"],
    ["goodput => 95%", "goodput >= 95%"],
    ["median(ttft) < 1s", "p50(ttft) < 1s"],
    ["p95(tttf) < 1s", "p95(ttft) < 1s"],
    ["P95(error_rate) < 1%", "error_rate < 1%"],
  ])("%s is answered with %s, which can be typed", (text, meant) => {
    expect(() => parseSlo([text])).toThrow(expect.objectContaining({ problem: expect.objectContaining({ meant }) }));
    expect(() => parseSlo([meant, "ttft < 9s"])).not.toThrow();
  });

  test.each([
    ["fast", "syntax", "fast", "p95(ttft) < 800ms"],
    ["p95(ttft) 800ms", "syntax", "p95(ttft) 800ms", "p95(ttft) < 800ms"],
    ["p95(ttft) <", "syntax", "p95(ttft) <", "p95(ttft) < 800ms"],
    ["p95(ttft) == 800ms", "operator", "==", "<, <=, >, >="],
    ["ttft ≤ 800ms", "operator", "≤", "<, <=, >, >="],
    ["p95(error_rate) < 1%", "syntax", "p95(error_rate)", "error_rate"],
    ["p95 ttft < 1s", "syntax", "p95 ttft", "p95(ttft)"],
    ["p95(latency) < 1s", "metric", "latency", "ttft"],
    ["p95() < 1s", "metric", "", "ttft"],
    ["missed_starts < 1", "metric", "missed_starts", "error_rate"],
    ["p0(ttft) < 1s", "function", "p0", "p99.9"],
    ["p100.1(ttft) < 1s", "function", "p100.1", "p99.9"],
    ["median(ttft) < 1s", "function", "median", "mean"],
    ["gap < 1s", "needs_function", "gap", "p95(gap)"],
    ["dispatch_delay < 1s", "needs_function", "dispatch_delay", "p95(dispatch_delay)"],
    ["p95(ttft) < 800", "no_unit", "800", "800ms"],
    ["p95(ttft) < -1s", "unit", "-1s", "800ms"],
    ["p95(ttft) < 1h", "unit", "1h", "800ms"],
    ["p95(ttft) < 0,8s", "comma", "0,8s", "800ms"],
    ["error_rate < 0,5%", "comma", "0,5%", "1%"],
    ["ttft < 1s, gap < 1s", "several", "ttft < 1s, gap < 1s", "p95(ttft) < 800ms"],
    ["ttft < 1s && error_rate < 1%", "several", "ttft < 1s && error_rate < 1%", "p95(ttft) < 800ms"],
    ["ttft < 1s et error_rate < 1%", "several", "ttft < 1s et error_rate < 1%", "p95(ttft) < 800ms"],
    ["p95(ttft) < 1s < 2s", "unit", "1s < 2s", "800ms"],
    ["p50(tokens_per_second) > 30ms", "unit", "30ms", "30/s"],
    ["p50(tokens_per_second) > 1e3", "unit", "1e3", "30/s"],
    ["error_rate < 5ms", "unit", "5ms", "1%"],
    ["error_rate < 1", "no_unit", "1", "100%"],
    ["error_rate < 5", "no_unit", "5", "100%"],
    ["error_rate < 500", "share", "500", "100%"],
    ["error_rate < 200%", "share", "200%", "100%"],
  ])("%s is refused for its %s", (text, why, part, accepted) => {
    const problem = refusal(text);
    expect(problem).toMatchObject({ code: "bad_slo", value: text, why, part });
    expect("accepted" in problem && problem.accepted).toContain(accepted);
  });

  test.each([
    ["p95(ttft) < 800", "800ms"],
    ["p95(ttft) < 0,8s", "0.8s"],
    ["error_rate < 1", "1%"],
    ["p95(ttf) < 1s", "p95(ttft) < 1s"],
    ["eror_rate < 1%", "error_rate < 1%"],
    ["p95(ttft) < soon", null],
  ])("%s is answered with what was meant: %p", (text, meant) => {
    expect(refusal(text)).toMatchObject({ meant });
  });

  test("on goodput needs an objective", () => {
    expect(refusal("goodput > 95%")).toMatchObject({ why: "no_objectives", value: "goodput > 95%" });
    expect(refusal("goodput_per_second > 2", "p95(ttft) < 1s")).toMatchObject({ why: "no_objectives" });
    expect(parseSlo(["goodput > 95%", OBJECTIVE]).thresholds).toHaveLength(1);
  });

  test.each([
    ["a space", `p95(${" ".repeat(200_000)}?) < 1s`],
    ["spaces before its bracket", `p95${" ".repeat(200_000)}? < 1s`],
    ["a name", `${"p".repeat(200_000)}? < 1s`],
    ["a number", `p95(ttft) < ${"1".repeat(200_000)}?`],
    ["spaces after its number", `p95(ttft) < 1${" ".repeat(200_000)}?`],
  ])("with %s of 200 000 letters is refused at once", (_, text) => {
    const start = performance.now();
    expect(refusal(text).code).toBe("bad_slo");
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test("too long to be a number is refused", () => {
    expect(refusal(`p95(ttft) < ${"9".repeat(400)}ms`)).toMatchObject({ why: "unit" });
  });
});

describe("an objective", () => {
  const stream: JudgedStream = {
    verdict: "complete",
    ttft_ms: 200,
    ttfo_ms: 200,
    duration_ms: 3000,
    tpot_ms: null,
    tokens_per_second: 46,
    decode_tokens_per_second: null,
    latency_from_due_ms: 3100,
  };

  function meets(text: string, of: Partial<JudgedStream> = {}): boolean | undefined {
    return parseSlo([text]).objectives[0]?.meets({ ...stream, ...of });
  }

  test("is met by a stream that is whole, or cut by max_tokens, and within it", () => {
    expect(meets("ttft < 201ms")).toBe(true);
    expect(meets("ttft < 201ms", { verdict: "length" })).toBe(true);
    expect(meets("ttft < 200ms")).toBe(false);
    expect(meets("ttft <= 200ms")).toBe(true);
    expect(meets("tokens_per_second > 46")).toBe(false);
    expect(meets("tokens_per_second >= 46")).toBe(true);
    expect(meets("latency_from_due < 3s")).toBe(false);
  });

  test.each(["failed", "timeout", "truncated", "empty", "filtered", "cancelled"] as const)(
    "is missed by a stream that is %s, however fast it was",
    (verdict) => expect(meets("ttft < 201ms", { verdict })).toBe(false),
  );

  test("is missed by a stream without the figure, on either side", () => {
    expect(meets("tpot < 1s")).toBe(false);
    expect(meets("tpot >= 0ms")).toBe(false);
  });
});

describe("a threshold", () => {
  const values = Array.from({ length: 1000 }, (_, at) => at + 1);
  const full = resultOf({ ttft_ms: values });

  test("looks at the figure of the report", () => {
    const { p95 } = full.distributions.ttft_ms;
    expect(check("p95(ttft) < 951ms", full)).toEqual({
      text: "p95(ttft) < 951ms",
      value: p95,
      limit: 951,
      samples: 1000,
      passed: true,
    });
    expect(check("p95(ttft) < 949ms", full).passed).toBe(false);
    expect(check("max(ttft) <= 1s", full)).toMatchObject({ value: 1000, passed: true });
    expect(check("mean(ttft) > 500ms", full)).toMatchObject({ value: 500.5, passed: true });
    expect(check("stdev(ttft) > 288ms", full)).toMatchObject({ value: 288.819, passed: true });
  });

  test("takes a percentile that the report does not name from its histogram", () => {
    expect(check("p99.9(ttft) < 1s", full).passed).toBe(true);
    expect(check("p99.9(ttft) < 1s", full).value).toBeCloseTo(999, 0);
    expect(check("p12.5(ttft) < 1s", full).value).toBeCloseTo(125, 0);
    expect(check("p100(ttft) <= 1s", full)).toMatchObject({ value: 1000 });
    const few = check("p99.99(ttft) < 60m", full);
    expect(few).toEqual({
      text: few.text,
      value: null,
      limit: 3_600_000,
      samples: 1000,
      passed: false,
      needed: 10_000,
    });
  });

  test("on a figure of its own looks at that", () => {
    const streams = { warmup: 0, started: 10, ok: 9, failed: 1, unfinished: 0 };
    const some = resultOf(
      {},
      {
        streams,
        error_rate: 0.1,
        requests_per_second: 2,
        goodput: { met: 8, share: 0.8, per_second: 1.6 },
        output_tokens_per_second: 90,
        peak_tokens_per_second: 120,
      },
    );
    expect(check("error_rate < 1%", some)).toMatchObject({ value: 0.1, samples: 10, passed: false });
    expect(check("goodput >= 80%", some)).toMatchObject({ value: 0.8, passed: true });
    expect(check("goodput_per_second > 1.5", some).passed).toBe(true);
    expect(check("requests_per_second >= 2", some).passed).toBe(true);
    expect(check("output_tokens_per_second > 100", some).passed).toBe(false);
    expect(check("peak_tokens_per_second > 100", some).passed).toBe(true);
  });

  test.each([
    "p95(ttft) < 1s",
    "p99.9(ttft) < 1s",
    "stdev(gap) >= 0ms",
    "p50(tokens_per_second) >= 0",
    "error_rate <= 100%",
    "goodput >= 0%",
    "requests_per_second >= 0",
  ])("without a sample is not passed: %s", (text) => {
    const empty = resultOf({}, { requests_per_second: 0 });
    expect(check(text, empty)).toMatchObject({ value: null, samples: 0, passed: false });
  });
});
