/** Why a stream did not end well, as data; the words for it are in `i18n/`. */

export type TimerName = "open" | "first_token" | "idle" | "total";

export type CancelReason = "signal" | "fail_fast" | "window" | "abort" | "budget" | "reader_gone";

/** An error of the runtime. `trace`: the stacks of its cause chain, for `--debug`. */
type Thrown = { code: string; trace: string };

/** What each kind carries besides `message`: what the server or the runtime said, masked, or "". */
type Kinds = {
  /** `refusedWait`: ms the server asked to wait, when that was longer than we are allowed to. */
  http: { status: number; code: string | null; html: boolean; refusedWait: number | null };
  redirect: { status: number };
  dns: Thrown;
  refused: Thrown;
  proxy: Thrown;
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
  /** `limit` in UTF-16 units. */
  oversize: { limit: number };
  /** An error object inside the stream. */
  server_error: { code: string | null };
  finish_reason: { reason: string };
  truncated: { how: "end" | "reset"; code: string | null };
  empty: { finishReason: string | null; reasoningTokens: number | null };
  filtered: { reason: string };
  /** `after` in ms. */
  timeout: { phase: TimerName; after: number };
  cancelled: { reason: CancelReason };
  worker_died: {};
};

export type FailureKind = keyof Kinds;

export type FailureOf<K extends FailureKind> = { [P in K]: { kind: P; message: string } & Kinds[P] }[K];

export type Failure = FailureOf<FailureKind>;
