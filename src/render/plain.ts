import type { StreamRecord } from "../metrics/record.ts";
import type { RunWatcher } from "../metrics/watched.ts";
import { settled } from "../run/broadcast.ts";
import type { Sink } from "./sink.ts";

/** One answer in a pipe: its exact visible text and nothing more, not even a newline. */
export function createPlain(out: Sink): RunWatcher {
  return {
    on(event) {
      if (event.type !== "stream" || event.event.type !== "delta" || event.event.text === "") return;
      return out.write(event.event.text);
    },
  };
}

/** Several answers in a pipe: each whole as it finishes, after a line that says whose it is. */
export function createPlainSeveral(out: Sink): RunWatcher {
  return {
    on(event) {
      if (event.type !== "record") return;
      const { text } = event.record;
      const newline = text === "" || text.endsWith("\n") ? "" : "\n";
      return settled(out.write(`${heading(event.record)}\n`), out.write(`${text}${newline}`));
    },
  };
}

/** `=== prompt 3 · model ===`. */
export function heading(record: Whose): string {
  return `=== ${whose(record)} ===`;
}

type Whose = Pick<StreamRecord, "prompt_index" | "model" | "repeat">;

/** `prompt 3 · model`. */
export function whose({ prompt_index: prompt, model, repeat }: Whose): string {
  return `prompt ${numberOf(prompt, repeat)} · ${model}`;
}

/** `3`, or `3.2` for its second time: numbers are the reader's, from 1. */
export function numberOf(prompt: number, repeat: number): string {
  return `${prompt + 1}${repeat === 0 ? "" : `.${repeat + 1}`}`;
}
