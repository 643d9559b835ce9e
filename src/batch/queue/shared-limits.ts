import type { Ms } from "../../stream/event.ts";
import { bucketsOf, type AdaptiveConcurrency, type Limiter, type Rates } from "../limits.ts";
import { allot } from "./places.ts";
import type { Queue, Restraint, RunNotice, WorkerNotice } from "./queue.ts";

type SharedLimitsOptions = {
  queue: Pick<Queue, "takeLimit" | "settleLimit" | "pauseLimit" | "adapt">;
  /** Of this worker. */
  name: string;
  /** Whom the limits of the endpoint are for. */
  account: string;
  concurrency: number;
  /** The batches that this worker serves. */
  served(): readonly RunNotice[];
  /** All workers of its endpoint, in the order in which they came. */
  colleagues(): readonly WorkerNotice[];
  /** Requests that this worker has. */
  holding(): number;
  /** What may run has changed. */
  onChange(): void;
  onError(error: unknown): void;
  now: () => Ms;
};

export type SharedLimits = {
  limiter: Limiter;
  /** Whether anything limits tokens: else nobody asks how many there will be. */
  limitsTokens(): boolean;
  adaptive: AdaptiveConcurrency;
  /** Tells the others how it went here, and learns what may run. */
  adapt(): Promise<void>;
};

/** The limits that all workers of one account keep together: rates, pauses, and how many requests run at once. */
export function createSharedLimits(options: SharedLimitsOptions): SharedLimits {
  const { queue, name, account, concurrency, served, colleagues, holding, onChange, onError, now } = options;
  let restraint: Restraint = { limit: Infinity, pause: 0 };
  let pausedUntil: Ms = 0;
  let successes = 0;
  let typical: Ms = 1000;
  let mine = 0;
  let strictest: Rates = strictestOf([]);
  let isLimited = false;
  let limitsTokens = false;
  let telling: Promise<void> | null = null;

  /** Places of all workers, as far as the batches want them. */
  function places(): number {
    const all = colleagues().reduce((sum, worker) => sum + worker.concurrency, 0);
    return Math.min(Math.max(concurrency, all), ...served().map((run) => run.concurrency ?? Infinity));
  }

  /** Reckoned now and then: who asks before each request asks often. */
  function reckon(): void {
    mine = Math.min(concurrency, allot(colleagues(), name, Math.min(restraint.limit, places())));
    strictest = strictestOf(served());
    isLimited = Object.values(strictest).some((rate) => rate !== null);
    limitsTokens = bucketsOf(strictest).tokens !== null;
  }

  async function adapt(overloaded: boolean): Promise<void> {
    const seen = { successes, overloaded, latency: typical, places: places() };
    successes = 0;
    restraint = await queue.adapt(account, seen);
    pausedUntil = Math.max(pausedUntil, now() + restraint.pause);
    reckon();
    onChange();
  }

  return {
    adapt: () => adapt(false),
    limitsTokens: () => limitsTokens,
    limiter: {
      // A pause that another worker was told of is known here a moment later; only rates need a step for each request.
      take(tokens) {
        if (now() < pausedUntil) return pausedUntil - now();
        return isLimited ? queue.takeLimit(account, strictest, tokens) : 0;
      },
      settle(tokens) {
        if (limitsTokens) queue.settleLimit(account, tokens).catch(onError);
      },
      pause(ms) {
        pausedUntil = Math.max(pausedUntil, now() + ms);
        queue.pauseLimit(account, ms).catch(onError);
      },
    },
    adaptive: {
      // Who has something may always go on with it.
      limit: () => (mine === 0 && holding() > 0 ? 1 : mine),
      succeeded(latency, full) {
        typical += (latency - typical) / 16;
        if (full) successes++;
      },
      // Told once at a time: many that run are refused together.
      overloaded: () =>
        void (telling ??= adapt(true)
          .catch(onError)
          .finally(() => (telling = null))),
    },
  };
}

/** The strictest limit of each kind: all batches share the account. */
function strictestOf(runs: readonly RunNotice[]): Rates {
  const least = (key: keyof Rates): number | null => {
    const limits = runs.flatMap((run) => run.rates[key] ?? []);
    return limits.length === 0 ? null : Math.min(...limits);
  };
  return {
    requestsPerMinute: least("requestsPerMinute"),
    tokensPerMinute: least("tokensPerMinute"),
    tokensPerHour: least("tokensPerHour"),
  };
}
