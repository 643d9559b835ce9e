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

/** Folds the events of one stream into its trace. `stall`: ms from which a gap is a stall. */
export function createTrace(job: Job, stall: Ms): { on(event: StreamEvent): void; trace(): Trace } {
  const stalls = createIntervals(KEPT);
  const waits = createIntervals(KEPT);
  let sent: Ms | null = null;
  let waitingSince: Ms | null = null;
  let firstToken: Ms | null = null;
  let firstOutput: Ms | null = null;
  let lastToken: Ms | null = null;
  let ended: Ms = 0;
  let reasoned = false;
  let tokens: Buckets | null = null;

  function stopWaiting(at: Ms): void {
    if (waitingSince !== null) waits.add({ from: waitingSince, to: at });
    waitingSince = null;
  }

  /** What begins the answer or ends a stall has no pace: nobody knows since when it was on its way. */
  function addTokens(at: Ms, count: number, held: number): void {
    if (firstToken === null || lastToken === null) {
      firstToken = at;
      return;
    }
    if (held === 0 && at - lastToken > stall) return stalls.add({ from: lastToken, to: at });
    tokens ??= createBuckets();
    tokens.add(lastToken - firstToken, at - firstToken, count);
  }

  function onDelta({ at, text, reasoning, events, held }: Extract<StreamEvent, { type: "delta" }>): void {
    addTokens(at, events, held);
    if (text !== "") firstOutput ??= at;
    reasoned ||= reasoning !== "";
    lastToken = at;
  }

  function onEnded({ at, verdict }: Extract<StreamEvent, { type: "ended" }>): void {
    const whole = verdict === "complete" || verdict === "length";
    if (!whole && lastToken !== null && at - lastToken > stall) stalls.add({ from: lastToken, to: at });
    stopWaiting(at);
    ended = at;
  }

  function thoughtUntil(): Ms | null {
    const until = firstOutput ?? lastToken;
    return reasoned && firstToken !== null && until !== null && until > firstToken ? until : null;
  }

  return {
    on(event) {
      switch (event.type) {
        case "sent":
          sent ??= event.at;
          return stopWaiting(event.at);
        case "retrying":
          waitingSince = event.at;
          return;
        case "delta":
          return onDelta(event);
        case "ended":
          return onEnded(event);
        case "opened":
        case "skipped":
        case "notice":
        case "line":
          return;
      }
    },
    trace: () => ({
      number: `${job.promptIndex + 1}${job.repeat === 0 ? "" : `.${job.repeat + 1}`}`,
      model: job.request.body.model,
      sent: sent ?? ended,
      firstToken,
      thoughtUntil: thoughtUntil(),
      lastToken,
      ended,
      tokens,
      stalls: stalls.all(),
      waits: waits.all(),
    }),
  };
}
