import type { Messages } from "../i18n/load.ts";
import type { StreamRecord } from "../metrics/record.ts";
import { isComplete } from "../stream/event.ts";
import type { Job } from "../run/event.ts";
import type { Paint } from "../text/paint.ts";

/** What stands around one answer, line by line, in the order of the demonstration the tool comes from. */

export const RULE = "=".repeat(50);

const MARKS: Record<StreamRecord["verdict"], string> = {
  complete: "✅",
  length: "✅",
  empty: "⚠️ ",
  filtered: "⚠️ ",
  truncated: "✂️ ",
  failed: "❌",
  timeout: "⏰",
  cancelled: "⏹️ ",
};

/** Lines before the answer. `show` makes text from outside harmless. */
export function opening({ frame }: Messages, job: Job, show: (text: string) => string): string[] {
  const model = show(job.request.body.model);
  return [
    `🔧 ${frame.configuration}`,
    `   - ${frame.api}${job.demo ? frame.demo : show(job.endpoint)}`,
    `   - ${frame.model}${model}`,
    `   - ${frame.streaming}${frame.enabled}`,
    "",
    `🚀 ${frame.title}`,
    `📊 ${frame.model}${model}`,
    `💭 ${frame.question}${show(job.prompt)}`,
    "",
    `🎬 ${frame.answer}`,
    RULE,
  ];
}

/** Lines after the answer: how it ended, why, and its figures. */
export function closing(
  messages: Messages,
  record: StreamRecord,
  paint: Paint,
  show: (text: string) => string,
): string[] {
  const { frame } = messages;
  const good = isComplete(record);
  const headline = `${MARKS[record.verdict]} ${messages.ended[record.verdict]}`;
  return [
    RULE,
    good ? paint.green(headline) : paint.red(headline),
    ...(record.error === null ? [] : [`   ${show(record.error.message).replaceAll("\n", "\n   ")}`]),
    ...record.tool_calls.map(
      (call) =>
        `🔧 ${paint.dim(frame.tool + show(`${call.name}(${call.arguments})`))}${call.invalid ? paint.red(` ${frame.invalidArguments}`) : ""}`,
    ),
    ...figures(messages, record),
    `🏁 ${frame.verdict}${record.verdict}${record.finish_reason === null ? "" : ` (${show(record.finish_reason)})`}`,
  ];
}

function figures({ frame, rate, count, duration, cost }: Messages, record: StreamRecord): string[] {
  const tilde = record.tokens_source === "events" && record.tokens > 0 ? "~" : "";
  const lines = [
    `📊 ${frame.tokens}${tilde}${count(record.tokens)}`,
    `⏱️  ${frame.duration}${duration(record.duration_ms)}`,
  ];
  const add = (mark: string, label: string, value: string): void => void lines.push(`${mark} ${label}${value}`);
  const speed = (perSecond: number): string => `${tilde}${rate(perSecond)}`;
  if (record.tokens_per_second !== null) add("🚀", frame.speed, speed(record.tokens_per_second));
  if (record.ttft_ms !== null) add("⏳", frame.ttft, duration(record.ttft_ms));
  if (record.thinking_ms !== null) add("🤔", frame.thinking, duration(record.thinking_ms));
  if (record.decode_tokens_per_second !== null) add("📈", frame.steady, speed(record.decode_tokens_per_second));
  const gap = record.gap_ms;
  if (gap !== null) add("📏", frame.gaps, frame.gapValues(duration(gap.p50), duration(gap.p99), duration(gap.max)));
  if (record.stalls > 0) add("🐌", frame.stalls, frame.stallValues(record.stalls, duration(record.stall_ms)));
  if (record.held_ms > 0) add("✋", frame.held, duration(record.held_ms));
  if (record.malformed > 0) add("🧩", frame.malformed, count(record.malformed));
  if (record.attempts > 1)
    add("🔁", frame.attempts, frame.attemptValues(record.attempts, duration(record.retry_wait_ms)));
  if (record.cost !== null) add("💰", frame.cost, cost(record.cost, record.currency));
  return lines;
}
