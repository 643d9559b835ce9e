import { describe, expect, test } from "bun:test";
import { createHistogram } from "../../src/metrics/histogram.ts";
import { isBroken, parseSlo } from "../../src/metrics/thresholds.ts";

type Ended = { ok: number; failed?: number; met?: number };

/** Whether a run in which these ended, each with its value of every distribution, breaks the threshold already. */
function breaks(text: string, { ok, failed = 0, met = ok }: Ended, values: readonly number[] = []): boolean {
  const all = createHistogram();
  for (const value of values) all.record(value);
  const slo = parseSlo(text.startsWith("goodput") ? [text, "ttft < 1s"] : [text]);
  return slo.thresholds.some((each) => isBroken(each, { ok, failed, met, values: () => all }));
}

/** So many values of 100 ms, and some of a second. */
function mostly(count: number, slow: number): number[] {
  return Array.from({ length: count }, (_, at) => (at < slow ? 1000 : 100));
}

describe("a threshold is broken while streams run", () => {
  test("after 30 streams have ended, not before", () => {
    expect(breaks("error_rate < 1%", { ok: 0, failed: 29 })).toBe(false);
    expect(breaks("error_rate < 1%", { ok: 0, failed: 30 })).toBe(true);
    expect(breaks("mean(ttft) < 50ms", { ok: 29 }, mostly(29, 0))).toBe(false);
    expect(breaks("mean(ttft) < 50ms", { ok: 30 }, mostly(30, 0))).toBe(true);
  });

  test("when a percentile is over its limit by more than its slowest stream", () => {
    expect(breaks("p95(ttft) < 800ms", { ok: 30 }, mostly(30, 1))).toBe(false);
    expect(breaks("p95(ttft) < 800ms", { ok: 30 }, mostly(30, 2))).toBe(true);
    expect(breaks("p99(ttft) < 800ms", { ok: 99 }, mostly(99, 1))).toBe(false);
    expect(breaks("p99(ttft) < 800ms", { ok: 100 }, mostly(100, 2))).toBe(true);
  });

  test("when an extreme has passed what it must never pass", () => {
    expect(breaks("max(ttft) < 800ms", { ok: 30 }, mostly(30, 1))).toBe(true);
    expect(breaks("min(ttft) > 200ms", { ok: 30 }, mostly(30, 1))).toBe(true);
  });

  test("when a share is over its limit for more than one stray stream", () => {
    expect(breaks("error_rate < 1%", { ok: 29, failed: 1 })).toBe(false);
    expect(breaks("error_rate < 1%", { ok: 28, failed: 2 })).toBe(true);
    expect(breaks("error_rate <= 0%", { ok: 299, failed: 1 })).toBe(true);
    expect(breaks("goodput > 95%", { ok: 40, met: 37 })).toBe(false);
  });

  test("never when all went well, however many", () => {
    for (let ok = 30; ok < 3000; ok++) {
      expect(breaks("error_rate <= 0%", { ok })).toBe(false);
      expect(breaks("goodput >= 100%", { ok })).toBe(false);
    }
  });

  test("by the share of those that ended: what is under way has missed nothing", () => {
    expect(breaks("goodput > 95%", { ok: 30 })).toBe(false);
    expect(breaks("goodput > 95%", { ok: 30, met: 20 })).toBe(true);
  });
});

describe("a threshold that the rest of the run may still keep is not broken", () => {
  test.each(["requests_per_second > 9", "goodput_per_second > 9", "output_tokens_per_second > 9"])("%s", (text) => {
    expect(breaks(text, { ok: 1000, met: 0 })).toBe(false);
  });

  test.each(["max(ttft) > 2s", "min(ttft) < 50ms"])("%s", (text) => {
    expect(breaks(text, { ok: 30 }, mostly(30, 1))).toBe(false);
  });

  test("nor is one that has no value yet", () => {
    expect(breaks("p50(tpot) < 1ms", { ok: 30 })).toBe(false);
  });
});
