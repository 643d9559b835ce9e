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
  const at = (share: number): number => round(sorted[Math.max(0, Math.ceil(share * count) - 1)] ?? 0);
  let sum = 0;
  for (const value of sorted) sum += value;
  return {
    count,
    min: at(0),
    mean: round(sum / count),
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
  };
}

/** To the microsecond: what lies below is the clock's noise. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
