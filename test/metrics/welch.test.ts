import { describe, expect, test } from "bun:test";
import type { FigureDifference } from "../../src/metrics/comparison.ts";
import { criticalT, holm, twoSidedP } from "../../src/metrics/welch.ts";
import { createRandom } from "../../src/run/random.ts";
import { compare, figureOf, run, withStep } from "../report/comparisons.ts";

const some = run({ streams: 40 }, 1);

/** What is said of several runs a side that differ in nothing but this rate. */
function rates(a: readonly number[], b: readonly number[]): FigureDifference {
  const side = (values: readonly number[], hour: number) =>
    values.map((value, at) => {
      const results = some.steps.flatMap((step) =>
        step.results.map((each) => ({ ...each, requests_per_second: value })),
      );
      const started = new Date(Date.UTC(2026, 10, 1, hour, at)).toISOString();
      return { ...withStep(some, { results }), started_at: started };
    });
  return figureOf(compare(side(a, 1), side(b, 2)), "requests_per_second");
}

describe("Student's t", () => {
  // R: qt(1 - alpha / 2, df).
  test.each([
    [0.05, 1, 12.7062],
    [0.05, 2, 4.3027],
    [0.05, 2.941176, 3.2188],
    [0.05, 9, 2.2622],
    [0.01, 9, 3.2498],
    [0.001, 5, 6.8688],
    [0.05, 1e6, 1.96],
  ])("is exceeded with probability %d at %d degrees of freedom by %d", (alpha, df, t) => {
    expect(criticalT(alpha, df)).toBeCloseTo(t, 4);
    expect(twoSidedP(t, df)).toBeCloseTo(alpha, 5);
  });
});

describe("Holm's correction", () => {
  test("stops at the first that is too large, in the order of size", () => {
    expect(holm([0.01, 0.04, 0.03, 0.005], 0.05)).toEqual([true, false, false, true]);
  });
});

describe("the interval of a relative change", () => {
  test("is the one that the formulas give by hand", () => {
    const { change, interval, p_value: p } = rates([10, 11, 12], [13, 15, 17]);
    expect(change).toBeCloseTo(4 / 11, 9);
    // Means 11 and 15 with variances 1/3 and 4/3; t of 2.9412 degrees of freedom at 97.5 %: 3.21876 (R: qt).
    for (const bound of interval ?? []) {
      const ratio = 1 + bound;
      expect(Math.abs(15 - 11 * ratio) / Math.sqrt(4 / 3 + ratio ** 2 / 3)).toBeCloseTo(3.21876, 5);
    }
    expect(interval?.[0]).toBeCloseTo(-0.01314, 5);
    expect(interval?.[1]).toBeCloseTo(0.82054, 5);
    // R: t.test(c(13, 15, 17), c(10, 11, 12)).
    expect(p).toBeCloseTo(0.05479, 5);
  });

  test.each([0.4, 2, 3])("holds a true change to %d times as often as it says", (factor) => {
    const random = createRandom(factor * 100);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const values = (mean: number) => Array.from({ length: 6 }, () => mean * (1 + 0.2 * normal()));
    const [above, below, all] = [{ count: 0 }, { count: 0 }, 400];
    for (let at = 0; at < all; at++) {
      const [low = NaN, high = NaN] = rates(values(10), values(10 * factor)).interval ?? [];
      if (low > factor - 1) above.count++;
      if (high < factor - 1) below.count++;
    }
    // 2.5 % are 10 on each side; 20 or more come by chance in 1 of 300.
    expect(above.count).toBeLessThan(20);
    expect(below.count).toBeLessThan(20);
    expect(above.count + below.count).toBeGreaterThan(6);
  });

  test("does not exist where the first value may as well be 0; then whether it changed can still be certain", () => {
    expect(rates([1, 2, 9], [400, 410, 420])).toMatchObject({ word: "better", interval: null });
    expect(rates([1, 2, 9], [3, 6, 18])).toMatchObject({ word: "not_judged", interval: null });
    expect(rates([0, 0, 0], [4, 5, 6])).toMatchObject({ word: "better", change: null, interval: null });
    expect(rates([0, 0, 0], [0, 0, 0])).toMatchObject({ change: 0 });
  });
});
