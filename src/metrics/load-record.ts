import type { Tell } from "../run/broadcast.ts";
import { isComplete } from "../stream/event.ts";
import { round } from "./distribution.ts";
import type { StreamRecord } from "./record.ts";
import type { RecordEvent, WatchedEvent } from "./watched.ts";

/** The record of a stream in a measured load. */
export type LoadRecord = StreamRecord & {
  /** Number of the step of a sweep, from 0. */
  step: number;
  /** Run before the measured time, and left out of all figures. */
  warmup: boolean;
  /** `sent − due` of the first attempt; `null` when nothing was sent. */
  dispatch_delay_ms: number | null;
  /** `last_token − due`, of whole answers: what a user who came when the stream was due has waited. */
  latency_from_due_ms: number | null;
};

/** The stage that adds to each record of a step what only a load knows. */
export function createLoadRecords(step: number, tell: Tell<WatchedEvent<LoadRecord>>): Tell<WatchedEvent> {
  return (event) => tell(event.type === "record" ? { ...event, record: toLoadRecord(step, event) } : event);
}

function toLoadRecord(step: number, { record, state: { due, sent, lastToken }, warmup }: RecordEvent): LoadRecord {
  return {
    ...record,
    step,
    warmup,
    dispatch_delay_ms: sent === null ? null : round(Math.max(0, sent - due)),
    latency_from_due_ms: isComplete(record) && lastToken !== null ? round(lastToken - due) : null,
  };
}

/** Cut by the end of the window, by a signal or by a broken threshold: nobody's failure. */
export function isUnfinished({ verdict }: Pick<StreamRecord, "verdict">): boolean {
  return verdict === "cancelled";
}
