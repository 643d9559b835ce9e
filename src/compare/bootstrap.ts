import { createRandom } from "../run/random.ts";

/** Draws of each figure from its own blocks of time. */
export const RESAMPLES = 2000;
/** Same reports, same intervals. */
export const SEED = 20_261_122;

/** A figure as a function of how often each of the blocks was drawn; `NaN` where the draw holds no value. */
export type Drawable = { blocks: number; value(drawn: Uint8Array): number };

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
