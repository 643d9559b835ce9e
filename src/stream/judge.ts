import { BOUNDS, type Excess } from "../wire/bounds.ts";
import type { ApiError } from "../wire/errors.ts";
import type { Usage } from "../wire/usage.ts";
import type { Failure, NoticeCode, Verdict } from "./event.ts";
import { QUOTE } from "./mask.ts";

/** What one body said of choice 0, when reading stopped. */
export type Facts = {
  /** Token events so far. */
  tokens: number;
  visible: boolean;
  tools: boolean;
  refusal: string;
  finishReason: string | null;
  /** `[DONE]` came. */
  done: boolean;
  usage: Usage | null;
  /** Well-formed events. */
  events: number;
  malformed: number;
  firstMalformed: string;
  error: ApiError | null;
  /** What is quoted of lines that were no fields of an event stream, where the body ended without a marker. */
  outside: string;
  /** What of the answer was more than is read. */
  excess: Excess | null;
};

/** Nothing was said yet. */
export function createFacts(): Facts {
  return {
    tokens: 0,
    visible: false,
    tools: false,
    refusal: "",
    finishReason: null,
    done: false,
    usage: null,
    events: 0,
    malformed: 0,
    firstMalformed: "",
    error: null,
    outside: "",
    excess: null,
  };
}

type Judgement = { verdict: Verdict; failure: Failure | null; notice: NoticeCode | null };

const COMPLETE = new Set(["stop", "eos", "eos_token", "end_turn", "stop_sequence", "tool_calls", "function_call"]);
const LENGTH = new Set(["length", "max_tokens"]);
const FILTERED = new Set(["content_filter", "safety", "refusal"]);
const FAILED = new Set(["error", "abort", "cancelled", "insufficient_system_resource"]);

/** The one verdict. `stopped`: why reading stopped before the body's own end, `null` at a clean end. */
export function judge(facts: Facts, stopped: Failure | null): Judgement {
  const said = facts.finishReason !== null || facts.done;
  if (facts.error !== null && said) return failed(serverError(facts.error));
  return said && !onlyMalformed(facts) ? judgeFinished(facts) : judgeUnfinished(facts, stopped);
}

function judgeFinished(facts: Facts): Judgement {
  const reason = facts.finishReason;
  if (reason !== null && gaveUp(reason)) return failed({ kind: "finish_reason", reason, message: "" });
  if (reason !== null && FILTERED.has(reason)) return filtered(reason, facts.refusal);
  if (!facts.visible && !facts.tools) {
    if (facts.refusal !== "") return filtered("refusal", facts.refusal);
    const reasoningTokens = facts.usage?.reasoning_tokens ?? null;
    return {
      verdict: "empty",
      failure: { kind: "empty", finishReason: reason, reasoningTokens, message: "" },
      notice: null,
    };
  }
  if (reason === null) return { verdict: "complete", failure: null, notice: "done_without_reason" };
  if (LENGTH.has(reason)) return { verdict: "length", failure: null, notice: null };
  return { verdict: "complete", failure: null, notice: COMPLETE.has(reason) ? null : "unknown_finish_reason" };
}

function judgeUnfinished(facts: Facts, stopped: Failure | null): Judgement {
  if (stopped?.kind === "cancelled") return { verdict: "cancelled", failure: stopped, notice: null };
  if (stopped?.kind === "timeout") return { verdict: "timeout", failure: stopped, notice: null };
  if (facts.error !== null) return failed(serverError(facts.error));
  if (facts.excess !== null) return failed(oversize(facts.excess));
  if (facts.tokens > 0 && (stopped === null || stopped.kind === "reset" || stopped.kind === "ended_early")) {
    const cut = stopped?.kind === "reset" ? stopped : null;
    const failure: Failure = {
      kind: "truncated",
      how: cut ? "reset" : "end",
      code: cut?.code ?? null,
      message: facts.outside,
    };
    return { verdict: "truncated", failure, notice: null };
  }
  if (stopped !== null && stopped.kind !== "ended_early") return failed(stopped);
  if (onlyMalformed(facts)) return failed({ kind: "malformed", count: facts.malformed, message: facts.firstMalformed });
  if (facts.outside !== "") return failed({ kind: "server_error", code: null, message: facts.outside });
  return failed(stopped ?? { kind: "ended_early", message: "" });
}

function serverError({ code, type, message }: ApiError): Failure {
  return { kind: "server_error", code: code ?? type, message };
}

/** The failure of an answer of which there is more than is read. */
export function oversize(reason: Excess): Failure {
  return { kind: "oversize", reason, limit: BOUNDS[reason], message: "" };
}

/** Whether a finish reason says that the server gave up: the error that explains it may come after it. */
export function gaveUp(finishReason: string | null): boolean {
  return finishReason !== null && FAILED.has(finishReason);
}

function onlyMalformed(facts: Facts): boolean {
  return facts.malformed > 0 && facts.events === 0;
}

function failed(failure: Failure): Judgement {
  return { verdict: "failed", failure, notice: null };
}

function filtered(reason: string, refusal: string): Judgement {
  return { verdict: "filtered", failure: { kind: "filtered", reason, message: refusal.slice(0, QUOTE) }, notice: null };
}
