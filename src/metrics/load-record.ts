import { isComplete, type StreamRecord } from "./record.ts";
import type { DistributionName, LeftOut } from "./summary.ts";

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

/** A stream's one value in each distribution; gaps, of which it has many, are counted as they come. */
export const VALUES: Readonly<Record<Exclude<DistributionName, "gap_ms">, (record: LoadRecord) => number | null>> = {
  ttft_ms: (record) => record.ttft_ms,
  ttfo_ms: (record) => record.ttfo_ms,
  tpot_ms: whole((record) => record.tpot_ms),
  duration_ms: whole((record) => record.duration_ms),
  tokens_per_second: whole((record) => record.tokens_per_second),
  decode_tokens_per_second: whole((record) => record.decode_tokens_per_second),
  latency_from_due_ms: whole((record) => record.latency_from_due_ms),
  dispatch_delay_ms: (record) => record.dispatch_delay_ms,
};

/** Cut by the end of the window, by a signal or by a broken threshold: nobody's failure. */
export function isUnfinished({ verdict }: Pick<StreamRecord, "verdict">): boolean {
  return verdict === "cancelled";
}

/** Why a stream has no value where it has none. */
export function whyLeftOut(record: LoadRecord): keyof LeftOut {
  if (isUnfinished(record)) return "unfinished";
  return isComplete(record) ? "no_value" : "failed";
}

/** What only a whole answer has says nothing of a cut one. */
function whole(value: (record: LoadRecord) => number | null): (record: LoadRecord) => number | null {
  return (record) => (isComplete(record) ? value(record) : null);
}
