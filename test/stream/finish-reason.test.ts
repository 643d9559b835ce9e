import { describe, expect, test } from "bun:test";
import { meaningOf } from "../../src/stream/judge.ts";

const spelled = (word: string): string[] => [
  word,
  word.toUpperCase(),
  word.replaceAll("_", "-"),
  word.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
];

test("why an answer is not whole cannot make it whole", () => {
  const meaning = (word: string): string => meaningOf(`incomplete: ${word}`);
  expect(["MAX_TOKENS", "refusal", "error", "stop", "max_tool_calls"].map(meaning)).toEqual([
    "length",
    "filtered",
    "failed",
    "failed",
    "failed",
  ]);
});

describe("a finish reason means the same in any case, with - or _ or neither:", () => {
  const rows = {
    complete: ["stop", "eos_token", "end_turn", "tool_calls", "function_call", "tool_use", "pause_turn"],
    length: ["length", "max_tokens", "model_length", "model_context_window_exceeded", "max_output_tokens"],
    filtered: [
      "content_filter",
      "safety",
      "refusal",
      "sensitive",
      "guardrail_intervened",
      "content_filtered",
      "prohibited_content",
      "recitation",
      "blocklist",
      "spii",
    ],
    failed: [
      "error",
      "abort",
      "cancelled",
      "insufficient_system_resource",
      "network_error",
      "timeout",
      "capacity",
      "malformed_function_call",
    ],
  } as const;
  for (const [meaning, words] of Object.entries(rows))
    test(meaning, () => {
      for (const word of words.flatMap(spelled)) expect([word, String(meaningOf(word))]).toEqual([word, meaning]);
    });
});

test("one that is unknown is no success where it speaks of an error, a failure, or an end before time", () => {
  for (const word of ["upstream_error", "ERROR_TOXIC", "failure", "Aborted", "request-canceled", "stop_failed"])
    expect([word, meaningOf(word)]).toEqual([word, "failed"]);
  for (const word of ["tired", "OTHER", "0", "stopped", "COMPLETE"])
    expect([word, meaningOf(word)]).toEqual([word, "unknown"]);
});

test("one with what libraries write ahead of it means the same", () => {
  const rows = [
    ["FinishReason.MAX_TOKENS", "length"],
    ["FINISH_REASON_MAX_TOKENS", "length"],
    ["FinishReason.STOP", "complete"],
    ["finish_reason: safety", "filtered"],
    ["stop_reason/end_turn", "complete"],
    ["FinishReason.OTHER", "unknown"],
    ["FINISH_REASON_UNSPECIFIED", "unknown"],
    ["reason", "unknown"],
  ] as const;
  for (const [word, meaning] of rows) expect([word, String(meaningOf(word))]).toEqual([word, meaning]);
});
