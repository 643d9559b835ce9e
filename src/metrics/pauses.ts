import type { DeltaEvent, Ms } from "../stream/event.ts";
import { LEAST_WAIT } from "./lumps.ts";

/** A hold of ours as long as this, in ms, is a pause: Ctrl+Z, a machine that slept, a pager that nobody scrolls. */
const PAUSE = 500;

/** Token events that tell a pace, however many came in a pause. */
const ENOUGH = 8;

/**
 * What of an answer fell into pauses of ours: ms before its first token and before its first visible text; then, from the
 * first token on, ms, and the token events whose time is not known for them.
 */
export type Pauses = { toFirst: Ms; toOutput: Ms; ms: Ms; events: number };

/**
 * Tells what came while we were paused. Whether the server wrote on meanwhile cannot be known, so that neither the time
 * nor the token events that lay there afterwards say anything of its speed: up to the first that had to be waited for.
 */
export function createPauses(): { pauses: Readonly<Pauses>; add(read: DeltaEvent): void } {
  const pauses = { toFirst: 0, toOutput: 0, ms: 0, events: 0 };
  let begun = false;
  let visible = false;
  let isBehind = false;
  return {
    pauses,
    add({ text, events, idle, backpressure }) {
      const paused = pauseIn(backpressure);
      if (paused > 0) isBehind = true;
      else if (isBehind && idle >= LEAST_WAIT) isBehind = false;
      if (!begun) pauses.toFirst = paused;
      else pauses.ms += paused;
      if (begun && isBehind) pauses.events += events;
      if (!visible) pauses.toOutput = pauses.toFirst + pauses.ms;
      begun = true;
      visible ||= text !== "";
    },
  };
}

/** Ms of a hold that are a pause: all or none. */
export function pauseIn(hold: Ms): Ms {
  return hold >= PAUSE ? hold : 0;
}

/**
 * How long `spread` would have been without the pauses in it, by the pace of the events that were waited for; `events`:
 * all that came in it. `null` where few of them were.
 */
export function unpaused(spread: Ms, events: number, { ms, events: unseen }: Readonly<Pauses>): Ms | null {
  if (ms === 0 && unseen === 0) return spread;
  const seen = events - unseen;
  return seen > 0 && seen >= Math.min(unseen, ENOUGH) ? ((spread - ms) * events) / seen : null;
}
