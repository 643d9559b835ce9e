import type { Ms } from "./event.ts";

/** Of a wait, the share in which the thread may have read other streams: with more, the bytes may have lain there. */
const BUSY = 0.2;

/** What this thread has worked so far on what it read, for all streams together; in ms. */
export type Workload = { ms: Ms };

/**
 * Tells bytes that were waited for from bytes that lay there until this thread had time for them: only of the first can
 * it be said that somebody else held them back. `worked`: the workload at the beginning of the wait.
 */
export type Idle = { workload: Workload; since: Ms; came: Ms; worked: Ms; waited: Ms };

/** One stream, of which nothing was read yet. */
export function createIdle(workload: Workload, from: Ms): Idle {
  return { workload, since: from, came: from, worked: workload.ms, waited: 0 };
}

/** From now on there is nothing to do but to wait for more. */
export function beginWait(idle: Idle, at: Ms): void {
  idle.since = at;
  idle.worked = idle.workload.ms;
}

/** Something came. */
export function endWait(idle: Idle, at: Ms): void {
  const waited = at - idle.since;
  if (idle.workload.ms - idle.worked <= BUSY * waited) idle.waited += waited;
  idle.came = at;
  beginWait(idle, at);
}

/** What came is dealt with. */
export function addWork(idle: Idle, at: Ms): void {
  idle.workload.ms += at - idle.came;
  beginWait(idle, at);
}

/** Ms waited since the last call. */
export function takeWaited(idle: Idle): Ms {
  const { waited } = idle;
  idle.waited = 0;
  return waited;
}
