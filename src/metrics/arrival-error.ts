import type { Ms, StreamEvent, DeltaEvent } from "../stream/event.ts";
import { exactDistribution, round, type Distribution } from "./distribution.ts";
import type { StreamState } from "./timeline.ts";
import type { RecordEvent, RunWatcher } from "./watched.ts";

/** Figures of the same streams as the server wrote them, as they are reported, and how far apart the two are; ms. */
type InjectedFigures = Record<"ttft_ms" | "gap_ms" | "duration_ms", Distribution | null>;

/**
 * What measuring adds. `ttft_ms`: reported less injected, which is `first_token` less the server's stamp of its first
 * token write; `duration_ms` likewise of the last; `gap_ms`: the reported gap less the difference of the stamps, all
 * without their sign. `arrival_ms`: each token's read less its write. `request_ms`: from `sent` to the server's read.
 */
export type ArrivalErrors = InjectedFigures & Record<"arrival_ms" | "request_ms", Distribution | null>;

export type ArrivalFigures = {
  streams: { measured: number; complete: number };
  /** `expected`: what the server was asked for; `paired`: tokens that arrived with their stamp; `coalesced`: of these, the share that came in the read of an earlier one. */
  tokens: { expected: number; paired: number; coalesced: number | null };
  injected: InjectedFigures;
  reported: InjectedFigures;
  error: ArrivalErrors;
  /** How far the server's clock may be ahead of ours: no token came before it was written, no request was read before it was sent. */
  clock_ahead_ms: { min: number; max: number } | null;
};

type ArrivalOptions = {
  /** Tokens that each stream should have. */
  tokens: number;
  /** The server's instants in the text of some token events, ms since the epoch. */
  stampsIn(text: string): readonly Ms[];
  /** When the server had read the request, from its headers; `null` where they do not say. */
  readAt(headers: Readonly<Record<string, string>>): Ms | null;
};

/** One stream under way; `previous` is the stamp before the last read. A warm-up only says how far the clocks may be apart. */
type Take = {
  warmup: boolean;
  state: Readonly<StreamState>;
  read: Ms | null;
  first: Ms | null;
  previous: Ms | null;
  last: Ms | null;
};

/** Pairs what a stamping server wrote with what is reported. */
export function createArrivalError({ tokens, stampsIn, readAt }: ArrivalOptions): RunWatcher & {
  figures(): ArrivalFigures;
} {
  const open = new Map<number, Take>();
  const injected = createSeries();
  const reported = createSeries();
  const error = createSeries();
  const arrival: Ms[] = [];
  const requests: Ms[] = [];
  const streams = { measured: 0, complete: 0 };
  const clock = { min: -Infinity, max: Infinity };
  let shared = 0;

  function onDelta(take: Take, { at, text }: DeltaEvent): void {
    const stamps = stampsIn(text);
    take.previous = take.last;
    for (const stamp of stamps) {
      clock.min = Math.max(clock.min, stamp - at);
      if (!take.warmup) arrival.push(at - stamp);
      take.first ??= stamp;
      take.last = stamp;
    }
    if (!take.warmup) shared += Math.max(0, stamps.length - 1);
  }

  function onOpened(take: Take, read: Ms | null): void {
    take.read = read;
    if (read !== null) clock.max = Math.min(clock.max, read - (take.state.sent ?? read));
  }

  function onEvent(take: Take, event: StreamEvent): void {
    if (event.type === "opened") onOpened(take, readAt(event.headers));
    else if (event.type === "delta") onDelta(take, event);
  }

  function add(figure: keyof InjectedFigures, was: Ms, said: Ms): void {
    injected[figure].push(was);
    reported[figure].push(said);
    error[figure].push(Math.abs(said - was));
  }

  function onGap(take: Take, gap: Ms): void {
    if (take.last && take.previous && !take.warmup) add("gap_ms", take.last - take.previous, gap);
  }

  function onRecord({ read, first, last }: Take, { record, state: { sent }, warmup }: RecordEvent): void {
    if (warmup || sent === null) return;
    const complete = record.verdict === "complete";
    if (complete && record.token_events === tokens) streams.complete++;
    if (read !== null) requests.push(read - sent);
    if (first === null || last === null || record.ttft_ms === null) return;
    add("ttft_ms", first - sent, record.ttft_ms);
    if (complete) add("duration_ms", last - sent, record.duration_ms);
  }

  return {
    on(event) {
      if (event.type === "started") {
        const { warmup, state } = event;
        open.set(event.job.stream, { warmup, state, read: null, first: null, previous: null, last: null });
        if (!warmup) streams.measured++;
        return;
      }
      if (event.type === "missed" || event.type === "finished") return;
      const take = open.get(event.stream);
      if (take === undefined) return;
      if (event.type === "stream") return onEvent(take, event.event);
      if (event.type === "gap") return onGap(take, event.ms);
      open.delete(event.stream);
      onRecord(take, event);
    },
    figures() {
      return {
        streams,
        tokens: {
          expected: streams.measured * tokens,
          paired: arrival.length,
          coalesced: arrival.length === 0 ? null : round(shared / arrival.length),
        },
        injected: allFigures(injected),
        reported: allFigures(reported),
        error: { ...allFigures(error), arrival_ms: figuresOf(arrival), request_ms: figuresOf(requests) },
        clock_ahead_ms:
          clock.min > -Infinity && clock.max < Infinity ? { min: round(clock.min), max: round(clock.max) } : null,
      };
    },
  };
}

type Series = Record<keyof InjectedFigures, Ms[]>;

function createSeries(): Series {
  return { ttft_ms: [], gap_ms: [], duration_ms: [] };
}

function allFigures({ ttft_ms, gap_ms, duration_ms }: Series): InjectedFigures {
  return { ttft_ms: figuresOf(ttft_ms), gap_ms: figuresOf(gap_ms), duration_ms: figuresOf(duration_ms) };
}

function figuresOf(values: readonly Ms[]): Distribution | null {
  return exactDistribution(Float64Array.from(values));
}
