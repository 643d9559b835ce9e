import type { Ms, StreamEvent, Verdict } from "../stream/event.ts";
import { exactDistribution, round, type Distribution } from "./distribution.ts";

type Ended = Extract<StreamEvent, { type: "ended" }>;

/** The figures of one stream as `numbers` defines them; durations in ms, `null` where a figure does not exist. */
export type Figures = {
  verdict: Verdict;
  tokens: number;
  tokens_source: "usage" | "events";
  token_events: number;
  streamed_tokens: number;
  prompt_tokens: number | null;
  reasoning_tokens: number | null;
  reasoning_hidden: boolean;
  /** Instant of the last attempt's request. */
  sent_at: Ms;
  duration_ms: number;
  total_ms: number;
  tail_ms: number | null;
  ttft_ms: number | null;
  ttfo_ms: number | null;
  thinking_ms: number | null;
  tpot_ms: number | null;
  tokens_per_second: number | null;
  decode_tokens_per_second: number | null;
  gap_ms: Distribution | null;
  tokens_per_event: number | null;
  coalesced: number | null;
  stalls: number;
  stall_ms: number;
  held_ms: number;
  malformed: number;
  attempts: number;
  retry_wait_ms: number;
  http_status: number | null;
};

export type Timeline = {
  on(event: StreamEvent): void;
  /** The figures, once "ended" came. */
  figures(ended: Ended): Figures;
};

export type TimelineOptions = {
  /** Ms from which a gap is a stall. */
  stall: number;
  /** From which attempt's request the first token counts: of a load with retries, from the first. */
  ttftFrom?: "first_attempt" | "last_attempt";
  /** Called with each gap in ms, as it is known. */
  onGap?: (gap: number) => void;
};

/** Folds the events of one stream into its figures. */
export function createTimeline({ stall, ttftFrom = "last_attempt", onGap }: TimelineOptions): Timeline {
  const gaps = createSamples();
  let firstSent: Ms | null = null;
  let sent: Ms = 0;
  let firstToken: Ms | null = null;
  let firstOutput: Ms | null = null;
  let lastToken: Ms | null = null;
  let reasoned = false;
  let tokenEvents = 0;
  let coalesced = 0;
  let stalls = 0;
  let stallTime = 0;
  let malformed = 0;
  let attempts = 0;
  let retryWait = 0;
  /** A wait for an attempt that has not come yet, and may be cut short. */
  let pending: { at: Ms; delay: Ms } | null = null;
  let status: number | null = null;

  function addGap(gap: number): void {
    gaps.add(gap);
    onGap?.(gap);
    addStall(gap);
  }

  function addStall(gap: number): void {
    if (gap <= stall) return;
    stalls++;
    stallTime += gap;
  }

  function onDelta(event: Extract<StreamEvent, { type: "delta" }>): void {
    if (lastToken !== null && event.held === 0) addGap(event.at - lastToken);
    firstToken ??= event.at;
    if (event.text !== "") firstOutput ??= event.at;
    lastToken = event.at;
    reasoned ||= event.reasoning !== "";
    tokenEvents += event.events;
    coalesced += event.events - 1;
  }

  function tokensOf({
    usage,
  }: Ended): Pick<Figures, "tokens" | "tokens_source" | "streamed_tokens" | "reasoning_hidden"> {
    const counted = usage?.completion_tokens ?? null;
    if (counted === null || (counted === 0 && tokenEvents > 0))
      return { tokens: tokenEvents, tokens_source: "events", streamed_tokens: tokenEvents, reasoning_hidden: false };
    const reasoning = usage?.reasoning_tokens ?? 0;
    const hidden = reasoning > 0 && !reasoned;
    const streamed = hidden ? Math.max(0, counted - reasoning) : counted;
    return { tokens: counted, tokens_source: "usage", streamed_tokens: streamed, reasoning_hidden: hidden };
  }

  function since(from: Ms, to: Ms | null): number | null {
    return to === null ? null : round(to - from);
  }

  return {
    on(event) {
      switch (event.type) {
        case "sent":
          firstSent ??= event.at;
          retryWait += pending?.delay ?? 0;
          pending = null;
          sent = event.at;
          attempts = event.attempt;
          return;
        case "opened":
          status = event.status;
          return;
        case "delta":
          return onDelta(event);
        case "skipped":
          malformed++;
          return;
        case "retrying":
          pending = event;
          return;
        case "notice":
        case "line":
        case "ended":
          return;
      }
    },

    figures(ended) {
      const whole = ended.verdict === "complete" || ended.verdict === "length";
      const start = firstSent === null ? ended.at : sent;
      const asked = ttftFrom === "first_attempt" ? (firstSent ?? start) : start;
      const counts = tokensOf(ended);
      const duration = round((whole && lastToken !== null ? lastToken : ended.at) - start);
      const spread = firstToken !== null && lastToken !== null ? lastToken - firstToken : 0;
      const tpot = counts.streamed_tokens >= 2 && spread > 0 ? spread / (counts.streamed_tokens - 1) : null;
      if (pending !== null) retryWait += Math.min(pending.delay, ended.at - pending.at);
      if (!whole && lastToken !== null) addStall(ended.at - lastToken);
      return {
        verdict: ended.verdict,
        ...counts,
        token_events: tokenEvents,
        prompt_tokens: ended.usage?.prompt_tokens ?? null,
        reasoning_tokens: ended.usage?.reasoning_tokens ?? null,
        sent_at: start,
        duration_ms: duration,
        total_ms: round(ended.at - (firstSent ?? ended.at)),
        tail_ms: lastToken === null ? null : round(ended.at - lastToken),
        ttft_ms: since(asked, firstToken),
        ttfo_ms: since(asked, firstOutput),
        thinking_ms:
          firstToken !== null && firstOutput !== null && reasoned && firstOutput > firstToken
            ? since(firstToken, firstOutput)
            : null,
        tpot_ms: tpot === null ? null : round(tpot),
        tokens_per_second: counts.tokens > 0 && duration > 0 ? round((1000 * counts.tokens) / duration) : null,
        decode_tokens_per_second: tpot === null ? null : round(1000 / tpot),
        gap_ms: exactDistribution(gaps.values()),
        tokens_per_event: tokenEvents > 0 ? round(counts.streamed_tokens / tokenEvents) : null,
        coalesced: tokenEvents > 0 ? round(coalesced / tokenEvents) : null,
        stalls,
        stall_ms: round(stallTime),
        held_ms: round(ended.held),
        malformed,
        attempts,
        retry_wait_ms: round(retryWait),
        http_status: status,
      };
    },
  };
}

/** Numbers without their boxes: eight bytes each, however many. */
function createSamples(): { add(value: number): void; values(): Float64Array } {
  let samples = new Float64Array(64);
  let count = 0;
  return {
    add(value) {
      if (count === samples.length) {
        const larger = new Float64Array(2 * count);
        larger.set(samples);
        samples = larger;
      }
      samples[count++] = value;
    },
    values: () => samples.subarray(0, count),
  };
}
