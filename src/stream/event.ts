import type { ChatBody, Json, ToolDelta, Usage } from "../wire/chat.ts";
import type { CancelReason, Failure } from "./failure.ts";

/** An instant in milliseconds: `performance.timeOrigin + performance.now()` of the thread that reads. */
export type Ms = number;

export type Verdict = "complete" | "length" | "empty" | "filtered" | "truncated" | "failed" | "timeout" | "cancelled";

/** Things worth saying that change no verdict. `detail` is data: a name, a type, a reason. */
export type NoticeCode =
  | "adapted_stream_options"
  | "adapted_max_tokens"
  | "content_type"
  | "not_streamed"
  | "other_choices"
  | "unknown_finish_reason"
  | "done_without_reason";

/** What happens to one stream, in order; the last is always "ended". */
export type StreamEvent =
  /** Just before `fetch` is called; `attempt` counts from 1. `body` only when lines are observed. */
  | { type: "sent"; at: Ms; attempt: number; body: ChatBody | null }
  | { type: "opened"; at: Ms; status: number; headers: Record<string, string> }
  /** One network read that brought tokens. `held`: ms for which we had stopped reading before it. */
  | {
      type: "delta";
      at: Ms;
      text: string;
      reasoning: string;
      refusal: string;
      tools: readonly ToolDelta[];
      events: number;
      held: number;
    }
  /** A malformed event; `why` ends with "at position N" where it stops being JSON. */
  | { type: "skipped"; at: Ms; data: string; why: string }
  | { type: "notice"; at: Ms; code: NoticeCode; detail: string }
  /** A raw line of the body with its byte offset, for `--debug`; `parsed` is what its data held. */
  | { type: "line"; at: Ms; line: string; offset: number; parsed: string | null }
  | { type: "retrying"; at: Ms; attempt: number; failure: Failure; delay: number }
  | {
      type: "ended";
      at: Ms;
      verdict: Verdict;
      finishReason: string | null;
      usage: Usage | null;
      response: { id: string | null; model: string | null; backend: string | null } | null;
      failure: Failure | null;
      /** Total ms during which we did not read because our own output was blocked. */
      held: number;
      /** The last 4 KB received, masked, when lines are observed and the stream failed. */
      tail: string;
    };

/** Milliseconds; 0 is off. */
export type Timers = { open: number; firstToken: number; idle: number; total: number };

/** Everything the engine needs for one prompt; plain data, it crosses to the worker. */
export type StreamRequest = {
  /** Base URL without a final slash, such as `https://host/v1`. */
  endpoint: string;
  headers: Record<string, string>;
  body: ChatBody;
  timers: Timers;
  retries: number;
  /** Longest wait in ms that a server may ask for. */
  maxWait: number;
  /** What must never leave the worker but in the model's own text. */
  secrets: readonly string[];
  /** Emit `line` events. */
  observe: boolean;
};

export type { CancelReason, ChatBody, Failure, Json, ToolDelta, Usage };
