/** What a finish reason says of the answer. */
type Meaning = "complete" | "length" | "filtered" | "failed" | "unknown";

const WORDS: Readonly<Record<Exclude<Meaning, "unknown">, string>> = {
  complete: "stop eos eos_token end_turn stop_sequence tool_calls function_call tool_use pause_turn",
  length: "length max_tokens model_length model_context_window_exceeded max_output_tokens",
  filtered:
    "content_filter safety refusal sensitive guardrail_intervened content_filtered prohibited_content recitation blocklist spii",
  failed: "error abort cancelled insufficient_system_resource network_error timeout capacity malformed_function_call",
};

const MEANINGS: ReadonlyMap<string, Meaning> = new Map(
  (["complete", "length", "filtered", "failed"] as const).flatMap((meaning) =>
    WORDS[meaning].split(" ").map((word) => [plain(word), meaning] as const),
  ),
);

/** A word that nobody knows and that holds one of these is no success. */
const BAD = /error|fail|abort|cancel/;

/** Reads a finish reason as servers spell it: `MAX_TOKENS`, `max-tokens`, `maxTokens`. */
export function meaningOf(reason: string): Meaning {
  const word = plain(reason);
  return MEANINGS.get(word) ?? (BAD.test(word) ? "failed" : "unknown");
}

function plain(reason: string): string {
  return reason.toLowerCase().replace(/[-_\s]/g, "");
}
