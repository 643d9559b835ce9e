import type { LoadReport, RunReport } from "../metrics/report.ts";
import type { ClockReport } from "../metrics/shard-report.ts";
import { shareOf, type Shard } from "../run/shard.ts";
import type { Ms } from "../stream/event.ts";
import type { Load } from "./plan.ts";

/** The part of a load that one of several machines makes, and when all of them begin. */
export type Sharding = Shard & { start: Ms };

type Times = Pick<Load, "warmup" | "duration_ms" | "drain_ms">;

/** What of the load of a step falls to a shard. */
export function shareOfLoad(load: LoadReport, shard: Shard): LoadReport {
  if (load.kind === "closed") return { ...load, concurrency: shareOf(load.concurrency, shard) };
  return { ...load, rate: load.rate / shard.of, max_in_flight: shareOf(load.max_in_flight, shard) };
}

/** When each step begins: at an instant of its own however long the one before it took, or shards would drift apart. */
export function startsOf({ loads, ...each }: Times & Pick<Load, "loads">, { start }: Sharding): Ms[] {
  return loads.map((_, step) => start + step * lengthOf(each));
}

/** Longest time that a step takes. */
export function lengthOf({ warmup, duration_ms: duration, drain_ms: drain }: Times): Ms {
  return (warmup !== null && "length_ms" in warmup ? warmup.length_ms : 0) + (duration ?? 0) + drain;
}

/** Nobody has asked how far the clock of this machine is from that of the others. */
const UNKNOWN_CLOCK: ClockReport = { offset_ms: null, error_ms: null, source: "unknown" };

/** What a report says of the part that it is; nothing where it is the whole. `clock`: what a time server said. */
export function shardReport(
  sharding: Sharding | null,
  models: readonly string[],
  clock: ClockReport | null,
): Pick<RunReport, "shard" | "clock"> {
  if (sharding === null) return {};
  const { index, of, start } = sharding;
  const shard = { index, of, start_at: new Date(start).toISOString(), models: [...models] };
  return { shard, clock: clock ?? UNKNOWN_CLOCK };
}
