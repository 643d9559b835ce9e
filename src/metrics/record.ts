import type { Job } from "../run/event.ts";
import type {
  ApiKind,
  ChatBody,
  CancelReason,
  Failure,
  NoticeCode,
  ServerFigures,
  TimerName,
  EndedEvent,
} from "../stream/event.ts";
import type { CostOf } from "./tokens.ts";
import type { Content, ToolCall } from "./content.ts";
import type { Figures } from "./timeline.ts";

/** The sentence for a failure, in the reader's language. */
export type Say = (failure: Failure) => string;

/** `message` is a sentence for people; the rest is for programs. */
type RecordError = {
  kind: Failure["kind"];
  message: string;
  reason?: CancelReason | string;
  status?: number;
  code?: string;
  phase?: TimerName;
};

/** One stream, ended: flat, stable, the line of `--records` and the last line of `--json`. */
export type StreamRecord = {
  v: 1;
  type: "record";
  stream: number;
  prompt_index: number;
  repeat: number;
  endpoint: string;
  api: ApiKind;
  demo: boolean;
  model: string;
  response_model: string | null;
  response_id: string | null;
  request: { messages_sha256: string; params: Record<string, unknown> };
  prompt: string;
  verdict: Figures["verdict"];
  finish_reason: string | null;
  error: RecordError | null;
  notices: NoticeCode[];
  text: string;
  reasoning: string;
  /** UTF-16 units of text and reasoning beyond what a record holds. */
  text_omitted: number;
  tool_calls: ToolCall[];
} & Omit<Figures, "verdict" | "sent_at"> & {
    sent_at: string;
    /** What the server says of its own work; `null` where it says nothing. */
    server: ServerFigures | null;
    backend: string | null;
    cost: number | null;
    currency: string | null;
  };

/** What a record is made with besides what happened. */
type Means = { say: Say; costOf: CostOf; currency: string | null };

/** Puts job, content and figures together in the order in which the record is documented. */
export function toRecord(job: Job, ended: EndedEvent, figures: Figures, content: Content, means: Means): StreamRecord {
  const { body } = job.request;
  const { model } = body;
  const { verdict, sent_at: sentAt } = figures;
  // Those two are written once more: to take fields out of an object costs twice as much (Bun 1.4).
  const numbers: Omit<Figures, "verdict" | "sent_at"> = figures;
  return {
    v: 1,
    type: "record",
    stream: job.stream,
    prompt_index: job.promptIndex,
    repeat: job.repeat,
    endpoint: job.endpoint,
    api: job.request.api,
    demo: job.demo,
    model,
    response_model: ended.response?.model ?? null,
    response_id: ended.response?.id ?? null,
    request: requestOf(body),
    prompt: job.prompt,
    verdict,
    finish_reason: ended.finishReason,
    error: ended.failure === null ? null : toError(ended.failure, means.say),
    notices: content.notices,
    text: content.text,
    reasoning: content.reasoning,
    text_omitted: content.omitted,
    tool_calls: content.tools,
    ...numbers,
    sent_at: new Date(sentAt).toISOString(),
    server: ended.server,
    backend: ended.response?.backend ?? null,
    cost: means.costOf(model, figures),
    currency: means.currency,
  };
}

/** A failure as programs read it. */
export function toError(failure: Failure, say: Say): RecordError {
  const error: RecordError = { kind: failure.kind, message: say(failure) };
  if ("reason" in failure) error.reason = failure.reason;
  if ("status" in failure && failure.status) error.status = failure.status;
  if ("code" in failure && failure.code) error.code = failure.code;
  if ("phase" in failure) error.phase = failure.phase;
  return error;
}

/** The last body and what is said of it: requests of a batch that are bodies themselves share one. */
let said: { body: ChatBody; request: StreamRecord["request"] } | null = null;

function requestOf(body: ChatBody): StreamRecord["request"] {
  if (said?.body !== body) {
    const { model: _model, messages, stream: _stream, stream_options: _options, ...params } = body;
    said = { body, request: { messages_sha256: sha256(JSON.stringify(messages)), params } };
  }
  return said.request;
}

/** The last text and its hash: a load asks the same thing many times. */
let hashed = { text: "", hash: "" };

function sha256(text: string): string {
  if (text !== hashed.text) hashed = { text, hash: new Bun.CryptoHasher("sha256").update(text).digest("hex") };
  return hashed.hash;
}
