import type { Ms } from "./event.ts";

/** Of a wait, the share in which the thread may have read other streams: with more, the bytes may have lain there. */
const BUSY = 0.2;

/** What this thread has worked so far on what it read, for all streams together; in ms. */
export type Workload = { ms: Ms };

/**
 * Tells bytes that were waited for from bytes that lay there until this thread had time for them: only of the first can
 * it be said that somebody else held them back.
 */
export function createIdle(workload: Workload, from: Ms) {
  let since = from;
  let came = from;
  let worked = workload.ms;
  let idle = 0;

  function wait(at: Ms): void {
    since = at;
    worked = workload.ms;
  }

  return {
    /** From now on there is nothing to do but to wait for more. */
    wait,
    /** Something came. */
    came(at: Ms): void {
      came = at;
      const waited = at - since;
      if (workload.ms - worked <= BUSY * waited) idle += waited;
      wait(at);
    },
    /** It is dealt with. */
    done(at: Ms): void {
      workload.ms += at - came;
      wait(at);
    },
    /** Ms waited since the last call. */
    take(): Ms {
      const taken = idle;
      idle = 0;
      return taken;
    },
  };
}

export type Idle = ReturnType<typeof createIdle>;
