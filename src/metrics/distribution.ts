/** Milliseconds, rounded to the microsecond, as every figure of the JSON. */
export type Distribution = {
  count: number;
  min: number;
  mean: number;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  max: number;
};

/** Exact figures of the values at hand; percentile p is the value at rank ⌈p·n⌉. `null` without values. */
export function exactDistribution(values: Float64Array): Distribution | null {
  const count = values.length;
  if (count === 0) return null;
  const sorted = values.toSorted();
  const at = (percent: number): number => round(sorted[rankOf(percent, count) - 1] ?? 0);
  let sum = 0;
  for (const value of sorted) sum += value;
  return {
    count,
    min: at(0),
    mean: round(sum / count),
    p50: at(50),
    p90: at(90),
    p95: at(95),
    p99: at(99),
    max: at(100),
  };
}

/** ⌈p·n/100⌉, at least 1; what binary fractions add to a whole number (0.07 × 100) lifts no rank. */
export function rankOf(percent: number, count: number): number {
  const rank = (percent * count) / 100;
  return Math.max(1, Math.ceil(rank - Number.EPSILON * rank));
}

/** Whether a percentile of so many values is more than the largest, or the least, by another name; those themselves are. */
export function canBeKnown(percent: number, count: number): boolean {
  return count >= neededFor(percent);
}

/** Values that a percentile takes at least: of fewer it is the largest, or the least, by another name. */
export function neededFor(percent: number): number {
  const beyond = Math.min(percent, 100 - percent);
  return percent === 50 || beyond === 0 ? 1 : Math.ceil(99.999 / beyond);
}

/** The 99th percentile, where there are values enough for one. */
export function knownP99({ count, p99 }: Distribution): number | null {
  return canBeKnown(99, count) ? p99 : null;
}

/** Adds up what is known; the sum and the mean are `null` where nothing was. */
export function createTotal() {
  let sum = 0;
  let count = 0;
  return {
    add(value: number | null): void {
      if (value === null) return;
      sum += value;
      count++;
    },
    count: () => count,
    /** To a billionth. */
    total: () => (count === 0 ? null : Math.round(sum * 1e9) / 1e9),
    mean: () => (count === 0 ? null : { mean: round(sum / count), count }),
  };
}

/** A share of 0 to 1, to a millionth. */
export function roundShare(share: number): number {
  return Math.round(share * 1e6) / 1e6;
}

/** To the microsecond: what lies below is the clock's noise. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
