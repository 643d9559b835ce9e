import type { Lang } from "./messages.ts";

/** Every figure there is, by what it belongs to, under its name in the JSON. */
export const NUMBERS = {
  instants: ["due", "sent", "opened", "first_token", "first_output", "last_token", "ended"],
  stream: [
    "duration_ms",
    "total_ms",
    "tail_ms",
    "ttft_ms",
    "ttfo_ms",
    "thinking_ms",
    "tokens",
    "tokens_source",
    "streamed_tokens",
    "tokens_per_second",
    "tpot_ms",
    "decode_tokens_per_second",
    "gap_ms",
    "tokens_per_event",
    "coalesced",
    "stalls",
    "stall_ms",
    "held_ms",
    "prompt_tokens",
    "reasoning_tokens",
    "cost",
    "attempts",
    "retry_wait_ms",
  ],
  load: ["dispatch_delay_ms", "latency_from_due_ms", "missed_starts", "warmup", "window", "unfinished", "left_out"],
  distributions: ["count", "missing", "mean", "stdev", "p50 … p99", "hdr"],
  run: [
    "requests_per_second",
    "output_tokens_per_second",
    "peak_tokens_per_second",
    "concurrency",
    "error_rate",
    "goodput",
    "thresholds",
    "knee",
    "blocks",
  ],
  client: ["worker_lag_p99_ms", "dispatch_delay_p99_ms", "cpu_per_thread", "concurrency", "held_ms", "too_many_files"],
} as const;

/** What figures belong to. */
export type NumberSection = keyof typeof NUMBERS;

type Section<S extends NumberSection> = {
  title: string;
  about: string;
  figures: Record<(typeof NUMBERS)[S][number], string>;
};

/** What each figure means, in one language. */
export type NumbersHelp = { title: string; about: string; sections: { [S in NumberSection]: Section<S> } };

/** The words of one language; only that language's module is loaded. */
export async function loadNumbersHelp(lang: Lang): Promise<NumbersHelp> {
  return lang === "fr"
    ? (await import("./fr/numbers-help.ts")).frNumbersHelp
    : (await import("./en/numbers-help.ts")).enNumbersHelp;
}
