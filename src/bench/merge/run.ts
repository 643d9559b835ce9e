import { round, roundShare } from "../../metrics/distribution.ts";
import { disturbanceOf, weighed } from "../../metrics/disturbance.ts";
import { kneeOf } from "../../metrics/knee.ts";
import {
  allModels,
  type IfDisturbed,
  type LoadReport,
  type RunReport,
  type SeriesReport,
  type StepReport,
} from "../../metrics/report.ts";
import type { ResultReport } from "../../metrics/result-report.ts";
import type { MergedFrom, MergedReport, StepBounds } from "../../metrics/shard-report.ts";
import { parseSlo, type Slo } from "../../metrics/thresholds.ts";
import { shareOfLoad } from "../shard.ts";
import { isTooShort, toVerdict, withoutOurs } from "../step-report.ts";
import { atOnceOf } from "./at-once.ts";
import { rateOf, sumOf, windowsOf, type Windows } from "./bounds.ts";
import { clientOf } from "./client.ts";
import { mergeResults, type PartResult } from "./result.ts";
import type { Part, Parts } from "./shards.ts";

/** What the parts of a load come to together; `exitCode` is told when the verdict is known. */
export function mergeParts(
  { parts, of, missing }: Parts,
  ifDisturbed: IfDisturbed,
  exitCode: (verdict: Omit<RunReport["verdict"], "exit_code">, partial: RunReport["partial"]) => number,
): RunReport {
  const [{ report: first, shard }] = parts;
  const reports = parts.map(({ report }) => report);
  const slo = parseSlo(first.plan.slo);
  // A part that something ended has fewer steps, and the rest of the others is not the whole.
  const count = Math.min(...reports.map(({ steps }) => steps.length));
  const loads = first.plan.loads.map((load) => presentOf(load, { parts, of, missing }));
  const steps = Array.from({ length: count }, (_, index) => mergeStep(parts, index, loads[index] ?? null, slo));
  const partial = reports.map((report) => report.partial).find((why) => why !== null) ?? null;
  const verdict = toVerdict(steps);
  const merged: RunReport = {
    ...first,
    machine: machineOf(reports),
    started_at: reports.map((report) => report.started_at).toSorted()[0] ?? first.started_at,
    ended_at:
      reports
        .map((report) => report.ended_at)
        .toSorted()
        .at(-1) ?? first.ended_at,
    partial,
    models: [...new Set(reports.flatMap(({ models }) => models))],
    plan: { ...first.plan, loads, if_disturbed: ifDisturbed },
    verdict: { ...verdict, exit_code: exitCode(verdict, partial) },
    knee: kneeOf(steps),
    steps,
    merged: mergedOf({ parts, of, missing }, count, shard.start_at),
    merged_from: parts.map(fromOf),
  };
  delete merged.shard;
  delete merged.clock;
  return merged;
}

/** The load of a step as it was made: without the parts that are missing it is less than planned. */
function presentOf(load: LoadReport, { parts, of, missing }: Parts): LoadReport {
  if (missing.length === 0) return load;
  const own = parts.map(({ shard: { index } }) => shareOfLoad(load, { index, of }));
  const sum = (read: (one: LoadReport) => number): number => own.reduce((total, one) => total + read(one), 0);
  if (load.kind === "closed")
    return { ...load, concurrency: sum((one) => (one.kind === "closed" ? one.concurrency : 0)) };
  return {
    ...load,
    rate: round((load.rate * own.length) / of),
    max_in_flight: sum((one) => (one.kind === "arrival" ? one.max_in_flight : 0)),
  };
}

function mergeStep(parts: readonly Part[], index: number, load: LoadReport | null, slo: Slo): StepReport {
  const own = parts.flatMap(({ shard, report }) => {
    const step = report.steps[index];
    return step === undefined ? [] : [{ index: shard.index, step }];
  });
  const steps = own.map(({ step }) => step);
  const [first] = steps;
  if (first === undefined) throw new TypeError("no step to merge");
  const windows = windowsOf(steps);
  const client = clientOf(own.map(({ index, step }) => ({ index, client: step.client })));
  const results = resultsOf(steps, windows, slo).map((result) => withoutOurs(result, client));
  const counts = results.at(-1)?.streams ?? { warmup: 0, started: 0, unfinished: 0 };
  const { concurrency, bounds } = concurrencyOf(steps, windows);
  const outlasted = steps.reduce((sum, step) => sum + (step.outlasted ?? 0), 0);
  const isCut = parts.some(({ report }) => report.partial !== null && report.steps.length === index + 1);
  const merged: StepReport = {
    load: load ?? first.load,
    warmup: { streams: counts.warmup, length_ms: Math.max(...steps.map(({ warmup }) => warmup.length_ms)) },
    window: {
      start_ms: windows.start,
      length_ms: windows.length,
      drain_ms: Math.max(...steps.map(({ window }) => window.drain_ms)),
    },
    window_too_short: !isCut && isTooShort({ ...counts, outlasted }),
    concurrency,
    missed_starts: steps.reduce((sum, step) => sum + step.missed_starts, 0),
    client,
    results,
    series: seriesOf(steps, windows),
    ...(bounds === null ? {} : { bounds }),
  };
  const disturbance = disturbanceOf(merged);
  return {
    ...merged,
    results: results.map((result) => ({ ...result, thresholds: weighed(result, disturbance, slo) })),
  };
}

/** One result a model and, of several, one of all of them; not every part need have had each. */
function resultsOf(steps: readonly StepReport[], windows: Windows, slo: Slo): ResultReport[] {
  const models = [...new Set(steps.flatMap(({ results }) => results.flatMap(({ model }) => model ?? [])))];
  const merge = (pick: (step: StepReport) => ResultReport | undefined, judged: boolean): ResultReport[] => {
    const [first, ...others] = steps.flatMap((step): PartResult[] => {
      const result = pick(step);
      return result === undefined ? [] : [{ result, length: step.window.length_ms }];
    });
    return first === undefined ? [] : [mergeResults([first, ...others], { windows, slo, judged })];
  };
  const own = models.flatMap((model) => merge(({ results }) => results.find((result) => result.model === model), true));
  if (own.length === 1) return own;
  // Only where some models have no result of their own is that of all judged.
  const more = steps.some(({ results }) => results.at(-1)?.model === null && results.at(-1)?.objectives !== undefined);
  return [...own, ...merge(allModels, more).map((result) => ({ ...result, model: null }))];
}

function concurrencyOf(
  steps: readonly StepReport[],
  windows: Windows,
): { concurrency: StepReport["concurrency"]; bounds: StepBounds | null } {
  const max = atOnceOf(steps);
  const mean = rateOf(
    steps.map(({ concurrency, window }) => ({ rate: concurrency.mean, length: window.length_ms })),
    windows,
  );
  const bounds: StepBounds = {
    ...(max.least === max.most ? {} : { concurrency_max: max }),
    ...(mean.bounds === null ? {} : { concurrency_mean: mean.bounds }),
  };
  return {
    concurrency: {
      asked: sumOf(steps.map(({ concurrency }) => concurrency.asked)),
      max: max.most,
      mean: mean.value,
      short: steps.some(({ concurrency }) => concurrency.short),
    },
    bounds: Object.keys(bounds).length === 0 ? null : bounds,
  };
}

/** Charts over time add where their parts are of the same time. */
function seriesOf(steps: readonly StepReport[], { coincide }: Windows): SeriesReport {
  const all = steps.map(({ series }) => series);
  const [first] = all;
  const alike = all.every(
    ({ bucket_ms: bucket, tokens }) => bucket === first?.bucket_ms && tokens.length === first.tokens.length,
  );
  if (first === undefined || !coincide || !alike) return { bucket_ms: 0, tokens: [], requests: [], concurrency: [] };
  const add = (name: "tokens" | "requests" | "concurrency"): number[] =>
    first[name].map((_, index) => round(all.reduce((sum, series) => sum + (series[name][index] ?? 0), 0)));
  return {
    bucket_ms: first.bucket_ms,
    tokens: add("tokens"),
    requests: add("requests"),
    concurrency: add("concurrency"),
  };
}

/** Of several machines what they have in common, and of the rest the least. */
function machineOf(reports: readonly RunReport[]): RunReport["machine"] {
  const machines = reports.map(({ machine }) => machine);
  const texts = (name: "os" | "arch" | "cpu"): string => [...new Set(machines.map((one) => one[name]))].join(" · ");
  return {
    os: texts("os"),
    arch: texts("arch"),
    cpu: texts("cpu"),
    cores: Math.min(...machines.map(({ cores }) => cores)),
    memory_bytes: Math.min(...machines.map(({ memory_bytes: bytes }) => bytes)),
  };
}

function mergedOf({ parts, of, missing }: Parts, count: number, start: string): MergedReport {
  const timed = inOneTime(parts);
  const steps = Array.from({ length: count }, (_, index) => timed.flatMap((own) => own[index] ?? []));
  const spreads = steps.flatMap((own) => {
    const sent = own.flatMap(({ first_sent_ms: at }) => at ?? []);
    return sent.length < 2 ? [] : [Math.max(...sent) - Math.min(...sent)];
  });
  const common = steps.flatMap((own) => windowsOf(own).common ?? []);
  return {
    of,
    start_at: start,
    missing: [...missing],
    start_spread_ms: spreads.length === 0 ? null : round(Math.max(...spreads)),
    common_window: common.length === 0 ? null : roundShare(Math.min(...common)),
  };
}

/** The steps of each part by the clock of a time server, where all were compared with one; else by their own. */
function inOneTime(parts: readonly Part[]): StepReport[][] {
  const offsets = parts.flatMap(({ report }) => report.clock?.offset_ms ?? []);
  return parts.map(({ report: { steps } }, part) => {
    const offset = offsets.length === parts.length ? (offsets[part] ?? 0) : 0;
    return steps.map(({ window, first_sent_ms: sent, ...step }) => ({
      ...step,
      window: { ...window, start_ms: window.start_ms + offset },
      ...(sent === undefined ? {} : { first_sent_ms: sent + offset }),
    }));
  });
}

function fromOf({ shard, report }: Part): MergedFrom {
  return {
    index: shard.index,
    machine: report.machine,
    version: report.tool.version,
    bun: report.tool.bun,
    started_at: report.started_at,
    ...(report.clock === undefined ? {} : { clock: report.clock }),
    partial: report.partial,
    healthy: report.steps.every(({ client }) => client.healthy),
    steps: report.steps.map((step) => ({
      start_ms: step.window.start_ms,
      length_ms: step.window.length_ms,
      first_sent_ms: step.first_sent_ms ?? null,
      streams: allModels(step)?.streams.started ?? 0,
    })),
  };
}
