import type { Ms } from "../../stream/event.ts";

/** Counts by slices of time, of which only the last ones are remembered. */
type RateRing = {
  add(at: Ms, count: number): void;
  /** The counts of the last whole slices before `now`, the oldest first. */
  last(slices: number, now: Ms): number[];
};

/** `slice`: its length in ms; at most `kept` are remembered. */
export function createRateRing(slice: number, kept: number): RateRing {
  const counts = new Uint32Array(kept);
  let head = 0;
  return {
    add(at, count) {
      const index = Math.floor(at / slice);
      for (let next = Math.max(head + 1, index - kept + 1); next <= index; next++) counts[next % kept] = 0;
      head = Math.max(head, index);
      if (index > head - kept) counts[index % kept] = (counts[index % kept] ?? 0) + count;
    },
    last(slices, now) {
      const end = Math.floor(now / slice);
      return Array.from({ length: slices }, (_, back) => {
        const index = end - slices + back;
        return index <= head && index > head - kept ? (counts[index % kept] ?? 0) : 0;
      });
    },
  };
}
