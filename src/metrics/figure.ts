import type { SloReason } from "../config/user-error.ts";
import { decodeHistogram } from "./histogram.ts";
import { DISTRIBUTIONS, type ResultReport, type DistributionName, type DistributionReport } from "./summary.ts";

/** One number out of a distribution; `percent` is above 0 and at most 100. */
export type Statistic = { name: "mean" | "min" | "max" | "stdev" } | { name: "percentile"; percent: number };

/** The figures of a column that are one number each. */
export const SCALARS = [
  "error_rate",
  "goodput",
  "goodput_per_second",
  "requests_per_second",
  "output_tokens_per_second",
  "peak_tokens_per_second",
] as const;

export type ScalarName = (typeof SCALARS)[number];

/** One number of a column: a statistic of a distribution, or a figure that is a number by itself. */
export type Figure =
  { kind: "statistic"; of: DistributionName; statistic: Statistic } | { kind: "scalar"; of: ScalarName };

/** What a figure counts: ms, a share of 0 to 1, tokens or requests per second. */
export type Unit = "ms" | "share" | "tokens_per_second" | "requests_per_second";

/** What somebody wrote is no figure; `accepted` lists what could stand where `part` stands. */
export type Misread = { kind: "misread"; why: SloReason; part: string; accepted: string };

/** What can be written: a figure, or a whole distribution, which is one number only for one stream. */
export type Written = Figure | { kind: "distribution"; of: DistributionName } | Misread;

/** Of a report from elsewhere as well: no two parts of it can share a space, else a long one takes minutes. */
const CALL = /^([\w.]+)\s*\(([^()]*)\)$/;
const STATISTICS = "p50, p95, p99.9, mean, min, max, stdev";

/** Reads `p95(ttft)`, `mean(gap_ms)`, `error_rate` or `ttft`; upper and lower case are the same. */
export function readFigure(text: string): Written {
  const plain = text.trim().toLowerCase();
  const call = CALL.exec(plain);
  if (call !== null) return readCall(call[1] ?? "", (call[2] ?? "").trim());
  if (!/^[\w.]+$/.test(plain)) {
    return { kind: "misread", why: "syntax", part: plain, accepted: "p95(ttft), ttft, error_rate" };
  }
  const scalar = SCALARS.find((name) => name === plain);
  if (scalar !== undefined) return { kind: "scalar", of: scalar };
  const of = distributionOf(plain);
  if (of !== undefined) return { kind: "distribution", of };
  return {
    kind: "misread",
    why: "metric",
    part: plain,
    accepted: [...DISTRIBUTIONS.map(shortName), ...SCALARS].join(", "),
  };
}

function readCall(name: string, inner: string): Written {
  const statistic = readStatistic(name);
  if (statistic === null) return { kind: "misread", why: "function", part: name, accepted: STATISTICS };
  const of = distributionOf(inner);
  if (of !== undefined) return { kind: "statistic", of, statistic };
  const scalar = SCALARS.find((known) => known === inner);
  if (scalar !== undefined) return { kind: "misread", why: "syntax", part: `${name}(${inner})`, accepted: scalar };
  return { kind: "misread", why: "metric", part: inner, accepted: DISTRIBUTIONS.map(shortName).join(", ") };
}

function readStatistic(name: string): Statistic | null {
  const percent = Number(/^p(\d{1,3}(?:\.\d+)?)$/.exec(name)?.[1] ?? NaN);
  if (percent > 0 && percent <= 100) return { name: "percentile", percent };
  switch (name) {
    case "avg":
      return { name: "mean" };
    case "mean":
    case "min":
    case "max":
    case "stdev":
      return { name };
    default:
      return null;
  }
}

function distributionOf(name: string): DistributionName | undefined {
  return DISTRIBUTIONS.find((known) => known === name || shortName(known) === name);
}

/** A distribution as people write it: `ttft` for `ttft_ms`. */
export function shortName(name: DistributionName): string {
  return name.replace(/_ms$/, "");
}

/** A figure as it is written: `p95(ttft)`, `error_rate`. */
export function figureText(figure: Figure): string {
  if (figure.kind === "scalar") return figure.of;
  const { statistic } = figure;
  const name = statistic.name === "percentile" ? `p${statistic.percent}` : statistic.name;
  return `${name}(${shortName(figure.of)})`;
}

/** What a figure, or a value of a distribution, counts. */
export function unitOf(name: DistributionName | ScalarName): Unit {
  switch (name) {
    case "error_rate":
    case "goodput":
      return "share";
    case "goodput_per_second":
    case "requests_per_second":
      return "requests_per_second";
    case "tokens_per_second":
    case "decode_tokens_per_second":
    case "output_tokens_per_second":
    case "peak_tokens_per_second":
      return "tokens_per_second";
    default:
      return "ms";
  }
}

/** What the figure of a limit such as `p95(ttft) < 800ms` counts; `null` where none can be read. */
export function unitOfLimit(text: string): Unit | null {
  const figure = readFigure(text.split(/[<>=]/)[0] ?? "");
  return figure.kind === "misread" ? null : unitOf(figure.of);
}

/** The figure in a column, and how many streams or gaps it was made of; `null` where it does not exist. */
export function figureIn(column: ResultReport, figure: Figure): { value: number | null; samples: number } {
  if (figure.kind === "statistic") {
    const report = column.distributions[figure.of];
    return { value: statisticOf(report, figure.statistic), samples: report.count };
  }
  const { started, ok, failed } = column.streams;
  switch (figure.of) {
    case "error_rate":
      return { value: column.error_rate, samples: ok + failed };
    case "goodput":
      return { value: column.goodput?.share ?? null, samples: ok + failed };
    case "goodput_per_second":
      return { value: column.goodput?.per_second ?? null, samples: ok + failed };
    default:
      // Tokens of a stream that the window's end cut have arrived all the same.
      return { value: column[figure.of], samples: started };
  }
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
