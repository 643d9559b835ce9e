import type { Ms } from "../stream/event.ts";

/** When streams are due. It knows no clock and waits for nothing: due times, not sleeps, so that lateness cannot add up. */
export type Pace = {
  /** Ms by which a start may come early: a timer has a grain of 1 ms. */
  readonly early: Ms;
  /** When the next stream is due, asked at `now`; each call is one stream. */
  next(now: Ms): Ms;
};

/**
 * Ms between two starts. Bun 1.4: 500 fetches in one tick delay each other by 10 to 50 ms; 0.2 ms apart (500), or
 * 0.5 ms apart (2000), p99 of that delay stays under 1 ms.
 */
export function spacingFor(concurrency: number): Ms {
  return concurrency > 500 ? 0.5 : 0.2;
}

/** A closed loop: whoever has a place starts, but no two starts closer than `spacing` ms; those within a timer's grain go together. */
export function createClosedLoop(spacing: Ms): Pace {
  let due = 0;
  return {
    early: 1,
    next(now) {
      due = Math.max(due + spacing, now);
      return due;
    },
  };
}

type Arrival = "constant" | "poisson";

/**
 * An arrival rate: starts are due whether or not earlier streams have ended. `rate` per second; `random` gives numbers
 * in [0, 1). Poisson: the distances are exponential, −ln(1 − u) / rate, as independent users come.
 */
export function createArrivals(rate: number, arrival: Arrival, random: () => number): Pace {
  let begun: Ms | null = null;
  let count = 0;
  let waited = 0;
  return {
    early: 0,
    next(now) {
      begun ??= now;
      // Multiplied, not added up: a million additions of 1/3 would drift.
      if (arrival === "constant") return begun + (count++ * 1000) / rate;
      waited += (-Math.log(1 - random()) * 1000) / rate;
      return begun + waited;
    },
  };
}
