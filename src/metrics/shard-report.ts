import * as v from "valibot";
import { about, count, flag, integer, number, span, text } from "./schema.ts";

/** What reports of one load from several machines say of each other, as it stands in the JSON. */

/** An instant in ms since the epoch, as far as `Date` reaches. */
export const instant = v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e15));

/** An instant that `Date` can read. */
export const timestamp = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.check((written) => !Number.isNaN(Date.parse(written))),
);

/** Where a program ran. */
export const machine = v.object({
  os: about(text, "Operating system."),
  arch: about(text, "Kind of processor, such as x64."),
  cpu: about(text, "Name of the processor."),
  cores: count("Logical processors; of several machines, of the least."),
  memory_bytes: count("Memory, bytes; of several machines, of the least."),
});

/** Machines that share a load: more than anybody has, and a list of them still fits. */
const MOST_SHARDS = 1_000_000;

export const shard = v.object({
  index: count("Which one, from 0."),
  of: about(v.pipe(integer, v.minValue(1), v.maxValue(MOST_SHARDS)), "Of so many."),
  start_at: about(timestamp, "When the first step of all of them began, RFC 3339, UTC."),
  models: v.exactOptional(about(v.array(text), "Models that all of them ask, unless a prompt names another.")),
});

/** How far the clock of a machine is from that of the others. */
export const clock = v.object({
  offset_ms: about(v.nullable(number), "Time server − this machine, ms; null: not measured."),
  error_ms: about(v.nullable(span), "By so much the offset may be off, ms; null: not measured."),
  source: about(v.picklist(["unknown", "ntp"]), "How that is known."),
});

/** Where the parts do not tell the whole: it lies between these. */
const range = v.object({ least: about(number, "At least."), most: about(number, "At most.") });

/** What is known of the figures of a merged result that its parts do not tell exactly. */
export const resultBounds = v.object({
  requests_per_second: v.exactOptional(about(range, "Of requests_per_second.")),
  output_tokens_per_second: v.exactOptional(about(range, "Of output_tokens_per_second.")),
  goodput_per_second: v.exactOptional(about(range, "Of goodput.per_second.")),
  peak_tokens_per_second: v.exactOptional(about(range, "Of peak_tokens_per_second.")),
  different_prompts: v.exactOptional(about(range, "Of lengths.different_prompts.")),
});

/** The same of a step. */
export const stepBounds = v.object({
  concurrency_max: v.exactOptional(about(range, "Of concurrency.max.")),
  concurrency_mean: v.exactOptional(about(range, "Of concurrency.mean.")),
});

/** Streams at once, from the beginning of a step, its warm-up included, to its end. */
export const atOnce = v.object({
  start_ms: about(instant, "Begin of the first slot, ms since the epoch."),
  slot_ms: about(span, "Length of a slot, ms."),
  first: about(v.array(integer), "At the beginning of each slot."),
  most: about(v.array(integer), "The most in each slot."),
});

/** What arrived in each slot of the window. */
export const tokenSlots = v.object({
  slot_ms: about(span, "Length of a slot, ms."),
  tokens: about(v.array(number), "Tokens that arrived in each, from the beginning of the window."),
});

/** One of the reports that a merged one was made of. */
export const mergedFrom = v.object({
  index: count("Which shard it is, from 0."),
  machine: about(machine, "Where it ran."),
  version: about(text, "Version of the program."),
  bun: about(text, "Version of Bun."),
  started_at: about(timestamp, "RFC 3339, UTC."),
  clock: v.exactOptional(about(clock, "Its clock.")),
  partial: about(v.nullable(text), "Why it ended before its plan; null: it did not."),
  healthy: about(flag, "Its client kept up in every step."),
  steps: about(
    v.array(
      v.object({
        start_ms: about(instant, "Begin of the window, ms since the epoch."),
        length_ms: about(span, "Its length, ms."),
        first_sent_ms: about(v.nullable(instant), "When the first request went out; null when none did."),
        streams: count("Measured streams."),
      }),
    ),
    "What it measured, step by step.",
  ),
});

/** All that a merged report says of its parts. */
export const merged = v.object({
  of: count("Shards that the load was shared among."),
  start_at: about(timestamp, "When all were to begin, RFC 3339, UTC."),
  missing: about(v.array(integer), "Shards whose report is not among them: the load was less than planned."),
  start_spread_ms: about(
    v.nullable(span),
    "Between the first request of the first shard and that of the last, the largest of all steps; by their own clocks, or by a time server's where all were compared with one.",
  ),
  common_window: about(
    v.nullable(number),
    "Share of the windows in which all were measured; the smallest of all steps.",
  ),
});

export type ShardReport = v.InferOutput<typeof shard>;
export type ClockReport = v.InferOutput<typeof clock>;
export type MergedFrom = v.InferOutput<typeof mergedFrom>;
export type MergedReport = v.InferOutput<typeof merged>;
export type BoundsRange = v.InferOutput<typeof range>;
export type ResultBounds = v.InferOutput<typeof resultBounds>;
export type StepBounds = v.InferOutput<typeof stepBounds>;
export type AtOnceReport = v.InferOutput<typeof atOnce>;
export type TokenSlotsReport = v.InferOutput<typeof tokenSlots>;
