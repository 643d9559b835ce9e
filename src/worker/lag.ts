import { HEALTH_MS, LOOK_MS } from "./protocol.ts";
import type { Ms } from "../stream/event.ts";

const LONGEST_PAUSE = 60_000;

/** Looks at the event loop every LOOK_MS and tells twice a second how late each look came, in ms. */
export function createLagWatch(tell: (lags: readonly number[]) => void): { start(): void; stop(): void } {
  let lags: number[] = [];
  let due = 0;
  let toldAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function look(): void {
    const now = performance.now();
    // A thread that was blocked would have been late at each look it missed, too: once only, a pause would hardly count.
    // Of a longer pause, as of a machine that slept, the last minute says all.
    let late = Math.min(LONGEST_PAUSE, Math.max(0, now - due));
    do lags.push(late);
    while ((late -= LOOK_MS) > 0);
    if (now - toldAt >= HEALTH_MS) {
      tell(lags);
      lags = [];
      toldAt = now;
    }
    next(now);
  }

  function next(now: number): void {
    due = now + LOOK_MS;
    timer = setTimeout(look, LOOK_MS);
  }

  return {
    start() {
      // Whoever waits for the thread to be there, or for the last of it, learns it now.
      tell(lags);
      lags = [];
      toldAt = performance.now();
      if (timer === undefined) next(toldAt);
    },
    stop: () => clearTimeout(timer),
  };
}

/** Ms between two looks at the clock. */
const CLOCK_MS = 100;
/** A look that comes later than this did not come late: the thread stood still. A busy machine stays far below. */
const STOOD_MS = 600;

/**
 * Tells for how long this thread has stood still, stopped (Ctrl+Z) or asleep with its machine: what servers do meanwhile
 * is not seen, and their silence is not theirs. No signal reaches a worker (Bun 1.4): the clock alone tells.
 */
export function createPauses(now: () => Ms): {
  /** Begins to look, unless it does already. */
  start(): void;
  stop(): void;
  /** Ms in all, until an instant that was just taken. */
  total(at: Ms): Ms;
} {
  let seen = 0;
  let total = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  function look(at: Ms): Ms {
    const missed = at - seen;
    // Another look may have come since it was taken.
    if (missed <= 0) return total;
    seen = at;
    // It stood still at some time between two looks: so long at least.
    if (timer !== undefined && missed > STOOD_MS) total += missed - CLOCK_MS;
    return total;
  }

  return {
    start() {
      if (timer !== undefined) return;
      seen = now();
      timer = setInterval(() => look(now()), CLOCK_MS);
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
    total: look,
  };
}
