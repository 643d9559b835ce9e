import { round } from "../../src/metrics/distribution.ts";
import { CLIENT_LIMITS } from "../../src/bench/health.ts";
import { toVerdict } from "../../src/bench/step-report.ts";
import type { ClientReport, LoadReport, RunReport, StepReport } from "../../src/metrics/report.ts";
import { columnOf, type Window } from "./columns.ts";
import { imagineStreams, type ImaginedStream } from "./streams.ts";

export type SampleOptions = {
  seed?: number;
  models?: readonly string[];
  /** One step each. */
  loads?: readonly LoadReport[];
  /** Short for that many closed loops of 4, 8, 16… */
  steps?: number;
  /** Measured streams a step. */
  streams?: number;
  /** Share of the streams that fail, and that the window's end cuts. */
  failed?: number;
  unfinished?: number;
  /** Times all durations: 1.2 is a server a fifth slower. */
  slow?: number;
  /** Limit in ms of `p95(ttft)`; `null`: no thresholds at all. */
  limit?: number | null;
  /** The client could not keep up. */
  limited?: boolean;
  demo?: boolean;
  partial?: RunReport["partial"];
};

const START = Date.parse("2026-11-22T10:00:00.000Z");
export const MODELS = ["granite3.3:2b", "qwen3:14b", "llama3.3:70b", "gemma3:27b"] as const;

/** A report as a real run writes it, histograms included; the same for the same options. */
export function sampleReport(options: SampleOptions = {}): RunReport {
  const { seed = 1, models = MODELS.slice(0, 1), steps = 1, limit = 800, demo = false } = options;
  const loads = options.loads ?? Array.from({ length: steps }, (_, step) => closed(4 * 2 ** step));
  const reports = loads.map((load, step) => stepOf(load, step, { ...options, seed: seed + step, models, limit }));
  const end = reports.at(-1)?.window;
  const verdict = toVerdict(reports);
  const { passed, total } = verdict.thresholds;
  return {
    v: 1,
    type: "report",
    tool: { name: "llmaas", version: "0.1.0", bun: "1.4.5" },
    machine: { os: "linux", arch: "x64", cpu: "AMD EPYC 7763", cores: 2, memory_bytes: 8_589_934_592 },
    endpoint: demo ? "http://127.0.0.1:41234/v1" : "https://api.ai.cloud-temple.com/v1",
    demo,
    arguments: ["bench", "--model", models.join(","), "--header", "x-team: •••"],
    started_at: new Date(START).toISOString(),
    ended_at: new Date(end ? end.start_ms + end.length_ms + end.drain_ms : START).toISOString(),
    partial: options.partial ?? null,
    models: [...models],
    plan: {
      loads: [...loads],
      requests: options.streams ?? 200,
      duration_ms: null,
      drain_ms: 30_000,
      warmup: { streams: 4 },
      seed,
      prompt_tokens: null,
      max_tokens: 300,
      retries: 0,
      slo: limit === null ? [] : slo(limit),
      abort_on_fail: false,
    },
    verdict: { ...verdict, exit_code: verdict.streams.failed > 0 || passed < total ? 1 : 0 },
    knee: reports.length > 2 ? reports.length - 2 : null,
    steps: reports,
  };
}

function closed(concurrency: number): LoadReport {
  return { kind: "closed", concurrency };
}

function slo(limit: number): string[] {
  return [`p95(ttft) < ${limit}ms`, "error_rate < 1%"];
}

type StepOptions = SampleOptions & { seed: number; models: readonly string[]; limit: number | null };

function stepOf(load: LoadReport, step: number, options: StepOptions): StepReport {
  const { seed, models, streams = 200, failed = 0, unfinished = 0, slow = 1, limit, limited = false } = options;
  const crowd = load.kind === "closed" ? { concurrency: load.concurrency } : { rate: load.rate };
  const all = imagineStreams({ seed, models, streams, load: crowd, failed, unfinished, slow });
  const begin = START + step * 600_000 + 2500;
  const window: Window = { length: Math.max(1, ...all.map(({ ended }) => ended)), limit };
  const groups = models.map((model) => columnOf(model, ofModel(all, model), window));
  const results = models.length > 1 ? [...groups, { ...columnOf(null, all, window), thresholds: [] }] : groups;
  const busy = all.reduce((sum, { sent, ended }) => sum + ended - sent, 0);
  const mean = round(busy / window.length);
  const asked = load.kind === "closed" ? load.concurrency : null;
  return {
    load,
    warmup: { streams: 4, length_ms: 2500 },
    window: { start_ms: begin, length_ms: round(window.length), drain_ms: 0 },
    window_too_short: unfinished > 0.05,
    concurrency: { asked, max: asked ?? Math.ceil(mean) + 3, mean, short: false },
    missed_starts: 0,
    client: clientOf({ limited, asked, mean }),
    results,
    series: seriesOf(all, window.length),
  };
}

function ofModel(streams: readonly ImaginedStream[], model: string): ImaginedStream[] {
  return streams.filter((stream) => stream.model === model);
}

function clientOf({ limited, asked, mean }: { limited: boolean; asked: number | null; mean: number }): ClientReport {
  const { worker_lag_p99_ms: lag, dispatch_delay_p99_ms: delay, cpu_per_thread: cpu } = CLIENT_LIMITS;
  const checks: ClientReport["checks"] = [
    { name: "worker_lag_p99_ms", value: limited ? 41.2 : 0.62, limit: lag, passed: !limited },
    { name: "dispatch_delay_p99_ms", value: 0.11, limit: delay, passed: true },
    { name: "cpu_per_thread", value: limited ? 0.97 : 0.12, limit: cpu, passed: !limited },
    { name: "concurrency", value: mean, limit: asked, passed: true },
    { name: "held_ms", value: 0, limit: 0, passed: true },
  ];
  return { healthy: !limited, checks };
}

function seriesOf(streams: readonly ImaginedStream[], length: number): StepReport["series"] {
  const buckets = Array.from({ length: Math.ceil(length / 1000) }, (_, at) => at * 1000);
  const within = (instant: number | null, from: number): boolean =>
    instant !== null && instant >= from && instant < from + 1000;
  const tokensOf = ({ first, last, tokens }: ImaginedStream, from: number): number => {
    if (first === null || last === null) return 0;
    const shared = Math.max(0, Math.min(last, from + 1000) - Math.max(first, from));
    return last > first ? (tokens * shared) / (last - first) : 0;
  };
  return {
    bucket_ms: 1000,
    tokens: buckets.map((from) => round(streams.reduce((sum, stream) => sum + tokensOf(stream, from), 0))),
    requests: buckets.map((from) => streams.filter(({ ended }) => within(ended, from)).length),
    concurrency: buckets.map((from) =>
      round(streams.reduce((sum, { sent, ended }) => sum + overlap(sent, ended, from), 0) / 1000),
    ),
  };
}

function overlap(start: number, end: number, from: number): number {
  return Math.max(0, Math.min(end, from + 1000) - Math.max(start, from));
}
