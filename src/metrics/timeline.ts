import {
  isComplete,
  type Ms,
  type StreamEvent,
  type Verdict,
  type DeltaEvent,
  type EndedEvent,
} from "../stream/event.ts";
import { exactDistribution, round, type Distribution } from "./distribution.ts";
import { createLumps, type Lumps } from "./lumps.ts";
import { createPauses, pauseIn, type Pauses } from "./pauses.ts";
import { speedsOf, type Speeds } from "./speeds.ts";
import { tokensOf, type TokenCounts } from "./tokens.ts";

/** The figures of one stream as `numbers` defines them; durations in ms, `null` where a figure does not exist. */
export type Figures = TokenCounts &
  Speeds & {
    verdict: Verdict;
    /** Instant of the last attempt's request. */
    sent_at: Ms;
    duration_ms: number;
    total_ms: number;
    tail_ms: number | null;
    ttft_ms: number | null;
    ttfo_ms: number | null;
    thinking_ms: number | null;
    gap_ms: Distribution | null;
    tokens_per_event: number | null;
    coalesced: number | null;
    /** Share of token events that came in lumps. */
    lumped: number | null;
    stalls: number;
    stall_ms: number;
    held_ms: number;
    malformed: number;
    attempts: number;
    retry_wait_ms: number;
    http_status: number | null;
  };

/** How one stream stands. Written by its timeline alone, as its events come; instants in ms since the epoch. */
export type StreamState = {
  /** When the pace wanted it to start; in a closed loop when its first request was sent. */
  due: Ms;
  /** The first attempt's request, the last attempt's, and that from which the first token counts. */
  sent: Ms | null;
  lastSent: Ms | null;
  firstTokenFrom: Ms | null;
  firstToken: Ms | null;
  /** The first visible text. */
  firstOutput: Ms | null;
  lastToken: Ms | null;
  ended: Ms | null;
  /** Requests made. */
  attempts: number;
  /** The wait for the next attempt, while it lasts: it may be cut short. */
  waiting: { at: Ms; delay: Ms; attempt: number } | null;
  reasoned: boolean;
  tokenEvents: number;
  /** Token events that shared a read with an earlier one. */
  coalesced: number;
  lumps: Readonly<Lumps>;
  /** It was cut in the middle of a stall, which began at its last token. */
  cutInStall: boolean;
};

type Timeline = {
  state: Readonly<StreamState>;
  /** The gap in ms that a read of tokens ends; `null` where there is none, or a hold of ours in it. */
  on(event: StreamEvent): Ms | null;
  /** Whether a gap of so many ms is a stall. */
  isStall(gap: Ms): boolean;
  /** The figures, once "ended" came. */
  figures(ended: EndedEvent): Figures;
};

export type TimelineOptions = {
  due: Ms;
  /** Ms from which a gap is a stall. */
  stall: Ms;
  /** From which attempt's request the first token counts: of a load with retries, from the first. */
  ttftFrom: "first_attempt" | "last_attempt";
  /** Starts come at a rate: a stream is due at a time of its own. */
  arrivals: boolean;
};

/** Until when a stream that reasons thought: until its first visible text, else until its last token. */
export function thoughtUntil({ reasoned, firstToken, firstOutput, lastToken }: StreamState): Ms | null {
  const until = firstOutput ?? lastToken;
  return reasoned && firstToken !== null && until !== null && until > firstToken ? until : null;
}

/** Folds the events of one stream into its state and its figures. */
export function createTimeline({ due, stall, ttftFrom, arrivals }: TimelineOptions): Timeline {
  const gaps = createSamples();
  const { lumps, add: addLumps } = createLumps();
  const { pauses, add: addPauses } = createPauses();
  const state: StreamState = {
    due,
    sent: null,
    lastSent: null,
    firstTokenFrom: null,
    firstToken: null,
    firstOutput: null,
    lastToken: null,
    ended: null,
    attempts: 0,
    waiting: null,
    reasoned: false,
    tokenEvents: 0,
    coalesced: 0,
    lumps,
    cutInStall: false,
  };
  /** Ms of our own doing before the last token. */
  let held = 0;
  let stalls = 0;
  let stallTime = 0;
  let malformed = 0;
  let retryWait = 0;
  /** The next request repeats one that a stale connection lost: its clock runs since that one. */
  let again = false;
  let status: number | null = null;

  const isStall = (gap: Ms): boolean => gap > stall;

  function addStall(gap: Ms): void {
    stalls++;
    stallTime += gap;
  }

  function onSent({ at, attempt }: Extract<StreamEvent, { type: "sent" }>): void {
    state.attempts = attempt;
    if (again) {
      again = false;
      return;
    }
    if (state.sent === null && !arrivals) state.due = at;
    state.sent ??= at;
    state.lastSent = at;
    state.firstTokenFrom = ttftFrom === "first_attempt" ? state.sent : at;
    retryWait += state.waiting?.delay ?? 0;
    state.waiting = null;
  }

  function onDelta(delta: DeltaEvent): Ms | null {
    const { at, text, reasoning, events, backpressure } = delta;
    const gap = state.lastToken === null || backpressure > 0 ? null : at - state.lastToken;
    if (gap !== null) {
      gaps.add(gap);
      if (isStall(gap)) addStall(gap);
    }
    addLumps(delta, state.firstToken === null);
    addPauses(delta);
    state.firstToken ??= at;
    if (text !== "") state.firstOutput ??= at;
    state.lastToken = at;
    held += backpressure;
    state.reasoned ||= reasoning !== "";
    state.tokenEvents += events;
    state.coalesced += events - 1;
    return gap;
  }

  function onEnded(ended: EndedEvent): void {
    state.ended = ended.at;
    if (state.waiting !== null) retryWait += Math.min(state.waiting.delay, ended.at - state.waiting.at);
    state.waiting = null;
    if (isComplete(ended) || state.lastToken === null) return;
    // What of it was our own doing is no silence of the server's.
    const gap = ended.at - state.lastToken - Math.max(0, ended.backpressure - held);
    if (!isStall(gap)) return;
    state.cutInStall = true;
    addStall(gap);
  }

  return {
    state,
    isStall,
    on(event) {
      switch (event.type) {
        case "sent":
          onSent(event);
          return null;
        case "opened":
          status = event.status;
          return null;
        case "delta":
          return onDelta(event);
        case "skipped":
          malformed++;
          return null;
        case "retrying":
          state.waiting = { at: event.at, delay: event.delay, attempt: event.attempt };
          return null;
        case "ended":
          onEnded(event);
          return null;
        case "notice":
          if (event.code === "stale_connection") again = true;
          return null;
        case "line":
          return null;
      }
    },

    figures(ended) {
      const { firstToken, lastToken, tokenEvents, coalesced } = state;
      const spread = firstToken !== null && lastToken !== null ? lastToken - firstToken : 0;
      const start = state.lastSent ?? ended.at;
      const counts = tokensOf(ended.usage, state);
      const duration = round((isComplete(ended) && lastToken !== null ? lastToken : ended.at) - start);
      const afterLast = isComplete(ended) ? 0 : pauseIn(ended.backpressure - held);
      return {
        verdict: ended.verdict,
        ...counts,
        sent_at: start,
        duration_ms: duration,
        total_ms: round(ended.at - (state.sent ?? ended.at)),
        tail_ms: lastToken === null ? null : round(ended.at - lastToken),
        ...waitsOf(state, pauses),
        ...speedsOf(counts, { duration: duration - afterLast, spread, events: tokenEvents }, pauses),
        gap_ms: exactDistribution(gaps.values()),
        tokens_per_event: tokenEvents > 0 ? round(counts.streamed_tokens / tokenEvents) : null,
        coalesced: tokenEvents > 0 ? round(coalesced / tokenEvents) : null,
        lumped: tokenEvents > 0 ? round(lumps.events / tokenEvents) : null,
        stalls,
        stall_ms: round(stallTime),
        held_ms: round(ended.backpressure),
        malformed,
        attempts: state.attempts,
        retry_wait_ms: round(retryWait),
        http_status: status,
      };
    },
  };
}

/** The waits for what came first; `null` where it never came, or a pause of ours hides when. */
function waitsOf(
  state: StreamState,
  { toFirst, toOutput }: Readonly<Pauses>,
): Pick<Figures, "ttft_ms" | "ttfo_ms" | "thinking_ms"> {
  const { firstTokenFrom, firstToken, firstOutput } = state;
  return {
    ttft_ms: toFirst > 0 ? null : between(firstTokenFrom, firstToken),
    ttfo_ms: toOutput > 0 ? null : between(firstTokenFrom, firstOutput),
    thinking_ms: firstOutput === null || toOutput > toFirst ? null : between(firstToken, thoughtUntil(state)),
  };
}

function between(from: Ms | null, to: Ms | null): number | null {
  return from === null || to === null ? null : round(to - from);
}

const NO_SAMPLES = new Float64Array(0);

/** Numbers without their boxes: eight bytes each, however many. A short answer has none, and takes no memory for them. */
function createSamples(): { add(value: number): void; values(): Float64Array } {
  let samples = NO_SAMPLES;
  let count = 0;
  return {
    add(value) {
      if (count === samples.length) {
        const larger = new Float64Array(Math.max(64, 2 * count));
        larger.set(samples);
        samples = larger;
      }
      samples[count++] = value;
    },
    values: () => (count === samples.length ? samples : samples.subarray(0, count)),
  };
}
