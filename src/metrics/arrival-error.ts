import type { Ms, StreamEvent } from "../stream/event.ts";
import type { RunEvent, Watcher } from "../run/event.ts";
import { exactDistribution, round, type Distribution } from "./distribution.ts";
import type { StreamRecord } from "./record.ts";

/** Figures of the same streams as the server wrote them, as they are reported, and how far apart the two are; ms. */
export type InjectedFigures = Record<"ttft_ms" | "gap_ms" | "duration_ms", Distribution | null>;

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

export type ArrivalOptions = {
  /** Tokens that each stream should have. */
  tokens: number;
  /** The server's instants in the text of some token events, ms since the epoch. */
  stampsIn(text: string): readonly Ms[];
  /** When the server had read the request, from its headers; `null` where they do not say. */
  readAt(headers: Readonly<Record<string, string>>): Ms | null;
};

/** One stream under way; `previous` is the stamp before the last read. A warm-up only says how far the clocks may be apart. */
type Take = { warmup: boolean; sent: Ms; read: Ms | null; first: Ms | null; previous: Ms | null; last: Ms | null };

/** Pairs what a stamping server wrote with what is reported: a guest that stands before the recorder, whose gaps and records it is told. */
export type ArrivalError = Watcher & {
  gap(stream: number, gap: Ms): void;
  record(record: Pick<StreamRecord, "stream" | "verdict" | "ttft_ms" | "duration_ms" | "token_events">): void;
  figures(): ArrivalFigures;
};

export function createArrivalError({ tokens, stampsIn, readAt }: ArrivalOptions): ArrivalError {
  const open = new Map<number, Take>();
  const injected = createSeries();
  const reported = createSeries();
  const error = createSeries();
  const arrival: Ms[] = [];
  const requests: Ms[] = [];
  const streams = { measured: 0, complete: 0 };
  const clock = { min: -Infinity, max: Infinity };
  let shared = 0;

  function onDelta(take: Take, { at, text }: Extract<StreamEvent, { type: "delta" }>): void {
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
    if (read !== null) clock.max = Math.min(clock.max, read - take.sent);
  }

  function onEvent(take: Take, event: StreamEvent): void {
    if (event.type === "sent") take.sent = event.at;
    else if (event.type === "opened") onOpened(take, readAt(event.headers));
    else if (event.type === "delta") onDelta(take, event);
  }

  function add(figure: keyof InjectedFigures, was: Ms, said: Ms): void {
    injected[figure].push(was);
    reported[figure].push(said);
    error[figure].push(Math.abs(said - was));
  }

  return {
    on(event: RunEvent) {
      if (event.type === "started") {
        const { warmup } = event;
        open.set(event.job.stream, { warmup, sent: 0, read: null, first: null, previous: null, last: null });
        if (!warmup) streams.measured++;
      } else if (event.type === "stream") {
        const take = open.get(event.stream);
        if (take !== undefined) onEvent(take, event.event);
      }
    },
    gap(stream, gap) {
      const take = open.get(stream);
      if (take?.last && take.previous && !take.warmup) add("gap_ms", take.last - take.previous, gap);
    },
    record({ stream, verdict, ttft_ms: ttft, duration_ms: duration, token_events: events }) {
      const take = open.get(stream);
      open.delete(stream);
      if (take === undefined || take.warmup) return;
      if (verdict === "complete" && events === tokens) streams.complete++;
      if (take.read !== null) requests.push(take.read - take.sent);
      if (take.first === null || take.last === null || ttft === null) return;
      add("ttft_ms", take.first - take.sent, ttft);
      if (verdict === "complete") add("duration_ms", take.last - take.sent, duration);
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
