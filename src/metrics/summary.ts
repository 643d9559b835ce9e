import type { NoticeCode, Verdict } from "../stream/event.ts";
import type { Concurrency } from "./concurrency.ts";
import type { DistributionName } from "./figures.ts";

/**
 * All that a measured load comes to, as it stands in the JSON report: flat names, durations in ms, `null` where a figure
 * does not exist. Plain data: a report that is read again is the same as one that was just measured.
 */

/** Why a measured stream has no part in a distribution: cut by the window's end, not whole, or without this figure. */
export type LeftOut = { unfinished: number; failed: number; no_value: number };

/** One distribution: exact count, extremes, mean and deviation; percentiles at rank ⌈p·n⌉ to three significant digits. */
export type DistributionReport = {
  count: number;
  /** Measured streams that are not in it; the sum of `left_out`. */
  missing: number;
  left_out: LeftOut;
  min: number | null;
  mean: number | null;
  p50: number | null;
  p90: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
  /** Of the sample (n − 1); `null` under two values. */
  stdev: number | null;
  /** The histogram, HdrHistogram V2 compressed in base64, of 1000 × the value (microseconds); `null` when empty. */
  hdr: string | null;
};

export type Distributions = Record<DistributionName, DistributionReport>;

/** One tenth of the window, for comparing runs: what began in it, and its throughput. */
export type BlockReport = {
  length_ms: number;
  /** Streams in the denominator of error rate and goodput, and how many of them failed or met every objective. */
  counted: number;
  failed: number;
  good: number | null;
  /** Arrived within the block's time, whole answers and tokens; what a slot of 100 ms holds is shared out in proportion. */
  requests: number;
  tokens: number;
  /** Histograms as in `DistributionReport.hdr`. */
  hdr: Record<DistributionName, string | null>;
};

/** A threshold that was checked; `value` is `null` without samples, which is not passed. */
export type ThresholdReport = {
  /** As it was written. */
  text: string;
  value: number | null;
  limit: number;
  samples: number;
  passed: boolean;
};

export type ErrorReport = {
  /** Kind of the failure, such as `http`, with its status or timer where it has one: `http 429`, `timeout idle`. */
  kind: string;
  count: number;
  /** The sentence for the first of them, and its stream. */
  example: string;
  stream: number;
};

/** How far the figures of a column can be trusted. */
export type TrustReport = {
  /** Streams whose tokens come from usage, and those that only count events; how many of the latter are whole answers. */
  tokens_source: { usage: number; events: number; whole_by_events: number };
  /** Over all measured streams; `null` without token events. */
  tokens_per_event: number | null;
  coalesced: number | null;
  /** New attempts after a failure, and the ms waited for them. */
  retries: number;
  retry_wait_ms: number;
  /** From which attempt `ttft_ms` counts. */
  ttft_from: "first_attempt" | "last_attempt";
  stalls: number;
  malformed: number;
  held_ms: number;
  notices: Partial<Record<NoticeCode, number>>;
};

/** The figures of one model under one load, or of all models together. */
export type ResultReport = {
  /** `null`: all models. */
  model: string | null;
  /** `ok`: complete or length. `failed`: neither, and not unfinished. `unfinished`: cut by the window's end or by us. */
  streams: { warmup: number; started: number; ok: number; failed: number; unfinished: number };
  verdicts: Partial<Record<Verdict, number>>;
  /** failed ÷ (started − unfinished). */
  error_rate: number | null;
  /**
   * Streams that met every objective, and their share of the same denominator; per second those that ended inside the
   * window. `null` without objectives.
   */
  goodput: { met: number; share: number | null; per_second: number | null } | null;
  /** Whole answers (complete or length) that ended inside the window ÷ its length. */
  requests_per_second: number | null;
  /** Tokens that arrived inside the window, of any stream, ÷ its length. */
  output_tokens_per_second: number | null;
  /** The best second of the window. */
  peak_tokens_per_second: number | null;
  /** Sums over measured streams; `null` where no usage said. */
  tokens: { output: number; prompt: number | null; reasoning: number | null };
  cost: { amount: number; currency: string | null; streams: number } | null;
  distributions: Distributions;
  thresholds: ThresholdReport[];
  errors: ErrorReport[];
  trust: TrustReport;
  blocks: BlockReport[];
};

export type LoadReport =
  | { kind: "closed"; concurrency: number }
  | { kind: "arrival"; rate: number; arrival: "constant" | "poisson"; max_in_flight: number };

export const CLIENT_CHECKS = [
  "worker_lag_p99_ms",
  "dispatch_delay_p99_ms",
  "cpu_per_thread",
  "concurrency",
  "held_ms",
  "too_many_files",
] as const;

export type ClientCheckName = (typeof CLIENT_CHECKS)[number];

/** One thing the client must keep; `value` is `null` where nothing could be measured, which is kept. */
export type ClientCheck = { name: ClientCheckName; value: number | null; limit: number | null; passed: boolean };

/** `healthy`: all kept. */
export type ClientReport = { healthy: boolean; checks: ClientCheck[] };

/** The window for charts, one entry a bucket: tokens and whole answers per second, and the mean of streams at once. */
export type SeriesReport = { bucket_ms: number; tokens: number[]; requests: number[]; concurrency: number[] };

/** One step of a sweep; a run without a sweep has one. */
export type StepReport = {
  load: LoadReport;
  warmup: { streams: number; length_ms: number };
  /** The measured time; `start_ms` since the epoch, `drain_ms` what running streams took after it. */
  window: { start_ms: number; length_ms: number; drain_ms: number };
  /** More than 5 % of the streams were cut by the end of the window. */
  window_too_short: boolean;
  concurrency: Concurrency;
  /** Due starts that found `max_in_flight` streams under way and did not happen. */
  missed_starts: number;
  client: ClientReport;
  /** One column a model, and with several models one of all of them, last. */
  results: ResultReport[];
  series: SeriesReport;
};

/** What was asked for. */
export type PlanReport = {
  loads: LoadReport[];
  /** Measured streams a step; `null` when only time ends it. */
  requests: number | null;
  duration_ms: number | null;
  drain_ms: number;
  warmup: { streams: number } | { length_ms: number } | null;
  seed: number;
  /** Tokens of each synthetic prompt; `null` with prompts of the user's. */
  prompt_tokens: number | null;
  /** Longest answer, in tokens. */
  max_tokens: number;
  retries: number;
  slo: string[];
  abort_on_fail: boolean;
};

export type VerdictReport = {
  thresholds: { passed: number; total: number };
  /** Share of the streams of all steps that met every objective; `null` without objectives, or without streams. */
  goodput: number | null;
  /** Over all steps. */
  streams: { ok: number; failed: number; unfinished: number; missed_starts: number };
  client: "healthy" | "limited";
  limited_by: ClientCheckName[];
  window_too_short: boolean;
  exit_code: number;
};

/** Why a run ended before its plan did. */
export type PartialReason = "signal" | "threshold" | "output" | "prompts" | "refused" | "crash";

export type RunReport = {
  v: 1;
  type: "report";
  tool: { name: string; version: string; bun: string };
  machine: { os: string; arch: string; cpu: string; cores: number; memory_bytes: number };
  endpoint: string;
  demo: boolean;
  /** The command line, secrets masked. */
  arguments: string[];
  started_at: string;
  ended_at: string;
  partial: PartialReason | null;
  models: string[];
  plan: PlanReport;
  verdict: VerdictReport;
  /** The step up to which more load still brought more; `null` without a sweep, or where none stands out. */
  knee: number | null;
  steps: StepReport[];
};
