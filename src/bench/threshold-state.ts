import { FIGURES, type DistributionName, type Figure, type ScalarName } from "../metrics/figures.ts";
import type { Histogram } from "../metrics/histogram.ts";
import type { ThresholdState } from "../metrics/progress.ts";
import { holds, samplesFor, type Threshold } from "../metrics/thresholds.ts";

/** What a result has by now; `met`: streams that met every objective. */
type SoFar = {
  ok: number;
  failed: number;
  met: number;
  values(name: DistributionName): Histogram;
  /** The scalars that are no share, where they can be known. */
  rates: Partial<Record<ScalarName, () => number | null>>;
};

/** How a threshold stands while streams still run: cheap enough to be asked four times a second. */
export function thresholdSoFar({ text, figure, operator, limit }: Threshold, soFar: SoFar): ThresholdState {
  const samples = figure.kind === "statistic" ? soFar.values(figure.of).count() : soFar.ok + soFar.failed;
  const value = samples < samplesFor(figure) ? null : valueOf(figure, soFar);
  return { text, value, samples, passed: value === null ? null : holds(value, operator, limit) };
}

function valueOf(figure: Figure, { ok, failed, met, values, rates }: SoFar): number | null {
  if (figure.kind === "statistic") {
    const [all, { statistic }] = [values(figure.of), figure];
    return statistic.name === "percentile" ? all.percentile(statistic.percent) : all[statistic.name]();
  }
  const row = FIGURES[figure.of];
  return row.unit === "share" ? { failed, met }[row.part] / (ok + failed) : (rates[figure.of]?.() ?? null);
}
