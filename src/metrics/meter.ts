import type { RunEvent, Watcher } from "../run/event.ts";
import type { Ms, StreamEvent } from "../stream/event.ts";
import { createResult, type Result } from "./result.ts";
import { createConcurrency, type Concurrency, type Span } from "./concurrency.ts";
import { round } from "./distribution.ts";
import type { LoadRecord } from "./load-record.ts";
import { isComplete, type StreamRecord } from "./record.ts";
import { BLOCKS } from "./distributions.ts";
import type { ResultReport, SeriesReport, TrustReport } from "./summary.ts";
import type { Slo } from "./thresholds.ts";
import { createThroughput } from "./throughput.ts";

/** Ms that share one entry of when tokens came: a slot of the throughput. */
const SLOT = 100;
/** Most points of a chart over time. */
const MOST_BUCKETS = 300;
/** Models with a column of their own. */
const MOST_MODELS = 20;

export type MeterOptions = {
  step: number;
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
};

/** When one stream did what; instants in ms since the epoch. */
export type Instants = {
  due: Ms;
  sent: Ms | null;
  firstToken: Ms | null;
  firstOutput: Ms | null;
  lastToken: Ms | null;
  ended: Ms | null;
};

type Open = Instants & {
  warmup: boolean;
  block: number;
  columns: readonly Result[];
  events: number;
  coalesced: number;
  slots: { at: Ms; events: number }[];
};

export type Meter = Watcher & {
  gap(stream: number, ms: number): void;
  /** Adds what only a load knows to a stream's record, counts it, and says when it did what; called at its "ended". */
  add(record: StreamRecord): { record: LoadRecord; instants: Instants };
  /** The column of the whole step. */
  whole: Result;
  /** Up to `end`, the measured time's own; up to the last end of a stream where that is not known yet. */
  concurrency(end?: Ms): Concurrency;
  running(): number;
  missed(): number;
  /** When the last stream ended; `null` while none has. */
  lastEnd(): Ms | null;
  /** When the last measured one did: a warm-up may outlast them. */
  lastMeasuredEnd(): Ms | null;
  /** Whether what has ended so far breaks a threshold of a model. */
  isBroken(): boolean;
  results(end: Ms): ResultReport[];
  series(end: Ms): SeriesReport;
};

/** The guest that measures one step of a load: every stream goes into the column of its model and into the whole. */
export function createMeter(options: MeterOptions): Meter {
  const { step, models, slo, span, requests, duration, asked, ttftFrom } = options;
  const whole = column(null);
  const own = new Map(models.map((model) => [model, column(model)]));
  const used = new Set<string>();
  /** There are models without a column of their own. */
  let more = false;
  const concurrency = createConcurrency(asked, span, requests);
  const busy = createThroughput(span);
  const open = new Map<number, Open>();
  const starts: (Ms | null)[] = Array.from({ length: BLOCKS }, () => null);
  let measured = 0;
  let missed = 0;
  let lastEnd: Ms | null = null;
  let lastMeasuredEnd: Ms | null = null;

  function column(model: string | null): Result {
    return createResult({ model, slo, span, counted: requests !== null, ttftFrom });
  }

  /** Models that were asked for count, also where nothing came of it; not where every prompt named another instead. */
  function ownColumns(): Result[] {
    const elsewhere = used.size > 0 && models.every((model) => !used.has(model));
    return [...own].filter(([model]) => !elsewhere || used.has(model)).map(([, each]) => each);
  }

  /** The tenth of the plan that a measured stream belongs to. */
  function blockOf(due: Ms): number {
    const byNumber = requests === null ? 0 : measured / requests;
    const byTime = duration === null ? 0 : (due - (span.opens() ?? due)) / duration;
    return Math.min(BLOCKS - 1, Math.max(0, Math.floor(BLOCKS * Math.max(byNumber, byTime))));
  }

  function onStarted({ job, due, warmup }: Extract<RunEvent, { type: "started" }>): void {
    const { model } = job.request.body;
    // A line of a prompts file may name a model of its own.
    const mine = own.get(model) ?? (own.size < MOST_MODELS ? column(model) : null);
    if (mine === null) more = true;
    else {
      own.set(model, mine);
      used.add(model);
    }
    const columns = mine === null ? [whole] : [mine, whole];
    const block = warmup ? -1 : blockOf(due);
    if (!warmup) {
      measured++;
      starts[block] ??= due;
    }
    for (const each of columns) each.started(warmup);
    const none = { sent: null, firstToken: null, firstOutput: null, lastToken: null, ended: null };
    open.set(job.stream, { due, ...none, warmup, block, columns, events: 0, coalesced: 0, slots: [] });
  }

  function onEvent(stream: Open, event: StreamEvent): void {
    if (event.type === "sent") stream.sent ??= event.at;
    else if (event.type === "delta") onDelta(stream, event);
    else if (event.type === "ended") {
      stream.ended = event.at;
      lastEnd = Math.max(lastEnd ?? event.at, event.at);
      if (!stream.warmup) lastMeasuredEnd = Math.max(lastMeasuredEnd ?? event.at, event.at);
      if (stream.sent !== null) busy.spread(stream.sent, event.at, 1);
    }
  }

  function onDelta(stream: Open, { at, text, events }: Extract<StreamEvent, { type: "delta" }>): void {
    stream.firstToken ??= at;
    if (text !== "") stream.firstOutput ??= at;
    stream.lastToken = at;
    stream.events += events;
    stream.coalesced += events - 1;
    const slot = stream.slots.at(-1);
    if (slot !== undefined && at - slot.at < SLOT && sameSlot(slot.at, at)) slot.events += events;
    else stream.slots.push({ at, events });
  }

  function sameSlot(a: Ms, b: Ms): boolean {
    const opens = span.opens();
    return opens !== null && Math.floor((a - opens) / SLOT) === Math.floor((b - opens) / SLOT);
  }

  function add(record: StreamRecord): { record: LoadRecord; instants: Instants } {
    const stream = open.get(record.stream);
    if (stream === undefined) throw new Error(`stream ${record.stream} has a record and no start`);
    open.delete(record.stream);
    const { sent, firstToken, firstOutput, lastToken, ended, warmup, block, columns } = stream;
    // Only an arrival rate wants a stream at a time of its own.
    const due = asked === null ? stream.due : (sent ?? stream.due);
    const full: LoadRecord = {
      ...record,
      step,
      warmup,
      dispatch_delay_ms: sent === null ? null : round(Math.max(0, sent - due)),
      latency_from_due_ms: isComplete(record) && lastToken !== null ? round(lastToken - due) : null,
    };
    for (const each of columns) each.add(full, block, ended ?? due, stream);
    return { record: full, instants: { due, sent, firstToken, firstOutput, lastToken, ended } };
  }

  return {
    on(event) {
      void concurrency.on(event);
      switch (event.type) {
        case "started":
          return onStarted(event);
        case "missed":
          if (!event.warmup) missed++;
          return;
        case "stream": {
          const stream = open.get(event.stream);
          if (stream !== undefined) onEvent(stream, event.event);
          return;
        }
        case "finished":
          return;
      }
    },
    gap(number, ms) {
      const stream = open.get(number);
      if (stream === undefined || stream.warmup) return;
      for (const each of stream.columns) each.gap(stream.block, ms);
    },
    add,
    whole,
    concurrency: concurrency.observed,
    running: concurrency.now,
    missed: () => missed,
    lastEnd: () => lastEnd,
    lastMeasuredEnd: () => lastMeasuredEnd,
    isBroken: () => own.values().some((each) => each.isBroken()) || (more && whole.isBroken()),
    results(end) {
      const models = ownColumns().map((each) => each.report(end, starts));
      if (models.length === 1) return models;
      // What must hold must hold of each; where some have no column, of all together too.
      const together = whole.report(end, starts);
      return [...models, more ? together : { ...together, thresholds: [] }];
    },
    series(end) {
      const length = Math.max(0, end - (span.opens() ?? end));
      const buckets = Math.max(1, Math.min(MOST_BUCKETS, Math.ceil(length / 1000)));
      const bucket = length / buckets;
      const perBucket = (sums: number[], worth: number): number[] => sums.map((sum) => round(sum * worth));
      const perSecond = bucket > 0 ? 1000 / bucket : 0;
      return {
        bucket_ms: round(bucket),
        tokens: perBucket(whole.tokens.parts(end, buckets), perSecond),
        requests: perBucket(whole.requests.parts(end, buckets), perSecond),
        // Each 100 ms that a stream covers count 1.
        concurrency: perBucket(busy.parts(end, buckets), bucket > 0 ? SLOT / bucket : 0),
      };
    },
  };
}
