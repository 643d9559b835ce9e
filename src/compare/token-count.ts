import type { ResultReport } from "../metrics/result-report.ts";

/** So few answers that are counted otherwise move no figure by much. */
const ALIKE = 0.02;

/** Of the whole answers of both sides, the share whose tokens are events and not those that usage says. */
export type ByEvents = { a: number; b: number };

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
