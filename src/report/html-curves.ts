import { rankOf } from "../metrics/distribution.ts";
import { decodeHistogram } from "../metrics/histogram.ts";
import type { DistributionReport } from "../metrics/result-report.ts";
import type { Curve, CurveName } from "./page/data.ts";

/** The distributions that have a curve, in the order of the choice. */
export const CURVES: readonly CurveName[] = ["ttft_ms", "gap_ms", "tpot_ms", "duration_ms", "tokens_per_second"];

/** A distribution over 1/(1 − p), `perDecade` values for each factor of ten, and its greatest value; `null` when empty. */
export function curveOf({ hdr, max }: DistributionReport, perDecade: number): Curve | null {
  if (hdr === null) return null;
  const sorted = decodeHistogram(hdr).values();
  const count = sorted.reduce((sum, entry) => sum + entry.count, 0);
  const values: number[] = [];
  let index = 0;
  let seen = sorted[0]?.count ?? 0;
  for (let step = 0; 10 ** (step / perDecade) < count; step++) {
    const rank = rankOf(100 * (1 - 10 ** (-step / perDecade)), count);
    while (seen < rank && index < sorted.length - 1) seen += sorted[++index]?.count ?? 0;
    values.push(digits(sorted[index]?.value ?? 0));
  }
  values.push(digits(max ?? sorted.at(-1)?.value ?? 0));
  return { count, values };
}

function digits(value: number): number {
  return Number(value.toPrecision(4));
}
