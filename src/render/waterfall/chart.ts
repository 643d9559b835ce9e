import type { RecordEvent, RunWatcher } from "../../metrics/watched.ts";
import { isComplete, type Ms, type Verdict } from "../../stream/event.ts";
import { createExemplars } from "./exemplars.ts";
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
