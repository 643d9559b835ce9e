import type { Ms } from "../stream/event.ts";
import type { RunWatcher } from "./watched.ts";

/** Streams at once, between their first `sent` and their `ended`. */
export type Concurrency = {
  /** `null` when nothing asks for a number: an arrival rate. */
  asked: number | null;
  max: number;
  /** Weighted by time, from the first request to the last end, or over the window; `null` when nothing was sent. */
  mean: number | null;
  /** Below min(asked, requests left) for more than a second on end: the client could not keep up. */
  short: boolean;
};

/** The measured time, as far as it is known. */
export type Span = { opens(): Ms | null; closes(): Ms | null };

/** Ms for which a free place may stay free. */
const GRACE = 1000;

/**
 * Counts the streams at once; keeps nothing but those under way. Of a measured load `span` is the measured time, and
 * `requests` how many it measures (`null`: as many as there is time for); without `span` all streams count.
 */
export function createConcurrency(
  asked: number | null,
  span: Span | null = null,
  requests: number | null = null,
): RunWatcher & {
  /** Up to `end`: of the measured time, or now; to the last end of a stream where it is left out. */
  observed(end?: Ms): Concurrency;
  now(): number;
} {
  const open = new Map<number, Ms>();
  let max = 0;
  let first: Ms = Infinity;
  let last: Ms = -Infinity;
  let busy = 0;
  let started = 0;
  /** Since when fewer run than were asked for. */
  let belowSince: Ms | null = null;
  let short = false;

  /** Whether a place has been free for too long at that time, within the measured time. */
  function isShort(at: Ms): boolean {
    const from = span === null ? first : span.opens();
    return belowSince !== null && from !== null && at - Math.max(belowSince, from) > GRACE;
  }

  function onSent(stream: number, at: Ms): void {
    if (open.has(stream)) return;
    if (first === Infinity) belowSince = at;
    first = Math.min(first, at);
    open.set(stream, at);
    max = Math.max(max, open.size);
    if (asked === null) return;
    // Only a request that was still to come makes a free place a fault, and here it comes.
    short ||= isShort(at);
    if (open.size >= asked) belowSince = null;
  }

  /** The part of a stream's time that is measured: what ends before that began was warm-up. */
  function measured(sent: Ms, until: Ms): Ms {
    const opens = span === null ? first : (span.opens() ?? Infinity);
    return Math.max(0, Math.min(until, span?.closes() ?? Infinity) - Math.max(sent, opens));
  }

  function onEnded(stream: number, at: Ms): void {
    const sent = open.get(stream);
    if (sent === undefined) return;
    open.delete(stream);
    busy += measured(sent, at);
    last = Math.max(last, Math.min(at, span?.closes() ?? Infinity));
    if (asked !== null && open.size < asked) belowSince ??= at;
  }

  /** Time from which the mean counts: a warm-up has no part in it. */
  const from = (): Ms => span?.opens() ?? first;
  /** Whether requests are still to come: only a measured load knows. */
  const isMore = (): boolean => span !== null && (requests === null || started < requests);

  return {
    on(event) {
      if (event.type === "started" && !event.warmup) started++;
      if (event.type !== "stream") return;
      if (event.event.type === "sent") onSent(event.stream, event.event.at);
      else if (event.event.type === "ended") onEnded(event.stream, event.event.at);
    },
    observed(end = last) {
      const until = Math.min(end, span?.closes() ?? Infinity);
      const running = open.values().reduce((sum, sent) => sum + measured(sent, until), 0);
      // A window that time ends goes on after its last stream; one that was cut ends before its streams do.
      const length = Math.max(last, until) - from();
      const hasBegun = span === null || (span.opens() ?? Infinity) <= until;
      const mean = hasBegun && first < Infinity && length > 0 ? (busy + running) / length : null;
      return { asked, max, mean, short: short || (asked !== null && isMore() && isShort(until)) };
    },
    now: () => open.size,
  };
}
