import type { Failure } from "../stream/event.ts";
import { isAboutModel, isNoCredit, isRetriable } from "../stream/retry.ts";
import type { Refusal } from "./breaker.ts";

/** Failures of the connection one after the other, without a reply between them, that mean that nobody is there. */
const UNREACHABLE = 20;
/** Refused connections in a row that may be chance, where requests are asked once. */
const FEW = 3;

/** Whether a failure says nothing of the server but that it could not be spoken with. */
export function isOfConnection({ kind }: Failure): boolean {
  return kind === "refused" || kind === "reset" || kind === "network";
}

/**
 * Why no other request would fare better, and the batch is to end; `null` where one may. `inARow`: failures of the connection
 * without a reply between; `attempts`: of a request that is not asked again, else infinite.
 */
export function stopOf(
  failure: Failure,
  inARow: number,
  attempts: number,
): "quota" | "unreachable" | "refused_key" | null {
  switch (failure.kind) {
    case "http":
      if (failure.lasting === "quota") return "quota";
      return failure.status === 401 || failure.status === 407 ? "refused_key" : null;
    case "server_error":
      return isNoCredit(failure.code ?? "", failure.message) ? "quota" : null;
    case "dns":
    case "tls":
    case "proxy":
    case "redirect":
      return "unreachable";
    case "refused":
      return inARow >= Math.min(UNREACHABLE, Math.max(attempts, FEW)) ? "unreachable" : null;
    default:
      return isOfConnection(failure) && inARow >= UNREACHABLE ? "unreachable" : null;
  }
}

/** Whether a request was answered, be it in part, or with what does not count. */
export function showsAnswer(failure: Failure | null): boolean {
  return failure === null || ANSWERED.has(failure.kind);
}

const ANSWERED = new Set<Failure["kind"]>(["truncated", "filtered", "empty", "finish_reason", "oversize"]);

/** An answer that broke off is paid for again: half an answer is none. */
export function isWorthAgain(failure: Failure): boolean {
  return (
    isRetriable(failure) || ["truncated", "timeout", "network", "server_error", "malformed"].includes(failure.kind)
  );
}

/** Statuses that refuse a place, a method or who asks, whatever is asked; a gateway's 502: nobody is behind it. */
const WHATEVER_IS_ASKED = new Set([403, 404, 405, 410, 421, 426, 451, 495, 496, 501, 502, 505]);
/** A key that is refused with another status than 401. */
const ABOUT_KEY = /api[ _-]?key|authenticat|unauthorized|permission|^401\b/i;
/** A refusal with 403 of what is asked, and not of who asks. */
const ABOUT_CONTENT = /moderat|flagged|content|safety|guardrail|harm|filter/i;

/** What a failure, which is told in these words, says of all requests like it; `null`: nothing, for it may be this request's own. */
export function refusalOf(failure: Failure | null, said: string): Refusal | null {
  if (failure === null) return null;
  const { kind, message } = failure;
  if (kind === "timeout") return failure.phase === "open" ? { of: "api", same: kind, said } : null;
  if (kind === "not_a_stream" || kind === "invalid_http" || kind === "no_content")
    return { of: "api", same: kind, said };
  if (kind !== "http" && kind !== "server_error") return null;
  const status = kind === "http" ? failure.status : 400;
  const code = failure.code ?? "";
  const theirs = `${code} ${message}`;
  const same = `${status} ${withoutNames(theirs)}`;
  // By its words: a 404 alone may be one of the path.
  if (status < 502 && isAboutModel(status === 404 ? 400 : status, code, message)) return { of: "model", same, said };
  const isOfAll = WHATEVER_IS_ASKED.has(status) || (status === 400 && ABOUT_KEY.test(theirs));
  return isOfAll && !(status === 403 && ABOUT_CONTENT.test(theirs)) ? { of: "api", same, said } : null;
}

/** Names and instants of one refusal, which the next one writes otherwise. */
function withoutNames(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[\d.,]*/g, "")
    .replaceAll(/\b(req|request|trace|ray)[\w-]*[ _:="-]+[\w-]*\d[\w-]*/gi, "")
    .replaceAll(/\b[\da-f]{8}-?([\da-f]{4}-?){3}[\da-f]{12}\b|\b\d{9,}\b/gi, "");
}
