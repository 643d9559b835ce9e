import type { DeltaEvent, Ms } from "../stream/event.ts";

/** A wait in ms that is one: reads that follow each other sooner are parts of one lump, or simply fast. */
export const LEAST_WAIT = 5;
/** Before the first token everybody waits; an answer that was kept back has taken its time. */
const FIRST_WAIT = 400;
/** No model writes more events in so many ms: what came faster than it can have been held back for was never held. */
const PER_EVENT = 1;
/** Token events under which nothing can be told. */
const ENOUGH = 8;
/** Times that our own thread may be late before a wait as long says nothing of the server. */
const BEYOND_LAG = 2;

/** What came of token events in lumps. */
export type Lumps = {
  /** Token events that shared a read with an earlier one, after a wait that was not ours. */
  events: number;
  /** How many lumps, and ms waited before them. */
  count: number;
  wait: Ms;
};

/**
 * Tells an answer that is handed on in lumps, as by a proxy that fills its buffer first, from one that is merely fast:
 * before a lump there is a wait, long enough for its tokens to have been written one by one. A lump may take several
 * reads, one right after the other.
 */
export function createLumps(): { lumps: Readonly<Lumps>; add(read: DeltaEvent, isFirst: boolean): void } {
  const lumps = { events: 0, count: 0, wait: 0 };
  /** What the reads at hand have waited for, and brought. */
  let wait = 0;
  let events = 0;
  let counted = false;

  function begin(waited: Ms): void {
    wait = waited;
    events = 0;
    counted = false;
  }

  return {
    lumps,
    add({ events: brought, idle, backpressure }, isFirst) {
      if (backpressure > 0) begin(0);
      else if (idle >= (isFirst ? FIRST_WAIT : LEAST_WAIT)) begin(idle);
      events += brought;
      if (brought < 2 || wait < PER_EVENT * events) return;
      lumps.events += brought - 1;
      if (counted) return;
      counted = true;
      lumps.count++;
      lumps.wait += wait;
    },
  };
}

/** Whether so many token events, of which this share came in lumps, tell of something that holds them back. */
export function isInLumps({ token_events: events, lumped }: { token_events: number; lumped: number | null }): boolean {
  return events >= ENOUGH && lumped !== null && lumped > 0.5;
}

/** Whether lumps after waits of so many ms can be our own: `lag`: by how much our thread was late. */
export function isOfLag(wait: Ms | null, lag: Ms | null): boolean {
  return wait !== null && lag !== null && wait < BEYOND_LAG * lag;
}
