import { describe, expect, test } from "bun:test";
import { exactDistribution, rankOf, round } from "../../src/metrics/distribution.ts";
import { createHistogram, decodeHistogram, type Histogram } from "../../src/metrics/histogram.ts";
import { createRandom } from "../render/random.ts";

const PERCENTS = [0.1, 1, 5, 7, 10, 25, 50, 55, 75, 90, 95, 99, 99.9, 99.99, 100];
const DAY = 86_400_000;

type Random = () => number;

/** What latencies look like, and what they do not. */
const SHAPES: Record<string, (random: Random) => number> = {
  even: (random) => random() * 1000,
  "long-tailed": (random) => 20 * Math.exp(4 * (random() + random() + random() - 1.5)),
  "two-humped": (random) => (random() < 0.9 ? 18 : 900) + random() * 4,
  "all the same": () => 20.5,
  "from a microsecond to a day": (random) => 0.001 * (DAY * 1000) ** random(),
  "whole milliseconds": (random) => Math.floor(random() * 50),
};

function histogramOf(values: Iterable<number>): Histogram {
  const histogram = createHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

function draw(shape: (random: Random) => number, count: number, seed: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => shape(random));
}

function atRank(values: readonly number[], percent: number): number {
  return values.toSorted((a, b) => a - b)[rankOf(percent, values.length) - 1] ?? NaN;
}

/** Three significant digits, or the microsecond in which small values are kept. */
function expectNear(found: number | null, exact: number): void {
  expect(Math.abs((found ?? NaN) - exact)).toBeLessThanOrEqual(Math.max(exact / 1000, 0.001));
}

describe("a histogram", () => {
  for (const [name, shape] of Object.entries(SHAPES)) {
    test(`finds the value at rank ⌈p·n⌉ of ${name} values to three digits`, () => {
      for (const count of [1, 2, 3, 10, 99, 100, 101, 1000, 5000]) {
        const values = draw(shape, count, count);
        const histogram = histogramOf(values);
        for (const percent of PERCENTS) expectNear(histogram.percentile(percent), atRank(values, percent));
      }
    });

    test(`knows count, extremes, mean and deviation of ${name} values exactly`, () => {
      const values = draw(shape, 2000, 5);
      const histogram = histogramOf(values);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      expect(histogram.count()).toBe(2000);
      expect(histogram.min()).toBe(round(Math.min(...values)));
      expect(histogram.max()).toBe(round(Math.max(...values)));
      expect(histogram.mean()).toBeCloseTo(mean, 2);
      expect(histogram.stdev()).toBeCloseTo(Math.sqrt(squares / 1999), 2);
    });
  }

  test("takes the same rank as the exact figures, for 1 to 200 values", () => {
    // Whole numbers below 2048 have a bucket each: a rank beside the right one is another number.
    for (let count = 1; count <= 200; count++) {
      const values = Float64Array.from({ length: count }, (_, at) => (at + 1) / 1000);
      const histogram = histogramOf(values.toReversed());
      const exact = exactDistribution(values);
      const found = [50, 90, 95, 99, 100].map((percent) => histogram.percentile(percent));
      expect(found).toEqual([exact?.p50, exact?.p90, exact?.p95, exact?.p99, exact?.max].map((value) => value ?? null));
      for (let percent = 1; percent <= 100; percent++) {
        expect(histogram.percentile(percent)).toBe(rankOf(percent, count) / 1000);
        expect(rankOf(percent, count)).toBe(Math.ceil((percent * count) / 100));
      }
    }
  });

  test("never names a percentile outside of what was recorded", () => {
    const histogram = histogramOf([1234.567, 1234.568]);
    for (const percent of PERCENTS) {
      expect(histogram.percentile(percent)).toBeGreaterThanOrEqual(1234.567);
      expect(histogram.percentile(percent)).toBeLessThanOrEqual(1234.568);
    }
  });

  test("without values has no figures, and nothing to write", () => {
    const empty = createHistogram();
    expect([empty.min(), empty.max(), empty.mean(), empty.stdev(), empty.percentile(50), empty.encode()]).toEqual(
      Array.from({ length: 6 }, () => null),
    );
    expect([empty.count(), empty.values()]).toEqual([0, []]);
  });

  test("of one value has no deviation", () => {
    const one = histogramOf([42]);
    expect([one.min(), one.max(), one.mean(), one.percentile(99), one.stdev()]).toEqual([42, 42, 42, 42, null]);
  });

  test("keeps zero, takes what the clocks put below it for zero, and less than a microsecond for one or none", () => {
    const histogram = histogramOf([0, -0.003, 0.0004, 0.0006]);
    expect(histogram.values()).toEqual([
      { value: 0, count: 3 },
      { value: 0.001, count: 1 },
    ]);
    expect([histogram.count(), histogram.min(), histogram.percentile(75)]).toEqual([4, 0, 0]);
    expect(decodeHistogram(histogramOf([0]).encode() ?? "").values()).toEqual([{ value: 0, count: 1 }]);
  });

  test("reaches from a microsecond to a day and beyond", () => {
    const histogram = histogramOf([0.001, DAY, 3 * DAY]);
    expect([histogram.min(), histogram.max()]).toEqual([0.001, 3 * DAY]);
    expectNear(histogram.percentile(50), DAY);
    const read = decodeHistogram(histogram.encode() ?? "");
    expectNear(read.percentile(50), DAY);
    expectNear(read.max(), 3 * DAY);
  });
});

describe("histograms merged", () => {
  test("are one that was given all values", () => {
    for (const [name, shape] of Object.entries(SHAPES)) {
      const parts = [1, 2, 3, 4].map((seed) => draw(shape, 200 * seed, seed));
      const merged = createHistogram();
      for (const part of parts) merged.add(histogramOf(part));
      const whole = histogramOf(parts.flat());
      expect([name, merged.encode()]).toEqual([name, whole.encode()]);
      for (const percent of PERCENTS) expect(merged.percentile(percent)).toBe(whole.percentile(percent));
      expect([merged.count(), merged.min(), merged.max()]).toEqual([whole.count(), whole.min(), whole.max()]);
      expect(merged.mean()).toBeCloseTo(whole.mean() ?? NaN, 2);
      expect(merged.stdev()).toBeCloseTo(whole.stdev() ?? NaN, 2);
    }
  });

  test("do not mind which is larger, empty, or was read from a text", () => {
    const [small, large, empty] = [histogramOf([0.5]), histogramOf([DAY, 7]), createHistogram()];
    const whole = histogramOf([0.5, DAY, 7]).encode();
    for (const order of [
      [small, large, empty],
      [empty, large, small],
      [large, small, empty],
    ]) {
      const merged = createHistogram();
      for (const part of order) merged.add(part);
      expect(merged.encode()).toBe(whole);
    }
    const read = decodeHistogram(small.encode() ?? "");
    read.add(decodeHistogram(large.encode() ?? ""));
    expect(read.encode()).toBe(whole);
    read.record(3 * DAY);
    expect(read.count()).toBe(4);
  });
});

describe("a histogram that was written and read", () => {
  test("has the same values and percentiles, and mean and deviation to three digits", () => {
    for (const shape of Object.values(SHAPES)) {
      const histogram = histogramOf(draw(shape, 3000, 11));
      const read = decodeHistogram(histogram.encode() ?? "");
      expect(read.values()).toEqual(histogram.values());
      expect(read.encode()).toBe(histogram.encode());
      expect(read.count()).toBe(3000);
      for (const percent of PERCENTS) expectNear(read.percentile(percent), histogram.percentile(percent) ?? NaN);
      expectNear(read.mean(), histogram.mean() ?? NaN);
      // Values a thousandth off leave a deviation of their own.
      const slack = Math.max((histogram.mean() ?? NaN) / 1000, (histogram.stdev() ?? NaN) / 1000);
      expect(Math.abs((read.stdev() ?? NaN) - (histogram.stdev() ?? NaN))).toBeLessThanOrEqual(slack);
    }
  });

  test("goes on as if it had never left", () => {
    const read = decodeHistogram(histogramOf([1, 2]).encode() ?? "");
    read.record(5000);
    expect(read.values().map(({ count }) => count)).toEqual([1, 1, 1]);
    expect([read.count(), read.min(), read.max()]).toEqual([3, 1, 5000]);
  });

  test("is refused when it is none", () => {
    for (const text of ["", "AAAA", "HISTFAAAAC", "?"]) expect(() => decodeHistogram(text)).toThrow();
  });
});
