import type { Ms } from "../stream/event.ts";
import { backoff } from "../stream/retry.ts";

/** What may be asked of an endpoint; `null` where nothing limits it. */
export type Rates = {
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  tokensPerHour: number | null;
};

/** Who knows what may be asked of an endpoint: this process, or an engine that many machines share. */
export type Limiter = {
  /** Reserves a request of so many tokens and says 0, or says in how many ms to ask again. */
  take(tokens: number): number | Promise<number>;
  /** Gives back what was reserved and not used; less than nothing where more was used. */
  settle(tokens: number): void;
  /** Nobody asks for anything for so many ms. */
  pause(ms: number): void;
};

/** A bucket holds what may be taken at once, and fills steadily: `rate` a ms up to `size`. It may be in debt. */
type Bucket = { rate: number; size: number };

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** Requests a second at a time, tokens a minute's worth. */
export function bucketsOf(rates: Rates): { requests: Bucket | null; tokens: Bucket | null } {
  const { requestsPerMinute, tokensPerMinute, tokensPerHour } = rates;
  const perMs = Math.min(perMsOf(tokensPerMinute, MINUTE), perMsOf(tokensPerHour, HOUR));
  return {
    requests:
      requestsPerMinute === null
        ? null
        : { rate: requestsPerMinute / MINUTE, size: Math.max(1, requestsPerMinute / 60) },
    tokens: Number.isFinite(perMs) ? { rate: perMs, size: perMs * MINUTE } : null,
  };
}

function perMsOf(limit: number | null, span: Ms): number {
  return limit === null ? Infinity : limit / span;
}

/** The limits of one process. A request of more tokens than a bucket holds goes when that is full, and leaves a debt. */
export function createLimiter(rates: Rates, now: () => Ms): Limiter {
  const { requests, tokens } = bucketsOf(rates);
  const filled = { requests: requests?.size ?? 0, tokens: tokens?.size ?? 0, at: now() };
  let pausedUntil = 0;

  function fill(at: Ms): void {
    const ms = Math.max(0, at - filled.at);
    if (requests !== null) filled.requests = Math.min(requests.size, filled.requests + ms * requests.rate);
    if (tokens !== null) filled.tokens = Math.min(tokens.size, filled.tokens + ms * tokens.rate);
    filled.at = at;
  }

  return {
    take(wanted) {
      const at = now();
      fill(at);
      const waits = [
        pausedUntil - at,
        requests === null ? 0 : (1 - filled.requests) / requests.rate,
        tokens === null ? 0 : (Math.min(wanted, tokens.size) - filled.tokens) / tokens.rate,
      ];
      const wait = Math.max(...waits);
      // Less than that is an error of the arithmetic.
      if (wait > 1e-6) return wait;
      filled.requests -= 1;
      filled.tokens -= wanted;
      return 0;
    },
    settle(given) {
      filled.tokens += given;
    },
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, now() + ms);
    },
  };
}

/** How many requests run at once: more as long as all goes well, fewer as soon as a server has too many. */
export type AdaptiveConcurrency = {
  limit(): number;
  /** A request ended well; `full`: as many ran as may. */
  succeeded(latency: Ms, full: boolean): void;
  /** The server refused one because there were too many. */
  overloaded(): void;
};

/** A refusal takes away a fifth, once in a typical latency: all that were under way are refused together. */
const DECREASE = 0.8;

/** Additive increase, multiplicative decrease between 1 and `most`: + 1 for as many successes as may run at once. */
export function createAdaptiveConcurrency(most: number, now: () => Ms): AdaptiveConcurrency {
  let limit = most;
  let successes = 0;
  let typical: Ms = 1000;
  let decreasedAt = -Infinity;
  return {
    limit: () => Math.max(1, Math.floor(limit)),
    succeeded(latency, full) {
      typical += (latency - typical) / 16;
      if (!full || limit >= most || ++successes < limit) return;
      successes = 0;
      limit = Math.min(most, limit + 1);
    },
    overloaded() {
      if (now() - decreasedAt < typical) return;
      decreasedAt = now();
      successes = 0;
      limit = Math.max(1, limit * DECREASE);
    },
  };
}

/** Refusals in a row after which everybody waits, and once more as many twice as long. */
const MANY = 20;

/** How long nobody asks a server that refuses all for load, and does not say for how long. */
export function createRefusals(random: () => number): { pause(): Ms; over(): void } {
  let inARow = 0;
  return {
    /** It refused one more. */
    pause() {
      const rounds = Math.floor(++inARow / MANY);
      return rounds > 0 ? backoff(Math.min(rounds - 1, 4), random) : 0;
    },
    /** It answered one. */
    over: () => void (inARow = 0),
  };
}
