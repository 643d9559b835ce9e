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

/** Between what and what the value of one side lies, at 95 %. */
export function intervalOf({ value, variance, df }: Estimate): [low: number, high: number] {
  const reach = variance === 0 ? 0 : criticalT(ALPHA, df) * Math.sqrt(variance);
  return [value - reach, value + reach];
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

/** Of Student's t, for any positive number of degrees of freedom: probability of |T| ≥ |t|: the regularised incomplete beta I(ν/(ν+t²); ν/2, ½) (Abramowitz & Stegun 26.7.1, 26.5.27). */
export function twoSidedP(t: number, df: number): number {
  if (!Number.isFinite(t)) return 0;
  return incompleteBeta(df / (df + t * t), df / 2, 0.5);
}

/** The t that |T| reaches or exceeds with probability `alpha`. */
export function criticalT(alpha: number, df: number): number {
  let low = 0;
  let high = 1;
  while (twoSidedP(high, df) > alpha && high < 1e12) high *= 2;
  // 60 halvings leave less than what a double can tell.
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (twoSidedP(middle, df) > alpha) low = middle;
    else high = middle;
  }
  return high;
}

/** By its continued fraction, on the side where that converges fast (Numerical Recipes, 3rd ed., §6.4). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b;
}

/** Lentz's method. */
function fraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const kept = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / kept(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / kept(1 + even * d);
    c = kept(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / kept(1 + odd * d);
    c = kept(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-14) break;
  }
  return result;
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Lanczos' approximation with g = 7, for arguments of at least ½. */
function logGamma(x: number): number {
  const z = x - 1;
  const t = z + 7.5;
  const sum = LANCZOS.reduce((all, factor, at) => all + factor / (z + at + 1), 0.99999999999980993);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}
