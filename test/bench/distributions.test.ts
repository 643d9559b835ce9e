import { describe, expect, test } from "bun:test";
import { createDistributionSet } from "../../src/bench/distributions.ts";
import { FIGURES, DISTRIBUTIONS } from "../../src/metrics/figures.ts";
import { decodeHistogram } from "../../src/metrics/histogram.ts";
import { delta, ended, sent } from "../contract/samples.ts";
import { playStep } from "../fixtures/report.ts";

const [whole, cut] = (["complete", "truncated"] as const).map((verdict) => {
  const { records } = playStep([
    {
      due: 0,
      events: [
        [0, sent()],
        [100, delta("a")],
        [120, delta("b")],
        [130, ended(verdict)],
      ],
    },
  ]);
  return records[0];
});
if (whole === undefined || cut === undefined) throw new Error("a stream did not end");

describe("a set of distributions", () => {
  test("takes of a stream what its figures say: of all that have it, or of whole answers alone", () => {
    const set = createDistributionSet();
    set.add(0, cut);
    for (const name of DISTRIBUTIONS.filter((name) => name !== "gap_ms"))
      expect(set.report(name)).toMatchObject(
        FIGURES[name].who === "all"
          ? { count: 1, missing: 0 }
          : { count: 0, missing: 1, left_out: { unfinished: 0, failed: 1, no_value: 0 } },
      );
  });

  test("is, block by block, the same as in all", () => {
    const set = createDistributionSet();
    set.add(0, whole);
    set.add(3, { ...whole, ttft_ms: 300 });
    set.gap(3, 20);
    expect(set.report("ttft_ms")).toMatchObject({ count: 2, min: 100, mean: 200 });
    const counts = [0, 3, 5].map((block) => {
      const encoded = set.block(block).ttft_ms;
      return encoded === null ? 0 : decodeHistogram(encoded).count();
    });
    expect(counts).toEqual([1, 1, 0]);
    expect(set.report("gap_ms").count).toBe(1);
    expect(set.values("gap_ms").percentile(50)).toBe(20);
  });

  test("without values has no number but how many are missing", () => {
    const { count, missing, min, mean, p50, max, stdev } = createDistributionSet().report("ttft_ms");
    expect([count, missing, min, mean, p50, max, stdev]).toEqual([0, 0, null, null, null, null, null]);
  });
});
