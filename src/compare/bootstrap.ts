import { rankOf } from "../metrics/distribution.ts";
import { FIGURES, type DistributionName, type Figure, type ScalarName, type Statistic } from "../metrics/figures.ts";
import { decodeHistogram } from "../metrics/histogram.ts";
import type { BlockReport } from "../metrics/result-report.ts";
import { createRandom } from "../run/random.ts";

/** Draws of each figure from its own blocks of time. */
export const RESAMPLES = 2000;
/** Same reports, same intervals. */
export const SEED = 20_261_122;

/** A figure as a function of how often each of the blocks was drawn; `NaN` where the draw holds no value. */
type Drawable = { blocks: number; value(drawn: Uint8Array): number };

/**
 * The squared standard error of a figure, by drawing whole blocks of time with replacement, so that streams which ran
 * side by side stay together (Künsch 1989). The spread of the draws is that of k − 1 out of k blocks, hence the factor
 * k/(k − 1); and it is used with Student's t instead of the percentiles of the draws, which are too narrow for ten
 * blocks (Hesterberg 2015, "What Teachers Should Know About the Bootstrap", §§ 4.3, 5.3). `null` under two blocks.
 */
export function bootstrapVariance({ blocks, value }: Drawable): { variance: number; df: number } | null {
  if (blocks < 2) return null;
  let count = 0;
  let mean = 0;
  let squares = 0;
  for (const drawn of drawsOf(blocks)) {
    const drawnValue = value(drawn);
    if (Number.isNaN(drawnValue)) continue;
    count++;
    const delta = drawnValue - mean;
    mean += delta / count;
    squares += delta * (drawnValue - mean);
  }
  if (count < RESAMPLES / 2) return null;
  return { variance: ((squares / (count - 1)) * blocks) / (blocks - 1), df: blocks - 1 };
}

const known = new Map<number, Uint8Array[]>();

/** How often each block is in each draw; the same for all figures with so many blocks. */
function drawsOf(blocks: number): Uint8Array[] {
  const before = known.get(blocks);
  if (before !== undefined) return before;
  const random = createRandom(SEED);
  const draws = Array.from({ length: RESAMPLES }, () => {
    const drawn = new Uint8Array(blocks);
    for (let at = 0; at < blocks; at++) {
      const block = Math.floor(random() * blocks);
      drawn[block] = (drawn[block] ?? 0) + 1;
    }
    return drawn;
  });
  known.set(blocks, draws);
  return draws;
}

/** Ms that a block must last on average to have a rate of its own: five slots. */
const SHORTEST = 500;

/** Makes a figure drawable from blocks of time; `null` where blocks do not hold it, as the best second of a run. */
export type FigureBlocks = (figure: Figure) => Drawable | null;

/** Reads the histogram of each distribution once, when it is first asked for. */
export function openBlocks(blocks: readonly BlockReport[]): FigureBlocks {
  const read = new Map<DistributionName, ReturnType<typeof readBlocks>>();
  return (figure) => {
    if (figure.kind === "scalar") return scalarOf(blocks, figure.of);
    const values = read.get(figure.of) ?? readBlocks(blocks.map(({ hdr }) => hdr[figure.of]));
    read.set(figure.of, values);
    return { blocks: values.blocks, value: (drawn) => values.statistic(figure.statistic, drawn) };
  };
}

function scalarOf(blocks: readonly BlockReport[], name: ScalarName): Drawable | null {
  const { unit, part } = FIGURES[name];
  if (part === null) return null;
  const amount = ({ good, ...sums }: BlockReport): number => (part === "met" ? (good ?? NaN) : sums[part]);
  return unit === "share" ? ratio(blocks, amount, ({ counted }) => counted) : rate(blocks, amount);
}

/** Per second; `null` where blocks are so short that they share out what slots of 100 ms hold, and so are all alike. */
function rate(blocks: readonly BlockReport[], amount: (block: BlockReport) => number): Drawable | null {
  const lengths = blocks.flatMap(({ length_ms: length }) => (length > 0 ? [length] : []));
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  return mean >= SHORTEST ? ratio(blocks, amount, ({ length_ms: length }) => length / 1000) : null;
}

/** A tenth of the plan that a run did not reach holds no time and no stream: it is no block that could be drawn. */
function ratio(
  blocks: readonly BlockReport[],
  upper: (block: BlockReport) => number,
  lower: (block: BlockReport) => number,
): Drawable {
  const reached = blocks.filter((block) => lower(block) > 0);
  const [uppers, lowers] = [reached.map(upper), reached.map(lower)];
  return {
    blocks: uppers.length,
    value(drawn) {
      let over = 0;
      let under = 0;
      for (let at = 0; at < uppers.length; at++) {
        const times = drawn[at] ?? 0;
        over += times * (uppers[at] ?? 0);
        under += times * (lowers[at] ?? 0);
      }
      return under === 0 ? NaN : over / under;
    },
  };
}

/** All distinct values of the blocks that have any, rising, and for each block how many lie up to each of them. */
type Table = {
  values: Float64Array;
  /** `upTo[at * blocks + block]`: values of the block at most `values[at]`. */
  upTo: Float64Array;
  moments: { count: number; sum: number; squares: number }[];
};

function tabulate(texts: readonly (string | null)[]): Table {
  const blocks = texts.filter((text) => text !== null).map((text) => decodeHistogram(text).values());
  const values = Float64Array.from(new Set(blocks.flatMap((block) => block.map(({ value }) => value)))).toSorted();
  const upTo = new Float64Array(values.length * blocks.length);
  const moments = blocks.map((block, index) => {
    const own = new Map(block.map(({ value, count }) => [value, count]));
    let [count, sum, squares] = [0, 0, 0];
    for (const [at, value] of values.entries()) {
      const times = own.get(value) ?? 0;
      count += times;
      sum += times * value;
      squares += times * value * value;
      upTo[at * blocks.length + index] = count;
    }
    return { count, sum, squares };
  });
  return { values, upTo, moments };
}

/** The statistics of the values in so many of each block; `NaN` where there is none. */
function readBlocks(texts: readonly (string | null)[]) {
  const { values, upTo, moments } = tabulate(texts);
  const blocks = moments.length;

  function below(at: number, drawn: Uint8Array): number {
    let count = 0;
    for (let block = 0; block < blocks; block++) count += (drawn[block] ?? 0) * (upTo[at * blocks + block] ?? 0);
    return count;
  }

  function atRank(rank: number, drawn: Uint8Array): number {
    let low = 0;
    let high = values.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (below(middle, drawn) >= rank) high = middle;
      else low = middle + 1;
    }
    return values[low] ?? NaN;
  }

  function total(drawn: Uint8Array, of: "count" | "sum" | "squares"): number {
    let all = 0;
    for (let block = 0; block < blocks; block++) all += (drawn[block] ?? 0) * (moments[block]?.[of] ?? 0);
    return all;
  }

  function statistic(wanted: Statistic, drawn: Uint8Array): number {
    const count = total(drawn, "count");
    if (count === 0) return NaN;
    switch (wanted.name) {
      case "percentile":
        return atRank(rankOf(wanted.percent, count), drawn);
      case "min":
        return atRank(1, drawn);
      case "max":
        return atRank(count, drawn);
      case "mean":
        return total(drawn, "sum") / count;
      case "stdev": {
        const sum = total(drawn, "sum");
        const squares = Math.max(0, total(drawn, "squares") - (sum * sum) / count);
        return count < 2 ? NaN : Math.sqrt(squares / (count - 1));
      }
    }
  }

  return { blocks, statistic };
}
