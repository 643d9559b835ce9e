import { DISTRIBUTIONS, mapNames, valueIn, type DistributionName } from "../metrics/figures.ts";
import { createHistogram, type Histogram } from "../metrics/histogram.ts";
import { isUnfinished, type LoadRecord } from "../metrics/load-record.ts";
import { BLOCKS, toDistribution, type DistributionReport, type LeftOut } from "../metrics/result-report.ts";
import { isComplete } from "../stream/event.ts";

/** The distributions of one result, in all and by block of time. */
type DistributionSet = {
  /** A gap between two reads of a stream that began in this block. */
  gap(block: number, ms: number): void;
  /** A stream that ended. */
  add(block: number, record: LoadRecord): void;
  report(name: DistributionName): DistributionReport;
  values(name: DistributionName): Histogram;
  /** The histograms of one block, encoded. */
  block(block: number): Record<DistributionName, string | null>;
};

export function createDistributionSet(): DistributionSet {
  const all = mapNames(DISTRIBUTIONS, () => createHistogram());
  const blocks = Array.from({ length: BLOCKS }, () => new Map<DistributionName, Histogram>());
  const leftOut = mapNames(DISTRIBUTIONS, (): LeftOut => ({ unfinished: 0, failed: 0, no_value: 0 }));

  function put(name: DistributionName, block: number, value: number): void {
    all[name].record(value);
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
        const value = valueIn(record, name);
        if (value === null) leftOut[name][why]++;
        // Gaps were put as they came.
        else if (typeof value === "number") put(name, block, value);
      }
    },
    report: (name) => toDistribution(all[name], leftOut[name]),
    values: (name) => all[name],
    block: (block) => mapNames(DISTRIBUTIONS, (name) => blocks[block]?.get(name)?.encode() ?? null),
  };
}

/** Why a stream has no value where it has none. */
function whyLeftOut(record: LoadRecord): keyof LeftOut {
  if (isUnfinished(record)) return "unfinished";
  return isComplete(record) ? "no_value" : "failed";
}
