import * as v from "valibot";
import { result, type ResultReport } from "./result-report.ts";
import { about, count, flag, integer, maybe, number, span, text, texts } from "./schema.ts";
import { atOnce, clock, instant, machine, merged, mergedFrom, shard, stepBounds, timestamp } from "./shard-report.ts";

/**
 * All that a measured load comes to, as it stands in the JSON report: flat names, durations in ms, `null` where a figure
 * does not exist. Plain data: a report that is read again is the same as one that was just measured. Keys that are not
 * named here may be there and are left out.
 */

/** The load of one step: so many streams at once, or so many starts a second. */
export const load = v.variant("kind", [
  v.object({
    kind: about(v.literal("closed"), "Closed loop: a stream that ends lets the next one start."),
    concurrency: count("Streams at once that were asked for."),
  }),
  v.object({
    kind: about(v.literal("arrival"), "Open loop: streams start when they are due."),
    rate: about(number, "Starts per second."),
    arrival: about(v.picklist(["constant", "poisson"]), "How due instants are spaced."),
    max_in_flight: count("Streams at once beyond which a start does not happen."),
  }),
]);

/** What the client must keep for its figures to be the server's alone. */
export const CLIENT_CHECKS = [
  "worker_lag_p99_ms",
  "dispatch_delay_p99_ms",
  "cpu_per_thread",
  "concurrency",
  "held_ms",
  "too_many_files",
] as const;

const check = v.object({
  name: about(v.picklist(CLIENT_CHECKS), "What the client must keep."),
  value: about(maybe, "What was measured; null where nothing could be, which is kept."),
  limit: about(maybe, "What it is compared with; null without a limit."),
  passed: about(flag, "The value keeps to the limit."),
  shard: v.exactOptional(count("Of several shards: the one that fared worst, from 0.")),
});

const client = v.object({
  healthy: about(flag, "All checks were kept."),
  longest_hold_ms: v.exactOptional(about(number, "Longest time for which reading of one stream was held, ms.")),
  checks: about(v.array(check), "One a thing that the client must keep."),
});

const series = v.object({
  bucket_ms: about(span, "Length of a bucket, ms; 0 when nothing was measured."),
  tokens: about(v.array(number), "Tokens/s, a number a bucket."),
  requests: about(v.array(number), "Whole answers a second, a number a bucket."),
  concurrency: about(v.array(number), "Streams at once on average, a number a bucket."),
});

/** One step of a sweep. */
export const step = v.object({
  load: about(load, "What was asked of the server at once."),
  warmup: about(
    v.object({ streams: count("Warm-up streams."), length_ms: about(span, "Length of the warm-up, ms.") }),
    "What came before the measured time.",
  ),
  window: about(
    v.object({
      start_ms: about(instant, "Begin, ms since the epoch."),
      length_ms: about(span, "Length, ms."),
      drain_ms: about(span, "What running streams took after it, ms."),
    }),
    "The measured time.",
  ),
  window_too_short: about(
    flag,
    "More than 5 % of the streams were cut by the end of the window, or more than half ended after it.",
  ),
  concurrency: about(
    v.object({
      asked: about(maybe, "Streams at once that were asked for; null for an arrival rate."),
      max: about(number, "Most streams at once."),
      mean: about(maybe, "Streams at once, weighted by time; null when nothing was sent."),
      short: about(flag, "Below what was asked for more than 1 s: the client could not keep up."),
    }),
    "Streams between request sent and end.",
  ),
  missed_starts: count("Due starts that found max_in_flight streams under way and did not happen."),
  client: about(client, "Whether this client kept up."),
  results: about(v.array(result), "One a model, and with several models one of all of them, last."),
  series: about(series, "Throughput over the window."),
  outlasted: v.exactOptional(count("Of a shard: measured streams that ended after the window.")),
  first_sent_ms: v.exactOptional(about(instant, "Of a shard: when its first request went out, ms since the epoch.")),
  at_once: v.exactOptional(about(atOnce, "Of a shard: streams at once, as those of several can be added.")),
  bounds: v.exactOptional(about(stepBounds, "Of a merged step: what is known where its parts do not tell the whole.")),
});

/** What the exit code makes of a threshold that a disturbed measurement leaves undecided. */
export const IF_DISTURBED = ["pass", "fail", "undecided"] as const;

const plan = v.object({
  loads: about(v.array(load), "One a step."),
  requests: about(v.nullable(integer), "Measured streams a step; null when only time ends it."),
  duration_ms: about(v.nullable(span), "Length of a step's window, ms; null when only requests end it."),
  drain_ms: about(span, "Longest wait for running streams at the end of the window, ms."),
  warmup: about(
    v.nullable(
      v.union([v.object({ streams: count("Streams.") }), v.object({ length_ms: about(span, "Length, ms.") })]),
    ),
    "Warm-up by streams or by time, ms; null without.",
  ),
  seed: about(number, "Seed of everything random."),
  prompt_tokens: about(v.nullable(integer), "Tokens of each synthetic prompt; null with prompts of the user's."),
  max_tokens: about(v.nullable(integer), "Longest answer that was asked for, in tokens; null: no limit was sent."),
  temperature: v.exactOptional(about(maybe, "Sampling temperature that was asked for; null: left to the server.")),
  retries: count("New attempts allowed a stream."),
  slo: about(texts, "Thresholds as they were written."),
  abort_on_fail: about(flag, "The run ends when a threshold fails."),
  if_disturbed: v.exactOptional(
    about(v.picklist(IF_DISTURBED), "What a threshold counts as that a disturbed measurement leaves undecided."),
  ),
});

const verdict = v.object({
  thresholds: about(
    v.object({
      passed: count("Passed."),
      total: count("Checked."),
      undecided: v.exactOptional(
        count("Neither passed nor failed: too near to the limit for a disturbed measurement."),
      ),
    }),
    "Over all steps.",
  ),
  goodput: about(maybe, "Share of the streams that met every objective; null without objectives, or without streams."),
  streams: about(
    v.object({
      ok: count("Verdict complete or length."),
      failed: count("Neither ok nor unfinished."),
      unfinished: count("Cut by the end of the window, or by the user."),
      missed_starts: count("Due starts that did not happen."),
    }),
    "Over all steps.",
  ),
  client: about(v.picklist(["healthy", "limited"]), "limited: the figures are this client's as well as the server's."),
  limited_by: about(v.array(v.picklist(CLIENT_CHECKS)), "Checks of the client that were not kept."),
  client_judged: v.exactOptional(
    about(flag, "False: no token came, or the measured time was under 1 s, and `client` says nothing."),
  ),
  window_too_short: about(flag, "Of any step."),
  in_lumps: v.exactOptional(about(flag, "Of any step: something held the answers back.")),
  exit_code: count("Exit code of the command."),
});

/** One `--fail-if`, held against one load and model of an earlier run. */
export const failIf = v.object({
  text: about(text, "As it was written."),
  load: about(v.nullable(load), "Under which load; null where there is none to compare."),
  model: about(v.nullable(text), "Of which model; null: all of them."),
  worsening: about(maybe, "As change, worse being positive."),
  lower_bound: about(maybe, "So much is certain."),
  limit: about(number, "A share of the earlier value, or points of a share; 0.1 for 10 %."),
  passed: about(flag, "It got worse by no more than that."),
  why: about(
    v.nullable(v.picklist(["worse", "undecided", "no_data", "not_enough", "no_interval"])),
    "Why it is not passed; null where it is. undecided: nearer to the limit than a client may have shifted it.",
  ),
});

/** The JSON report of a run. */
export const runReport = v.object({
  v: about(v.literal(1), "Version of this format: more keys may come, none changes meaning."),
  type: about(v.literal("report"), "What this object is."),
  tool: about(
    v.object({
      name: about(text, "Name of the program."),
      version: about(text, "Its version."),
      bun: about(text, "Version of Bun."),
    }),
    "What wrote the report.",
  ),
  machine: about(machine, "Where the client ran."),
  endpoint: about(text, "Base URL that was asked."),
  api: v.exactOptional(about(text, "Which API was spoken, by its name in --api; not given: chat.")),
  demo: about(flag, "The built-in server answered."),
  arguments: about(texts, "The command line, secrets masked; of a merged report, that of its first shard."),
  started_at: about(timestamp, "RFC 3339, UTC."),
  ended_at: about(timestamp, "RFC 3339, UTC."),
  partial: about(
    v.nullable(v.picklist(["signal", "threshold", "output", "prompts", "refused", "crash"])),
    "Why the run ended before its plan; null: it did not.",
  ),
  models: about(texts, "In the order of the columns."),
  plan: about(plan, "What was asked for."),
  verdict: about(verdict, "What came of it."),
  knee: about(
    v.nullable(integer),
    "Step, from 0, up to which more load still brought more; null where none stands out.",
  ),
  shard: v.exactOptional(about(shard, "Which part of a load this is, that several machines share.")),
  clock: v.exactOptional(about(clock, "Of a shard: the clock of its machine.")),
  merged: v.exactOptional(about(merged, "Of several shards: what they have in common.")),
  merged_from: v.exactOptional(about(v.array(mergedFrom), "Of several shards: each of them, in order.")),
  steps: about(v.array(step), "One a load; a run without a sweep has one."),
  fail_if: v.exactOptional(about(v.array(failIf), "Each --fail-if, held against the run of --baseline.")),
});

export type RunReport = v.InferOutput<typeof runReport>;
export type PlanReport = v.InferOutput<typeof plan>;
export type VerdictReport = v.InferOutput<typeof verdict>;
export type IfDisturbed = (typeof IF_DISTURBED)[number];
/** Why a run ended before its plan did. */
export type PartialReason = NonNullable<RunReport["partial"]>;
export type StepReport = v.InferOutput<typeof step>;
export type LoadReport = v.InferOutput<typeof load>;
export type SeriesReport = v.InferOutput<typeof series>;
export type ClientReport = v.InferOutput<typeof client>;
export type ClientCheck = v.InferOutput<typeof check>;
export type ClientCheckName = ClientCheck["name"];

/** The result that stands for the whole step. */
export function allModels(step: Pick<StepReport, "results">): ResultReport | undefined {
  return step.results.at(-1);
}

/** The models in the place of which others answered, each with these. */
export function replacedIn(steps: readonly StepReport[]): Map<string, readonly string[]> {
  const replaced = new Map<string, string[]>();
  for (const { model, trust } of steps.flatMap(({ results }) => results)) {
    const known = replaced.get(model ?? "") ?? [];
    const others = (trust.other_models ?? []).map((other) => other.model).filter((other) => !known.includes(other));
    if (model !== null && others.length > 0) replaced.set(model, [...known, ...others]);
  }
  return replaced;
}
