import { BOUNDS, type Excess } from "../wire/bounds.ts";
import type { ApiError } from "../wire/errors.ts";
import type { Usage } from "../wire/usage.ts";
import type { Failure, FailureOf, NoticeCode, Verdict } from "./event.ts";
import { QUOTE } from "./mask.ts";

/** What one body said of choice 0, when reading stopped; what each read asks for comes first. */
export type Facts = {
  /** Token events so far. */
  tokens: number;
  /** Well-formed events. */
  events: number;
  /** The mark came that ends a stream, such as `[DONE]`. */
  done: boolean;
  error: ApiError | null;
  /** What of the answer was more than is read. */
  excess: Excess | null;
  finishReason: string | null;
  visible: boolean;
  tools: boolean;
  refusal: string;
  /** Token events up to it, those of its own chunk among them. */
  finishedAt: number;
  /** Tokens came after a finish reason: those of this server are not the end, and the last one counts. */
  restated: boolean;
  /** That mark says that the answer is whole, with or without a finish reason. */
  enough: boolean;
  usage: Usage | null;
  malformed: number;
  firstMalformed: string;
  /** The last of them is an event that the end of the body has cut. */
  cutOff: boolean;
  /** Malformed ones before a well-formed one, or `[DONE]`, while the answer lasted: what they said is missing in it. */
  lost: number;
  /** What is quoted of lines that were no fields of an event stream, where the body ended without a marker. */
  outside: string;
};

/** Nothing was said yet. */
export function createFacts(): Facts {
  return {
    tokens: 0,
    events: 0,
    done: false,
    error: null,
    excess: null,
    finishReason: null,
    visible: false,
    tools: false,
    refusal: "",
    finishedAt: 0,
    restated: false,
    enough: false,
    usage: null,
    malformed: 0,
    firstMalformed: "",
    cutOff: false,
    lost: 0,
    outside: "",
  };
}

/** Takes the finish reason of a chunk whose token is counted already. */
export function takeFinishReason(facts: Facts, reason: string): void {
  if (facts.finishReason !== null) {
    facts.restated ||= !isFinal(facts);
    if (!facts.restated) return;
  }
  facts.finishReason = reason;
  facts.finishedAt = facts.tokens;
}

/** Whether the answer has its finish reason, and no token came after it. */
function isFinal({ finishReason, finishedAt, tokens }: Facts): boolean {
  return finishReason !== null && finishedAt === tokens;
}

/** Whether the answer is over: an error that comes then is none of it. */
export function hasEnded(facts: Facts): boolean {
  return facts.tokens > 0 && isFinal(facts);
}

/** How far `[DONE]` is believed. */
type Trust = { trustDone: boolean };

type Judgement = { verdict: Verdict; failure: Failure | null; notice: NoticeCode | null };

/** The one verdict. `stopped`: why reading stopped before the body's own end, `null` at a clean end. */
export function judge(facts: Facts, stopped: Failure | null, { trustDone }: Trust): Judgement {
  if (facts.error !== null && isFinal(facts)) return failed(serverError(facts.error));
  return isFinished(facts, stopped) ? judgeFinished(facts, trustDone) : judgeUnfinished(facts, stopped);
}

/** A finish reason that tokens followed is one only where the body then ended by itself. */
function isFinished(facts: Facts, stopped: Failure | null): boolean {
  if (facts.error !== null || onlyMalformed(facts)) return false;
  if (facts.done || isFinal(facts)) return true;
  return facts.finishReason !== null && stopped === null && facts.excess === null;
}

function judgeFinished(facts: Facts, trustDone: boolean): Judgement {
  const reason = facts.finishReason;
  const meaning = reason === null ? null : meaningOf(reason);
  if (reason !== null && gaveUp(reason)) return failed({ kind: "finish_reason", reason, message: "" });
  if (reason !== null && meaning === "filtered") return filtered(reason, facts.refusal);
  const silent = !facts.visible && !facts.tools;
  if (silent && facts.refusal !== "") return filtered("refusal", facts.refusal);
  if (reason === null && facts.tokens > 0 && !trustDone && !facts.enough)
    return truncated("no_reason", null, facts.outside);
  if (silent) {
    const reasoningTokens = facts.usage?.reasoning_tokens ?? null;
    const byLength = meaning === "length";
    return {
      verdict: "empty",
      failure: { kind: "empty", finishReason: reason, byLength, reasoningTokens, message: "" },
      notice: null,
    };
  }
  if (meaning === null)
    return { verdict: "complete", failure: null, notice: facts.enough ? "end_without_reason" : "done_without_reason" };
  if (meaning === "length") return { verdict: "length", failure: null, notice: null };
  return { verdict: "complete", failure: null, notice: meaning === "unknown" ? "unknown_finish_reason" : null };
}

function judgeUnfinished(facts: Facts, stopped: Failure | null): Judgement {
  if (stopped?.kind === "cancelled") return { verdict: "cancelled", failure: stopped, notice: null };
  if (stopped?.kind === "timeout") return { verdict: "timeout", failure: stopped, notice: null };
  if (facts.error !== null) return failed(serverError(facts.error));
  if (facts.excess !== null) return failed(oversize(facts.excess));
  if (facts.tokens > 0 && (stopped === null || stopped.kind === "reset" || stopped.kind === "ended_early"))
    return stopped?.kind === "reset"
      ? truncated("reset", stopped.code, facts.outside)
      : truncated("end", null, facts.outside);
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
  return finishReason !== null && meaningOf(finishReason) === "failed";
}

/** Whether events came, and none that could be read; one that the end cut off is no event. */
function onlyMalformed({ malformed, cutOff, events }: Facts): boolean {
  return malformed > (cutOff ? 1 : 0) && events === 0;
}

/** The judgement of a stream that failed so. */
export function failed(failure: Failure): Judgement {
  return { verdict: "failed", failure, notice: null };
}

function truncated(how: FailureOf<"truncated">["how"], code: string | null, message: string): Judgement {
  return { verdict: "truncated", failure: { kind: "truncated", how, code, message }, notice: null };
}

function filtered(reason: string, refusal: string): Judgement {
  return { verdict: "filtered", failure: { kind: "filtered", reason, message: refusal.slice(0, QUOTE) }, notice: null };
}

/** What a finish reason says of the answer. */
type Meaning = "complete" | "length" | "filtered" | "failed" | "unknown";

const MEANINGS = ["complete", "length", "filtered", "failed"] as const satisfies readonly Meaning[];

/** Words as `plain` leaves them. */
const WORDS: Readonly<Record<(typeof MEANINGS)[number], string>> = {
  complete: "stop completed eos eostoken endturn stopsequence toolcalls functioncall tooluse pauseturn",
  length: "length maxtokens modellength modelcontextwindowexceeded maxoutputtokens tokenlimit incomplete",
  filtered:
    "contentfilter safety refusal sensitive guardrailintervened contentfiltered prohibitedcontent recitation blocklist spii",
  failed:
    "error abort cancelled insufficientsystemresource networkerror timeout capacity malformedfunctioncall expired",
};
const BY_WORD = new Map(
  MEANINGS.flatMap((meaning) => WORDS[meaning].split(" ").map((word): [string, Meaning] => [word, meaning])),
);

/** How an API calls an answer that is not whole, ahead of the reason. */
const CUT = "incomplete:";

/** A word that nobody knows and that holds one of these is no success. */
const BAD = /error|fail|abort|cancel|incomplete/;

/** What some libraries write ahead of the word: `FinishReason.MAX_TOKENS`, `FINISH_REASON_MAX_TOKENS`. */
const PREFIX = /^[a-z.]*reason\W?(?=\w)/;

/** Reads a finish reason as servers spell it: `MAX_TOKENS`, `max-tokens`, `maxTokens`. */
export function meaningOf(reason: string): Meaning {
  return BY_WORD.get(reason) ?? meaningOfPlain(reason.toLowerCase().replace(/[-_\s]/g, ""));
}

function meaningOfPlain(word: string): Meaning {
  // What only says why the answer is not whole cannot make it so.
  const cut = word.startsWith(CUT) ? BY_WORD.get(word.slice(CUT.length)) : undefined;
  if (cut === "length" || cut === "filtered") return cut;
  return BY_WORD.get(word) ?? BY_WORD.get(word.replace(PREFIX, "")) ?? (BAD.test(word) ? "failed" : "unknown");
}
