import { expect, test } from "bun:test";
import { createRecentRate } from "../../src/batch/recent-rate.ts";

/** A rate over ten seconds, of something that happens at these ms; what it is at each of those. */
function rateAt(happens: readonly number[], looks: readonly number[]): (number | null)[] {
  let at = 0;
  const rate = createRecentRate(10_000, () => at);
  const events = [...happens].toSorted((one, two) => one - two);
  return looks.map((look) => {
    while ((events[0] ?? Infinity) <= look) {
      at = events.shift() ?? 0;
      rate.count();
    }
    at = look;
    return rate.perSecond();
  });
}
const every = (ms: number, until: number): number[] => Array.from({ length: until / ms }, (_, nth) => (nth + 1) * ms);

test("a recent rate is known after half a second, and is that of the last seconds", () => {
  expect(rateAt(every(100, 5000), [400, 500, 2000, 5000])).toEqual([null, 10, 10, 10]);
  const [fast, slow] = [every(10, 20_000), every(1000, 20_000).map((at) => at + 20_000)];
  const [before, middle, after] = rateAt([...fast, ...slow], [20_000, 25_000, 40_000]);
  expect(before).toBeCloseTo(100, 0);
  expect([middle ?? 0, after ?? 0]).toEqual([expect.closeTo(50, -1), expect.closeTo(1, 0)]);
});

test("of what does not happen any more it falls, and of what never did it is 0", () => {
  const [later, much] = rateAt(every(100, 5000), [9000, 16_000]);
  expect(later).toBeCloseTo(50 / 9, 1);
  expect(much).toBe(0);
  expect(rateAt([], [60_000])).toEqual([0]);
});

test("however often it happens, it takes the same memory: a million in a moment, then one a second", () => {
  const many = Array.from({ length: 100_000 }, (_, nth) => nth / 100);
  const [rate] = rateAt([...many, ...every(1000, 60_000)], [60_000]);
  expect(rate).toBeCloseTo(1, 0);
});
