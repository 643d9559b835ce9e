import type { Figure } from "../metrics/figure.ts";
import type { ResultReport } from "../metrics/summary.ts";

/** The figures that tokens are counted for. */
const OF_TOKENS: ReadonlySet<Figure["of"]> = new Set<Figure["of"]>([
  "tpot_ms",
  "tokens_per_second",
  "decode_tokens_per_second",
  "output_tokens_per_second",
  "peak_tokens_per_second",
]);

/** So few answers that are counted otherwise move no figure by much. */
const ALIKE = 0.02;

/** Of the whole answers of both sides, the share whose tokens are events and not those that usage says. */
export type ByEvents = { a: number; b: number };

/** Whether tokens are part of the figure. */
export function isOfTokens({ of }: Pick<Figure, "of">): boolean {
  return OF_TOKENS.has(of);
}

/** The shares where they are too far apart for tokens to be compared, an event holding any number of them; else `null`. */
export function countedApart(a: readonly ResultReport[], b: readonly ResultReport[]): ByEvents | null {
  const shares = { a: shareOf(a), b: shareOf(b) };
  return Math.abs(shares.a - shares.b) > ALIKE ? shares : null;
}

/** 0 where no answer was whole. */
function shareOf(columns: readonly ResultReport[]): number {
  const whole = columns.reduce((sum, { streams }) => sum + streams.ok, 0);
  const events = columns.reduce((sum, { trust }) => sum + trust.tokens_source.whole_by_events, 0);
  return whole === 0 ? 0 : Math.min(1, events / whole);
}
