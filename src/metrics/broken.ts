import { rankOf } from "./distribution.ts";
import type { Figure, Statistic } from "./figure.ts";
import type { Histogram } from "./histogram.ts";
import type { ColumnReport, DistributionName } from "./summary.ts";
import { holds, type Operator, type Threshold } from "./thresholds.ts";

/** Streams that must have ended before a broken threshold may stop a run. */
const ENOUGH = 30;

/** What has ended so far. */
export type SoFar = {
  streams: Pick<ColumnReport["streams"], "ok" | "failed">;
  /** Streams that met every objective. */
  met: number;
  values(name: DistributionName): Histogram;
};

/**
 * Whether a threshold is broken by what has ended so far, and more than one stray value says so. Throughput is not judged
 * before the end: streams under way have not counted yet.
 */
export function isBroken({ figure, operator, limit }: Threshold, soFar: SoFar): boolean {
  const ended = soFar.streams.ok + soFar.streams.failed;
  if (ended < ENOUGH) return false;
  const value = figure.kind === "statistic" ? told(figure, operator, soFar) : shareOf(figure.of, ended, soFar);
  return value !== null && !holds(value, operator, limit);
}

/** Of those that ended: what is under way has neither failed nor met anything. */
function shareOf(name: Extract<Figure, { kind: "scalar" }>["of"], ended: number, { streams, met }: SoFar) {
  if (name === "error_rate") return streams.failed / ended;
  return name === "goodput" ? met / ended : null;
}

/** A statistic that further values are not likely to mend; `null` where they may. */
function told({ of, statistic }: Extract<Figure, { kind: "statistic" }>, operator: Operator, { values }: SoFar) {
  const all = values(of);
  const isUpper = operator === "<" || operator === "<=";
  switch (statistic.name) {
    case "mean":
      return all.mean();
    case "stdev":
      return all.stdev();
    // An extreme only ever grows: what it is above it stays above, what it is below it may still pass.
    case "max":
      return isUpper ? all.max() : null;
    case "min":
      return isUpper ? null : all.min();
    case "percentile":
      return isMoreThanOne(statistic, all.count()) ? all.percentile(statistic.percent) : null;
  }
}

/** Whether a percentile of so many values lies within them: the p99 of 30 is the largest one alone. */
function isMoreThanOne({ percent }: Extract<Statistic, { name: "percentile" }>, count: number): boolean {
  const rank = rankOf(percent, count);
  return rank > 1 && rank < count;
}
