import type { LoadReport, PlanReport } from "../metrics/report.ts";
import { createArrivals, createClosedLoop, spacingFor, type Pace } from "../run/pace.ts";
import { createRandom } from "../run/random.ts";
import { shareOf, type Shard } from "../run/shard.ts";
import { createWindow, type Window } from "../run/window.ts";
import type { Job } from "../run/event.ts";
import type { Prompt } from "../run/prompts.ts";
import type { Ms } from "../stream/event.ts";

/** What of a plan is no load: what is asked of the model, and how what comes is judged. */
type Judging = Pick<PlanReport, "max_tokens" | "temperature" | "slo" | "abort_on_fail" | "if_disturbed">;

/** What load is asked for. */
export type Load = Omit<PlanReport, keyof Judging>;

/** Most streams that may run at once. */
export function mostAtOnce({ loads }: Pick<Load, "loads">): number {
  return Math.max(...loads.map((load) => (load.kind === "closed" ? load.concurrency : load.max_in_flight)));
}

/** What is going to be run, in the order in which it is reported. */
export function planOf({ retries, ...load }: Load, { max_tokens, temperature, ...judging }: Judging): PlanReport {
  return { ...load, max_tokens, ...(temperature === undefined ? {} : { temperature }), retries, ...judging };
}

/** The measured time of one step. */
export function windowOf({ warmup, requests, duration_ms: duration }: Load): Window {
  const first = warmup === null || "streams" in warmup ? warmup : { length: warmup.length_ms };
  return createWindow({ warmup: first, requests, duration });
}

/** When streams are due, how many run at most, and what becomes of one that finds no place; `mine`: of several machines. */
export function paceOf(
  load: LoadReport,
  seed: number,
  mine: { shard: Shard; begin: Ms } | null = null,
): { pace: Pace; concurrency: number; full: "wait" | "miss"; begin?: Ms } {
  const begins = mine === null ? {} : { begin: mine.begin };
  const most = load.kind === "closed" ? load.concurrency : load.max_in_flight;
  const concurrency = mine === null ? most : shareOf(most, mine.shard);
  if (load.kind === "closed")
    return { pace: createClosedLoop(spacingFor(concurrency), mine?.begin), concurrency, full: "wait", ...begins };
  // Independent users of one machine are no copies of those of another.
  const random = createRandom(mine === null ? seed : (seed + Math.imul(mine.shard.index, 0x85ebca6b)) | 0);
  return { pace: createArrivals(load.rate, load.arrival, random, mine ?? {}), concurrency, full: "miss", ...begins };
}

/** Most prompts that are remembered to be asked again. */
const REMEMBERED = 100_000;

/**
 * Prompts without end, for a load that is longer than the list of them. What was read once is remembered: a pipe cannot
 * be read again. Of a longer list the first REMEMBERED come again.
 */
export async function* overAndOver(prompts: Iterable<Prompt> | AsyncIterable<Prompt>): AsyncGenerator<Prompt> {
  const known: Prompt[] = [];
  for await (const prompt of prompts) {
    if (known.length < REMEMBERED) known.push(prompt);
    yield prompt;
  }
  for (let pass = 1; known.length > 0; pass++)
    for (const [index, prompt] of known.entries()) yield { ...prompt, again: { index, pass } };
}

/** The jobs of one step: its end must not end the source, which the next step goes on with. */
export function endless(source: AsyncGenerator<Job>): AsyncIterable<Job> {
  return { [Symbol.asyncIterator]: () => ({ next: () => source.next() }) };
}
