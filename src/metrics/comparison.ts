import * as v from "valibot";
import { CLIENT_CHECKS, failIf, IF_DISTURBED, load, runReport } from "./report.ts";
import { about, count, flag, maybe, number, text, texts } from "./schema.ts";

/** What two measured runs come to side by side, as `compare --json` prints it: plain data, snake_case. */

const unit = v.picklist(["ms", "share", "tokens_per_second", "requests_per_second"]);

const difference = v.object({
  figure: about(text, "As in --slo: p95(ttft)."),
  unit: about(unit, "What a and b count."),
  better: about(v.picklist(["less", "more"]), "Which way is better."),
  primary: about(flag, "One of the few figures that decide the verdict."),
  a: about(number, "Ms, a share, or per second; of several runs their mean."),
  b: about(number, "The same of the other side."),
  known: v.exactOptional(
    about(flag, "False: a percentile of so few values that it is the largest or least by another name."),
  ),
  change: about(maybe, "(b − a) ÷ a; of shares b − a. Null where a is 0 and b is not."),
  interval: about(
    v.nullable(v.tuple([number, number])),
    "95 % for this figure alone, in the terms of change; null where it cannot be known, or nothing bounds it.",
  ),
  p_value: about(maybe, "Of the hypothesis that nothing changed, two-sided."),
  word: about(
    v.picklist(["better", "worse", "no_difference", "not_enough", "not_judged"]),
    "What is said of it; not_judged: its uncertainty cannot be known from what there is.",
  ),
  stands: about(
    flag,
    "Better or worse, and not to be expected by chance among so many figures (Holm: 1 % by blocks, 5 % by runs).",
  ),
});

/** One number a side. */
const sides = v.object({ a: number, b: number });

const pair = v.object({
  load: about(load, "The same on both sides."),
  model: v.object({ a: v.nullable(text), b: v.nullable(text) }),
  runs: about(sides, "How many of each side have it."),
  streams: about(sides, "Ok and failed ones."),
  method: about(v.picklist(["bootstrap", "welch"]), "How its intervals came about: by blocks of time, or by runs."),
  enough: about(flag, "There are streams enough to say anything."),
  figures: v.array(difference),
});

const side = v.picklist(["a", "b"]);

const planKey = v.picklist([
  "endpoint",
  "api",
  "requests",
  "duration_ms",
  "max_tokens",
  "prompt_tokens",
  "retries",
  "warmup",
  "arrival",
  "max_in_flight",
  "objectives",
  "machine",
  "version",
]);

/** A note with what it says besides its code. */
function note<const C extends string, const E extends v.ObjectEntries>(code: C, entries: E) {
  return v.object({ code: v.literal(code), ...entries });
}

const notes = v.variant("code", [
  about(note("same_run", { a: text, b: text }), "Paths: one run is on both sides."),
  note("one_run", {}),
  note("few_runs", { a: number, b: number }),
  about(
    note("tokens_source", { by_events: sides }),
    "Tokens are not counted alike: of the whole answers, the share whose tokens are events.",
  ),
  about(
    note("in_lumps", { side }),
    "Something on the way held answers of this side back: its TTFT, gaps and TPOT cannot be compared.",
  ),
  about(
    note("plan_differs", { what: planKey, a: text, b: text }),
    "What the runs differed in before the first answer.",
  ),
  note("models_differ", { a: text, b: text }),
  about(note("other_model", { side, asked: text, answered: texts }), "Other models answered than the one asked for."),
  note("load_alone", { side, load }),
  note("model_alone", { side, load, model: v.nullable(text) }),
  note("partial", { side, why: v.nonNullable(runReport.entries.partial) }),
  note("missed_starts", { side, count: number }),
  note("window_too_short", { side }),
  about(
    note("client_limited", {
      side,
      by: v.array(v.picklist(CLIENT_CHECKS)),
      disturbance: v.exactOptional(v.object({ time_ms: maybe, rate: maybe, refused: number })),
    }),
    "By how much: times in ms, rates and streams that were never sent as a share; null where it is not known.",
  ),
  about(note("others_differ", { figures: texts }), "Figures that differ for certain and have no part in the verdict."),
]);

export const comparison = v.object({
  v: v.literal(1),
  type: v.literal("comparison"),
  verdict: v.picklist(["better", "worse", "mixed", "no_difference", "not_enough"]),
  a: about(texts, "The files of one side."),
  b: about(texts, "And of the other."),
  resamples: about(number, "Draws of each figure from its blocks of time."),
  seed: about(number, "Of these draws."),
  if_disturbed: v.exactOptional(about(v.picklist(IF_DISTURBED), "What an undecided --fail-if counts as.")),
  strict: about(flag, "A --fail-if held the estimate itself, and not what is certain of it."),
  pairs: about(v.array(pair), "One a load and model that both sides have."),
  notes: about(v.array(notes), "What stands between the figures and a conclusion."),
  fail_if: about(v.array(failIf), "Each --fail-if, held against each pair."),
  exit_code: count("Exit code of the command."),
});

export type ComparisonReport = v.InferOutput<typeof comparison>;
export type ComparisonVerdict = ComparisonReport["verdict"];
/** One load and one model, on both sides. */
export type PairReport = v.InferOutput<typeof pair>;
export type FigureDifference = v.InferOutput<typeof difference>;
export type DifferenceWord = FigureDifference["word"];
export type ComparisonNote = v.InferOutput<typeof notes>;
export type Side = v.InferOutput<typeof side>;
/** What two runs may differ in before the first answer. */
export type PlanKey = v.InferOutput<typeof planKey>;
export type FailIfReport = v.InferOutput<typeof failIf>;
