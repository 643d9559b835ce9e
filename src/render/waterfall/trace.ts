import { thoughtUntil, type StreamState } from "../../metrics/timeline.ts";
import type { GapEvent } from "../../metrics/watched.ts";
import type { Job } from "../../run/event.ts";
import type { Ms, StreamEvent } from "../../stream/event.ts";
import { numberOf } from "../plain.ts";

/** Beyond so many pauses or waits of one stream the shortest are not drawn. */
const KEPT = 16;

/** Where the time of one stream went: what its line is drawn from, in a kilobyte however long it was. */
export type Trace = {
  /** `3`, or `3.2` for a repeat: as everywhere else, from 1. */
  number: string;
  model: string;
  sent: Ms;
  firstToken: Ms | null;
  /** When reasoning came first: until the first word of the answer, or until the last token. */
  thoughtUntil: Ms | null;
  lastToken: Ms | null;
  ended: Ms;
  /** Tokens since `firstToken`, as many as were seen to arrive one after another. */
  tokens: Buckets | null;
  stalls: readonly Interval[];
  /** Waits before another attempt. */
  waits: readonly Interval[];
};

/** Folds where the time of one stream went, besides what its state says, into its trace. */
export function createTrace(
  job: Job,
  state: Readonly<StreamState>,
): { on(event: StreamEvent): void; gap(event: GapEvent): void; trace(): Trace } {
  const stalls = createIntervals(KEPT);
  const waits = createIntervals(KEPT);
  let waitingSince: Ms | null = null;
  let tokens: Buckets | null = null;
  /** The last token that was told. */
  let last: Ms | null = null;

  function stopWaiting(at: Ms): void {
    if (waitingSince !== null) waits.add({ from: waitingSince, to: at });
    waitingSince = null;
  }

  function spread(from: Ms, to: Ms, count: number): void {
    const { firstToken } = state;
    if (firstToken === null) return;
    tokens ??= createBuckets();
    tokens.add(from - firstToken, to - firstToken, count);
  }

  return {
    on(event) {
      switch (event.type) {
        case "sent":
          return stopWaiting(event.at);
        case "retrying":
          waitingSince = event.at;
          return;
        case "delta":
          // After a hold of ours no gap is told, and the tokens came all the same.
          if (event.backpressure > 0 && last !== null) spread(last, event.at, event.events);
          last = event.at;
          return;
        case "ended":
          return stopWaiting(event.at);
        case "opened":
        case "skipped":
        case "notice":
        case "line":
          return;
      }
    },
    /** What ends a stall has no pace: nobody knows since when it was on its way. */
    gap({ at, ms, events, stalled }) {
      if (stalled) stalls.add({ from: at - ms, to: at });
      else spread(at - ms, at, events);
    },
    trace() {
      const { sent, firstToken, lastToken } = state;
      const ended = state.ended ?? 0;
      if (state.cutInStall && lastToken !== null) stalls.add({ from: lastToken, to: ended });
      return {
        number: numberOf(job.promptIndex, job.repeat),
        model: job.request.body.model,
        sent: sent ?? ended,
        firstToken,
        thoughtUntil: thoughtUntil(state),
        lastToken,
        ended,
        tokens,
        stalls: stalls.all(),
        waits: waits.all(),
      };
    },
  };
}

/** How many, and what the narrowest spans at first: 1.28 s in all, and a quarter of a day after fourteen doublings. */
const COUNT = 64;
const FINEST: Ms = 20;

/** Amounts over time, from 0 on, in a memory that does not grow. */
type Buckets = {
  /** Spreads an amount evenly; `to` is never before what was added already. */
  add(from: Ms, to: Ms, amount: number): void;
  /** What fell between two instants, taking each bucket for even. */
  between(from: Ms, to: Ms): number;
};

/** Buckets that merge by two and double their width as time goes on: no amount is lost, only where exactly it fell. */
export function createBuckets(): Buckets {
  const amounts = new Float64Array(COUNT);
  let width = FINEST;
  let end = 0;

  function widen(): void {
    for (let at = 0; at < COUNT; at++) {
      amounts[at] = at < COUNT / 2 ? (amounts[2 * at] ?? 0) + (amounts[2 * at + 1] ?? 0) : 0;
    }
    width *= 2;
  }

  function put(at: number, amount: number): void {
    amounts[at] = (amounts[at] ?? 0) + amount;
  }

  return {
    add(from, to, amount) {
      while (to >= width * COUNT) widen();
      end = Math.max(end, to);
      const first = Math.floor(from / width);
      const last = Math.floor(to / width);
      let rest = amount;
      for (let at = first; at < last; at++) {
        const share = (amount * ((at + 1) * width - Math.max(from, at * width))) / (to - from);
        put(at, share);
        rest -= share;
      }
      put(last, rest);
    },

    between(from, to) {
      let sum = 0;
      for (let at = Math.max(0, Math.floor(from / width)); at < COUNT && at * width <= to; at++) {
        const left = at * width;
        // The last bucket is filled as far as time went, not to its edge.
        const right = Math.min(left + width, end);
        const overlap = Math.min(to, right) - Math.max(from, left);
        if (right > left) sum += overlap > 0 ? ((amounts[at] ?? 0) * overlap) / (right - left) : 0;
        else if (from <= left) sum += amounts[at] ?? 0;
      }
      return sum;
    },
  };
}

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
