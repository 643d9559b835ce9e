import { describe, expect, test } from "bun:test";
import type { LoadRecord } from "../../src/metrics/load-record.ts";
import { decodeHistogram } from "../../src/metrics/histogram.ts";
import type { DistributionName } from "../../src/metrics/figures.ts";
import { bench } from "./bench-made.ts";
import { startKnownServer } from "./known-server.ts";

/** The figures of a run, computed a second time out of nothing but its records. */

const OBJECTIVE_MS = 150;

const isWhole = ({ verdict }: LoadRecord) => verdict === "complete" || verdict === "length";

const VALUES: Readonly<Record<Exclude<DistributionName, "gap_ms">, (record: LoadRecord) => number | null>> = {
  ttft_ms: (record) => record.ttft_ms,
  ttfo_ms: (record) => record.ttfo_ms,
  dispatch_delay_ms: (record) => record.dispatch_delay_ms,
  duration_ms: (record) => (isWhole(record) ? record.duration_ms : null),
  tpot_ms: (record) => (isWhole(record) ? record.tpot_ms : null),
  tokens_per_second: (record) => (isWhole(record) ? record.tokens_per_second : null),
  decode_tokens_per_second: (record) => (isWhole(record) ? record.decode_tokens_per_second : null),
  latency_from_due_ms: (record) => (isWhole(record) ? record.latency_from_due_ms : null),
};

await using server = startKnownServer({
  tokens: 5,
  ttft: 20,
  gap: 15,
  fault: (number) => (number % 7 === 0 ? "http" : number % 11 === 0 ? "cut" : null),
});
const run = await bench(server, "-j", "4", "--requests", "60", "--slo", `duration < ${OBJECTIVE_MS}ms`);
const { whole, records, step } = run;
const counted = records.filter(({ warmup }) => !warmup);

describe("the figures of a run, computed again from its records", () => {
  test("count every stream once", () => {
    expect(new Set(records.map(({ stream }) => stream)).size).toBe(60);
    const ok = counted.filter(isWhole).length;
    expect(whole.streams).toEqual({ warmup: 0, started: 60, ok, failed: 60 - ok, unfinished: 0 });
    expect(whole.verdicts).toEqual(
      Object.fromEntries(
        Map.groupBy(counted, ({ verdict }) => verdict)
          .entries()
          .map(([verdict, all]) => [verdict, all.length]),
      ),
    );
    expect(ok).toBe(60 - 8 - 5);
  });

  test("agree in error rate and goodput", () => {
    const failed = counted.filter((record) => !isWhole(record)).length;
    const good = counted.filter((record) => isWhole(record) && record.duration_ms < OBJECTIVE_MS).length;
    expect(whole.error_rate).toBeCloseTo(failed / 60, 6);
    expect(whole.goodput?.met).toBe(good);
    expect(whole.goodput?.share).toBeCloseTo(good / 60, 6);
    expect(whole.goodput?.per_second).toBeCloseTo((1000 * good) / step.window.length_ms, 2);
  });

  test.each(Object.entries(VALUES))("agree in %s, and in who has none", (name, value) => {
    const report = Object.entries(whole.distributions).find(([key]) => key === name)?.[1];
    if (report === undefined) throw new Error(name);
    const values = counted
      .map(value)
      .filter((each) => each !== null)
      .toSorted((a, b) => a - b);
    expect(report.count).toBe(values.length);
    expect(report.missing).toBe(60 - values.length);
    expect(report.min).toBeCloseTo(values[0] ?? NaN, 2);
    expect(report.max).toBeCloseTo(values.at(-1) ?? NaN, 2);
    expect(report.mean).toBeCloseTo(values.reduce((sum, each) => sum + each, 0) / values.length, 2);
    for (const [percent, told] of [
      [50, report.p50],
      [90, report.p90],
      [95, report.p95],
      [99, report.p99],
    ] as const) {
      const exact = values[Math.ceil((percent * values.length) / 100) - 1] ?? NaN;
      // Three significant digits.
      expect(Math.abs((told ?? NaN) - exact)).toBeLessThanOrEqual(Math.max(0.001, exact / 1000));
    }
    expect(decodeHistogram(report.hdr ?? "").count()).toBe(values.length);
  });

  test("agree in gaps: as many, with the same extremes and mean", () => {
    const gaps = counted.flatMap(({ gap_ms: gap }) => (gap === null ? [] : [gap]));
    const report = whole.distributions.gap_ms;
    expect(report.count).toBe(gaps.reduce((sum, { count }) => sum + count, 0));
    expect(report.min).toBeCloseTo(Math.min(...gaps.map(({ min }) => min)), 2);
    expect(report.max).toBeCloseTo(Math.max(...gaps.map(({ max }) => max)), 2);
    expect(report.mean).toBeCloseTo(gaps.reduce((sum, { count, mean }) => sum + count * mean, 0) / report.count, 2);
  });

  test("agree in throughput", () => {
    const tokens = counted.reduce((sum, record) => sum + record.tokens, 0);
    const seconds = step.window.length_ms / 1000;
    expect(whole.tokens.output).toBe(tokens);
    expect(whole.output_tokens_per_second).toBeCloseTo(tokens / seconds, 1);
    expect(whole.requests_per_second).toBeCloseTo(counted.filter(isWhole).length / seconds, 1);
    expect(whole.trust.tokens_per_event).toBe(1);
  });

  test("agree in the observed concurrency: streams' time over the run's", () => {
    const busy = counted.reduce((sum, record) => sum + record.total_ms, 0);
    expect((step.concurrency.mean ?? NaN) / (busy / step.window.length_ms)).toBeCloseTo(1, 1);
    expect(step.concurrency.max).toBe(4);
  });

  test("group errors by kind, with one of them as the example", () => {
    const kinds = Object.fromEntries(whole.errors.map(({ kind, count }) => [kind, count]));
    expect(kinds).toEqual({ "http 503": 8, truncated: 5 });
    for (const { example, stream } of whole.errors) {
      expect(records.find((record) => record.stream === stream)?.error?.message).toBe(example);
    }
  });
});

describe("a warm-up", () => {
  test("is run, marked in the records, and left out of the figures", async () => {
    const made = await bench(server, "-j", "3", "--requests", "10", "--warmup", "5");
    const warm = made.records.filter(({ warmup }) => warmup);
    expect(warm.map(({ stream }) => stream).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
    expect(made.whole.streams).toMatchObject({ warmup: 5, started: 10 });
    expect(made.whole.distributions.dispatch_delay_ms.count).toBe(10);
  });
});
