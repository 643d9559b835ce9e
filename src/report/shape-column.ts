import * as v from "valibot";
import { BLOCKS } from "../metrics/distributions.ts";
import type { ResultReport, ErrorReport, ThresholdReport, TrustReport } from "../metrics/summary.ts";
import { about, count, currency, type Entries, figure, flag, maybe, some, text } from "./value-types.ts";
import { block, distributions } from "./shape-distribution.ts";

const threshold = v.object({
  text: about(text, "The threshold as it was written."),
  value: about(maybe, "What was measured; null without samples, which is not passed."),
  limit: about(figure, "What it is compared with, in the unit of the value."),
  samples: count("Values behind it."),
  passed: about(flag, "The value keeps to the limit."),
} satisfies Entries<ThresholdReport>);

const error = v.object({
  kind: about(text, "Kind of the failure with its status or timer, such as http 429 or timeout idle."),
  count: count("Streams that failed so."),
  example: about(text, "The sentence for the first of them."),
  stream: count("Number of the first of them."),
} satisfies Entries<ErrorReport>);

const notices = v.object({
  adapted_stream_options: some("Sent again without stream_options, which the server refused."),
  adapted_max_tokens: some("Sent again with another name for max_tokens."),
  content_type: some("Answered with another content type than text/event-stream."),
  not_streamed: some("Answered in one piece."),
  other_choices: some("Brought further choices, which were left out."),
  unknown_finish_reason: some("Ended with a finish reason that is not known."),
  done_without_reason: some("Ended with [DONE] and without a finish reason."),
} satisfies Entries<TrustReport["notices"]>);

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
  retries: count("New attempts after a failure."),
  retry_wait_ms: about(figure, "Time waited between attempts, ms."),
  ttft_from: about(v.picklist(["first_attempt", "last_attempt"]), "The attempt from which ttft_ms counts."),
  stalls: count("Gaps longer than the limit for stalls (1 s unless set)."),
  malformed: count("Events that could not be read."),
  held_ms: about(figure, "Time for which this client did not read, ms."),
  notices: about(notices, "Streams with something worth saying, by code."),
} satisfies Entries<TrustReport>);

const verdicts = v.object({
  complete: some("Whole."),
  length: some("Whole up to the longest answer that was asked for."),
  empty: some("Ended well and without a token."),
  filtered: some("Stopped by a filter, or refused."),
  truncated: some("Cut: the end never came."),
  failed: some("Ended by an error."),
  timeout: some("Ended by one of the timers."),
  cancelled: some("Ended by the end of the window, or by the user."),
} satisfies Entries<ResultReport["verdicts"]>);

const streams = v.object({
  warmup: count(
    "Warm-up streams: run, and in no figure; only throughput of a window that time alone ends counts what arrives of them.",
  ),
  started: count("Measured streams."),
  ok: count("Verdict complete or length."),
  failed: count("Neither ok nor unfinished."),
  unfinished: count("Cut by the end of the window, or by the user."),
} satisfies Entries<ResultReport["streams"]>);

const goodput = v.object({
  met: count("Streams that met every per-stream objective."),
  share: about(maybe, "met ÷ (started − unfinished), 0 to 1."),
  per_second: about(maybe, "met ÷ length of the window, per second."),
} satisfies Entries<NonNullable<ResultReport["goodput"]>>);

/** One model under one load, or all models together. */
export const column = v.object({
  model: about(v.nullable(text), "Name of the model; null: all models together."),
  streams: about(streams, "How many streams there were."),
  verdicts: about(verdicts, "Measured streams by verdict."),
  error_rate: about(maybe, "failed ÷ (started − unfinished), 0 to 1."),
  goodput: about(v.nullable(goodput), "Streams that were good enough; null without per-stream objectives."),
  requests_per_second: about(maybe, "Whole answers (ok) that ended inside the window ÷ its length."),
  output_tokens_per_second: about(maybe, "Tokens that arrived inside the window ÷ its length."),
  peak_tokens_per_second: about(maybe, "Tokens/s of the best second of the window."),
  tokens: about(
    v.object({
      output: about(figure, "Output tokens of measured streams."),
      prompt: about(maybe, "Prompt tokens; null where no usage said."),
      reasoning: about(maybe, "Reasoning tokens; null where no usage said."),
    } satisfies Entries<ResultReport["tokens"]>),
    "Sums over measured streams.",
  ),
  cost: about(
    v.nullable(
      v.object({
        amount: about(figure, "Sum, in the currency."),
        currency: about(v.nullable(currency), "ISO 4217 code, such as EUR."),
        streams: count("Streams whose cost is known."),
      } satisfies Entries<NonNullable<ResultReport["cost"]>>),
    ),
    "Cost of measured streams; null without usage or prices.",
  ),
  distributions: about(distributions, "How durations and speeds of streams are distributed."),
  thresholds: about(v.array(threshold), "Every threshold that was checked."),
  errors: about(v.array(error), "Failures by kind."),
  trust: about(trust, "How far the figures can be trusted."),
  blocks: about(v.pipe(v.array(block), v.maxLength(BLOCKS)), "Tenths of the window, in order."),
} satisfies Entries<ResultReport>);
