import type { Unit } from "./figures.ts";
import type { ClientCheckName, LoadReport, PartialReason } from "./report.ts";

/** What two measured runs come to side by side, as `compare --json` prints it: plain data, snake_case. */

/** What is said of one figure; `not_judged`: its uncertainty cannot be known from what there is. */
export type DifferenceWord = "better" | "worse" | "no_difference" | "not_enough" | "not_judged";

export type FigureDifference = {
  /** As in `--slo`: `p95(ttft)`. */
  figure: string;
  unit: Unit;
  better: "less" | "more";
  /** One of the few figures that decide the verdict. */
  primary: boolean;
  /** Ms, shares, or per second; of several runs their mean. */
  a: number;
  b: number;
  /** (b − a) ÷ a; of shares b − a. `null` where a is 0 and b is not. */
  change: number | null;
  /** 95 % for this figure alone, in the terms of `change`; `null` where it cannot be known, or nothing bounds it. */
  interval: [low: number, high: number] | null;
  /** Of the hypothesis that nothing changed, two-sided. */
  p_value: number | null;
  word: DifferenceWord;
  /** Better or worse, and not to be expected by chance among so many figures (Holm: 1 % by blocks, 5 % by runs). */
  stands: boolean;
};

/** One load and one model, on both sides. */
export type PairReport = {
  load: LoadReport;
  model: { a: string | null; b: string | null };
  runs: { a: number; b: number };
  /** Ok and failed ones. */
  streams: { a: number; b: number };
  method: "bootstrap" | "welch";
  enough: boolean;
  figures: FigureDifference[];
};

/** What stands between the figures and a conclusion. */
export type ComparisonNote =
  /** Paths: one run is on both sides. */
  | { code: "same_run"; a: string; b: string }
  | { code: "one_run" }
  | { code: "few_runs"; a: number; b: number }
  /** Tokens are not counted alike: of the whole answers, the share whose tokens are events. */
  | { code: "tokens_source"; by_events: { a: number; b: number } }
  | { code: "plan_differs"; what: PlanKey; a: string; b: string }
  | { code: "models_differ"; a: string; b: string }
  | { code: "load_alone"; side: Side; load: LoadReport }
  | { code: "model_alone"; side: Side; load: LoadReport; model: string | null }
  | { code: "partial"; side: Side; why: PartialReason }
  | { code: "missed_starts"; side: Side; count: number }
  | { code: "window_too_short"; side: Side }
  | { code: "client_limited"; side: Side; by: ClientCheckName[] }
  /** Figures that differ for certain and have no part in the verdict. */
  | { code: "others_differ"; figures: string[] };

export type Side = "a" | "b";

/** What two runs may differ in before the first answer. */
export type PlanKey =
  | "endpoint"
  | "requests"
  | "duration_ms"
  | "max_tokens"
  | "prompt_tokens"
  | "retries"
  | "warmup"
  | "arrival"
  | "max_in_flight"
  | "objectives"
  | "machine"
  | "version";

/** A `--fail-if` held against one pair. */
export type FailIfReport = {
  text: string;
  load: LoadReport | null;
  model: string | null;
  /** As `change`, worse being positive. */
  worsening: number | null;
  lower_bound: number | null;
  limit: number;
  passed: boolean;
  /** Why it is not passed. */
  why: "worse" | "no_data" | "not_enough" | "no_interval" | null;
};

export type ComparisonVerdict = "better" | "worse" | "mixed" | "no_difference" | "not_enough";

export type ComparisonReport = {
  v: 1;
  type: "comparison";
  verdict: ComparisonVerdict;
  a: string[];
  b: string[];
  resamples: number;
  seed: number;
  strict: boolean;
  pairs: PairReport[];
  notes: ComparisonNote[];
  fail_if: FailIfReport[];
  exit_code: number;
};
