import { createConcurrency, type Concurrency, type Span } from "../metrics/concurrency.ts";
import { round } from "../metrics/distribution.ts";
import type { LoadRecord } from "../metrics/load-record.ts";
import type { SeriesReport } from "../metrics/report.ts";
import { BLOCKS, type ResultReport } from "../metrics/result-report.ts";
import { type TrustReport } from "../metrics/trust-report.ts";
import type { ThresholdState } from "../metrics/progress.ts";
import type { Slo } from "../metrics/thresholds.ts";
import type { GapEvent, RecordEvent, RunWatcher, StartedEvent } from "../metrics/watched.ts";
import type { DeltaEvent, Ms } from "../stream/event.ts";
import { createResult, type Result } from "./result.ts";
import { createThroughput } from "./throughput.ts";

/** Ms that share one entry of when tokens came: a slot of the throughput. */
const SLOT = 100;
/** Most points of a chart over time. */
const MOST_BUCKETS = 300;
/** Models with a result of their own. */
const MOST_MODELS = 20;

type MeterOptions = {
  models: readonly string[];
  slo: Slo;
  /** Of the window: what begins before it is warm-up. */
  span: Span;
  /** What the window was planned by; blocks are tenths of it. */
  requests: number | null;
  duration: Ms | null;
  /** Streams at once, of a closed loop. */
  asked: number | null;
  ttftFrom: TrustReport["ttft_from"];
  /** What is measured is one of several parts. */
  parted?: boolean;
};

/** One stream under way; `slots`: when its token events came. */
type Open = { warmup: boolean; block: number; results: readonly Result[]; slots: { at: Ms; events: number }[] };

export type Meter = RunWatcher<LoadRecord> & {
  /** The result of all models. */
  all: Result;
  /** Up to `end`, the measured time's own; up to the last end of a stream where that is not known yet. */
  concurrency(end?: Ms): Concurrency;
  running(): number;
  missed(): number;
  /** When the last stream ended; `null` while none has. */
  lastEnd(): Ms | null;
  /** When the last measured one did: a warm-up may outlast them. */
  lastMeasuredEnd(): Ms | null;
  /** Measured streams that ended after the window did. */
  outlasted(): number;
  /** Whether what has ended so far breaks a threshold of a model. */
  isBroken(): boolean;
  /** How each threshold stands, where it stands worst: what must hold must hold of each model. */
  thresholds(now: Ms): ThresholdState[];
  results(end: Ms): ResultReport[];
  series(end: Ms): SeriesReport;
};

/** Measures one step of a load: every stream goes into the result of its model and into that of all. */
export function createMeter(options: MeterOptions): Meter {
  const { models, slo, span, requests, duration, asked, ttftFrom, parted = false } = options;
  const all = openResult(null);
  const own = new Map(models.map((model) => [model, openResult(model)]));
  const used = new Set<string>();
  /** There are models without a result of their own. */
  let more = false;
  const concurrency = createConcurrency(asked, span, requests);
  const busy = createThroughput(span);
  const open = new Map<number, Open>();
  const starts: (Ms | null)[] = Array.from({ length: BLOCKS }, () => null);
  let measured = 0;
  let missed = 0;
  let lastEnd: Ms | null = null;
  let lastMeasuredEnd: Ms | null = null;
  let outlasted = 0;

  function openResult(model: string | null): Result {
    return createResult({ model, slo, span, counted: requests !== null, ttftFrom, parted });
  }

  /** Models that were asked for count, also where nothing came of it; not where every prompt named another instead. */
  function ownResults(): Result[] {
    const elsewhere = used.size > 0 && models.every((model) => !used.has(model));
    return [...own].filter(([model]) => !elsewhere || used.has(model)).map(([, each]) => each);
  }

  /** The tenth of the plan that a measured stream belongs to. */
  function blockOf(due: Ms): number {
    const byNumber = requests === null ? 0 : measured / requests;
    const byTime = duration === null ? 0 : (due - (span.opens() ?? due)) / duration;
    return Math.min(BLOCKS - 1, Math.max(0, Math.floor(BLOCKS * Math.max(byNumber, byTime))));
  }

  function onStarted({ job, due, warmup }: StartedEvent): void {
    const { model } = job.request.body;
    // A line of a prompts file may name a model of its own.
    const mine = own.get(model) ?? (own.size < MOST_MODELS ? openResult(model) : null);
    if (mine === null) more = true;
    else {
      own.set(model, mine);
      used.add(model);
    }
    const results = mine === null ? [all] : [mine, all];
    const block = warmup ? -1 : blockOf(due);
    if (!warmup) {
      measured++;
      starts[block] ??= due;
    }
    for (const each of results) each.started(warmup);
    open.set(job.stream, { warmup, block, results, slots: [] });
  }

  function onDelta(number: number, { at, events }: DeltaEvent): void {
    const slots = open.get(number)?.slots;
    const slot = slots?.at(-1);
    if (slot !== undefined && at - slot.at < SLOT && sameSlot(slot.at, at)) slot.events += events;
    else slots?.push({ at, events });
  }

  function sameSlot(a: Ms, b: Ms): boolean {
    const opens = span.opens();
    return opens !== null && Math.floor((a - opens) / SLOT) === Math.floor((b - opens) / SLOT);
  }

  function onGap({ stream: number, ms }: GapEvent): void {
    const stream = open.get(number);
    if (stream === undefined || stream.warmup) return;
    for (const each of stream.results) each.gap(stream.block, ms);
  }

  function onRecord({ stream: number, record, state, warmup }: RecordEvent<LoadRecord>): void {
    const stream = open.get(number);
    if (stream === undefined) return;
    open.delete(number);
    const { due, sent, ended, tokenEvents: events, coalesced, lumps } = state;
    const end = ended ?? due;
    lastEnd = Math.max(lastEnd ?? end, end);
    if (!warmup) {
      lastMeasuredEnd = Math.max(lastMeasuredEnd ?? end, end);
      if (end > (span.closes() ?? Infinity)) outlasted++;
    }
    if (sent !== null) busy.spread(sent, end, 1);
    const { block, results, slots } = stream;
    for (const each of results) each.add(record, block, end, { events, coalesced, lumps, slots });
  }

  return {
    on(event) {
      switch (event.type) {
        case "started":
          void concurrency.on(event);
          return onStarted(event);
        case "missed":
          if (!event.warmup) missed++;
          return;
        case "stream":
          if (event.event.type === "delta") onDelta(event.stream, event.event);
          else void concurrency.on(event);
          return;
        case "gap":
          return onGap(event);
        case "record":
          return onRecord(event);
        case "finished":
          return;
      }
    },
    all,
    concurrency: concurrency.observed,
    running: concurrency.now,
    missed: () => missed,
    lastEnd: () => lastEnd,
    lastMeasuredEnd: () => lastMeasuredEnd,
    outlasted: () => outlasted,
    isBroken: () => own.values().some((each) => each.isBroken()) || (more && all.isBroken()),
    thresholds(now) {
      const [first = [], ...others] = (more ? [...ownResults(), all] : ownResults()).map((each) =>
        each.thresholds(now),
      );
      return first.map((state, at) => [state, ...others.flatMap((states) => states[at] ?? [])].reduce(worse));
    },
    results(end) {
      const models = ownResults().map((each) => each.report(end, starts));
      if (models.length === 1) return models;
      // What must hold must hold of each; where some have no result, of all together too.
      const together = all.report(end, starts);
      return [...models, more ? together : unjudged(together)];
    },
    series(end) {
      const length = Math.max(0, end - (span.opens() ?? end));
      const buckets = Math.max(1, Math.min(MOST_BUCKETS, Math.ceil(length / 1000)));
      const bucket = length / buckets;
      const perBucket = (sums: number[], worth: number): number[] => sums.map((sum) => round(sum * worth));
      const perSecond = bucket > 0 ? 1000 / bucket : 0;
      return {
        bucket_ms: round(bucket),
        tokens: perBucket(all.tokens.parts(end, buckets), perSecond),
        requests: perBucket(all.requests.parts(end, buckets), perSecond),
        // Each 100 ms that a stream covers count 1.
        concurrency: perBucket(busy.parts(end, buckets), bucket > 0 ? SLOT / bucket : 0),
      };
    },
  };
}

/** Where each model is judged by itself, all together are not. */
function unjudged(together: ResultReport): ResultReport {
  const result = { ...together, thresholds: [] };
  delete result.objectives;
  return result;
}

/** One that is not passed, else one that has a value. */
function worse(one: ThresholdState, other: ThresholdState): ThresholdState {
  if (one.passed === false || other.passed === null) return one;
  return other.passed && one.passed ? one : other;
}
