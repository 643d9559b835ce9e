import type { Ms } from "../../stream/event.ts";

/** One bar stands for so many ms. */
const SLICE = 250;
/** Bars at most: eight seconds. */
const SLICES = 32;

/** The gaps between tokens of the last seconds; who waits for a token sees its bar grow. */
type GapPicture = {
  /** A gap that ended. */
  add(at: Ms, ms: Ms): void;
  /** The longest gap of each of the last slices up to `now`, the oldest first, since the first one. */
  slices(now: Ms, lastToken: Ms): number[];
};

export function createGapPicture(): GapPicture {
  const longest = new Float64Array(SLICES);
  let first: number | null = null;
  let head = 0;

  /** Nothing stands for a slice that the ring no longer holds. */
  function moveTo(slice: number): void {
    for (let next = Math.max(head + 1, slice - SLICES + 1); next <= slice; next++) longest[next % SLICES] = 0;
    head = Math.max(head, slice);
  }

  function raise(slice: number, ms: Ms): void {
    if (slice > head - SLICES) longest[slice % SLICES] = Math.max(longest[slice % SLICES] ?? 0, ms);
  }

  /** As long as it was at the end of each slice. */
  function cover(from: Ms, to: Ms): void {
    const last = Math.floor(to / SLICE);
    moveTo(last);
    for (let slice = Math.max(Math.floor(from / SLICE), last - SLICES + 1); slice < last; slice++)
      raise(slice, (slice + 1) * SLICE - from);
    raise(last, to - from);
  }

  return {
    add(at, ms) {
      const slice = Math.floor(at / SLICE);
      if (first === null) {
        first = slice;
        head = slice - 1;
      }
      cover(at - ms, at);
    },
    slices(now, lastToken) {
      if (first === null) return [];
      cover(lastToken, now);
      const from = Math.max(first, head - SLICES + 1);
      return Array.from({ length: head - from + 1 }, (_, at) => longest[(from + at) % SLICES] ?? 0);
    },
  };
}
