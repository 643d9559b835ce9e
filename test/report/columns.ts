import { round } from "../../src/metrics/distribution.ts";
import { createHistogram, type Histogram } from "../../src/metrics/histogram.ts";
import {
  toDistribution,
  type BlockReport,
  type DistributionReport,
  type ErrorReport,
  type LeftOut,
  type ResultReport,
  type ThresholdReport,
} from "../../src/metrics/result-report.ts";
import { DISTRIBUTIONS, mapNames, type DistributionName } from "../../src/metrics/figures.ts";
import type { ImaginedStream } from "./streams.ts";

/** `limit`: of `p95(ttft)` in ms, `null` without thresholds. */
export type Window = { length: number; limit: number | null };

const BLOCKS = 10;

/** The figures of imagined streams, worked out the plain way. */
export function columnOf(model: string | null, streams: readonly ImaginedStream[], window: Window): ResultReport {
  const ok = streams.filter(whole);
  const unfinished = streams.filter(cut);
  const failed = streams.length - ok.length - unfinished.length;
  const counted = streams.length - unfinished.length;
  const met = ok.filter((stream) => good(stream, window));
  const tokens = streams.reduce((sum, stream) => sum + stream.tokens, 0);
  const perSecond = (amount: number): number => round((amount * 1000) / window.length);
  const verdicts: ResultReport["verdicts"] = {};
  for (const { verdict } of streams) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  const column = {
    model,
    streams: { warmup: 4, started: streams.length, ok: ok.length, failed, unfinished: unfinished.length },
    verdicts,
    error_rate: counted > 0 ? failed / counted : null,
    goodput:
      window.limit === null
        ? null
        : { met: met.length, share: counted > 0 ? met.length / counted : null, per_second: perSecond(met.length) },
    requests_per_second: perSecond(streams.length),
    output_tokens_per_second: perSecond(tokens),
    peak_tokens_per_second: perSecond(tokens * 1.4),
    tokens: { output: tokens, prompt: streams.length * 24, reasoning: null },
    cost: { amount: round(tokens * 8e-6), currency: "EUR", streams: ok.length },
    distributions: mapNames(DISTRIBUTIONS, (name) => distributionOf(name, streams)),
  };
  return {
    ...column,
    thresholds: window.limit === null ? [] : thresholdsOf(column, counted, window.limit),
    errors: errorsOf(streams),
    trust: trustOf(streams),
    blocks: Array.from({ length: BLOCKS }, (_, block) => blockOf(block, streams, window)),
  };
}

function whole({ verdict }: ImaginedStream): boolean {
  return verdict === "complete" || verdict === "length";
}

function cut({ verdict }: ImaginedStream): boolean {
  return verdict === "cancelled";
}

function good({ first, sent }: ImaginedStream, { limit }: Window): boolean {
  return first !== null && limit !== null && first - sent < limit;
}

/** The values of one stream; none where it has not got the figure. */
function valuesOf(name: DistributionName, stream: ImaginedStream): readonly number[] {
  const { due, sent, first, output, last, tokens, gaps } = stream;
  if (name === "dispatch_delay_ms") return [sent - due];
  if (first === null || output === null || last === null) return [];
  if (name === "ttft_ms") return [first - sent];
  if (name === "ttfo_ms") return [output - sent];
  if (name === "gap_ms") return gaps;
  if (!whole(stream)) return [];
  if (name === "duration_ms") return [last - sent];
  if (name === "latency_from_due_ms") return [last - due];
  if (name === "tokens_per_second") return [(1000 * tokens) / (last - sent)];
  if (tokens < 2) return [];
  return [name === "tpot_ms" ? (last - first) / (tokens - 1) : (1000 * (tokens - 1)) / (last - first)];
}

function histogramOf(name: DistributionName, streams: readonly ImaginedStream[]): Histogram {
  const histogram = createHistogram();
  for (const stream of streams) for (const value of valuesOf(name, stream)) histogram.record(value);
  return histogram;
}

function distributionOf(name: DistributionName, streams: readonly ImaginedStream[]): DistributionReport {
  const histogram = histogramOf(name, streams);
  const left: LeftOut = { unfinished: 0, failed: 0, no_value: 0 };
  for (const stream of streams) {
    if (valuesOf(name, stream).length > 0) continue;
    if (cut(stream)) left.unfinished++;
    else if (whole(stream)) left.no_value++;
    else left.failed++;
  }
  return toDistribution(histogram, left);
}

type Measured = Pick<ResultReport, "distributions" | "error_rate">;

function thresholdsOf({ distributions, error_rate }: Measured, counted: number, limit: number): ThresholdReport[] {
  const { p95, count } = distributions.ttft_ms;
  return [
    { text: `p95(ttft) < ${limit}ms`, value: p95, limit, samples: count, passed: p95 !== null && p95 < limit },
    {
      text: "error_rate < 1%",
      value: error_rate,
      limit: 0.01,
      samples: counted,
      passed: error_rate !== null && error_rate < 0.01,
    },
  ];
}

function errorsOf(streams: readonly ImaginedStream[]): ErrorReport[] {
  const errors = new Map<string, ErrorReport>();
  for (const [stream, { error }] of streams.entries()) {
    if (error === null) continue;
    const known = errors.get(error.kind);
    if (known) known.count++;
    else errors.set(error.kind, { ...error, count: 1, stream });
  }
  return [...errors.values()].toSorted((a, b) => b.count - a.count);
}

function trustOf(streams: readonly ImaginedStream[]): ResultReport["trust"] {
  const events = streams.filter((stream) => !whole(stream)).length;
  return {
    tokens_source: { usage: streams.length - events, events, whole_by_events: events },
    tokens_per_event: streams.length > 0 ? 1.01 : null,
    coalesced: streams.length > 0 ? 0.012 : null,
    retries: 0,
    retry_wait_ms: 0,
    ttft_from: "first_attempt",
    stalls: 0,
    malformed: 0,
    held_ms: 0,
    notices: { other_choices: 1 },
  };
}

function blockOf(block: number, streams: readonly ImaginedStream[], window: Window): BlockReport {
  const length = window.length / BLOCKS;
  const within = (instant: number): boolean => Math.min(BLOCKS - 1, Math.floor(instant / length)) === block;
  const begun = streams.filter(({ sent }) => within(sent));
  const ended = streams.filter((stream) => within(stream.ended));
  const counted = begun.filter((stream) => !cut(stream));
  return {
    length_ms: round(length),
    counted: counted.length,
    failed: counted.filter((stream) => !whole(stream)).length,
    good: window.limit === null ? null : counted.filter((stream) => whole(stream) && good(stream, window)).length,
    requests: ended.length,
    tokens: ended.reduce((sum, { tokens }) => sum + tokens, 0),
    hdr: mapNames(DISTRIBUTIONS, (name) => histogramOf(name, begun).encode()),
  };
}
