import { round } from "../../metrics/distribution.ts";
import type { StepReport } from "../../metrics/report.ts";
import type { BoundsRange } from "../../metrics/shard-report.ts";

/** Share of their windows in which all parts must have been measured for their rates to be added. */
const COINCIDE = 0.95;

/** The measured time of a step over all its parts. */
export type Windows = {
  start: number;
  /** Of the longest window. */
  length: number;
  /** Share of the time from the first begin to the last end in which all were measured; `null`: nothing was. */
  common: number | null;
  /** Rates of the parts are those of one time, and can be added. */
  coincide: boolean;
};

/** When the parts of a step were measured. */
export function windowsOf(steps: readonly StepReport[]): Windows {
  const starts = steps.map(({ window }) => window.start_ms);
  const ends = steps.map(({ window }) => window.start_ms + window.length_ms);
  const [first, last] = [Math.min(...starts), Math.max(...ends)];
  const shared = Math.max(0, Math.min(...ends) - Math.max(...starts));
  const common = last > first ? shared / (last - first) : null;
  const length = Math.max(...steps.map(({ window }) => window.length_ms));
  return { start: first, length, common, coincide: common !== null && common >= COINCIDE };
}

/** The sum of what is known; `null` where nothing is. */
export function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** A figure of the whole: exact, or all that is known of it, with `value` where one must stand. */
export type Known = { value: number | null; bounds: BoundsRange | null };

/** A rate of the whole: the sum of those of one time; else no more than that sum, and no less than what came over all of the time. */
export function rateOf(parts: readonly { rate: number | null; length: number }[], windows: Windows): Known {
  const sum = sumOf(parts.map(({ rate }) => rate));
  if (sum === null || windows.coincide) return { value: sum === null ? null : round(sum), bounds: null };
  const came = parts.reduce((total, { rate, length }) => total + (rate ?? 0) * length, 0);
  const least = windows.length > 0 ? came / windows.length : 0;
  return { value: null, bounds: { least: round(Math.min(least, sum)), most: round(sum) } };
}
