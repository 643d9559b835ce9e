import type { ApiError } from "../wire/errors.ts";
import type { Failure, Lasting } from "./event.ts";

/** First wait in ms; each further one is twice as long, give or take JITTER. */
const FIRST_WAIT = 500;
const JITTER = 0.25;

/** Statuses that a later attempt may not get: timeouts, conflicts, "too early", rate limits, and every server error. */
const RETRIED_STATUS = new Set([408, 409, 425, 429]);

/** What a server calls an error inside a stream that it would have refused with HTTP 529 before it. */
const OVERLOADED = /overloaded/i;
/** And with 429. */
const LIMITED = /rate.?limit|too.?many.?requests/i;

/** A server that has too much to do, or says that we ask too much. */
export function isOverload(failure: Failure): boolean {
  if (failure.kind === "http") return !failure.lasting && [429, 503, 529].includes(failure.status);
  const code = failure.kind === "server_error" ? (failure.code ?? "") : "";
  return OVERLOADED.test(code) || LIMITED.test(code);
}

/** Whether a failure before the first token is worth another attempt. Our own timeouts and DNS failures are not. */
export function isRetriable(failure: Failure): boolean {
  switch (failure.kind) {
    case "http":
      return !failure.lasting && (RETRIED_STATUS.has(failure.status) || failure.status >= 500);
    case "server_error":
      return failure.code !== null && OVERLOADED.test(failure.code);
    case "refused":
    case "reset":
    case "ended_early":
      return true;
    default:
      return false;
  }
}

/** Milliseconds before retry number `retry` (from 0) when the server asked for nothing: 0.5 s × 2ⁿ ± 25 %. */
export function backoff(retry: number, random: () => number): number {
  return FIRST_WAIT * 2 ** retry * (1 + JITTER * (2 * random() - 1));
}

/** No server means a wait as long as this: what it said is in another unit, or nonsense. */
const YEAR = 365 * 24 * 3600 * 1000;
const ZONE = /(GMT|UTC|Z|[+-]\d{2}:?\d{2})$/i;
const PLAIN_NUMBER = /^\d+(\.\d+)?$/;

/**
 * Milliseconds the server asks us to wait; `null` when it does not say. `retry-after-ms` is exact. `Retry-After`: RFC 9110
 * §10.2.3, seconds or a date; one that has gone by asks for nothing. `X-RateLimit-Reset-Requests`: seconds since the epoch,
 * believed only where the limit is what refused us.
 */
export function askedWait(headers: Headers, status: number, now: Date): number | null {
  const ms = headers.get("retry-after-ms")?.trim() ?? "";
  if (PLAIN_NUMBER.test(ms)) return finite(Number(ms));
  const after = headers.get("retry-after")?.trim();
  if (after) {
    if (PLAIN_NUMBER.test(after)) return finite(Number(after) * 1000);
    // Bun 1.4 reads "-1" and "+5" as dates; those of HTTP have letters.
    // Of its three forms one has no zone, and means GMT as the others do.
    const date = /[a-z]/i.test(after) ? Date.parse(ZONE.test(after) ? after : `${after} GMT`) : Number.NaN;
    if (!Number.isNaN(date)) return date > now.getTime() ? date - now.getTime() : null;
  }
  if (status !== 429 && headers.get("x-ratelimit-remaining-requests") !== "0") return null;
  return waitUntil(Number(headers.get("x-ratelimit-reset-requests") ?? Number.NaN), now.getTime());
}

/** Digits without end are a number without end, and no JSON. */
function finite(ms: number): number {
  return Math.min(ms, Number.MAX_SAFE_INTEGER);
}

/** A reset more than a year ahead is in milliseconds, or none at all. */
function waitUntil(reset: number, now: number): number | null {
  const wait = [reset * 1000 - now, reset - now].find((ms) => ms > 0 && ms <= YEAR);
  return wait ?? null;
}

/** Anthropic says it in the message alone. */
const NO_CREDIT_SAID = /credit balance is too low/i;

/** Whether an error means that the account has nothing left. */
export function isNoCredit(names: string, message: string): boolean {
  return NO_CREDIT.test(names) || NO_CREDIT_SAID.test(message);
}

const NO_CREDIT = /insufficient[ _-]?(user[ _-]?)?(quota|balance|credit|fund)|billing|arrear/i;
const CANNOT = new RegExp(
  [
    "not[ _-]?(yet |currently )?(supported|implemented)|unsupported|(does|do|did)(n['’]t| not) support",
    "not found|no such|unknown (model|parameter|field)|invalid (request|parameter|argument|model)",
    "context (length|size|window)",
  ].join("|"),
  "i",
);
/** Types and codes of errors that are the request's own. */
const OWN_FAULT =
  /invalid_request|invalid_argument|not_supported|not_found|context_(length|size)|authentication|permission/i;
/** Statuses that speak of the server as it is, and not of its load. */
const NOT_OF_LOAD = new Set([500, 501]);

const MODEL_CODE = /(unknown|invalid|unsupported).?model|(model|deployment).?(not|invalid|unknown)/i;
const MODEL_WORDS = new RegExp(
  [
    "(unknown|invalid|unsupported|unrecognized|no such|not a valid|(could|can)( ?not|n['’]t) find( the| a)?) model",
    "\\bno model (named|called|with)\\b",
    // A sentence ends with a point, and a name such as granite3.3 goes on behind one.
    "\\bmodel\\b([^.]|\\.\\S){0,100} ((not|isn['’]t) (a |been |currently )?(valid|found|exist|supported|available|known|loaded)|does(n['’]t| not) exist|is (unknown|invalid))",
    "\\bmodel not exist",
  ].join("|"),
  "i",
);
/** Statuses with which servers refuse a model that they do not have. */
const OF_MODELS = new Set([400, 403, 422, 500]);

/** Whether a refusal seems to mean that the server does not have the model. */
export function isAboutModel(status: number, code: string, message: string): boolean {
  return status === 404 || (OF_MODELS.has(status) && (MODEL_CODE.test(code) || MODEL_WORDS.test(message)));
}

/** Whether and why a refusal lasts, whatever its status says of trying again; `null`: it may not. */
export function lastingOf(status: number, headers: Headers, error: ApiError | null): Lasting | null {
  const names = `${error?.code ?? ""} ${error?.type ?? ""}`;
  if (status === 402 || isNoCredit(names, error?.message ?? "")) return "quota";
  if (NOT_OF_LOAD.has(status) && (CANNOT.test(error?.message ?? "") || OWN_FAULT.test(names))) return "unsupported";
  return headers.get("x-should-retry")?.trim().toLowerCase() === "false" ? "told" : null;
}
