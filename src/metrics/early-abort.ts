import { rankOf } from "./distribution.ts";
import type { Figure, Statistic } from "./figure.ts";
import type { Histogram } from "./histogram.ts";
import type { ResultReport, DistributionName } from "./summary.ts";
import { holds, type Operator, type Threshold } from "./thresholds.ts";

/** Streams that must have ended before a broken threshold may stop a run. */
const ENOUGH = 30;

/** What has ended so far. */
export type SoFar = {
  streams: Pick<ResultReport["streams"], "ok" | "failed">;
  /** Streams that met every objective. */
  met: number;
  values(name: DistributionName): Histogram;
};

/**
 * Whether a threshold is broken by what has ended so far, and more than one stray value says so: a share must be beyond
 * its limit with all of its 95 % interval. Throughput is not judged before the end: streams under way have not counted yet.
 */
export function isBroken({ figure, operator, limit }: Threshold, soFar: SoFar): boolean {
  const ended = soFar.streams.ok + soFar.streams.failed;
  if (ended < ENOUGH) return false;
  const value = figure.kind === "statistic" ? told(figure, operator, soFar) : shareOf(figure.of, operator, soFar);
  return value !== null && !holds(value, operator, limit);
}

/** Of those that ended, what is under way has neither failed nor met anything: the end of the interval nearest to the limit. */
function shareOf(name: Extract<Figure, { kind: "scalar" }>["of"], operator: Operator, { streams, met }: SoFar) {
  const part = name === "error_rate" ? streams.failed : name === "goodput" ? met : null;
  if (part === null) return null;
  const [low, high] = wilson(part, streams.ok + streams.failed);
  return isUpperLimit(operator) ? low : high;
}

/** The 95 % interval of a share (Wilson 1927, score interval): it holds for few streams and for shares near 0 and 1. */
function wilson(part: number, count: number): [low: number, high: number] {
  const z = 1.96;
  const share = part / count;
  const middle = share + z ** 2 / (2 * count);
  const half = z * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2));
  const scale = 1 + z ** 2 / count;
  // Rounding must not say that none, or all, is a little more, or less.
  return [part === 0 ? 0 : (middle - half) / scale, part === count ? 1 : (middle + half) / scale];
}

function isUpperLimit(operator: Operator): boolean {
  return operator === "<" || operator === "<=";
}

/** A statistic that further values are not likely to mend; `null` where they may. */
function told({ of, statistic }: Extract<Figure, { kind: "statistic" }>, operator: Operator, { values }: SoFar) {
  const all = values(of);
  const isUpper = isUpperLimit(operator);
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
