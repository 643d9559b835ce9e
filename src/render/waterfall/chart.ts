import type { RecordEvent, RunWatcher } from "../../metrics/watched.ts";
import { isComplete, type Ms, type Verdict } from "../../stream/event.ts";
import { createTrace, type Trace } from "./trace.ts";

/** A stream that has ended, as it is drawn. */
export type Ended = { trace: Trace; verdict: Verdict; total: Ms };

/** A run that is drawn: the most telling streams, and the time from the first request to the last end. */
export type Chart = { streams: Ended[]; left: number; failed: number; from: Ms; to: Ms };

/** Remembers where the time of each stream went. */
export function createWaterfall(): RunWatcher & { chart(): Chart } {
  const open = new Map<number, ReturnType<typeof createTrace>>();
  const telling = createExemplars<Ended>();
  let from: Ms = Infinity;
  let to: Ms = -Infinity;

  function onRecord({ stream, record }: RecordEvent): void {
    const trace = open.get(stream)?.trace();
    open.delete(stream);
    if (trace === undefined) return;
    from = Math.min(from, trace.sent);
    to = Math.max(to, trace.ended);
    const { verdict, ttft_ms: ttft, stall_ms: stall, tokens_per_second: speed, total_ms: total } = record;
    const perSecond = isComplete(record) ? speed : null;
    telling.add({ trace, verdict, total }, { stream, failed: !isComplete(record), ttft, stall, perSecond });
  }

  return {
    on(event) {
      switch (event.type) {
        case "started":
          open.set(event.job.stream, createTrace(event.job, event.state));
          return;
        case "stream":
          return open.get(event.stream)?.on(event.event);
        case "gap":
          return open.get(event.stream)?.gap(event);
        case "record":
          return onRecord(event);
        case "missed":
        case "finished":
          return;
      }
    },
    chart() {
      const { items, left, failed } = telling.chosen();
      return { streams: items, left, failed, from, to };
    },
  };
}

/** What makes a stream worth a line of its own; `null` where it has no such figure. */
type Worth = {
  stream: number;
  failed: boolean;
  ttft: number | null;
  stall: number;
  perSecond: number | null;
};

type Exemplars<T> = {
  add(item: T, worth: Worth): void;
  /** At most a hundred, in the order in which they started; `failed`: how many of those left out failed. */
  chosen(): { items: T[]; left: number; failed: number };
};

const SHOWN = 100;
/** Of each kind of extreme. */
const EXTREMES = 10;
/** Failures leave room for the rest: forty of the same tell no more than a hundred. */
const FAILURES = 40;

/** Chooses as the streams end: memory holds two hundred at most, however many there are. */
function createExemplars<T>(): Exemplars<T> {
  const sample = createTop<T>(SHOWN, (worth) => -scatter(worth.stream));
  const first = [
    createTop<T>(FAILURES, (worth) => (worth.failed ? -scatter(worth.stream) : null)),
    createTop<T>(EXTREMES, (worth) => worth.ttft),
    createTop<T>(EXTREMES, (worth) => (worth.stall > 0 ? worth.stall : null)),
    createTop<T>(EXTREMES, (worth) => (worth.perSecond === null ? null : -worth.perSecond)),
    createTop<T>(EXTREMES, (worth) => worth.perSecond),
  ];
  let streams = 0;
  let failed = 0;
  return {
    add(item, worth) {
      streams++;
      if (worth.failed) failed++;
      for (const top of [...first, sample]) top.add({ item, worth });
    },
    chosen() {
      const chosen = new Map<number, Entry<T>>();
      for (const top of [...first, sample]) {
        for (const entry of top.all()) if (chosen.size < SHOWN) chosen.set(entry.worth.stream, entry);
      }
      const entries = [...chosen.values()].toSorted((a, b) => a.worth.stream - b.worth.stream);
      const shownFailed = entries.filter(({ worth }) => worth.failed).length;
      return { items: entries.map(({ item }) => item), left: streams - entries.length, failed: failed - shownFailed };
    },
  };
}

type Entry<T> = { item: T; worth: Worth };

/** The entries of highest score, the highest first; `null` is no score. */
function createTop<T>(size: number, scoreOf: (worth: Worth) => number | null) {
  const entries: (Entry<T> & { score: number })[] = [];
  return {
    add(entry: Entry<T>): void {
      const score = scoreOf(entry.worth);
      const last = entries.at(-1);
      if (score === null || (last !== undefined && entries.length === size && score <= last.score)) return;
      const before = entries.findIndex((other) => other.score < score);
      entries.splice(before === -1 ? entries.length : before, 0, { ...entry, score });
      if (entries.length > size) entries.pop();
    },
    all: (): readonly Entry<T>[] => entries,
  };
}

/** 0 to 1, by multiples of the golden ratio: the lowest lie evenly over the numbers, and favour no model of a cycle. */
function scatter(stream: number): number {
  return (stream * 0.618_033_988_749_895) % 1;
}
