import type { Ms } from "../stream/event.ts";
import type { Shard } from "./shard.ts";

/** When streams are due. It knows no clock and waits for nothing: due times, not sleeps, so that lateness cannot add up. */
export type Pace = {
  /** Ms by which a start may come early: a timer has a grain of 1 ms. */
  readonly early: Ms;
  /** When the next stream is due, asked at `now`; each call is one stream. */
  next(now: Ms): Ms;
  /** A stream has ended, and its place is free. */
  freed?(): void;
};

/**
 * Ms between two starts. Bun 1.4: 500 fetches in one tick delay each other by 10 to 50 ms; 0.2 ms apart (500), or
 * 0.5 ms apart (2000), p99 of that delay stays under 1 ms.
 */
export function spacingFor(concurrency: number): Ms {
  return concurrency > 500 ? 0.5 : 0.2;
}

/**
 * A closed loop: whoever has a place starts, but no two starts closer than `spacing` ms; those within a timer's grain go
 * together. Nobody starts before `begin`.
 */
export function createClosedLoop(spacing: Ms, begin: Ms = 0): Pace {
  let due = begin - spacing;
  return {
    early: 1,
    next(now) {
      due = Math.max(due + spacing, now);
      return due;
    },
  };
}

/** Starts that may come together: so many delay each other by about 1 ms (Bun 1.4.5). */
const TOGETHER = 64;

/**
 * A closed loop of requests that may be short: the place of one that has ended is taken at once, and starts are spaced
 * where more would come together than have ended, as at the beginning. With every start spaced, short answers would wait
 * for timers, which takes a quarter of their CPU.
 */
export function createRelay(spacing: Ms): Pace {
  const { early, next } = createClosedLoop(spacing);
  let places = 0;
  return {
    early,
    next(now) {
      if (places === 0) return next(now);
      places--;
      return now;
    },
    freed: () => void (places = Math.min(places + 1, TOGETHER)),
  };
}

/** One machine that does it all. */
const WHOLE: Shard = { index: 0, of: 1 };

type Arrival = "constant" | "poisson";

/**
 * An arrival rate: starts are due whether or not earlier streams have ended. `rate` per second; `random` gives numbers
 * in [0, 1). Poisson: the distances are exponential, −ln(1 − u) / rate, as independent users come. `begin`: when the
 * first one could be due, the first time somebody asks unless given.
 */
export function createArrivals(
  rate: number,
  arrival: Arrival,
  random: () => number,
  { begin = null, shard = WHOLE }: { begin?: Ms | null; shard?: Shard } = {},
): Pace {
  let begun = begin;
  // Of evenly spaced starts each shard has every `of`-th; random ones add up to what all together would be.
  let count = shard.index;
  const own = rate / shard.of;
  let waited = 0;
  return {
    early: 0,
    next(now) {
      begun ??= now;
      // Multiplied, not added up: a million additions of 1/3 would drift.
      if (arrival === "constant") {
        const at = begun + (count * 1000) / rate;
        count += shard.of;
        return at;
      }
      waited += (-Math.log(1 - random()) * 1000) / own;
      return begun + waited;
    },
  };
}
