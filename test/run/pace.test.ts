import { describe, expect, test } from "bun:test";
import { createArrivals, createClosedLoop, createRelay } from "../../src/run/pace.ts";
import { createRandom } from "../../src/run/random.ts";

describe("an arrival rate", () => {
  test("is due at even distances from its first start, however late it is asked", () => {
    const pace = createArrivals(4, "constant", createRandom(1));
    expect([1000, 1000, 9000, 9000].map((now) => pace.next(now))).toEqual([1000, 1250, 1500, 1750]);
  });

  test("adds up no error over a million starts", () => {
    const pace = createArrivals(3, "constant", createRandom(1));
    let last = 0;
    for (let start = 0; start <= 3_000_000; start++) last = pace.next(0);
    expect(last).toBe(1_000_000_000);
  });

  test("of independent users has exponential distances with the mean that was asked", () => {
    const pace = createArrivals(10, "poisson", createRandom(7));
    const dues = Array.from({ length: 100_001 }, () => pace.next(0));
    const gaps = dues.slice(1).map((due, index) => due - (dues[index] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const beyond = (ms: number) => gaps.filter((gap) => gap > ms).length / gaps.length;
    expect(mean).toBeGreaterThan(98);
    expect(mean).toBeLessThan(102);
    // P(gap > t) = exp(−t / mean): the test of the shape, not only of the mean.
    for (const t of [50, 100, 300]) expect(Math.abs(beyond(t) - Math.exp(-t / 100))).toBeLessThan(0.01);
  });

  test("is the same for the same seed, and another for another", () => {
    const first = (seed: number) => {
      const pace = createArrivals(10, "poisson", createRandom(seed));
      return Array.from({ length: 20 }, () => pace.next(0));
    };
    expect(first(3)).toEqual(first(3));
    expect(first(3)).not.toEqual(first(4));
  });

  test("never lets a start come early", () => {
    expect(createArrivals(10, "constant", createRandom(1)).early).toBe(0);
  });
});

describe("a closed loop", () => {
  test("lets no two starts be closer than its spacing, in a burst and after a pause", () => {
    const pace = createClosedLoop(0.5);
    expect([10, 10, 10, 20].map((now) => pace.next(now))).toEqual([10, 10.5, 11, 20]);
  });
});

describe("a relay", () => {
  test("fills its places with its spacing between them, and gives each that is free to the next at once", () => {
    const pace = createRelay(0.5);
    expect([10, 10, 10].map((now) => pace.next(now))).toEqual([10, 10.5, 11]);
    pace.freed?.();
    pace.freed?.();
    expect([10, 10, 10].map((now) => pace.next(now))).toEqual([10, 10, 11.5]);
  });

  test("spaces what more than can start together were kept waiting for, as by a pause", () => {
    const pace = createRelay(0.5);
    for (let ended = 0; ended < 500; ended++) pace.freed?.();
    const dues = Array.from({ length: 500 }, () => pace.next(20));
    expect(dues.filter((due) => due === 20)).toHaveLength(65);
    expect(dues.at(-1)).toBe(20 + 435 * 0.5);
  });
});
