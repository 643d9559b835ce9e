import type { Ms } from "../stream/event.ts";
import type { RunEvent, Watcher } from "../run/event.ts";

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
 * The guest that counts streams; keeps nothing but those under way. The mean is taken over `span` where there is one, up
 * to `end`, or to the last end of a stream.
 */
export function createConcurrency(
  asked: number | null,
  span: Span | null = null,
): Watcher & { observed(end?: Ms): Concurrency; now(): number } {
  const open = new Map<number, Ms>();
  let max = 0;
  let first: Ms = Infinity;
  let last: Ms = -Infinity;
  let busy = 0;
  /** Since when fewer run than were asked for. */
  let belowSince: Ms | null = null;
  let short = false;

  function onSent(stream: number, at: Ms): void {
    if (open.has(stream)) return;
    if (first === Infinity) belowSince = at;
    first = Math.min(first, at);
    open.set(stream, at);
    max = Math.max(max, open.size);
    if (asked === null || belowSince === null) return;
    // Only a request that was still to come makes a free place a fault, and here it comes.
    if (at - belowSince > GRACE) short = true;
    if (open.size >= asked) belowSince = null;
  }

  function onEnded(stream: number, at: Ms): void {
    const sent = open.get(stream);
    if (sent === undefined) return;
    open.delete(stream);
    // What ends before the measured time began was warm-up.
    const opens = span === null ? first : (span.opens() ?? Infinity);
    const end = Math.min(at, span?.closes() ?? Infinity);
    busy += Math.max(0, end - Math.max(sent, opens));
    last = Math.max(last, end);
    if (asked !== null && open.size < asked) belowSince ??= at;
  }

  /** Time from which the mean counts: a warm-up has no part in it. */
  const from = (): Ms => Math.max(first, span?.opens() ?? first);

  return {
    on(event: RunEvent) {
      if (event.type !== "stream") return;
      if (event.event.type === "sent") onSent(event.stream, event.event.at);
      else if (event.event.type === "ended") onEnded(event.stream, event.event.at);
    },
    observed(end = last) {
      // A window that time ends goes on after its last stream; one that was cut ends before its streams do.
      const length = Math.max(last, end) - from();
      return { asked, max, mean: first < Infinity && length > 0 ? busy / length : null, short };
    },
    now: () => open.size,
  };
}
