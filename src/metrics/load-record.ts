import type { StreamRecord } from "./record.ts";

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

/** Cut by the end of the window, by a signal or by a broken threshold: nobody's failure. */
export function isUnfinished({ verdict }: Pick<StreamRecord, "verdict">): boolean {
  return verdict === "cancelled";
}
