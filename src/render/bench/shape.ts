import { decodeHistogram } from "../../metrics/histogram.ts";
import { sparkline } from "../../text/bars.ts";

/**
 * How the values of a histogram lie between its smallest and its largest, one bar for each part: parts of equal ratio,
 * for what waits has a long tail. Empty where there is no spread.
 */
export function shapeOf(hdr: string | null, bars: number): string {
  if (hdr === null || bars <= 0) return "";
  const values = decodeHistogram(hdr).values();
  // A thousandth is the unit of the histogram; nought has no logarithm.
  const logs = values.map(({ value, count }) => ({ at: Math.log(Math.max(value, 0.001)), count }));
  const first = logs[0]?.at ?? 0;
  const last = logs.at(-1)?.at ?? 0;
  if (last <= first) return "";
  const heights = Array.from({ length: bars }, () => 0);
  for (const { at, count } of logs) {
    const bar = Math.min(bars - 1, Math.floor(((at - first) / (last - first)) * bars));
    heights[bar] = (heights[bar] ?? 0) + count;
  }
  return sparkline(heights, Math.max(...heights));
}
