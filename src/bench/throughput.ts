import type { Span } from "../metrics/concurrency.ts";
import type { Ms } from "../stream/event.ts";

/** Ms of one slot, and what it becomes when there are MOST of them (an hour): a day then takes 0.7 MB. */
const FINE = 100;
const COARSE = 1000;
const MOST = 36_000;
/** Ms over which a peak is taken. */
const PEAK = 1000;

/** What arrived in the measured time, and when, in slots of 100 ms from its beginning; of 1 s after the first hour. */
export type Throughput = {
  add(at: Ms, amount: number): void;
  /** Adds `amount` for every 100 ms of the time from `from` to `to`, in proportion. */
  spread(from: Ms, to: Ms, amount: number): void;
  total(): number;
  /** Sum from `from` to `to` (ms since the epoch); slots that are cut count in part. */
  between(from: Ms, to: Ms): number;
  /** The most within one second up to `end`; `null` when less than a second was measured. */
  peak(end: Ms): number | null;
  /** What came in each slot up to `end`. */
  slots(end: Ms): { length: Ms; sums: number[] };
  /** Sums over `buckets` equal parts of the time up to `end`. */
  parts(end: Ms, buckets: number): number[];
};

/** Counts what arrives within `span`; what comes before it opens or after it closes is none of its. */
export function createThroughput(span: Span): Throughput {
  let slot = FINE;
  let slots = new Float64Array(256);
  let used = 0;
  let total = 0;
  /** The latest instant at which something arrived: the last slot reaches no further. */
  let last: Ms = -Infinity;

  function coarsen(): void {
    const ratio = COARSE / slot;
    const merged = new Float64Array(Math.ceil(slots.length / ratio));
    for (let index = 0; index < used; index++) {
      const into = Math.floor(index / ratio);
      merged[into] = (merged[into] ?? 0) + (slots[index] ?? 0);
    }
    slots = merged;
    used = Math.ceil(used / ratio);
    slot = COARSE;
  }

  /** Adds to the slot of this many ms after the beginning. */
  function put(since: Ms, amount: number): void {
    if (slot === FINE && since >= MOST * FINE) coarsen();
    const index = Math.floor(since / slot);
    while (index >= slots.length) {
      const larger = new Float64Array(2 * slots.length);
      larger.set(slots);
      slots = larger;
    }
    slots[index] = (slots[index] ?? 0) + amount;
    used = Math.max(used, index + 1);
    total += amount;
  }

  function between(from: Ms, to: Ms): number {
    const opens = span.opens();
    if (opens === null) return 0;
    let sum = 0;
    const first = Math.max(0, Math.floor((from - opens) / slot));
    for (let index = first; index < Math.min(used, Math.ceil((to - opens) / slot)); index++) {
      const start = opens + index * slot;
      const end = index === used - 1 ? Math.min(start + slot, Math.max(last, start + 1)) : start + slot;
      const covered = Math.max(0, Math.min(to, end) - Math.max(from, start));
      sum += ((slots[index] ?? 0) * covered) / (end - start);
    }
    return sum;
  }

  return {
    add(at, amount) {
      const opens = span.opens();
      if (opens === null || at < opens || at > (span.closes() ?? Infinity)) return;
      last = Math.max(last, at);
      put(at - opens, amount);
    },
    spread(from, to, amount) {
      const opens = span.opens();
      if (opens === null) return;
      const end = Math.min(to, span.closes() ?? Infinity);
      last = Math.max(last, end);
      for (let start = Math.max(from, opens); start < end;) {
        const next = Math.min(end, opens + FINE * (Math.floor((start - opens) / FINE) + 1));
        // Never stuck at the edge of a slot, whatever the rounding.
        const until = next > start ? next : start + FINE;
        put(start - opens, (amount * (Math.min(end, until) - start)) / FINE);
        start = until;
      }
    },
    total: () => total,
    between,
    peak(end) {
      const opens = span.opens();
      const whole = opens === null ? 0 : Math.floor((end - opens) / slot);
      const width = PEAK / slot;
      if (whole < width) return null;
      let sum = 0;
      let peak = 0;
      for (let index = 0; index < whole; index++) {
        sum += slots[index] ?? 0;
        if (index >= width) sum -= slots[index - width] ?? 0;
        peak = Math.max(peak, sum);
      }
      // The last slot is rarely a whole one, and a number of requests ends with what came last.
      return Math.max(peak, between(end - PEAK, end));
    },
    slots(end) {
      const opens = span.opens() ?? end;
      const count = Math.max(0, Math.ceil((end - opens) / slot));
      return {
        length: slot,
        sums: Array.from({ length: count }, (_, index) => (index < used ? (slots[index] ?? 0) : 0)),
      };
    },
    parts(end, buckets) {
      const opens = span.opens() ?? end;
      const length = (end - opens) / buckets;
      return Array.from({ length: buckets }, (_, index) =>
        between(opens + index * length, opens + (index + 1) * length),
      );
    },
  };
}
