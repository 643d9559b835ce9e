import type { Span } from "../metrics/concurrency.ts";
import { round, roundShare } from "../metrics/distribution.ts";
import { disturbanceOf, isClientJudged, weighed } from "../metrics/disturbance.ts";
import { isOfLag } from "../metrics/lumps.ts";
import {
  allModels,
  type ClientReport,
  type LoadReport,
  type StepReport,
  type VerdictReport,
} from "../metrics/report.ts";
import type { ResultReport } from "../metrics/result-report.ts";
import type { Slo } from "../metrics/thresholds.ts";
import type { Ms } from "../stream/event.ts";
import type { createAtOnce } from "./at-once.ts";
import type { Health } from "./health.ts";
import type { Meter } from "./meter.ts";

/** Share of the streams that the end of a window may cut before the window counts as too short. */
const MOST_UNFINISHED = 0.05;

/** Share of the streams that may end after a window before it counts as too short: its rates tell nothing then. */
const MOST_OUTLASTED = 0.5;

type StepOptions = {
  load: LoadReport;
  slo: Slo;
  meter: Meter;
  health: Health;
  span: Span;
  /** Measured streams that end the step, whatever time is left; `null` where only time does. */
  requests: number | null;
  /** When the first stream of the warm-up was due; `null` without one. */
  warmedFrom: Ms | null;
  /** What a shard tells of itself beside what every run does. */
  atOnce?: ReturnType<typeof createAtOnce> | null;
  /** When something else than its plan ended the step; `null` when its plan did. */
  cutAt: Ms | null;
};

/** Puts one finished step together. The window ends with its time, or with its last stream if that comes first. */
export function toStep({ atOnce = null, ...options }: StepOptions): StepReport {
  const { load, slo, meter, health, span, requests, warmedFrom, cutAt } = options;
  const lastEnd = meter.lastEnd();
  // Cut during the warm-up, it never opened.
  const planned = Math.min(span.opens() ?? Infinity, cutAt ?? Infinity);
  const opens = planned === Infinity ? (lastEnd ?? 0) : planned;
  const allSent = requests !== null && meter.all.counts().started >= requests;
  const allEnded = allSent ? (meter.lastMeasuredEnd() ?? Infinity) : Infinity;
  const closes = Math.min(span.closes() ?? Infinity, cutAt ?? Infinity, allEnded);
  const end = Math.max(opens, closes === Infinity ? (lastEnd ?? opens) : closes);
  const results = meter.results(end);
  const counts = results.at(-1)?.streams ?? { warmup: 0, started: 0, unfinished: 0 };
  const observed = meter.concurrency(end);
  const client = health.report(observed);
  const step: StepReport = {
    load,
    warmup: { streams: counts.warmup, length_ms: warmedFrom === null ? 0 : round(Math.max(0, opens - warmedFrom)) },
    window: {
      start_ms: round(opens),
      length_ms: round(end - opens),
      drain_ms: round(Math.max(0, (lastEnd ?? end) - end)),
    },
    window_too_short: cutAt === null && isTooShort({ ...counts, outlasted: meter.outlasted() }),
    concurrency: { ...observed, mean: observed.mean === null ? null : round(observed.mean) },
    missed_starts: meter.missed(),
    client,
    results: results.map((result) => withoutOurs(result, client)),
    series: meter.series(end),
    ...(atOnce === null ? {} : partOf(atOnce, meter)),
  };
  const disturbance = disturbanceOf(step);
  return {
    ...step,
    results: step.results.map((result) => ({ ...result, thresholds: weighed(result, disturbance, slo) })),
  };
}

/** Whether the end of a window cut so much that its figures tell little. */
export function isTooShort({
  started,
  unfinished,
  outlasted,
}: Record<"started" | "unfinished" | "outlasted", number>): boolean {
  return unfinished > MOST_UNFINISHED * started || outlasted > MOST_OUTLASTED * started;
}

function partOf(atOnce: ReturnType<typeof createAtOnce>, meter: Meter): Partial<StepReport> {
  const first = atOnce.firstSent();
  return {
    outlasted: meter.outlasted(),
    ...(first === null ? {} : { first_sent_ms: round(first) }),
    at_once: atOnce.report(),
  };
}

/** Where this client was as late as the lumps are long, it may have made them itself. */
export function withoutOurs(result: ResultReport, { checks }: ClientReport): ResultReport {
  const lag = checks.find(({ name }) => name === "worker_lag_p99_ms")?.value ?? null;
  if (!isOfLag(result.trust.lump_wait_ms ?? null, lag)) return result;
  return { ...result, trust: { ...result.trust, in_lumps: false } };
}

function goodputOf(results: readonly ResultReport[]): number | null {
  const met = results.reduce((sum, { goodput }) => sum + (goodput?.met ?? 0), 0);
  const ended = results.reduce((sum, { streams }) => sum + streams.ok + streams.failed, 0);
  return ended === 0 || results.every(({ goodput }) => goodput === null) ? null : roundShare(met / ended);
}

/** What all steps come to; with several models thresholds are those of each. */
export function toVerdict(steps: readonly StepReport[]): Omit<VerdictReport, "exit_code"> {
  const results = steps.map(allModels).filter((result) => result !== undefined);
  const thresholds = steps.flatMap((step) => step.results.flatMap((result) => result.thresholds));
  const sum = (part: "ok" | "failed" | "unfinished"): number =>
    results.reduce((total, { streams }) => total + streams[part], 0);
  const judged = steps.filter(isClientJudged);
  const broken = judged.flatMap(({ client }) => client.checks.filter(({ passed }) => !passed));
  const undecided = thresholds.filter(({ undecided }) => undecided === true).length;
  return {
    thresholds: {
      passed: thresholds.filter(({ passed }) => passed).length,
      total: thresholds.length,
      ...(undecided > 0 ? { undecided } : {}),
    },
    goodput: goodputOf(results),
    streams: {
      ok: sum("ok"),
      failed: sum("failed"),
      unfinished: sum("unfinished"),
      missed_starts: steps.reduce((total, step) => total + step.missed_starts, 0),
    },
    client: broken.length === 0 ? "healthy" : "limited",
    limited_by: [...new Set(broken.map(({ name }) => name))],
    client_judged: judged.length > 0,
    window_too_short: steps.some((step) => step.window_too_short),
    in_lumps: steps.some((step) => step.results.some(({ trust }) => trust.in_lumps === true)),
  };
}
