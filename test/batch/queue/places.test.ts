import { describe, expect, test } from "bun:test";
import { allot, type Places } from "../../../src/batch/queue/places.ts";

const workers = (...places: number[]): Places[] =>
  places.map((concurrency, index) => ({ name: `w${index}`, concurrency }));
const shares = (all: Places[], limit: number): number[] => all.map(({ name }) => allot(all, name, limit));

describe("what workers may run together", () => {
  test.each([
    ["all their places, where nothing limits them", workers(8, 8, 8), Infinity, [8, 8, 8]],
    ["as many each as they have places", workers(16, 8), 12, [8, 4]],
    ["what is left over goes to the first", workers(8, 8, 8), 10, [4, 3, 3]],
    ["one each, at least, where there are as many as they", workers(64, 1, 1), 3, [1, 1, 1]],
    ["those that came first, where there are fewer than they", workers(8, 8, 8, 8), 2, [1, 1, 0, 0]],
    ["one in all, however low the limit", workers(8, 8), 0.4, [1, 0]],
    ["no more than its places", workers(1, 1, 100), 101, [1, 1, 99]],
  ])("%s", (_, all, limit, expected) => {
    expect(shares(all, limit)).toEqual(expected);
  });

  test("is never more than the limit, and all of it, whatever the workers and it are", () => {
    for (let seed = 1; seed < 500; seed++) {
      const all = workers(...Array.from({ length: 1 + (seed % 9) }, (_, index) => 1 + ((seed * (index + 3)) % 70)));
      const places = all.reduce((sum, { concurrency }) => sum + concurrency, 0);
      const limit = 1 + ((seed * 7) % (places + 5));
      const got = shares(all, limit);
      expect(got.reduce((sum, share) => sum + share, 0)).toBe(Math.min(limit, places));
      expect(got.every((share, index) => share <= (all[index]?.concurrency ?? 0))).toBe(true);
    }
  });

  test("a worker that nobody has heard of yet may run one", () => {
    expect(allot([], "new", 10)).toBe(1);
  });
});
