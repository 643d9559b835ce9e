import { createHistogram, type Histogram } from "../../src/metrics/histogram.ts";
import { DISTRIBUTIONS, mapNames, type DistributionName } from "../../src/metrics/figures.ts";
import type { BlockReport } from "../../src/metrics/result-report.ts";
import type { RunReport } from "../../src/metrics/report.ts";
import { result } from "../metrics/results.ts";

/** A service and how it is asked: streams are independent of each other, as lognormal as real ones. */
export type Process = {
  streams: number;
  /** Of a longer plan that was cut short; `null`: the plan was these streams. */
  planned: number | null;
  concurrency: number;
  /** Median ms, and tokens. */
  ttft: number;
  tpot: number;
  tokens: number;
  /** Deviation of the logarithms. */
  spread: number;
  errors: number;
  model: string;
};

export const USUAL: Process = {
  streams: 200,
  planned: null,
  concurrency: 8,
  ttft: 300,
  tpot: 20,
  tokens: 150,
  spread: 0.3,
  errors: 0.02,
  model: "granite3.3:2b",
};

/** Numbers between 0 and 1 that a seed determines; good enough for some millions. */
export function createRandom(seed: number): () => number {
  let [a, b] = [seed >>> 0, 0x9e3779b9];
  return () => {
    a = (Math.imul(a ^ (a >>> 15), 0x2c1b3c6d) + b) >>> 0;
    b = (Math.imul(b ^ (b >>> 12), 0x297a2d39) + 0x6d2b79f5 + a) >>> 0;
    return ((a ^ b) >>> 0) / 4_294_967_296;
  };
}

const BLOCKS = 10;
const START = Date.parse("2026-11-22T10:00:00.000Z");

type Stream = {
  /** The tenth of the plan that it belongs to. */
  block: number;
  start: number;
  end: number;
  ok: boolean;
  tokens: number;
  values: Partial<Record<DistributionName, number>>;
};

/** A gap between two reads of a stream that began in this block. */
type Gap = { block: number; gap: number };

/** A run of such a process, as its report would be. */
export function run(process: Partial<Process>, seed: number): RunReport {
  const wanted = { ...USUAL, ...process };
  const random = createRandom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const around = (median: number, spread: number): number => median * Math.exp(spread * normal());
  const free = Array.from({ length: wanted.concurrency }, () => 0);
  const planned = wanted.planned ?? wanted.streams;
  const gaps: Gap[] = [];
  // Seeds that follow each other begin alike.
  for (let at = 0; at < 5; at++) random();
  const streams = Array.from({ length: wanted.streams }, (_, number): Stream => {
    const block = Math.floor((BLOCKS * number) / planned);
    const slot = free.indexOf(Math.min(...free));
    const start = free[slot] ?? 0;
    const ok = random() >= wanted.errors;
    const ttft = around(wanted.ttft, wanted.spread);
    const tpot = around(wanted.tpot, wanted.spread / 4);
    const tokens = Math.max(2, Math.round(around(wanted.tokens, wanted.spread)));
    const duration = ttft + (tokens - 1) * tpot;
    free[slot] = start + (ok ? duration : ttft);
    for (let at = 0; at < 8; at++) gaps.push({ block, gap: around(tpot, 0.1) });
    const delay = Math.abs(normal()) / 10;
    const whole = {
      tpot_ms: tpot,
      duration_ms: duration,
      tokens_per_second: (1000 * tokens) / duration,
      decode_tokens_per_second: 1000 / tpot,
      latency_from_due_ms: duration + delay,
    };
    const values = { ttft_ms: ttft, ttfo_ms: ttft, dispatch_delay_ms: delay, ...(ok ? whole : {}) };
    return { block, start, end: start + (ok ? duration : ttft), ok, tokens: ok ? tokens : 0, values };
  });
  return reportOf(streams, gaps, wanted, START + seed * 3_600_000);
}

function reportOf(streams: readonly Stream[], gaps: readonly Gap[], process: Process, began: number): RunReport {
  const length = Math.max(...streams.map(({ end }) => end));
  const valuesOf = (name: DistributionName): number[] =>
    name === "gap_ms" ? gaps.map(({ gap }) => gap) : streams.flatMap(({ values }) => values[name] ?? []);
  const all = Object.fromEntries(DISTRIBUTIONS.map((name) => [name, valuesOf(name)]));
  const failed = streams.filter(({ ok }) => !ok).length;
  const tokens = streams.reduce((sum, stream) => sum + stream.tokens, 0);
  const whole = result(all, {
    model: process.model,
    streams: { warmup: 0, started: streams.length, ok: streams.length - failed, failed, unfinished: 0 },
    error_rate: failed / streams.length,
    requests_per_second: (1000 * (streams.length - failed)) / length,
    output_tokens_per_second: (1000 * tokens) / length,
    peak_tokens_per_second: (1200 * tokens) / length,
    blocks: blocksOf(streams, gaps, length),
  });
  return wrap(whole, process, { began, length });
}

/** Tenths of the plan, as the meter makes them: one lasts until the next begins, and one that never began has no time. */
function blocksOf(streams: readonly Stream[], gaps: readonly Gap[], length: number): BlockReport[] {
  const begins = Array.from({ length: BLOCKS }, (_, at) => streams.find(({ block }) => block === at)?.start ?? null);
  return begins.map((from, at) => {
    const own = (each: { block: number }): boolean => each.block === at;
    const until = begins.slice(at + 1).find((begin) => begin !== null) ?? length;
    const hdr = histogramsOf(streams.filter(own), gaps.filter(own));
    return { ...blockOf(streams, streams.filter(own), from ?? until, until), hdr };
  });
}

function histogramsOf(streams: readonly Stream[], gaps: readonly Gap[]): BlockReport["hdr"] {
  const histograms = new Map<DistributionName, Histogram>();
  const put = (name: DistributionName, value: number): void => {
    const histogram = histograms.get(name) ?? createHistogram();
    histogram.record(value);
    histograms.set(name, histogram);
  };
  for (const { values } of streams) {
    for (const name of DISTRIBUTIONS) if (values[name] !== undefined) put(name, values[name]);
  }
  for (const { gap } of gaps) put("gap_ms", gap);
  return mapNames(DISTRIBUTIONS, (name) => histograms.get(name)?.encode() ?? null);
}

/** `all`: a stream's tokens arrive over its time, in this block or in the next. */
function blockOf(all: readonly Stream[], own: readonly Stream[], from: number, to: number): Omit<BlockReport, "hdr"> {
  const share = ({ start, end }: Stream): number =>
    Math.max(0, Math.min(end, to) - Math.max(start, from)) / (end - start);
  return {
    length_ms: to - from,
    counted: own.length,
    failed: own.filter(({ ok }) => !ok).length,
    good: null,
    requests: all.filter(({ ok, end }) => ok && end > from && end <= to).length,
    tokens: all.reduce((sum, stream) => sum + stream.tokens * share(stream), 0),
  };
}

type Time = { began: number; length: number };

function wrap(whole: ReturnType<typeof result>, process: Process, { began, length }: Time): RunReport {
  const { streams, planned, concurrency, model } = process;
  const load = { kind: "closed", concurrency } as const;
  const { ok, failed } = whole.streams;
  return {
    v: 1,
    type: "report",
    tool: { name: "llmaas", version: "0.0.0", bun: "1.4.5" },
    machine: { os: "linux", arch: "x64", cpu: "test", cores: 2, memory_bytes: 8_000_000_000 },
    endpoint: "https://api.example.com/v1",
    demo: false,
    arguments: ["bench", "--requests", String(planned ?? streams)],
    started_at: new Date(began).toISOString(),
    ended_at: new Date(began + length).toISOString(),
    partial: planned === null ? null : "signal",
    models: [model],
    plan: {
      loads: [load],
      requests: planned ?? streams,
      duration_ms: null,
      drain_ms: 30_000,
      warmup: null,
      seed: 1,
      prompt_tokens: null,
      max_tokens: 300,
      retries: 0,
      slo: [],
      abort_on_fail: false,
    },
    verdict: {
      thresholds: { passed: 0, total: 0 },
      goodput: null,
      streams: { ok, failed, unfinished: 0, missed_starts: 0 },
      client: "healthy",
      limited_by: [],
      window_too_short: false,
      exit_code: 0,
    },
    knee: null,
    steps: [
      {
        load,
        warmup: { streams: 0, length_ms: 0 },
        window: { start_ms: began, length_ms: length, drain_ms: 0 },
        window_too_short: false,
        concurrency: { asked: concurrency, max: concurrency, mean: concurrency, short: false },
        missed_starts: 0,
        client: { healthy: true, checks: [] },
        results: [whole],
        series: { bucket_ms: 1000, tokens: [], requests: [], concurrency: [] },
      },
    ],
  };
}
