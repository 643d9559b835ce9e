import * as v from "valibot";
import {
  CLIENT_CHECKS,
  type ClientCheck,
  type ClientReport,
  type LoadReport,
  type SeriesReport,
  type StepReport,
} from "../metrics/summary.ts";
import { about, count, type Entries, figure, flag, instant, maybe, span } from "./value-types.ts";
import { column } from "./shape-column.ts";

/** The load of one step: so many streams at once, or so many starts a second. */
export const load = v.variant("kind", [
  v.object({
    kind: about(v.literal("closed"), "Closed loop: a stream that ends lets the next one start."),
    concurrency: count("Streams at once that were asked for."),
  } satisfies Entries<Extract<LoadReport, { kind: "closed" }>>),
  v.object({
    kind: about(v.literal("arrival"), "Open loop: streams start when they are due."),
    rate: about(figure, "Starts per second."),
    arrival: about(v.picklist(["constant", "poisson"]), "How due instants are spaced."),
    max_in_flight: count("Streams at once beyond which a start does not happen."),
  } satisfies Entries<Extract<LoadReport, { kind: "arrival" }>>),
]);

const check = v.object({
  name: about(v.picklist(CLIENT_CHECKS), "What the client must keep."),
  value: about(maybe, "What was measured; null where nothing could be, which is kept."),
  limit: about(maybe, "What it is compared with; null without a limit."),
  passed: about(flag, "The value keeps to the limit."),
} satisfies Entries<ClientCheck>);

const client = v.object({
  healthy: about(flag, "All checks were kept."),
  checks: about(v.array(check), "One a thing that the client must keep."),
} satisfies Entries<ClientReport>);

const series = v.object({
  bucket_ms: about(span, "Length of a bucket, ms; 0 when nothing was measured."),
  tokens: about(v.array(figure), "Tokens/s, a number a bucket."),
  requests: about(v.array(figure), "Whole answers a second, a number a bucket."),
  concurrency: about(v.array(figure), "Streams at once on average, a number a bucket."),
} satisfies Entries<SeriesReport>);

const concurrency = v.object({
  asked: about(maybe, "Streams at once that were asked for; null for an arrival rate."),
  max: about(figure, "Most streams at once."),
  mean: about(maybe, "Streams at once, weighted by time; null when nothing was sent."),
  short: about(flag, "Below what was asked for more than 1 s: the client could not keep up."),
} satisfies Entries<StepReport["concurrency"]>);

const warmedUp = v.object({
  streams: count("Warm-up streams."),
  length_ms: about(span, "Length of the warm-up, ms."),
} satisfies Entries<StepReport["warmup"]>);

const measured = v.object({
  start_ms: about(instant, "Begin, ms since the epoch."),
  length_ms: about(span, "Length, ms."),
  drain_ms: about(span, "What running streams took after it, ms."),
} satisfies Entries<StepReport["window"]>);

/** One step of a sweep. */
export const step = v.object({
  load: about(load, "What was asked of the server at once."),
  warmup: about(warmedUp, "What came before the measured time."),
  window: about(measured, "The measured time."),
  window_too_short: about(flag, "More than 5 % of the streams were cut by the end of the window."),
  concurrency: about(concurrency, "Streams between request sent and end."),
  missed_starts: count("Due starts that found max_in_flight streams under way and did not happen."),
  client: about(client, "Whether this client kept up."),
  results: about(v.array(column), "One a model, and with several models one of all of them, last."),
  series: about(series, "Throughput over the window."),
} satisfies Entries<StepReport>);
