import * as v from "valibot";
import type { NoticeCode } from "../stream/event.ts";
import { about, count, flag, maybe, number, some, text } from "./schema.ts";

/** How far the figures of one model under one load can be trusted, as it stands in the JSON report. */

const notices = v.object({
  adapted_stream_options: some("Sent again without stream_options, which the server refused."),
  adapted_max_tokens: some("Sent again with another name for max_tokens."),
  stale_connection: some("Not counted here: see stale_connections."),
  content_type: some("Answered with another content type than text/event-stream."),
  not_streamed: some("Answered in one piece."),
  other_choices: some("Brought further choices, which were left out."),
  other_model: some("Were answered by another model than the one asked for."),
  usage_impossible: some("Counted more tokens than the answer can hold: events were counted instead."),
  usage_not_total: some("Gave a count of tokens that did not grow with the answer: events were counted instead."),
  unknown_finish_reason: some("Ended with a finish reason that is not known."),
  lost_events: some("Lack what stood in an event that could not be read."),
  done_without_reason: some("Ended without a finish reason, and whole because of api.trust_done."),
  end_without_reason: some("Ended with the mark of a whole answer, and without a stop reason."),
  late_error: some("Sent an error after the end of the answer."),
} satisfies Record<NoticeCode, v.GenericSchema>);

/** Notices that say what answers are worth, whole ones too. */
export const DOUBTS = [
  "unknown_finish_reason",
  "lost_events",
  "done_without_reason",
  "usage_impossible",
  "usage_not_total",
] as const satisfies NoticeCode[];
/** One of them. */
export type Doubt = (typeof DOUBTS)[number];

/** The notices of a result, those apart; each with the number of its streams. */
export function noticesIn({ notices }: TrustReport) {
  const doubts = DOUBTS.map((code) => ({ code, streams: notices[code] ?? 0 })).filter(({ streams }) => streams > 0);
  // Who answered is said beside the names.
  const apart = new Set<string>([...DOUBTS, "other_model"]);
  const others = Object.entries(notices).filter(([code]) => !apart.has(code));
  return { doubts, others: others.map(([code, streams]) => ({ code, streams })) };
}

/** How far the figures of a result can be trusted. */
export const trust = v.object({
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
  other_models: v.exactOptional(
    about(
      v.array(v.object({ model: about(text, "Its name, as the answers give it."), streams: count("Of its answers.") })),
      "Models that answered in place of the one asked for; the first few.",
    ),
  ),
  sums: v.exactOptional(
    about(
      v.object({
        token_events: count("Token events."),
        streamed_tokens: about(number, "Tokens that they brought."),
        coalesced: count("Token events that shared a read with an earlier one."),
        lumped: count("Of these, came in lumps."),
        lumps: count("Lumps."),
        lump_wait_ms: about(number, "Waited before them, ms."),
      }),
      "Of a shard: what the shares are made of, so that those of several can be told.",
    ),
  ),
  notices: about(notices, "Streams with something worth saying, by code."),
});

export type TrustReport = v.InferOutput<typeof trust>;
