import type { Ms } from "../stream/event.ts";

/** Ms between two looks at the clock. */
const LOOK_MS = 100;
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
  /** Ms in all, until this instant. */
  total(): Ms;
} {
  let seen = 0;
  let total = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  function look(): Ms {
    const at = now();
    const missed = at - seen;
    seen = at;
    // It stood still at some time between two looks: so long at least.
    if (timer !== undefined && missed > STOOD_MS) total += missed - LOOK_MS;
    return total;
  }

  return {
    start() {
      if (timer !== undefined) return;
      seen = now();
      timer = setInterval(look, LOOK_MS);
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
    total: look,
  };
}
