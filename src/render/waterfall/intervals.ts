import type { Ms } from "../../stream/event.ts";

/** From an instant to a later one. */
export type Interval = { from: Ms; to: Ms };

/** The time two intervals have in common. */
export function overlap(a: Interval, b: Interval): Ms {
  return Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));
}

/** Intervals that do not overlap, of which only the longest are kept. */
export function createIntervals(limit: number): { add(interval: Interval): void; all(): readonly Interval[] } {
  const intervals: Interval[] = [];
  return {
    add(interval) {
      if (intervals.length < limit) return void intervals.push(interval);
      const shortest = intervals.reduce(
        (least, other, at) => (lengthOf(other) < lengthOf(intervals[least]) ? at : least),
        0,
      );
      if (lengthOf(interval) > lengthOf(intervals[shortest])) intervals[shortest] = interval;
    },
    all: () => intervals,
  };
}

export function lengthOf(interval: Interval | undefined): Ms {
  return interval === undefined ? 0 : interval.to - interval.from;
}
