import { Int32Histogram, decodeFromCompressedBase64, encodeIntoCompressedBase64, JsHistogram } from "hdr-histogram-js";
import { round } from "./distribution.ts";

/** Values are kept as whole thousandths: microseconds of a duration in ms, as HdrHistogram stores integers. */
const SCALE = 1000;
const DIGITS = 3;
/** In microseconds 38 hours: the end of the buckets in which a day lies. */
const REACH = 2 ** 37 - 1;

/** A distribution whose memory does not grow with the number of values; three significant digits, mergeable. */
export type Histogram = {
  record(value: number): void;
  /** Takes all values of another in. */
  add(other: Histogram): void;
  /** Exact until it was decoded: count, extremes, mean; the deviation is of the sample (n − 1), `null` under two values. */
  count(): number;
  min(): number | null;
  max(): number | null;
  mean(): number | null;
  stdev(): number | null;
  /** The value at rank ⌈p·n/100⌉ for a percent such as 99.9; `null` when empty. */
  percentile(percent: number): number | null;
  /** Distinct values, rising, and how often each came. */
  values(): { value: number; count: number }[];
  /** HdrHistogram V2, compressed, base64; `null` when empty. */
  encode(): string | null;
  /** What `add` works with. */
  readonly inner: Inner;
};

/** Sums beside the counts: what three digits would blur. */
type Inner = { hdr: JsHistogram; min: number; max: number; sum: number; squares: number };

export function createHistogram(): Histogram {
  return wrap({ hdr: new Int32Histogram(1, 2, DIGITS), min: Infinity, max: -Infinity, sum: 0, squares: 0 });
}

/** What is known exactly of the values in a histogram. */
type Exact = { count: number; min: number; max: number; mean: number; stdev: number };

/** Reads what `encode` wrote; mean and deviation have three digits as well, unless they are `exact`. Throws where it is none. */
export function decodeHistogram(text: string, exact: Exact | null = null): Histogram {
  const hdr = decodeFromCompressedBase64(text, 32, false);
  if (!(hdr instanceof JsHistogram)) throw new TypeError("not a histogram of this kind");
  hdr.autoResize = true;
  if (exact !== null) return wrap(momentsOf(hdr, exact));
  const inner: Inner = { hdr, min: Infinity, max: -Infinity, sum: 0, squares: 0 };
  for (const { value, count } of valuesOf(hdr)) {
    inner.min = Math.min(inner.min, value);
    inner.max = Math.max(inner.max, value);
    inner.sum += value * count;
    inner.squares += value * value * count;
  }
  return wrap(inner);
}

function momentsOf(hdr: JsHistogram, { count, min, max, mean, stdev }: Exact): Inner {
  return { hdr, min, max, sum: count * mean, squares: (count - 1) * stdev ** 2 + count * mean ** 2 };
}

/** p50, p95 and p99, and of how many values; `null` before there is one. */
export function percentilesOf(histogram: Histogram): Record<"count" | "p50" | "p95" | "p99", number> | null {
  const [p50, p95, p99] = [histogram.percentile(50), histogram.percentile(95), histogram.percentile(99)];
  return p50 === null || p95 === null || p99 === null ? null : { count: histogram.count(), p50, p95, p99 };
}

function wrap(inner: Inner): Histogram {
  const { hdr } = inner;
  hdr.autoResize = true;
  const count = (): number => hdr.totalCount;
  const orNull = (value: number): number | null => (count() === 0 ? null : round(value));

  return {
    inner,
    record(value) {
      // Two threads read the clock: what happened at once may come out some microseconds below 0.
      const kept = Math.max(0, value);
      hdr.recordValue(Math.round(kept * SCALE));
      inner.min = Math.min(inner.min, kept);
      inner.max = Math.max(inner.max, kept);
      inner.sum += kept;
      inner.squares += kept * kept;
    },
    add({ inner: other }) {
      hdr.add(other.hdr);
      inner.min = Math.min(inner.min, other.min);
      inner.max = Math.max(inner.max, other.max);
      inner.sum += other.sum;
      inner.squares += other.squares;
    },
    count,
    min: () => orNull(inner.min),
    max: () => orNull(inner.max),
    mean: () => orNull(inner.sum / count()),
    stdev() {
      if (count() < 2) return null;
      const variance = (inner.squares - (inner.sum * inner.sum) / count()) / (count() - 1);
      return round(Math.sqrt(Math.max(0, variance)));
    },
    percentile(percent) {
      if (count() === 0) return null;
      // The middle of the bucket: HdrHistogram names its upper end, which is always too much.
      const value = hdr.medianEquivalentValue(hdr.getValueAtPercentile(percent)) / SCALE;
      return round(Math.max(inner.min, Math.min(inner.max, value)));
    },
    values: () => valuesOf(hdr),
    encode() {
      if (count() === 0) return null;
      // All say the same reach: readers other than ours refuse to add one that reaches further than the first.
      hdr.highestTrackableValue = Math.max(REACH, hdr.highestTrackableValue);
      return encodeIntoCompressedBase64(hdr);
    },
  };
}

function valuesOf(hdr: JsHistogram): { value: number; count: number }[] {
  const values: { value: number; count: number }[] = [];
  // Most of the array is empty, before the least value and after the greatest.
  let left = hdr.totalCount;
  let index = hdr.getCountAtIndex(0) > 0 || left === 0 ? 0 : hdr.countsArrayIndex(hdr.minNonZeroValue);
  for (; left > 0 && index < hdr.countsArrayLength; index++) {
    const count = hdr.getCountAtIndex(index);
    left -= count;
    if (count > 0) values.push({ value: hdr.medianEquivalentValue(hdr.valueFromIndex(index)) / SCALE, count });
  }
  return values;
}
