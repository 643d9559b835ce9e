import type { StreamRecord } from "../../metrics/record.ts";
import type { Watcher } from "../../run/event.ts";
import type { Ms, Verdict } from "../../stream/event.ts";
import { createExemplars } from "./exemplars.ts";
import { createTrace, type Trace } from "./trace.ts";

/** A stream that has ended, as it is drawn. */
export type Ended = { trace: Trace; verdict: Verdict; total: Ms };

/** A run that is drawn: the most telling streams, and the time from the first request to the last end. */
export type Chart = { streams: Ended[]; left: number; failed: number; from: Ms; to: Ms };

/** The guest that remembers where the time of each stream went; the recorder's records must be handed to it. */
export function createWaterfall(stall: Ms): Watcher & { record(record: StreamRecord): void; chart(): Chart } {
  const open = new Map<number, ReturnType<typeof createTrace>>();
  const telling = createExemplars<Ended>();
  let from: Ms = Infinity;
  let to: Ms = -Infinity;
  return {
    on(event) {
      if (event.type === "started") open.set(event.job.stream, createTrace(event.job, stall));
      else if (event.type === "stream") open.get(event.stream)?.on(event.event);
    },
    record(record) {
      const trace = open.get(record.stream)?.trace();
      open.delete(record.stream);
      if (trace === undefined) return;
      from = Math.min(from, trace.sent);
      to = Math.max(to, trace.ended);
      const { stream, verdict, ttft_ms: ttft, stall_ms: stalled, tokens_per_second: speed, total_ms: total } = record;
      const whole = verdict === "complete" || verdict === "length";
      const worth = { stream, failed: !whole, ttft, stall: stalled, perSecond: whole ? speed : null };
      telling.add({ trace, verdict, total }, worth);
    },
    chart() {
      const { items, left, failed } = telling.chosen();
      return { streams: items, left, failed, from, to };
    },
  };
}
