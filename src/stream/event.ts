import type { Excess } from "../wire/bounds.ts";
import type { Adaptation } from "../wire/api.ts";
import type { ApiKind } from "../wire/apis.ts";
import type { ApiBody, ChatBody, Json } from "../wire/request.ts";
import type { ServerFigures } from "../wire/server-figures.ts";
import type { ToolDelta } from "../wire/tool-calls.ts";
import type { Usage } from "../wire/usage.ts";

/** An instant in milliseconds: `performance.timeOrigin + performance.now()` of the thread that reads. */
export type Ms = number;

const ORIGIN: Ms = performance.timeOrigin;

/** The present one. */
export function now(): Ms {
  return ORIGIN + performance.now();
}

/** Calls `run` once, `ms` from now; what it returns calls that off. */
export type StartTimer = (run: () => void, ms: number) => () => void;

/** By the clock of this thread. */
export const startTimer: StartTimer = (run, ms) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

export type Verdict = "complete" | "length" | "empty" | "filtered" | "truncated" | "failed" | "timeout" | "cancelled";

/** A whole answer: complete, or cut by `max_tokens`. */
export function isComplete({ verdict }: { verdict: Verdict }): boolean {
  return verdict === "complete" || verdict === "length";
}

/** Things worth saying that change no verdict. `detail` is data: a name, a type, a reason. */
export type NoticeCode =
  | Adaptation["code"]
  | "stale_connection"
  | "content_type"
  | "not_streamed"
  | "other_choices"
  | "other_model"
  | "usage_impossible"
  | "usage_not_total"
  | "unknown_finish_reason"
  | "lost_events"
  | "done_without_reason"
  | "end_without_reason"
  | "late_error";

/** Notices that say what an answer is worth: they are said whatever is asked to be quiet. */
export function isLoud(code: NoticeCode): boolean {
  return code === "unknown_finish_reason" || code === "lost_events";
}

/** Something worth saying of one stream. */
export type NoticeEvent = { type: "notice"; at: Ms; code: NoticeCode; detail: string };

/** One network read that brought tokens. */
export type DeltaEvent = {
  type: "delta";
  at: Ms;
  text: string;
  reasoning: string;
  refusal: string;
  tools: readonly ToolDelta[];
  /** Token events in it. */
  events: number;
  /** Ms for which we had stopped reading before it. */
  backpressure: number;
  /** Ms for which this thread had nothing to do but to wait for it, since the request or the last read of tokens. */
  idle: Ms;
};

export type EndedEvent = {
  type: "ended";
  at: Ms;
  verdict: Verdict;
  finishReason: string | null;
  usage: Usage | null;
  /** What the server says of its own work. */
  server: ServerFigures | null;
  response: { id: string | null; model: string | null; backend: string | null } | null;
  failure: Failure | null;
  /** Total ms during which we did not read because our own output was blocked. */
  backpressure: number;
  /** The last 4 KB received, masked, when lines are observed and the stream failed. */
  tail: string;
  /** The body that a whole answer would have had in one piece, as JSON, where the request asks for it. */
  body?: string;
};

/** What goes over the wire; `headers` are masked, `path` stands behind the endpoint. */
export type SentRequest = { path: string; headers: Record<string, string>; body: ApiBody };

/** What happens to one stream, in order; the last is always "ended". */
export type StreamEvent =
  /** Just before `fetch` is called; `attempt` counts from 1. `request` only when lines are observed. */
  | { type: "sent"; at: Ms; attempt: number; request: SentRequest | null }
  | { type: "opened"; at: Ms; status: number; headers: Record<string, string> }
  | DeltaEvent
  /** A malformed event; `why` ends with "at position N" where it stops being JSON. */
  | { type: "skipped"; at: Ms; data: string; why: string }
  | NoticeEvent
  /** A raw line of the body with its byte offset, for `--debug`; `parsed` is what its data held. */
  | { type: "line"; at: Ms; line: string; offset: number; parsed: string | null }
  | { type: "retrying"; at: Ms; attempt: number; failure: Failure; delay: number }
  | EndedEvent;

/** Milliseconds; 0 is off. */
export type Timers = { open: number; firstToken: number; idle: number; total: number };

/** Everything the engine needs for one prompt; plain data, it crosses to the worker. */
export type StreamRequest = {
  /** Base URL without a final slash, such as `https://host/v1`. */
  endpoint: string;
  /** Which API is spoken; what it wants of headers and body is made of these. */
  api: ApiKind;
  key: string | null;
  headers: Record<string, string>;
  body: ChatBody;
  timers: Timers;
  retries: number;
  /** Longest wait in ms that a server may ask for. */
  maxWait: number;
  /** `[DONE]` without a finish reason ends a whole answer. */
  trustDone: boolean;
  /** A proxy that the runtime does not find by itself. */
  proxy?: string | undefined;
  /** What must never leave the worker but in the model's own text. */
  secrets: readonly string[];
  /** Emit `line` events. */
  observe: boolean;
  /** Put the answer together. */
  assemble?: boolean;
};

/** The four timers of a stream. */
export type TimerName = "open" | "first_token" | "idle" | "total";

/** Why we ended a stream ourselves. */
export type CancelReason = "signal" | "fail_fast" | "window" | "abort" | "reader_gone";

/** An error of the runtime. `trace`: the stacks of its cause chain, for `--debug`. */
type Thrown = { code: string; trace: string };

/** Why trying again does not help: no credit is left, the server cannot do it, or it says so itself. */
export type Lasting = "quota" | "unsupported" | "told";

/** What each kind carries besides `message`: what the server or the runtime said, masked, or "". */
type Kinds = {
  /**
   * `wait`: ms the server asked to wait before another attempt. `refusedWait`: the same, when that was longer than we are
   * allowed to. `lasting`: why a later attempt would not get more. `byProxy`: a forward proxy wrote it, and not the server.
   */
  http: {
    status: number;
    code: string | null;
    html: boolean;
    wait?: number | null;
    refusedWait: number | null;
    lasting?: Lasting | null;
    byProxy?: boolean;
  };
  redirect: { status: number };
  dns: Thrown;
  refused: Thrown;
  /** `status`: of its answer to CONNECT. */
  proxy: Thrown & { status?: number | null };
  too_many_files: Thrown;
  reset: Thrown;
  invalid_http: Thrown;
  network: Thrown;
  tls: Thrown & { problem: "untrusted" | "expired" | "wrong_name" | "other" };
  encoding: Thrown;
  no_content: { status: number };
  not_a_stream: { contentType: string };
  ended_early: {};
  malformed: { count: number };
  /** `limit`: the most that is read, in what `reason` counts in. */
  oversize: { reason: Excess; limit: number };
  /** An error object inside the stream. */
  server_error: { code: string | null };
  finish_reason: { reason: string };
  /** `no_reason`: the server ended the answer itself, and without a finish reason. */
  truncated: { how: "end" | "reset" | "no_reason"; code: string | null };
  /** `byLength`: the longest answer that was asked for ended it. */
  empty: { finishReason: string | null; byLength: boolean; reasoningTokens: number | null };
  filtered: { reason: string };
  /** `after` in ms. */
  timeout: { phase: TimerName; after: number };
  cancelled: { reason: CancelReason };
  worker_died: {};
};

/** The discriminator of a failure. */
export type FailureKind = keyof Kinds;

/** The failures of some kinds. */
export type FailureOf<K extends FailureKind> = { [P in K]: { kind: P; message: string } & Kinds[P] }[K];

/** Why a stream did not end well, as data; the words for it are in `i18n/`. */
export type Failure = FailureOf<FailureKind>;

export type { ApiKind, ChatBody, Json, ServerFigures, ToolDelta, Usage };
