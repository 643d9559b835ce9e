import type { Messages } from "../i18n/messages.ts";
import type { StreamRecord } from "../metrics/record.ts";
import type { Watcher } from "../run/event.ts";
import { createPaint } from "./paint.ts";
import { heading } from "./plain.ts";
import type { Sink } from "./sink.ts";
import { visible } from "./visible.ts";

export type NotesOptions = {
  err: Sink;
  messages: Messages;
  quiet: boolean;
  reasoning: "show" | "hide";
  /** A live display has the screen: what there is to say waits for its end. */
  hold: boolean;
};

/** UTF-16 units of notes that are held, and of the reasoning of one stream that is kept. */
const HELD_LIMIT = 1024 * 1024;

/** What several streams say besides their answers, on stderr as each ends: reasoning, tool calls, and what went wrong. */
export function createNotes({ err, messages, quiet, reasoning, hold }: NotesOptions): Watcher & {
  record(record: StreamRecord): void | Promise<void>;
} {
  const { frame } = messages;
  const paint = createPaint(err.color);
  const show = err.terminal ? visible : (text: string): string => text;
  const thoughts = new Map<number, string>();
  let held = "";

  function noteOf(record: StreamRecord): string {
    const whose = show(heading(record));
    const thought = thoughts.get(record.stream) ?? "";
    thoughts.delete(record.stream);
    const lines = thought === "" ? [] : [`🤔 ${whose}`, paint.dim(show(thought))];
    for (const call of quiet ? [] : record.tool_calls) {
      const invalid = call.invalid ? ` ${paint.red(frame.invalidArguments)}` : "";
      lines.push(`🔧 ${whose} ${paint.dim(frame.tool + show(`${call.name}(${call.arguments})`))}${invalid}`);
    }
    if (record.error !== null) lines.push(`${paint.red("❌")} ${whose} ${show(record.error.message)}`);
    return lines.map((line) => `${line}\n`).join("");
  }

  return {
    on(event) {
      if (event.type === "finished") return held === "" ? undefined : err.write(held);
      if (quiet || reasoning === "hide" || event.type !== "stream" || event.event.type !== "delta") return;
      const thought = (thoughts.get(event.stream) ?? "") + event.event.reasoning;
      if (thought !== "") thoughts.set(event.stream, thought.slice(0, HELD_LIMIT));
    },
    record(record) {
      if (record.error?.reason === "reader_gone") return;
      const note = noteOf(record);
      if (!hold) return note === "" ? undefined : err.write(note);
      if (held.length < HELD_LIMIT) held += note;
    },
  };
}
