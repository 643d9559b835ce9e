import type { Ms } from "../stream/event.ts";

/**
 * Ms between two starts. Bun 1.4: 500 fetches in one tick delay each other by 10 to 50 ms; 0.2 ms apart (500), or
 * 0.5 ms apart (2000), p99 of that delay stays under 1 ms.
 */
export function spacingFor(concurrency: number): Ms {
  return concurrency > 500 ? 0.5 : 0.2;
}

export type Pace = {
  /** Settles when the next stream is due, and says when that was. */
  next(): Promise<Ms>;
};

/** A closed loop: whoever has a place starts, but no two starts closer than `spacing` ms. Due times, not sleeps. */
export function createClosedLoop(spacing: Ms, now: () => Ms): Pace {
  let due = 0;
  return {
    async next() {
      due = Math.max(due + spacing, now());
      const wait = due - now();
      // A timer has a grain of 1 ms: starts that are due within it go together.
      if (wait >= 1) await Bun.sleep(wait);
      return due;
    },
  };
}
