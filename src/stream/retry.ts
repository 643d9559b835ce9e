import type { Failure } from "./event.ts";

/** First wait in ms; each further one is twice as long, give or take JITTER. */
const FIRST_WAIT = 500;
const JITTER = 0.25;

/** Statuses that a later attempt may not get: timeouts, conflicts, "too early", rate limits, and every server error. */
const RETRIED_STATUS = new Set([408, 409, 425, 429]);

/** Whether a failure before the first token is worth another attempt. Our own timeouts and DNS failures are not. */
export function isRetriable(failure: Failure): boolean {
  switch (failure.kind) {
    case "http":
      return RETRIED_STATUS.has(failure.status) || failure.status >= 500;
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

/**
 * Milliseconds the server asks us to wait; `null` when it does not say.
 * `Retry-After`: RFC 9110 §10.2.3, seconds or a date. `X-RateLimit-Reset-Requests`: seconds since the epoch,
 * believed only where the limit is what refused us.
 */
export function askedWait(headers: Headers, status: number, now: Date): number | null {
  const after = headers.get("retry-after")?.trim();
  if (after) {
    if (/^\d+(\.\d+)?$/.test(after)) return Number(after) * 1000;
    // Bun 1.4 reads "-1" and "+5" as dates; those of HTTP have letters.
    const date = /[a-z]/i.test(after) ? Date.parse(after) : Number.NaN;
    if (!Number.isNaN(date)) return Math.max(0, date - now.getTime());
  }
  if (status !== 429 && headers.get("x-ratelimit-remaining-requests") !== "0") return null;
  const reset = Number(headers.get("x-ratelimit-reset-requests") ?? Number.NaN);
  const wait = reset * 1000 - now.getTime();
  return wait > 0 ? wait : null;
}
