import { FIGURES, type Figure, type FigureName, type Statistic } from "./figures.ts";
import { decodeHistogram } from "./histogram.ts";
import type { DistributionReport, ResultReport, StepReport } from "./summary.ts";

/** The result that stands for the whole step. */
export function allModels(step: StepReport): ResultReport | undefined {
  return step.results.at(-1);
}

/** `~` where tokens of some stream are counted by events. */
export function tildeOf({ trust }: ResultReport): string {
  return trust.tokens_source.events > 0 ? "~" : "";
}

/** The same of a figure, if it is made of tokens; a distribution of them is one of complete streams alone. */
export function tildeIn(name: FigureName, result: ResultReport): string {
  const { kind, ofTokens } = FIGURES[name];
  if (!ofTokens) return "";
  if (kind === "scalar") return tildeOf(result);
  return result.trust.tokens_source.whole_by_events > 0 ? "~" : "";
}

/** The figure in a result, and how many streams or gaps it was made of; `null` where it does not exist. */
export function figureIn(result: ResultReport, figure: Figure): { value: number | null; samples: number } {
  if (figure.kind === "statistic") {
    const report = result.distributions[figure.of];
    return { value: statisticOf(report, figure.statistic), samples: report.count };
  }
  const { who, value } = FIGURES[figure.of];
  const { started, ok, failed } = result.streams;
  return { value: value(result), samples: who === "started" ? started : ok + failed };
}

function statisticOf(report: DistributionReport, statistic: Statistic): number | null {
  if (statistic.name !== "percentile") return report[statistic.name];
  switch (statistic.percent) {
    case 50:
      return report.p50;
    case 90:
      return report.p90;
    case 95:
      return report.p95;
    case 99:
      return report.p99;
    case 100:
      return report.max;
    default:
      return report.hdr === null ? null : decodeHistogram(report.hdr).percentile(statistic.percent);
  }
}

/** Streams that a share counts. */
export function hitsIn({ streams, goodput }: ResultReport, part: "failed" | "met"): number {
  return part === "failed" ? streams.failed : (goodput?.met ?? 0);
}
