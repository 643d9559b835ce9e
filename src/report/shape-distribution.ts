import * as v from "valibot";
import type { BlockReport, DistributionReport, Distributions, LeftOut } from "../metrics/summary.ts";
import { DISTRIBUTIONS } from "../metrics/figures.ts";
import { about, count, type Entries, figure, span, text, integer } from "./value-types.ts";

/** A histogram as it is kept. */
export const histogram = about(
  v.nullable(text),
  "Histogram in the HdrHistogram V2 compressed form, base64, of 1000 × the value, three digits; null when empty.",
);

const leftOut = v.object({
  unfinished: count("Cut by the end of the window, or by the user."),
  failed: count("Neither complete nor stopped at the length limit."),
  no_value: count("Whole, but without this figure."),
} satisfies Entries<LeftOut>);

/** A time or a speed: none is below 0. */
const least = v.nullable(span);

/** One distribution; its percentiles are the value at rank ⌈p·n⌉. */
export const distribution = v.object({
  count: count("Values."),
  missing: count("Measured streams without a value: the sum of left_out."),
  left_out: about(leftOut, "Why they have none."),
  min: about(least, "Smallest value, exact; null when empty."),
  mean: about(least, "Mean, exact; null when empty."),
  p50: about(least, "Value at rank ⌈0.50·n⌉, to three significant digits."),
  p90: about(least, "Value at rank ⌈0.90·n⌉, to three significant digits."),
  p95: about(least, "Value at rank ⌈0.95·n⌉, to three significant digits."),
  p99: about(least, "Value at rank ⌈0.99·n⌉, to three significant digits."),
  max: about(least, "Largest value, exact; null when empty."),
  stdev: about(least, "Standard deviation of the sample (n − 1); null under two values."),
  hdr: histogram,
} satisfies Entries<DistributionReport>);

/** All of a column. */
export const distributions = v.object({
  ttft_ms: about(distribution, "Time to first token, ms: first token event − request sent."),
  ttfo_ms: about(distribution, "Time to first visible output, ms: first event with content − request sent."),
  gap_ms: about(distribution, "Gap (ITL), ms: between successive network reads that brought tokens."),
  tpot_ms: about(distribution, "Time per output token, ms: (last token − first token) ÷ (streamed tokens − 1)."),
  duration_ms: about(distribution, "Duration, ms: last token − request sent; whole answers only."),
  tokens_per_second: about(distribution, "Tokens/s of one stream: 1000 × tokens ÷ duration; whole answers only."),
  decode_tokens_per_second: about(distribution, "Tokens/s after the first token: 1000 ÷ tpot_ms."),
  latency_from_due_ms: about(distribution, "What a user felt, ms: last token − instant the request was due."),
  dispatch_delay_ms: about(distribution, "How late this client was, ms: request sent − instant it was due."),
} satisfies Entries<Distributions>);

/** One tenth of the window. */
export const block = v.object({
  length_ms: about(span, "Length of the block, ms."),
  counted: count("Streams that began in the block, less the unfinished."),
  failed: count("Of these, neither complete nor length."),
  good: about(v.nullable(integer), "Of these, met every objective; null without objectives."),
  requests: about(figure, "Whole answers that ended within the block; at its edges in part."),
  tokens: about(figure, "Tokens that arrived within the block."),
  hdr: about(
    v.object(v.entriesFromList(DISTRIBUTIONS, histogram)),
    "Histograms of the streams that began in the block.",
  ),
} satisfies Entries<BlockReport>);
