import type { Messages } from "../../src/i18n/load.ts";
import { type About, oneLine, sayFailure } from "../../src/i18n/say.ts";
import { toError, type StreamRecord } from "../../src/metrics/record.ts";
import type { Job } from "../../src/run/event.ts";
import type { Failure } from "../../src/stream/event.ts";

const ABOUT: About = {
  endpoint: "https://host.example/v1",
  llmaas: true,
  keyOrigin: "LLMAAS_API_KEY",
  proxy: null,
  maxWait: 60_000,
  command: (line) => `llmaas ${line}`,
};

/** A job as it stands before anything was sent. */
export function job(demo: boolean): Job {
  return {
    stream: 0,
    promptIndex: 0,
    repeat: 0,
    prompt: "Why is the sky blue?",
    endpoint: "https://host.example/v1",
    demo,
    request: {
      endpoint: "https://host.example/v1",
      api: "chat",
      key: null,
      headers: {},
      body: { model: "granite3.3:2b", messages: [], stream: true },
      timers: { open: 0, firstToken: 0, idle: 0, total: 0 },
      retries: 2,
      maxWait: 60_000,
      trustDone: false,
      secrets: [],
      observe: false,
    },
  };
}

/** The record of a good stream: the figures of the seed's sample. */
const GOOD: StreamRecord = {
  v: 1,
  type: "record",
  stream: 0,
  prompt_index: 0,
  repeat: 0,
  endpoint: "https://host.example/v1",
  api: "chat",
  demo: false,
  model: "granite3.3:2b",
  response_model: "granite3.3:2b",
  response_id: "chatcmpl-1",
  request: { messages_sha256: "", params: { max_tokens: 300 } },
  prompt: "Why is the sky blue?",
  verdict: "complete",
  finish_reason: "stop",
  error: null,
  notices: [],
  text: "Because…",
  reasoning: "",
  text_omitted: 0,
  tool_calls: [],
  tokens: 158,
  tokens_source: "usage",
  token_events: 156,
  streamed_tokens: 158,
  prompt_tokens: 12,
  cached_prompt_tokens: null,
  reasoning_tokens: null,
  reasoning_hidden: false,
  reasoning_apart: false,
  sent_at: "2026-11-22T10:00:00.000Z",
  duration_ms: 3420.1,
  total_ms: 3421,
  tail_ms: 0.9,
  ttft_ms: 212.4,
  ttfo_ms: 212.4,
  thinking_ms: null,
  tpot_ms: 20.4,
  tokens_per_second: 46.2,
  decode_tokens_per_second: 49,
  gap_ms: { count: 155, min: 18.1, mean: 20.4, p50: 20.2, p90: 21, p95: 21.6, p99: 24.8, max: 31 },
  tokens_per_event: 1.01,
  coalesced: 0,
  lumped: 0,
  stalls: 0,
  stall_ms: 0,
  held_ms: 0,
  malformed: 0,
  attempts: 1,
  retry_wait_ms: 0,
  http_status: 200,
  server: null,
  backend: null,
  cost: null,
  currency: null,
};

/** Of a stream that brought no token. */
const NOTHING: Partial<StreamRecord> = {
  text: "",
  finish_reason: null,
  tokens: 0,
  tokens_source: "events",
  token_events: 0,
  streamed_tokens: 0,
  duration_ms: 95,
  ttft_ms: null,
  ttfo_ms: null,
  tpot_ms: null,
  tokens_per_second: null,
  decode_tokens_per_second: null,
  gap_ms: null,
  tokens_per_event: null,
  coalesced: null,
  lumped: null,
};

const CUT: Partial<StreamRecord> = { finish_reason: null, tokens_source: "events", tokens: 1234 };

type Case = Partial<StreamRecord> & { failure?: Failure };

const CASES = {
  complete: {},
  "complete, without usage": { tokens_source: "events" },
  "complete, of few tokens": {
    tokens: 12,
    gap_ms: { count: 11, min: 18.1, mean: 20.4, p50: 20.2, p90: 31, p95: 31, p99: 31, max: 31 },
  },
  "complete, of one token": { tokens: 1, decode_tokens_per_second: null, gap_ms: null, duration_ms: 212.4 },
  "complete, after reasoning": { thinking_ms: 1840, reasoning_tokens: 60, ttfo_ms: 2052.4 },
  "complete, after retries": { attempts: 3, retry_wait_ms: 1510 },
  "complete, with stalls": { stalls: 2, stall_ms: 3100, duration_ms: 65_000, tokens_per_second: 2.43 },
  "complete, with malformed events": { malformed: 3 },
  "complete, read slowly by us": { held_ms: 5020 },
  "complete, with tool calls": {
    finish_reason: "tool_calls",
    tool_calls: [
      { index: 0, id: "a", name: "get_weather", arguments: '{"city":"Paris"}', invalid: false },
      { index: 1, id: "b", name: "get_time", arguments: '{"city":', invalid: true },
    ],
  },
  length: { verdict: "length", finish_reason: "length", tokens: 300 },
  empty: {
    verdict: "empty",
    finish_reason: "length",
    text: "",
    failure: { kind: "empty", finishReason: "length", byLength: true, reasoningTokens: 300, message: "" },
  },
  filtered: {
    verdict: "filtered",
    finish_reason: "content_filter",
    failure: { kind: "filtered", reason: "content_filter", message: "" },
  },
  truncated: {
    ...CUT,
    verdict: "truncated",
    failure: { kind: "truncated", how: "reset", code: "ECONNRESET", message: "" },
  },
  failed: {
    ...NOTHING,
    verdict: "failed",
    failure: { kind: "http", status: 401, code: null, message: "Invalid API key.", html: false, refusedWait: null },
  },
  timeout: {
    ...CUT,
    verdict: "timeout",
    stalls: 1,
    stall_ms: 60_000,
    duration_ms: 63_400,
    failure: { kind: "timeout", phase: "idle", after: 60_000, message: "" },
  },
  cancelled: { ...CUT, verdict: "cancelled", failure: { kind: "cancelled", reason: "signal", message: "" } },
} satisfies Record<string, Case>;

/** Fixed records, one of each kind, as the recorder would make them in this language. */
export function records(messages: Messages): [name: string, record: StreamRecord][] {
  return Object.entries(CASES).map(([name, given]): [string, StreamRecord] => {
    const { failure, ...own }: Case = given;
    const say = (said: Failure): string => oneLine(sayFailure(messages, said, ABOUT));
    return [name, { ...GOOD, ...own, error: failure === undefined ? null : toError(failure, say) }];
  });
}
