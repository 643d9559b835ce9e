import fc, { type IAsyncProperty, type IProperty } from "fast-check";

/** How many cases, and which: the same seed gives the same. */
export type Cases = { cases: number; seed: number };

/** What holds for every input there is. */
export type Property = {
  name: string;
  /** The sentence that holds. */
  says: string;
  /** Cases that take a second at most. */
  cases: number;
  /** Rejects with the seed and the smallest input for which it does not hold. */
  check(cases: Cases): Promise<void>;
};

/** A property by its name in `bun run fuzz NAME`. */
export function define<T>(
  name: string,
  says: string,
  cases: number,
  property: IProperty<T> | IAsyncProperty<T>,
): Property {
  return {
    name,
    says,
    cases,
    check: async ({ cases: numRuns, seed }) => {
      await fc.assert(property, { numRuns, seed, includeErrorInReport: true });
    },
  };
}

/** Where a text is cut: shares of its length, in whatever order. */
export const cuts: fc.Arbitrary<number[]> = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

/** What can be sliced, in pieces that together are all of it; some may be empty. */
export function cutAt<T extends { length: number; slice(from: number, to: number): T }>(
  whole: T,
  shares: readonly number[],
): T[] {
  const places = shares.map((share) => Math.round(share * whole.length)).toSorted((a, b) => a - b);
  return [0, ...places].map((from, index) => whole.slice(from, places[index] ?? whole.length));
}
