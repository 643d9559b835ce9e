import { describe, expect, test } from "bun:test";
import { createBuckets, createIntervals, overlap } from "../../src/render/waterfall/trace.ts";
import { createRandom } from "./random.ts";

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed + 1);

/** Amounts that follow each other, from bursts within a millisecond to silences of minutes. */
function randomAmounts(seed: number): { from: number; to: number; amount: number }[] {
  const random = createRandom(seed);
  let at = 0;
  return Array.from({ length: 1 + Math.floor(random() * 300) }, () => {
    const from = at;
    at += random() < 0.1 ? 0 : 10 ** (random() * 6 - 1);
    return { from, to: at, amount: 1 + Math.floor(random() * 5) };
  });
}

describe("buckets", () => {
  test.each(SEEDS)("keep the total whatever is merged (seed %d)", (seed) => {
    const buckets = createBuckets();
    let total = 0;
    for (const { from, to, amount } of randomAmounts(seed)) {
      buckets.add(from, to, amount);
      total += amount;
      expect(buckets.between(0, Infinity)).toBeCloseTo(total, 6);
      expect(buckets.between(0, to)).toBeCloseTo(total, 6);
    }
  });

  test.each(SEEDS)("give the whole as the sum of any parts (seed %d)", (seed) => {
    const random = createRandom(seed);
    const buckets = createBuckets();
    const amounts = randomAmounts(seed);
    for (const { from, to, amount } of amounts) buckets.add(from, to, amount);
    const end = amounts.at(-1)?.to ?? 0;
    const cuts = [0, ...Array.from({ length: 20 }, () => random() * end).toSorted((a, b) => a - b), end];
    const parts = cuts.slice(1).map((to, at) => buckets.between(cuts[at] ?? 0, to));
    expect(parts.every((part) => part >= 0)).toBe(true);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(buckets.between(0, end), 6);
  });

  test("show an even pace as even, however long it lasts", () => {
    for (const seconds of [0.5, 5, 60, 3600]) {
      const buckets = createBuckets();
      for (let at = 0; at < seconds * 50; at++) buckets.add(at * 20, (at + 1) * 20, 1);
      const step = (seconds * 1000) / 10;
      const parts = Array.from({ length: 10 }, (_, at) => buckets.between(at * step, (at + 1) * step));
      for (const part of parts) expect(part / (seconds * 5)).toBeCloseTo(1, 6);
    }
  });

  test("spread an amount over the time it took", () => {
    const buckets = createBuckets();
    buckets.add(0, 1000, 10);
    expect(buckets.between(0, 500)).toBeCloseTo(5, 6);
    expect(buckets.between(900, 1000)).toBeCloseTo(1, 6);
    expect(buckets.between(1000, 2000)).toBeCloseTo(0, 6);
  });
});

describe("intervals", () => {
  test("are the longest of all that came", () => {
    const kept = createIntervals(3);
    for (const length of [5, 1, 9, 3, 7, 2]) kept.add({ from: 0, to: length });
    expect(
      kept
        .all()
        .map(({ to }) => to)
        .toSorted(),
    ).toEqual([5, 7, 9]);
  });

  test("overlap by what they have in common, and never less than 0", () => {
    expect(overlap({ from: 0, to: 5 }, { from: 3, to: 9 })).toBe(2);
    expect(overlap({ from: 0, to: 5 }, { from: 7, to: 9 })).toBe(0);
  });
});
