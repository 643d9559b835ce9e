import { thoughtUntil, type StreamState } from "../../metrics/timeline.ts";
import type { GapEvent } from "../../metrics/watched.ts";
import type { Job } from "../../run/event.ts";
import type { Ms, StreamEvent } from "../../stream/event.ts";
import { createBuckets, type Buckets } from "./buckets.ts";
import { createIntervals, type Interval } from "./intervals.ts";

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
          if (event.held > 0 && last !== null) spread(last, event.at, event.events);
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
        number: `${job.promptIndex + 1}${job.repeat === 0 ? "" : `.${job.repeat + 1}`}`,
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
