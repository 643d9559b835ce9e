import { canBeKnown } from "./distribution.ts";
import * as v from "valibot";
import type { Verdict } from "../stream/event.ts";
import {
  DISTRIBUTIONS,
  FIGURES,
  mapNames,
  type DistributionName,
  type Figure,
  type FigureName,
  type Statistic,
} from "./figures.ts";
import { about, count, integer, maybe, number, some, span, text, flag } from "./schema.ts";
import { lengths } from "./lengths.ts";
import { server } from "./server-report.ts";
import { resultBounds, tokenSlots } from "./shard-report.ts";
import { trust } from "./trust-report.ts";
import { decodeHistogram, type Histogram } from "./histogram.ts";

/** What one model came to under one load, as it stands in the JSON report, and what is read from there. */

/** `Intl` throws at any other currency. */
const currency = v.pipe(v.string(), v.regex(/^[A-Z]{3}$/));

/** A histogram as it is kept. */
export const histogram = about(
  v.nullable(text),
  "Histogram in the HdrHistogram V2 compressed form, base64, of 1000 × the value, three digits; null when empty.",
);

/** A time or a speed: none is below 0. */
const least = v.nullable(span);

/** One distribution; its percentiles are the value at rank ⌈p·n⌉. */
export const distribution = v.object({
  count: count("Values."),
  missing: count("Measured streams without a value: the sum of left_out."),
  left_out: about(
    v.object({
      unfinished: count("Cut by the end of the window, or by the user."),
      failed: count("Neither complete nor stopped at the length limit."),
      no_value: count("Whole, but without this figure."),
    }),
    "Why they have none.",
  ),
  min: about(least, "Smallest value, exact; null when empty."),
  mean: about(least, "Mean, exact; null when empty."),
  p1: v.exactOptional(about(least, "Value at rank ⌈0.01·n⌉, to three significant digits: the slow side of a rate.")),
  p5: v.exactOptional(about(least, "Value at rank ⌈0.05·n⌉, to three significant digits: the slow side of a rate.")),
  p50: about(least, "Value at rank ⌈0.50·n⌉, to three significant digits."),
  p90: about(least, "Value at rank ⌈0.90·n⌉, to three significant digits."),
  p95: about(least, "Value at rank ⌈0.95·n⌉, to three significant digits."),
  p99: about(least, "Value at rank ⌈0.99·n⌉, to three significant digits."),
  max: about(least, "Largest value, exact; null when empty."),
  stdev: about(least, "Standard deviation of the sample (n − 1); null under two values."),
  hdr: histogram,
});

/** Tenths of the window that are kept apart, so that two runs can be compared. */
export const BLOCKS = 10;

/** One tenth of the window; what a slot of 100 ms holds is shared out in proportion. */
export const block = v.object({
  length_ms: about(span, "Length of the block, ms."),
  counted: count("Streams that began in the block, less the unfinished."),
  failed: count("Of these, neither complete nor length."),
  good: about(v.nullable(integer), "Of these, met every objective; null without objectives."),
  requests: about(number, "Whole answers that ended within the block; at its edges in part."),
  tokens: about(number, "Tokens that arrived within the block."),
  hdr: about(v.object(mapNames(DISTRIBUTIONS, () => histogram)), "Histograms of the streams that began in the block."),
});

const threshold = v.object({
  text: about(text, "The threshold as it was written."),
  value: about(maybe, "What was measured; null without samples enough, which is not passed."),
  limit: about(number, "What it is compared with, in the unit of the value."),
  samples: count("Values behind it."),
  passed: about(flag, "The value keeps to the limit, and what this client may have shifted it by does not matter."),
  undecided: v.exactOptional(
    about(flag, "The value is nearer to its limit than this client may have shifted it: neither passed nor failed."),
  ),
  needed: v.exactOptional(
    count("Values that this percentile takes; only where there were fewer, and nothing was judged."),
  ),
  met: v.exactOptional(
    count("Of a limit that every stream must keep: streams that keep it; `value` is the worst one."),
  ),
  without: v.exactOptional(count("Of the same: streams that failed, or have no such value.")),
});

/** How the streams of a part keep a limit that every stream must keep: what those of the whole are made of. */
const objective = v.object({
  text: about(text, "The limit as it was written."),
  worst: about(maybe, "The worst value of a stream; null where none has one."),
  judged: count("Streams that were held to it."),
  met: count("Of these, keep it."),
  without: count("Of these, failed or have no such value."),
});

const error = v.object({
  kind: about(text, "Kind of the failure with its status or timer, such as http 429 or timeout idle."),
  count: count("Streams that failed so."),
  example: about(text, "The sentence for the first of them."),
  stream: count("Number of the first of them."),
});

const verdicts = v.object({
  complete: some("Whole."),
  length: some("Whole up to the longest answer that was asked for."),
  empty: some("Ended well and without a token."),
  filtered: some("Stopped by a filter, or refused."),
  truncated: some("Cut: the end never came."),
  failed: some("Ended by an error."),
  timeout: some("Ended by one of the timers."),
  cancelled: some("Ended by the end of the window, or by the user."),
} satisfies Record<Verdict, v.GenericSchema>);

/** One model under one load, or all models together. */
export const result = v.object({
  model: about(v.nullable(text), "Name of the model; null: all models together."),
  streams: about(
    v.object({
      warmup: count(
        "Warm-up streams: run, and in no figure; only throughput of a window that time alone ends counts what arrives of them.",
      ),
      started: count("Measured streams."),
      ok: count("Verdict complete or length."),
      failed: count("Neither ok nor unfinished."),
      unfinished: count("Cut by the end of the window, or by the user."),
    }),
    "How many streams there were.",
  ),
  verdicts: about(verdicts, "Measured streams by verdict."),
  error_rate: about(maybe, "failed ÷ (started − unfinished), 0 to 1."),
  goodput: about(
    v.nullable(
      v.object({
        met: count("Streams that met every per-stream objective."),
        share: about(maybe, "met ÷ (started − unfinished), 0 to 1."),
        per_second: about(maybe, "met ÷ length of the window, per second."),
      }),
    ),
    "Streams that were good enough; null without per-stream objectives.",
  ),
  requests_per_second: about(maybe, "Whole answers (ok) that ended inside the window ÷ its length."),
  output_tokens_per_second: about(maybe, "Tokens that arrived inside the window ÷ its length."),
  peak_tokens_per_second: about(maybe, "Tokens/s of the best second of the window."),
  tokens: about(
    v.object({
      output: about(number, "Output tokens of measured streams."),
      prompt: about(maybe, "Prompt tokens; null where no usage gave them."),
      reasoning: about(maybe, "Reasoning tokens; null where no usage gave them."),
    }),
    "Sums over measured streams.",
  ),
  lengths: v.exactOptional(about(lengths, "What was asked, and how long the answers were.")),
  server: v.exactOptional(
    about(
      v.nullable(server),
      "What the server says of its own work, beside what was measured; null where it says nothing.",
    ),
  ),
  cost: about(
    v.nullable(
      v.object({
        amount: about(number, "Sum, in the currency."),
        currency: about(v.nullable(currency), "ISO 4217 code, such as EUR."),
        streams: count("Streams whose cost is known."),
      }),
    ),
    "Cost of measured streams; null without usage or prices.",
  ),
  distributions: about(
    v.object(mapNames(DISTRIBUTIONS, (name) => about(distribution, FIGURES[name].about))),
    "How durations and speeds of streams are distributed.",
  ),
  thresholds: about(v.array(threshold), "Every threshold that was checked."),
  errors: about(v.array(error), "Failures by kind."),
  trust: about(trust, "How far the figures can be trusted."),
  objectives: v.exactOptional(
    about(v.array(objective), "Of a shard, in place of thresholds: how its streams keep the limits of each."),
  ),
  token_slots: v.exactOptional(about(tokenSlots, "Of a shard: tokens over time, as those of several can be added.")),
  bounds: v.exactOptional(
    about(resultBounds, "Of a merged result: what is known where its parts do not tell the whole."),
  ),
  blocks: about(v.pipe(v.array(block), v.maxLength(BLOCKS)), "Tenths of the window, in order."),
});

export type ResultReport = v.InferOutput<typeof result>;
export type ErrorReport = v.InferOutput<typeof error>;
export type ObjectiveReport = v.InferOutput<typeof objective>;
export type ThresholdReport = v.InferOutput<typeof threshold>;
export type BlockReport = v.InferOutput<typeof block>;
export type DistributionReport = v.InferOutput<typeof distribution>;
export type LeftOut = DistributionReport["left_out"];

/** A distribution as a report holds it. */
export function toDistribution(values: Histogram, leftOut: LeftOut): DistributionReport {
  return {
    count: values.count(),
    missing: leftOut.unfinished + leftOut.failed + leftOut.no_value,
    left_out: { ...leftOut },
    min: values.min(),
    mean: values.mean(),
    p1: values.percentile(1),
    p5: values.percentile(5),
    p50: values.percentile(50),
    p90: values.percentile(90),
    p95: values.percentile(95),
    p99: values.percentile(99),
    max: values.max(),
    stdev: values.stdev(),
    hdr: values.encode(),
  };
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
  return statistic.name === "percentile" ? percentileIn(report, statistic.percent) : report[statistic.name];
}

/** Any percentile of a distribution; `decoded`: its histogram, where somebody has decoded it already. */
export function percentileIn(report: DistributionReport, percent: number, decoded?: Histogram): number | null {
  switch (percent) {
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
      return report.hdr === null ? null : (decoded ?? decodeHistogram(report.hdr)).percentile(percent);
  }
}

/** A percentile that more than one value lies beyond: the p95 of ten values is the largest of them by another name. */
export function knownPercentile(result: ResultReport, of: DistributionName, percent: number): number | null {
  const report = result.distributions[of];
  return canBeKnown(percent, report.count) ? percentileIn(report, percent) : null;
}

/** Streams that a share counts. */
export function hitsIn({ streams, goodput }: ResultReport, part: "failed" | "met"): number {
  return part === "failed" ? streams.failed : (goodput?.met ?? 0);
}
