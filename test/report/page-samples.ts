import { createHistogram } from "../../src/metrics/histogram.ts";
import type { Exemplar } from "../../src/metrics/exemplars.ts";
import { toDistribution, type DistributionReport, type ResultReport } from "../../src/metrics/result-report.ts";
import type { LoadReport, RunReport, StepReport } from "../../src/metrics/report.ts";
import { DISTRIBUTIONS, type DistributionName } from "../../src/metrics/figures.ts";
import type { Verdict } from "../../src/stream/event.ts";
import { createRandom } from "../render/random.ts";

/** What a made-up run is made from. */
export type Made = { models: string[]; loads: number[]; streams: number; slo?: boolean; seed?: number };

export type Sample = { report: RunReport; streams: Exemplar[]; left: number };

const PROMPTS = [
  "Explain in three sentences why the sky is blue.",
  "Écris un haïku sur la pluie de novembre.",
  "Summarise the difference between TCP and UDP for a newcomer, with one example of each.",
  "Quelles sont les étapes d’une montée en charge ?",
];

const FAILURES: readonly (readonly [Verdict, string, string])[] = [
  ["failed", "http 429", "The server refused (HTTP 429): Too many requests. It asked to wait 12 s."],
  ["timeout", "timeout idle", "No token for 60 s."],
  ["truncated", "truncated end", "The answer is cut off: the connection ended without [DONE]."],
];

/** A run as it could have been: several models, steps, failures, stalls and thinking. */
export function makeRun({ models, loads, streams: count, slo = true, seed = 7 }: Made): Sample {
  const random = createRandom(seed);
  const perStep = Math.ceil(count / loads.length);
  let clock = 0;
  const streams: Exemplar[] = [];
  const steps = loads.map((load, step) => {
    const made = makeStep({ random, models, load, step, count: perStep, from: clock, first: streams.length });
    clock = Math.max(clock, ...made.map(({ ended }) => ended)) + 200;
    streams.push(...made);
    return stepOf(made, models, load, slo);
  });
  return { report: reportOf(models, loads, steps, slo), streams, left: 0 };
}

type Making = {
  random: () => number;
  models: string[];
  load: number;
  step: number;
  count: number;
  from: number;
  first: number;
};

function makeStep({ random, models, load, step, count, from, first }: Making): Exemplar[] {
  const slots = Array.from({ length: load }, (_, slot) => from + slot * 0.5);
  return Array.from({ length: count }, (_, index) => {
    const slot = slots.indexOf(Math.min(...slots));
    const stream = makeStream(random, models, load, slots[slot] ?? 0, index);
    slots[slot] = stream.ended + 0.4;
    return { ...stream, step, stream: first + index, warmup: index < load && count > 4 * load };
  });
}

function makeStream(random: () => number, models: string[], load: number, sent: number, index: number): Exemplar {
  const model = index % models.length;
  const slow = 1 + model * 0.6 + Math.max(0, load - 16) * 0.06;
  const skew = Math.exp(1.1 * (random() + random() + random() - 1.5));
  const ttft = 140 * slow * skew;
  const thinking = model === 2 ? 600 * skew : 0;
  const tokens = Math.round(60 + 120 * random());
  const tpot = 12 * slow * (0.9 + 0.2 * random());
  const stalled = random() < 0.03;
  const gap = stalled ? 1400 : tpot * 2.4;
  const writing = tokens * tpot + (stalled ? 1400 : 0);
  const failure = random() < 0.02 + Math.max(0, load - 16) * 0.002 ? FAILURES[index % 3] : undefined;
  const early = failure?.[1] === "http 429";
  const share = failure === undefined ? 1 : 0.4;
  const first = sent + ttft;
  const last = first + (thinking + writing) * share;
  const ended = early ? sent + 90 * skew : last + 0.7;
  return {
    stream: index,
    step: 0,
    model: models[model] ?? "",
    prompt: PROMPTS[index % PROMPTS.length] ?? "",
    warmup: false,
    verdict: failure?.[0] ?? (index % 11 === 0 ? "length" : "complete"),
    due: sent - 0.2,
    sent,
    first_token: early ? null : first,
    first_output: early || (thinking > 0 && failure !== undefined) ? null : first + thinking,
    last_token: early ? null : last,
    ended,
    tokens: early ? 0 : Math.round(tokens * share),
    tokens_source: index % 17 === 0 ? "events" : "usage",
    ttft_ms: early ? null : ttft,
    duration_ms: failure === undefined ? last - sent : ended - sent,
    tpot_ms: failure === undefined ? tpot : null,
    tokens_per_second: failure === undefined ? (1000 * tokens) / (last - sent) : null,
    gap_p50_ms: early ? null : tpot,
    gap_p99_ms: early ? null : tpot * 1.8,
    gap_max_ms: early ? null : gap,
    stalls: stalled ? 1 : 0,
    attempts: 1,
    error: failure === undefined ? null : { kind: failure[1], message: failure[2] },
    kept: failure === undefined ? (skew > 1.6 ? "slow" : "sample") : "failed",
  };
}

/** One distribution of these values; `missing` streams have none. */
export function distributionOf(values: readonly number[], missing = 0): DistributionReport {
  const histogram = createHistogram();
  for (const value of values) histogram.record(value);
  return toDistribution(histogram, { unfinished: 0, failed: missing, no_value: 0 });
}

function valuesOf(stream: Exemplar, name: DistributionName): number[] {
  const some = (value: number | null): number[] => (value === null ? [] : [value]);
  const whole = stream.error === null;
  switch (name) {
    case "ttft_ms":
      return some(stream.ttft_ms);
    case "ttfo_ms":
      return some(stream.first_output === null ? null : stream.first_output - stream.sent);
    case "gap_ms":
      return [...some(stream.gap_p50_ms), ...some(stream.gap_p99_ms), ...some(stream.gap_max_ms)];
    case "tpot_ms":
      return some(stream.tpot_ms);
    case "duration_ms":
      return whole ? [stream.duration_ms] : [];
    case "tokens_per_second":
      return some(stream.tokens_per_second);
    case "decode_tokens_per_second":
      return some(stream.tpot_ms === null ? null : 1000 / stream.tpot_ms);
    case "latency_from_due_ms":
      return whole ? [stream.duration_ms + stream.sent - stream.due] : [];
    case "dispatch_delay_ms":
      return [stream.sent - stream.due];
  }
}

function columnOf(model: string | null, streams: readonly Exemplar[], length: number, slo: boolean): ResultReport {
  const failed = streams.filter(({ error }) => error !== null);
  const distribution = (name: DistributionName): readonly [DistributionName, DistributionReport] => {
    const values = streams.flatMap((stream) => valuesOf(stream, name));
    return [name, distributionOf(values, Math.max(0, streams.length - values.length))];
  };
  const distributions = Object.fromEntries(DISTRIBUTIONS.map(distribution)) as ResultReport["distributions"];
  const tokens = streams.reduce((sum, stream) => sum + stream.tokens, 0);
  const kinds = new Set(failed.map(({ error }) => error?.kind ?? ""));
  const { p95 } = distributions.ttft_ms;
  return {
    model,
    streams: {
      warmup: 0,
      started: streams.length,
      ok: streams.length - failed.length,
      failed: failed.length,
      unfinished: 0,
    },
    verdicts: {},
    error_rate: streams.length === 0 ? null : failed.length / streams.length,
    goodput: slo ? { met: streams.length - failed.length, share: 0.93, per_second: 3.1 } : null,
    requests_per_second: length === 0 ? null : (1000 * streams.length) / length,
    output_tokens_per_second: length === 0 ? null : (1000 * tokens) / length,
    peak_tokens_per_second: length === 0 ? null : (1300 * tokens) / length,
    tokens: { output: tokens, prompt: 31 * streams.length, reasoning: null },
    cost: { amount: tokens * 0.000_001_2, currency: "EUR", streams: streams.length },
    distributions,
    thresholds: slo
      ? [
          {
            text: "p95(ttft) < 800ms",
            value: p95,
            limit: 800,
            samples: streams.length,
            passed: p95 !== null && p95 < 800,
          },
          {
            text: "error_rate < 5%",
            value: failed.length / streams.length,
            limit: 0.05,
            samples: streams.length,
            passed: true,
          },
        ]
      : [],
    errors: [...kinds].map((kind) => {
      const alike = failed.filter(({ error }) => error?.kind === kind);
      return { kind, count: alike.length, example: alike[0]?.error?.message ?? "", stream: alike[0]?.stream ?? 0 };
    }),
    trust: {
      tokens_source: { usage: streams.length - 2, events: 2, whole_by_events: 1 },
      tokens_per_event: 1.02,
      coalesced: 0.013,
      retries: 0,
      retry_wait_ms: 0,
      ttft_from: "first_attempt",
      stalls: streams.filter(({ stalls }) => stalls > 0).length,
      malformed: 0,
      held_ms: 0,
      notices: { done_without_reason: 3 },
    },
    blocks: [],
  };
}

function stepOf(streams: readonly Exemplar[], models: string[], load: number, slo: boolean): StepReport {
  const measured = streams.filter(({ warmup }) => !warmup);
  const from = Math.min(...measured.map(({ sent }) => sent), Infinity);
  const to = Math.max(...measured.map(({ sent }) => sent), -Infinity);
  const length = Math.max(0, to - from);
  const buckets = Math.ceil(length / 1000);
  const at = (bucket: number): Exemplar[] =>
    streams.filter(({ sent, ended }) => sent < from + bucket * 1000 + 1000 && ended > from + bucket * 1000);
  const numbers = Array.from({ length: buckets }, (_, bucket) => bucket);
  const parts = models.map((model) =>
    columnOf(
      model,
      measured.filter((stream) => stream.model === model),
      length,
      slo,
    ),
  );
  return {
    load: { kind: "closed", concurrency: load },
    warmup: { streams: streams.length - measured.length, length_ms: 1800 },
    window: { start_ms: Date.parse("2026-11-22T10:00:02Z"), length_ms: length, drain_ms: 2140 },
    window_too_short: false,
    concurrency: { asked: load, max: load, mean: load * 0.98, short: false },
    missed_starts: 0,
    client: clientOf(load),
    results: models.length > 1 ? [...parts, columnOf(null, measured, length, slo)] : parts,
    series: {
      bucket_ms: 1000,
      tokens: numbers.map((bucket) => Math.round(at(bucket).length * 38 * (0.85 + 0.3 * ((bucket * 7) % 5) * 0.2))),
      requests: numbers.map((bucket) => Math.round(at(bucket).length / 3)),
      concurrency: numbers.map((bucket) => Math.min(load, at(bucket).length)),
    },
  };
}

function clientOf(load: number): StepReport["client"] {
  return {
    healthy: true,
    checks: [
      { name: "worker_lag_p99_ms", value: 0.82, limit: 5, passed: true },
      { name: "dispatch_delay_p99_ms", value: 1.4, limit: 10, passed: true },
      { name: "cpu_per_thread", value: 0.21, limit: 0.8, passed: true },
      { name: "concurrency", value: load * 0.98, limit: load, passed: true },
      { name: "held_ms", value: 0, limit: 0, passed: true },
    ],
  };
}

function reportOf(models: string[], loads: number[], steps: StepReport[], slo: boolean): RunReport {
  const whole = steps.flatMap(({ results }) => results.slice(-1));
  const sum = (key: "ok" | "failed" | "unfinished"): number =>
    whole.reduce((total, { streams }) => total + streams[key], 0);
  const thresholds = steps.flatMap(({ results }) => results.flatMap((column) => column.thresholds));
  const closed = (concurrency: number): LoadReport => ({ kind: "closed", concurrency });
  return {
    v: 1,
    type: "report",
    tool: { name: "llmaas", version: "0.1.0", bun: "1.4.5" },
    machine: { os: "linux", arch: "x64", cpu: "AMD EPYC 7B13", cores: 2, memory_bytes: 8.2e9 },
    endpoint: "https://api.ai.cloud-temple.com/v1",
    demo: false,
    arguments: ["bench", "--model", models.join(","), "--concurrency", loads.join(","), "--report", "load.html"],
    started_at: "2026-11-22T10:00:00.000Z",
    ended_at: "2026-11-22T10:03:12.000Z",
    partial: null,
    models,
    plan: {
      loads: loads.map(closed),
      requests: 100,
      duration_ms: null,
      drain_ms: 30_000,
      warmup: { streams: 8 },
      seed: 1,
      prompt_tokens: null,
      max_tokens: 300,
      retries: 0,
      slo: slo ? ["p95(ttft) < 800ms", "error_rate < 5%"] : [],
      abort_on_fail: false,
    },
    verdict: {
      goodput: null,
      thresholds: { passed: thresholds.filter(({ passed }) => passed).length, total: thresholds.length },
      streams: { ok: sum("ok"), failed: sum("failed"), unfinished: sum("unfinished"), missed_starts: 0 },
      client: "healthy",
      limited_by: [],
      window_too_short: false,
      exit_code: thresholds.every(({ passed }) => passed) ? 0 : 4,
    },
    knee: loads.length > 2 ? Math.floor(loads.length / 2) : null,
    steps,
  };
}

/** What somebody may put where a prompt, a model, an error or an endpoint stands. */
export const HOSTILE = `</script><img src=x onerror="window.hacked=1"><!--\u2028\u202E'&quot;`;

/** The same as a page may show it. */
export const SHOWN_HOSTILE = HOSTILE.replace("\u2028", "⟨U+2028⟩").replace("\u202E", "⟨U+202E⟩");

/** A run in which everything that comes from others is hostile. */
export function hostileRun(): Sample {
  const { report, streams } = makeRun({ models: [HOSTILE, `${HOSTILE}2`], loads: [4, 8, 16], streams: 60 });
  const error = { kind: HOSTILE, message: HOSTILE };
  const column = (made: ResultReport): ResultReport => ({
    ...made,
    thresholds: made.thresholds.map((threshold) => ({ ...threshold, text: HOSTILE })),
    errors: [{ kind: HOSTILE, count: 1, example: HOSTILE, stream: 0 }],
  });
  return {
    report: {
      ...report,
      endpoint: `https://${HOSTILE}`,
      arguments: [HOSTILE],
      tool: { name: HOSTILE, version: HOSTILE, bun: HOSTILE },
      machine: { ...report.machine, cpu: HOSTILE },
      plan: { ...report.plan, slo: [HOSTILE] },
      steps: report.steps.map((step) => ({ ...step, results: step.results.map(column) })),
    },
    streams: streams.map((stream) => ({ ...stream, prompt: HOSTILE, error, verdict: "failed" as const })),
    left: 0,
  };
}

/** A run that ended before anything did. */
export function emptyRun(): Sample {
  const { report } = makeRun({ models: ["granite3.3:2b"], loads: [4], streams: 0, slo: false });
  return { report: { ...report, partial: "signal" }, streams: [], left: 0 };
}
