import type { Messages } from "../i18n/messages.ts";
import type { StreamRecord } from "../metrics/record.ts";
import type { Watcher } from "../run/event.ts";
import { createPaint } from "./paint.ts";
import { settled, type Sink } from "./sink.ts";
import { visible } from "./visible.ts";

/** One answer in a pipe: its exact visible text and nothing more, not even a newline. */
export function createPlain(out: Sink): Watcher {
  return {
    on(event) {
      if (event.type !== "stream" || event.event.type !== "delta" || event.event.text === "") return;
      return out.write(event.event.text);
    },
  };
}

/** Several answers in a pipe: each whole as it finishes, after a line that says whose it is. */
export function createPlainSeveral(out: Sink): Watcher & { record(record: StreamRecord): void | Promise<void> } {
  const texts = new Map<number, string[]>();
  return {
    on(event) {
      if (event.type !== "stream" || event.event.type !== "delta" || event.event.text === "") return;
      const text = texts.get(event.stream);
      if (text === undefined) texts.set(event.stream, [event.event.text]);
      else text.push(event.event.text);
    },
    record(record) {
      const text = (texts.get(record.stream) ?? []).join("");
      texts.delete(record.stream);
      const newline = text === "" || text.endsWith("\n") ? "" : "\n";
      return settled(out.write(`${heading(record)}\n`), out.write(`${text}${newline}`));
    },
  };
}

/** What went wrong with each of several streams, on stderr, as it happens; tool calls too, which are no text. */
export function createNotes(
  err: Sink,
  { frame }: Messages,
  quiet: boolean,
): Watcher & { record(record: StreamRecord): void | Promise<void> } {
  const paint = createPaint(err.color);
  const show = err.terminal ? visible : (text: string): string => text;
  return {
    on: () => undefined,
    record(record) {
      const whose = show(heading(record));
      const failure = record.error === null ? [] : [`${paint.red("❌")} ${whose} ${show(record.error.message)}\n`];
      const calls = record.tool_calls.map(
        (call) =>
          `🔧 ${whose} ${frame.tool}${show(`${call.name}(${call.arguments})`)}${call.invalid ? ` ${frame.invalidArguments}` : ""}\n`,
      );
      return err.write([...failure, ...(quiet ? [] : calls)].join(""));
    },
  };
}

/** `=== prompt 3 · model ===`: numbers are the reader's, from 1. */
export function heading({
  prompt_index: prompt,
  model,
  repeat,
}: Pick<StreamRecord, "prompt_index" | "model" | "repeat">): string {
  return `=== prompt ${prompt + 1} · ${model}${repeat === 0 ? "" : ` · ${repeat + 1}`} ===`;
}
