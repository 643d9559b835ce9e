import * as v from "valibot";
import type { NoticeCode, Verdict } from "../stream/event.ts";
import { DISTRIBUTIONS, FIGURES, mapNames, type Figure, type FigureName, type Statistic } from "./figures.ts";
import { decodeHistogram, type Histogram } from "./histogram.ts";

/** What one model came to under one load, as it stands in the JSON report, and what is read from there. */

/** A schema with the words that the JSON Schema shows beside the key. */
export function about<const S extends v.GenericSchema>(schema: S, words: string) {
  return v.pipe(schema, v.description<v.InferOutput<S>, string>(words));
}

/** How many: whole, not negative, exact. */
export const integer = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Any number that JSON can write. */
export const number = v.pipe(v.number(), v.finite());

/** `null` where the figure does not exist. */
export const maybe = v.nullable(number);

/** A length of time in ms. */
export const span = v.pipe(v.number(), v.finite(), v.minValue(0));

/** `Intl` throws at any other currency. */
const currency = v.pipe(v.string(), v.regex(/^[A-Z]{3}$/));

export const text = v.string();
export const texts = v.array(text);
export const flag = v.boolean();

/** How many, described. */
export function count(words: string) {
  return about(integer, words);
}

/** The same where the key is only there when there are any. */
function some(words: string) {
  return v.exactOptional(count(words));
}

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
  value: about(maybe, "What was measured; null without samples, which is not passed."),
  limit: about(number, "What it is compared with, in the unit of the value."),
  samples: count("Values behind it."),
  passed: about(flag, "The value keeps to the limit."),
});

const error = v.object({
  kind: about(text, "Kind of the failure with its status or timer, such as http 429 or timeout idle."),
  count: count("Streams that failed so."),
  example: about(text, "The sentence for the first of them."),
  stream: count("Number of the first of them."),
});

const notices = v.object({
  adapted_stream_options: some("Sent again without stream_options, which the server refused."),
  adapted_max_tokens: some("Sent again with another name for max_tokens."),
  stale_connection: some("Not counted here: see stale_connections."),
  content_type: some("Answered with another content type than text/event-stream."),
  not_streamed: some("Answered in one piece."),
  other_choices: some("Brought further choices, which were left out."),
  usage_impossible: some("Counted more tokens than the answer can hold: events were counted instead."),
  usage_not_total: some("Gave a count of tokens that did not grow with the answer: events were counted instead."),
  unknown_finish_reason: some("Ended with a finish reason that is not known."),
  lost_events: some("Lack what stood in an event that could not be read."),
  done_without_reason: some("Ended without a finish reason, and whole because of api.trust_done."),
} satisfies Record<NoticeCode, v.GenericSchema>);

/** Notices that say what answers are worth, whole ones too. */
export const DOUBTS = ["unknown_finish_reason", "lost_events", "done_without_reason"] as const satisfies NoticeCode[];
/** One of them. */
export type Doubt = (typeof DOUBTS)[number];

/** The notices of a result, those apart; each with the number of its streams. */
export function noticesIn({ notices }: TrustReport) {
  const doubts = DOUBTS.map((code) => ({ code, streams: notices[code] ?? 0 })).filter(({ streams }) => streams > 0);
  const others = Object.entries(notices).filter(([code]) => DOUBTS.every((doubt) => doubt !== code));
  return { doubts, others: others.map(([code, streams]) => ({ code, streams })) };
}

const trust = v.object({
  tokens_source: about(
    v.object({
      usage: count("Counted by the server."),
      events: count("Counted by events: an estimate."),
      whole_by_events: count("Of these the whole answers, which tokens per second are made of."),
    }),
    "Streams whose tokens come from usage, and from counting events.",
  ),
  tokens_per_event: about(maybe, "Streamed tokens ÷ token events; null without token events."),
  coalesced: about(maybe, "Share (0 to 1) of token events that shared a network read with an earlier one."),
  lumped: v.exactOptional(
    about(maybe, "Of these, the share that came in lumps: after a wait that was not this client's."),
  ),
  lump_wait_ms: v.exactOptional(about(maybe, "Wait before a lump, on average, ms; null without any.")),
  in_lumps: v.exactOptional(
    about(flag, "Most came so: something holds the answers back, and TTFT, gaps and TPOT are its, not the model's."),
  ),
  retries: count("New attempts after a failure."),
  retry_wait_ms: about(number, "Time waited between attempts, ms."),
  stale_connections: count(
    "Requests sent once more because the server had closed the connection kept for them: no failure of the service.",
  ),
  ttft_from: about(v.picklist(["first_attempt", "last_attempt"]), "The attempt from which ttft_ms counts."),
  stalls: count("Gaps longer than the limit for stalls (1 s unless set)."),
  malformed: count("Events that could not be read."),
  held_ms: about(number, "Time for which this client did not read, ms."),
  notices: about(notices, "Streams with something worth saying, by code."),
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
      prompt: about(maybe, "Prompt tokens; null where no usage said."),
      reasoning: about(maybe, "Reasoning tokens; null where no usage said."),
    }),
    "Sums over measured streams.",
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
  blocks: about(v.pipe(v.array(block), v.maxLength(BLOCKS)), "Tenths of the window, in order."),
});

export type ResultReport = v.InferOutput<typeof result>;
export type TrustReport = v.InferOutput<typeof trust>;
export type ErrorReport = v.InferOutput<typeof error>;
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
