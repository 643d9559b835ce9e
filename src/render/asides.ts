import type { Messages, SeveralWords } from "../i18n/load.ts";
import { isInLumps } from "../metrics/lumps.ts";
import type { StreamRecord } from "../metrics/record.ts";
import type { RunWatcher } from "../metrics/watched.ts";
import { createPaint } from "../text/paint.ts";
import { whose } from "./plain.ts";
import { showOn, type Sink } from "./sink.ts";

type AsidesOptions = {
  err: Sink;
  messages: Messages;
  quiet: boolean;
  reasoning: "show" | "hide";
  /** A live display has the screen: what there is to say waits for its end. */
  hold: boolean;
  words: Pick<SeveralWords, "inLumps">;
};

/** UTF-16 units that several streams keep for the end: of all answers that a terminal shows, and of the reasoning of each. */
export const KEPT = { answers: 16 * 1024 * 1024, reasoning: 1024 * 1024 } as const;
/** Models that answered in the place of others that are named. */
const OTHERS_SHOWN = 20;

/** What several streams say besides their answers, on stderr as each ends: reasoning and tool calls. */
export function createAsides({ err, messages, quiet, reasoning, hold, words }: AsidesOptions): RunWatcher {
  const { frame } = messages;
  const paint = createPaint(err.color);
  const show = showOn(err);
  const { pour = err.write } = err;
  const sign = (mark: string): string => (err.wordsOnly ? "" : `${mark} `);
  let held = "";
  let streams = 0;
  let lumpy = 0;
  /** Which model answered in whose place, as far as it was said. */
  const replaced = new Set<string>();

  function noteOf(record: StreamRecord): string {
    const name = show(whose(record));
    const thought = quiet || reasoning === "hide" ? "" : record.reasoning.slice(0, KEPT.reasoning);
    const lines = thought === "" ? [] : [`${sign("🤔")}${name}`, paint.dim(show(thought))];
    for (const call of quiet ? [] : record.tool_calls) {
      const invalid = call.invalid ? ` ${paint.red(frame.invalidArguments)}` : "";
      lines.push(`${sign("🔧")}${name} ${paint.dim(frame.tool + show(`${call.name}(${call.arguments})`))}${invalid}`);
    }
    const other = quiet ? null : otherOf(record);
    if (other !== null) lines.push(`${sign("ℹ️ ")}${show(record.model)}: ${show(messages.notice.other_model(other))}`);
    return lines.map((line) => `${line}\n`).join("");
  }

  /** The model that answered in the place of another, the first time that it did. */
  function otherOf({ model, response_model: other, notices }: StreamRecord): string | null {
    if (other === null || !notices.includes("other_model") || replaced.size >= OTHERS_SHOWN) return null;
    const said = replaced.has(`${model}\n${other}`);
    replaced.add(`${model}\n${other}`);
    return said ? null : other;
  }

  function onRecord(record: StreamRecord): void | Promise<void> {
    if (record.error?.reason === "reader_gone") return;
    streams++;
    if (isInLumps(record)) lumpy++;
    const note = noteOf(record);
    if (!hold) return note === "" ? undefined : pour(note);
    held += note;
  }

  function finish(): void | Promise<void> {
    const lumps =
      lumpy === 0 || quiet ? "" : `${sign("ℹ️ ")}${words.inLumps(messages.count(lumpy), messages.count(streams))}\n`;
    const end = held + lumps;
    held = "";
    if (end !== "") return pour(end);
  }

  return {
    on(event) {
      if (event.type === "finished") return finish();
      if (event.type === "record") return onRecord(event.record);
    },
  };
}
