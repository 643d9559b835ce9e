import { criticalT, twoSidedP } from "./student.ts";

/** A value and how far it can be trusted: the squared standard error, with its degrees of freedom. */
export type Estimate = { value: number; variance: number; df: number };

/** b − a with its 95 % interval, in the unit of the values; p is two-sided. */
export type Difference = { value: number; low: number; high: number; p: number };

/** 1 − the confidence of an interval. */
const ALPHA = 0.05;

/** Welch's t: the variances of both sides need not be the same (Welch 1947; degrees of freedom by Satterthwaite 1946). */
export function welch(a: Estimate, b: Estimate): Difference {
  const value = b.value - a.value;
  const variance = a.variance + b.variance;
  if (variance === 0) return { value, low: value, high: value, p: value === 0 ? 1 : 0 };
  const df = degreesOf(a, b);
  const error = Math.sqrt(variance);
  const reach = criticalT(ALPHA, df) * error;
  return { value, low: value - reach, high: value + reach, p: twoSidedP(value / error, df) };
}

function degreesOf(a: Estimate, b: Estimate): number {
  return (a.variance + b.variance) ** 2 / (a.variance ** 2 / a.df + b.variance ** 2 / b.df);
}

/**
 * (b − a) ÷ a with its 95 % interval: a is no more exact than b is (Fieller 1954, "Some Problems in Interval Estimation").
 * It leaves out 0 just where that of b − a does; `null` where a may be 0, as then nothing bounds it.
 */
export function relativeInterval(a: Estimate, b: Estimate): [low: number, high: number] | null {
  const t = a.variance + b.variance === 0 ? 0 : criticalT(ALPHA, degreesOf(a, b));
  const certain = 1 - (t * t * a.variance) / a.value ** 2;
  // 0/0 as well.
  if (!(certain > 0)) return null;
  const ratio = b.value / a.value;
  const reach = (t / a.value) * Math.sqrt(certain * b.variance + ratio ** 2 * a.variance);
  return [(ratio - reach) / certain - 1, (ratio + reach) / certain - 1];
}

/** The mean of the values of several runs, by how far they differ among themselves; `null` under two. */
export function meanOf(values: readonly number[]): Estimate | null {
  const count = values.length;
  if (count < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { value: mean, variance: squares / (count - 1) / count, df: count - 1 };
}

/**
 * Which p-values of a family are too small for chance: among families without any difference, at most the share
 * `alpha` has one (Holm 1979, "A simple sequentially rejective multiple test procedure").
 */
export function holm(pValues: readonly number[], alpha: number): boolean[] {
  const order = pValues.map((_, at) => at).toSorted((x, y) => (pValues[x] ?? 1) - (pValues[y] ?? 1));
  const found = pValues.map(() => false);
  for (const [rank, at] of order.entries()) {
    if ((pValues[at] ?? 1) > alpha / (pValues.length - rank)) break;
    found[at] = true;
  }
  return found;
}
