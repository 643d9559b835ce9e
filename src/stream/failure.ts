/** Why a stream did not end well, as data; the words for it are in `i18n/`. */

export type TimerName = "open" | "first_token" | "idle" | "total";

export type CancelReason = "signal" | "fail_fast" | "window" | "abort" | "budget" | "reader_gone";

/**
 * `message` is what the server or the runtime said, masked, or "" when it said nothing.
 * `trace` is the cause chain with stacks, for `--debug`.
 */
export type Failure =
  | {
      kind: "http";
      status: number;
      code: string | null;
      message: string;
      html: boolean;
      /** Milliseconds the server asked to wait, when that was more than we are allowed to. */
      refusedWait: number | null;
    }
  | { kind: "redirect"; status: number; message: string }
  | { kind: "dns" | "refused" | "proxy" | "too_many_files" | "reset" | "invalid_http" | "network"; code: string; message: string; trace: string }
  | { kind: "tls"; code: string; problem: "untrusted" | "expired" | "wrong_name" | "other"; message: string; trace: string }
  | { kind: "encoding"; code: string; message: string; trace: string }
  | { kind: "no_content"; status: number; message: string }
  | { kind: "not_a_stream"; contentType: string; message: string }
  | { kind: "ended_early"; message: string }
  | { kind: "malformed"; count: number; message: string }
  | { kind: "oversize"; limit: number; message: string }
  | { kind: "server_error"; code: string | null; message: string }
  | { kind: "finish_reason"; reason: string; message: string }
  | { kind: "truncated"; how: "end" | "reset"; code: string | null; message: string }
  | { kind: "empty"; finishReason: string | null; reasoningTokens: number | null; message: string }
  | { kind: "filtered"; reason: string; message: string }
  | { kind: "timeout"; phase: TimerName; after: number; message: string }
  | { kind: "cancelled"; reason: CancelReason; message: string }
  | { kind: "worker_died"; message: string };

export type FailureKind = Failure["kind"];
