import { bucketsOf } from "../limits.ts";
import { textsOf } from "./entries.ts";
import type { Queue } from "./queue.ts";
import { ADAPT, PAUSE, SETTLE, TAKE } from "./scripts.ts";

/** Runs a script of ours in the engine. */
export type Run = (script: string, keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>;

const limitOf = (account: string): string => `llmaas:limit:${account}`;

/** The limits of an account, kept in the engine and by its clock: batches and machines share them. */
export function createEngineLimits(run: Run): Pick<Queue, "takeLimit" | "settleLimit" | "pauseLimit" | "adapt"> {
  return {
    async takeLimit(account, rates, tokens) {
      const { requests, tokens: bucket } = bucketsOf(rates);
      const sizes = [requests?.rate ?? 0, requests?.size ?? 0, bucket?.rate ?? 0, bucket?.size ?? 0];
      return Number(await run(TAKE, [limitOf(account)], [tokens, ...sizes]));
    },
    settleLimit: async (account, tokens) => void (await run(SETTLE, [limitOf(account)], [tokens])),
    pauseLimit: async (account, ms) => void (await run(PAUSE, [limitOf(account)], [ms])),
    async adapt(account, { successes, overloaded, latency, places }) {
      const args = [successes, overloaded ? 1 : 0, latency, places];
      const [limit, pause] = textsOf(await run(ADAPT, [limitOf(account)], args));
      return { limit: Number(limit), pause: Number(pause) };
    },
  };
}
