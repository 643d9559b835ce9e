import { createHistogram, type Histogram } from "./histogram.ts";
import { VALUES, whyLeftOut, type LoadRecord } from "./load-record.ts";
import { DISTRIBUTIONS, type DistributionName, type DistributionReport, type LeftOut } from "./summary.ts";

/** Tenths of the window that are kept apart, so that two runs can be compared. */
export const BLOCKS = 10;

/** The distributions of one column, whole and by block of time. */
export type DistributionSet = {
  /** A gap between two reads of a stream that began in this block. */
  gap(block: number, ms: number): void;
  /** A stream that ended. */
  add(block: number, record: LoadRecord): void;
  of(name: DistributionName): DistributionReport;
  whole(name: DistributionName): Histogram;
  /** The histograms of one block, encoded. */
  block(block: number): Record<DistributionName, string | null>;
};

export function createDistributionSet(): DistributionSet {
  const wholes = mapNames(() => createHistogram());
  const blocks = Array.from({ length: BLOCKS }, () => new Map<DistributionName, Histogram>());
  const leftOut = mapNames((): LeftOut => ({ unfinished: 0, failed: 0, no_value: 0 }));

  function put(name: DistributionName, block: number, value: number): void {
    wholes[name].record(value);
    const kept = blocks[block];
    if (kept === undefined) return;
    const own = kept.get(name) ?? createHistogram();
    kept.set(name, own);
    own.record(value);
  }

  return {
    gap: (block, ms) => put("gap_ms", block, ms),
    add(block, record) {
      const why = whyLeftOut(record);
      for (const name of DISTRIBUTIONS) {
        if (name === "gap_ms") {
          if (record.gap_ms === null) leftOut.gap_ms[why]++;
          continue;
        }
        const value = VALUES[name](record);
        if (value === null) leftOut[name][why]++;
        else put(name, block, value);
      }
    },
    of(name) {
      const whole = wholes[name];
      const { unfinished, failed, no_value: none } = leftOut[name];
      return {
        count: whole.count(),
        missing: unfinished + failed + none,
        left_out: { ...leftOut[name] },
        min: whole.min(),
        mean: whole.mean(),
        p50: whole.percentile(50),
        p90: whole.percentile(90),
        p95: whole.percentile(95),
        p99: whole.percentile(99),
        max: whole.max(),
        stdev: whole.stdev(),
        hdr: whole.encode(),
      };
    },
    whole: (name) => wholes[name],
    block: (block) => mapNames((name) => blocks[block]?.get(name)?.encode() ?? null),
  };
}

/** A value for each distribution. */
export function mapNames<T>(make: (name: DistributionName) => T): Record<DistributionName, T> {
  return {
    ttft_ms: make("ttft_ms"),
    ttfo_ms: make("ttfo_ms"),
    gap_ms: make("gap_ms"),
    tpot_ms: make("tpot_ms"),
    duration_ms: make("duration_ms"),
    tokens_per_second: make("tokens_per_second"),
    decode_tokens_per_second: make("decode_tokens_per_second"),
    latency_from_due_ms: make("latency_from_due_ms"),
    dispatch_delay_ms: make("dispatch_delay_ms"),
  };
}
