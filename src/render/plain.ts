import type { StreamRecord } from "../metrics/record.ts";
import type { Watcher } from "../run/event.ts";
import { settled, type Sink } from "./sink.ts";

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

/** `=== prompt 3 · model ===`: numbers are the reader's, from 1. */
export function heading({
  prompt_index: prompt,
  model,
  repeat,
}: Pick<StreamRecord, "prompt_index" | "model" | "repeat">): string {
  return `=== prompt ${prompt + 1} · ${model}${repeat === 0 ? "" : ` · ${repeat + 1}`} ===`;
}
