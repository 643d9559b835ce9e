import { createHistogram, type Histogram } from "../../src/metrics/histogram.ts";
import { DISTRIBUTIONS, type BlockReport, type DistributionName, type RunReport } from "../../src/metrics/summary.ts";
import { column } from "../metrics/columns.ts";

/** A service and how it is asked: streams are independent of each other, as lognormal as real ones. */
export type Process = {
  streams: number;
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

type Stream = {
  start: number;
  end: number;
  ok: boolean;
  tokens: number;
  values: Partial<Record<DistributionName, number>>;
};

/** A run of such a process, as its report would be. */
export function run(process: Partial<Process>, seed: number): RunReport {
  const wanted = { ...USUAL, ...process };
  const random = createRandom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const around = (median: number, spread: number): number => median * Math.exp(spread * normal());
  const free = Array.from({ length: wanted.concurrency }, () => 0);
  const gaps: { start: number; gap: number }[] = [];
  const streams = Array.from({ length: wanted.streams }, (): Stream => {
    const slot = free.indexOf(Math.min(...free));
    const start = free[slot] ?? 0;
    const ok = random() >= wanted.errors;
    const ttft = around(wanted.ttft, wanted.spread);
    const tpot = around(wanted.tpot, wanted.spread / 4);
    const tokens = Math.max(2, Math.round(around(wanted.tokens, wanted.spread)));
    const duration = ttft + (tokens - 1) * tpot;
    free[slot] = start + (ok ? duration : ttft);
    for (let at = 0; at < 8; at++) gaps.push({ start, gap: around(tpot, 0.1) });
    const delay = Math.abs(normal()) / 10;
    const whole = {
      tpot_ms: tpot,
      duration_ms: duration,
      tokens_per_second: (1000 * tokens) / duration,
      decode_tokens_per_second: 1000 / tpot,
      latency_from_due_ms: duration + delay,
    };
    const values = { ttft_ms: ttft, ttfo_ms: ttft, dispatch_delay_ms: delay, ...(ok ? whole : {}) };
    return { start, end: start + (ok ? duration : ttft), ok, tokens: ok ? tokens : 0, values };
  });
  return reportOf(streams, gaps, wanted);
}

function reportOf(
  streams: readonly Stream[],
  gaps: readonly { start: number; gap: number }[],
  process: Process,
): RunReport {
  const length = Math.max(...streams.map(({ end }) => end));
  const valuesOf = (name: DistributionName): number[] =>
    name === "gap_ms" ? gaps.map(({ gap }) => gap) : streams.flatMap(({ values }) => values[name] ?? []);
  const all = Object.fromEntries(DISTRIBUTIONS.map((name) => [name, valuesOf(name)]));
  const failed = streams.filter(({ ok }) => !ok).length;
  const tokens = streams.reduce((sum, stream) => sum + stream.tokens, 0);
  const blocks = Array.from({ length: 10 }, (_, at) =>
    blockOf(streams, gaps, (at * length) / 10, ((at + 1) * length) / 10),
  );
  const whole = column(all, {
    model: process.model,
    streams: { warmup: 0, started: streams.length, ok: streams.length - failed, failed, unfinished: 0 },
    error_rate: failed / streams.length,
    requests_per_second: (1000 * streams.length) / length,
    output_tokens_per_second: (1000 * tokens) / length,
    peak_tokens_per_second: (1200 * tokens) / length,
    blocks,
  });
  return wrap(whole, process, length);
}

function blockOf(
  streams: readonly Stream[],
  gaps: readonly { start: number; gap: number }[],
  from: number,
  to: number,
): BlockReport {
  const own = streams.filter(({ start }) => start >= from && start < to);
  const histograms = new Map<DistributionName, Histogram>();
  const put = (name: DistributionName, value: number): void => {
    const histogram = histograms.get(name) ?? createHistogram();
    histogram.record(value);
    histograms.set(name, histogram);
  };
  for (const { values } of own) {
    for (const name of DISTRIBUTIONS) if (values[name] !== undefined) put(name, values[name]);
  }
  for (const { start, gap } of gaps) if (start >= from && start < to) put("gap_ms", gap);
  // A stream's tokens, spread over its time.
  const share = ({ start, end }: Stream): number =>
    Math.max(0, Math.min(end, to) - Math.max(start, from)) / (end - start);
  return {
    length_ms: to - from,
    counted: own.length,
    failed: own.filter(({ ok }) => !ok).length,
    good: null,
    requests: streams.filter(({ end }) => end > from && end <= to).length,
    tokens: streams.reduce((sum, stream) => sum + stream.tokens * share(stream), 0),
    hdr: Object.fromEntries(
      DISTRIBUTIONS.map((name) => [name, histograms.get(name)?.encode() ?? null]),
    ) as BlockReport["hdr"],
  };
}

function wrap(whole: ReturnType<typeof column>, { streams, concurrency, model }: Process, length: number): RunReport {
  const load = { kind: "closed", concurrency } as const;
  const { ok, failed } = whole.streams;
  return {
    v: 1,
    type: "report",
    tool: { name: "llmaas", version: "0.0.0", bun: "1.4.5" },
    machine: { os: "linux", arch: "x64", cpu: "test", cores: 2, memory_bytes: 8_000_000_000 },
    endpoint: "https://api.example.com/v1",
    demo: false,
    arguments: ["bench", "--requests", String(streams)],
    started_at: "2026-11-22T10:00:00.000Z",
    ended_at: "2026-11-22T10:01:00.000Z",
    partial: null,
    models: [model],
    plan: {
      loads: [load],
      requests: streams,
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
        window: { start_ms: 1_795_000_000_000, length_ms: length, drain_ms: 0 },
        window_too_short: false,
        concurrency: { asked: concurrency, max: concurrency, mean: concurrency, short: false },
        missed_starts: 0,
        client: { healthy: true, checks: [] },
        columns: [whole],
        series: { bucket_ms: 1000, tokens: [], requests: [], concurrency: [] },
      },
    ],
  };
}
