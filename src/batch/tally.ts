import type { StreamRecord } from "../metrics/record.ts";
import type { Ms } from "../stream/event.ts";
import { createRecentRate } from "./recent-rate.ts";

/** How far a batch has come. */
export type BatchProgress = {
  /** Requests in the input. */
  total: number;
  /** With an answer: from earlier runs, and of this one. */
  before: number;
  done: number;
  /** Ended without an answer, in this run, by what went wrong. */
  failed: Readonly<Record<string, number>>;
  running: number;
  /** Machines that ask; `null` where it is this one alone. */
  workers: number | null;
  /** Asked again, in this run. */
  retries: number;
  tokens: { prompt: number; completion: number };
  /** In the currency of the prices; `null` where they are not known. */
  cost: number | null;
  expected_cost: number | null;
  currency: string | null;
  /** Requests that ended in a second, lately. */
  per_second: number | null;
  left_ms: Ms | null;
  elapsed_ms: Ms;
};

/** What an answer took. */
export type Spent = Pick<StreamRecord, "prompt_tokens" | "tokens" | "cost" | "currency">;

/** Counts what a batch does. */
export type Tally = {
  running(count: number): void;
  workers(count: number): void;
  retried(): void;
  /** What an answer took, be it one that counts or not. */
  spent(record: Spent): void;
  /** `why`: the verdict, or the failure's kind or status; `null` where it was answered. */
  ended(why: string | null): void;
  progress(): BatchProgress;
};

/** Ms over which a rate is a recent one. */
const LATELY = 60_000;

/** Counts what a batch has done. `total`: requests in the input; `before`: how many of them had ended already. */
export function createTally(total: number, before: number, now: () => Ms): Tally {
  const begun = now();
  const failed: Record<string, number> = {};
  const tokens = { prompt: 0, completion: 0 };
  let [running, retries, done, ended] = [0, 0, 0, 0];
  const rate = createRecentRate(LATELY, now);
  let workers: number | null = null;
  let cost: number | null = null;
  let currency: string | null = null;

  return {
    running: (count) => void (running = count),
    workers: (count) => void (workers = count),
    retried: () => void retries++,
    spent(record) {
      tokens.prompt += record.prompt_tokens ?? 0;
      tokens.completion += record.tokens;
      if (record.cost !== null) cost = (cost ?? 0) + record.cost;
      currency ??= record.currency;
    },
    ended(why) {
      ended++;
      if (why === null) done++;
      else failed[why] = (failed[why] ?? 0) + 1;
      rate.count();
    },
    progress() {
      // Where nothing has ended nobody knows when the rest will.
      const perSecond = rate.perSecond() || null;
      const left = total - before - ended;
      return {
        total,
        before,
        done,
        failed,
        running,
        workers,
        retries,
        tokens,
        cost,
        currency,
        expected_cost: cost === null || ended === 0 ? null : (cost * (total - before)) / ended,
        per_second: perSecond,
        left_ms: perSecond === null ? null : (left * 1000) / perSecond,
        elapsed_ms: now() - begun,
      };
    },
  };
}
