import type { Messages } from "../i18n/load.ts";
import { type About, sayFailure } from "../i18n/say.ts";
import type { StreamRecord } from "../metrics/record.ts";
import type { RunWatcher } from "../metrics/watched.ts";
import { settled } from "../run/broadcast.ts";
import type { StreamEvent } from "../stream/event.ts";
import { createPaint } from "../text/paint.ts";
import { createVisible, visible } from "../text/visible.ts";
import { closing, opening } from "./single.ts";
import type { Sink } from "./sink.ts";

export type TerminalOptions = {
  /** Where the answer is shown; `null` when something else writes it. */
  out: Sink | null;
  err: Sink;
  messages: Messages;
  about: About;
  /** The answer and its failure alone. */
  quiet: boolean;
  reasoning: "show" | "hide";
};

/** One stream as a person sees it: the answer on stdout, everything around it on stderr. */
export function createTerminal({ out, err, messages, about, quiet, reasoning }: TerminalOptions): RunWatcher {
  const paint = createPaint(err.color);
  const show = err.terminal ? visible : (text: string): string => text;
  const answer = createText(out);
  const aside = createText(err);
  const notices: string[] = [];

  function lines(texts: readonly string[]): void | Promise<void> {
    return err.write(`${texts.join("\n")}\n`);
  }

  // Everything is written in one go and awaited afterwards: a slow reader must not change the order.
  function onDelta(event: Extract<StreamEvent, { type: "delta" }>): void | Promise<void> {
    const thought = reasoning === "show" && !quiet ? aside.write(event.reasoning, paint.dim) : undefined;
    const refused = aside.write(event.refusal, paint.yellow);
    if (event.text === "" || out === null) return settled(thought, refused);
    return settled(thought, refused, aside.finishLine(), answer.write(event.text));
  }

  function onStream(event: StreamEvent): void | Promise<void> {
    switch (event.type) {
      case "delta":
        return onDelta(event);
      case "notice":
        notices.push(`ℹ️  ${show(messages.notice[event.code](event.detail))}`);
        return;
      case "retrying": {
        const why = show(sayFailure(messages, event.failure, about).what);
        return lines([paint.yellow(`🔁 ${messages.retrying(event.attempt, why, messages.duration(event.delay))}`)]);
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
    if (quiet)
      return settled(ends, record.error === null ? undefined : lines([paint.red(`❌ ${show(record.error.message)}`)]));
    const [rule = "", ...rest] = closing(messages, record, paint, show);
    return settled(ends, lines([rule, ...notices, ...rest]));
  }

  return {
    on(event) {
      switch (event.type) {
        case "started":
          return quiet ? undefined : lines(opening(messages, event.job, show));
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
function createText(sink: Sink | null) {
  const marks = createVisible();
  let lineStart = true;

  function put(shown: string, style = (plain: string): string => plain): void | Promise<void> {
    if (sink === null || shown === "") return;
    lineStart = shown.endsWith("\n");
    return sink.write(style(shown));
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
