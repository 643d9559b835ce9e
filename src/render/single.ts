import type { Messages } from "../i18n/load.ts";
import { sayFailure, type About } from "../i18n/say.ts";
import { knownP99 } from "../metrics/distribution.ts";
import { isInLumps } from "../metrics/lumps.ts";
import type { StreamRecord } from "../metrics/record.ts";
import type { RunWatcher } from "../metrics/watched.ts";
import { settled } from "../run/broadcast.ts";
import type { Job } from "../run/event.ts";
import { isComplete, isLoud, type DeltaEvent, type StreamEvent } from "../stream/event.ts";
import { createPaint, type Paint } from "../text/paint.ts";
import { createVisible } from "../text/visible.ts";
import { cellsOf } from "../text/width.ts";
import { COLUMNS, createWordWrap, fold, wrap } from "../text/wrap.ts";
import { showOn, type Sink } from "./sink.ts";

type SingleOptions = {
  /** Where the answer is shown; `null` when something else writes it. */
  out: Sink | null;
  err: Sink;
  messages: Messages;
  about: About;
  /** The answer and its failure alone. */
  quiet: boolean;
  reasoning: "show" | "hide";
  /** Of the terminal, where its lines are wrapped by words; `null`: they are left as they are. */
  columns: (() => number) | null;
};

/** One stream as a person sees it: the answer on stdout, everything around it on stderr. */
export function createSingle({ out, err, messages, about, quiet, reasoning, columns }: SingleOptions): RunWatcher {
  const paint = createPaint(err.color);
  const show = showOn(err);
  const answer = createText(out, columns);
  const aside = createText(err, columns);
  const notices: string[] = [];
  const loud: string[] = [];
  /** Something of the answer is shown, below a rule. */
  let framed = quiet;

  const widthOf = (): number => (err.terminal && columns !== null ? columns() - 1 : COLUMNS);

  const rule = (): string => RULE.slice(0, Math.max(1, widthOf()));

  function lines(texts: readonly string[]): void | Promise<void> {
    return err.write(`${texts.join("\n")}\n`);
  }

  /** What we say ourselves is wrapped by words too where it is known how wide that is, its one colour around it. */
  function folded(text: string): string {
    const [, before = "", plain = text, after = ""] = PAINTED.exec(text) ?? [];
    if (!err.terminal || columns === null || plain.includes("\u001B")) return text;
    return before + fold(plain, widthOf(), INDENT) + after;
  }

  // Everything is written in one go and awaited afterwards: a slow reader must not change the order.
  function onDelta(event: DeltaEvent): void | Promise<void> {
    const thought = quiet || reasoning === "hide" ? "" : event.reasoning;
    const interrupts = out?.terminal === true && (thought !== "" || event.refusal !== "");
    const before = framed ? undefined : openFrame(event.text + event.refusal + thought);
    const beside = interrupts ? answer.finishLine() : undefined;
    const written = settled(before, beside, aside.write(thought, paint.dim), aside.write(event.refusal, paint.yellow));
    return event.text === "" ? written : settled(written, aside.finishLine(), answer.write(event.text));
  }

  /** An answer of which nothing is shown has no frame. */
  function openFrame(shown: string): void | Promise<void> {
    if (shown === "") return;
    framed = true;
    return lines([`🎬 ${messages.frame.answer}`, rule()]);
  }

  function onStream(event: StreamEvent): void | Promise<void> {
    switch (event.type) {
      case "delta":
        return onDelta(event);
      case "notice":
        (isLoud(event.code) ? loud : notices).push(folded(`ℹ️  ${show(messages.notice[event.code](event.detail))}`));
        return;
      case "retrying": {
        const why = show(sayFailure(messages, event.failure, about).what);
        return lines([
          paint.yellow(folded(`🔁 ${messages.retrying(event.attempt, why, messages.duration(event.delay))}`)),
        ]);
      }
      case "sent":
      case "opened":
      case "skipped":
      case "line":
      case "ended":
        return;
    }
  }

  function onRecord(record: StreamRecord): void | Promise<void> {
    if (record.error?.reason === "reader_gone") return;
    const ends = settled(aside.finishLine(), answer.finishLine());
    if (quiet) {
      const said = [...loud, ...(record.error === null ? [] : [paint.red(folded(`❌ ${show(record.error.message)}`))])];
      return settled(ends, said.length === 0 ? undefined : lines(said));
    }
    if (isInLumps(record)) notices.push(folded(`ℹ️  ${messages.inLumps(messages.percent(record.lumped ?? 0))}`));
    return settled(
      ends,
      lines([...(framed ? [rule()] : []), ...notices, ...loud, ...closing(messages, record, paint, show).map(folded)]),
    );
  }

  return {
    on(event) {
      switch (event.type) {
        case "started":
          return quiet ? undefined : lines(opening(messages, event.job, widthOf, show));
        case "stream":
          return onStream(event.event);
        case "record":
          return onRecord(event.record);
        case "gap":
        case "missed":
        case "finished":
          return;
      }
    },
  };
}

/** A text that grows on a sink, made harmless when that is a terminal, and where its cursor stands. */
function createText(sink: Sink | null, columns: (() => number) | null) {
  const marks = createVisible();
  const wrap = sink?.terminal === true && columns !== null ? createWordWrap(columns) : null;
  let lineStart = true;

  function put(text: string, style = (plain: string): string => plain): void | Promise<void> {
    const shown = wrap === null ? text : wrap.push(text);
    if (sink === null || shown === "") return;
    lineStart = shown.endsWith("\n");
    const { pour = sink.write } = sink;
    return pour(style(shown));
  }

  return {
    write: (text: string, style?: (plain: string) => string) => put(sink?.terminal ? marks.push(text) : text, style),
    /** Only a terminal gets the newline that the text lacks. */
    finishLine() {
      const rest = marks.end();
      return put(lineStart && rest === "" ? "" : `${rest}\n`);
    },
  };
}

/** A text in one colour. */
const PAINTED = /^((?:\u001B\[[\d;]*m)+)(.*?)(\u001B\[[\d;]*m)$/s;

/** What stands around one answer, line by line, in the order of the demonstration the tool comes from. */

const RULE = "=".repeat(50);

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

/** Lines before the answer, as wide as they may be. `show` makes text from outside harmless. */
export function opening({ frame }: Messages, job: Job, width: () => number, show: (text: string) => string): string[] {
  const { api, body } = job.request;
  const model = show(body.model);
  const spoken = api === "chat" ? "" : ` (${api})`;
  return [
    `🔧 ${frame.configuration}`,
    `   - ${frame.api}${job.demo ? frame.demo : show(job.endpoint)}${spoken}`,
    `   - ${frame.model}${model}`,
    `   - ${frame.streaming}${frame.enabled}`,
    "",
    `🚀 ${frame.title}`,
    `📊 ${frame.model}${model}`,
    ...promptLines(frame, job.prompt, width, show),
    "",
  ];
}

/** UTF-16 units whose lines are counted one by one; those of what is longer are estimated. */
const COUNTED = 64 * 1024;
/** Cells that a terminal shows in two lines: its width need not be asked, which takes milliseconds before the request. */
const SHORT = 76;
const INDENT = "   ";

/** The first two lines that say something, and how many follow. */
function promptLines(
  { question, moreLines }: Messages["frame"],
  prompt: string,
  width: () => number,
  show: (text: string) => string,
): string[] {
  const text = prompt.replace(/^(?:[ \t\r]*\n)+/, "").trimEnd();
  const begin = `💭 ${question}${show(text.slice(0, COUNTED))}`;
  if (cellsOf(begin) <= SHORT && !begin.includes("\n")) return [begin];
  const most = Math.max(1, width() - INDENT.length);
  const lines = begin.split("\n").flatMap((line) => wrap(line, most).lines);
  const second = lines.findIndex((line, at) => at > 0 && line !== "");
  if (second < 0) return lines;
  const more = Math.round(lines.length * Math.max(1, text.length / COUNTED)) - second - 1;
  const shown = [lines[0] ?? "", INDENT + (lines[second] ?? "")];
  return more > 0 ? [...shown, INDENT + moreLines(more, text.length > COUNTED)] : shown;
}

/** Lines after the answer and its rule: how it ended, why, and its figures. */
export function closing(
  messages: Messages,
  record: StreamRecord,
  paint: Paint,
  show: (text: string) => string,
): string[] {
  const { frame } = messages;
  const good = isComplete(record);
  const trusted = record.notices.includes("done_without_reason") ? frame.trustedDone : null;
  const why = record.finish_reason === null ? trusted : show(record.finish_reason);
  const headline = `${MARKS[record.verdict]} ${messages.ended[record.verdict]}`;
  return [
    good ? paint.green(headline) : paint.red(headline),
    ...(record.error === null ? [] : [INDENT + show(record.error.message).replaceAll("\n", `\n${INDENT}`)]),
    ...record.tool_calls.map(
      (call) =>
        `🔧 ${paint.dim(frame.tool + show(`${call.name}(${call.arguments})`))}${call.invalid ? paint.red(` ${frame.invalidArguments}`) : ""}`,
    ),
    ...figures(messages, record),
    `🏁 ${frame.verdict}${frame.verdictValue(record.verdict, why)}`,
  ];
}

function figures({ frame, rate, count, duration, cost }: Messages, record: StreamRecord): string[] {
  const tilde = record.tokens_source === "events" && record.tokens > 0 ? "~" : "";
  const none = record.error !== null && record.tokens === 0;
  const lines = [
    ...(none ? [] : [`📊 ${frame.tokens}${tilde}${count(record.tokens)}`]),
    `⏱️  ${frame.duration}${duration(record.duration_ms)}`,
  ];
  const add = (mark: string, label: string, value: string): void => void lines.push(`${mark} ${label}${value}`);
  const speed = (perSecond: number): string => `${tilde}${rate(perSecond)}`;
  if (record.tokens_per_second !== null) add("🚀", frame.speed, speed(record.tokens_per_second));
  if (record.ttft_ms !== null) add("⏳", frame.ttft, duration(record.ttft_ms));
  if (record.thinking_ms !== null) add("🤔", frame.thinking, duration(record.thinking_ms));
  if (record.decode_tokens_per_second !== null) add("📈", frame.steady, speed(record.decode_tokens_per_second));
  const gap = record.gap_ms;
  if (gap !== null) {
    const p99 = knownP99(gap);
    const high = p99 === null ? null : duration(p99);
    add("📏", frame.gaps, frame.gapValues(duration(gap.p50), high, duration(gap.max)));
  }
  if (record.stalls > 0) add("🐌", frame.stalls, frame.stallValues(record.stalls, duration(record.stall_ms)));
  if (record.held_ms > 0) add("✋", frame.held, duration(record.held_ms));
  if (record.malformed > 0) add("🧩", frame.malformed, count(record.malformed));
  if (record.attempts > 1)
    add("🔁", frame.attempts, frame.attemptValues(record.attempts, duration(record.retry_wait_ms)));
  if (record.cost !== null) add("💰", frame.cost, cost(record.cost, record.currency));
  return lines;
}
