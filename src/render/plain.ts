import { createGrowingText } from "../metrics/content.ts";
import type { StreamRecord } from "../metrics/record.ts";
import type { RunWatcher } from "../metrics/watched.ts";
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

/** A place for texts that are too long for the memory. */
export type Spill = () => { add(text: string): void; pieces(): Iterable<string>; close(): void };

/** UTF-16 units of one answer that wait in memory. */
const IN_MEMORY = 1024 * 1024;

/**
 * Several answers in a pipe: each whole as it finishes, after a line that says whose it is. However long they are and
 * however slow their reader is, few of their words are in memory: a long answer waits in a file, and while the reader
 * takes one, the others are not read on.
 */
export function createPlainSeveral(out: Sink, openSpill: Spill): RunWatcher {
  const answers = new Map<number, ReturnType<typeof createWaiting>>();
  let writing: Promise<void> | undefined;

  function follow(work: Promise<void>): Promise<void> {
    const following = work.finally(() => {
      if (writing === following) writing = undefined;
    });
    writing = following;
    // Whoever waits is told too; this branch only keeps the runtime from calling it unhandled.
    following.catch(() => undefined);
    return following;
  }

  /** At once where nothing is under way and the reader takes it. */
  function show(pieces: Iterator<string>): void | Promise<void> {
    for (let next = pieces.next(); next.done !== true; next = pieces.next()) {
      const taking = out.write(next.value);
      if (taking !== undefined) return taking.then(() => show(pieces));
    }
  }

  function onRecord(record: StreamRecord): void | Promise<void> {
    const answer = answers.get(record.stream) ?? createWaiting(openSpill);
    answers.delete(record.stream);
    const pieces = piecesOf(`${heading(record)}\n`, answer);
    const showing = writing === undefined ? show(pieces) : writing.then(() => show(pieces));
    return showing === undefined ? undefined : follow(showing);
  }

  return {
    on(event) {
      if (event.type === "record") return onRecord(event.record);
      if (event.type !== "stream" || event.event.type !== "delta" || event.event.text === "") return;
      const answer = answers.get(event.stream) ?? createWaiting(openSpill);
      answers.set(event.stream, answer);
      answer.add(event.event.text);
      return writing;
    },
    close() {
      for (const answer of answers.values()) answer.close();
    },
  };
}

function* piecesOf(heading: string, answer: ReturnType<typeof createWaiting>): Generator<string> {
  yield heading;
  yield* answer.pieces();
  answer.close();
}

/** An answer that waits for its end. */
function createWaiting(openSpill: Spill) {
  let text = createGrowingText();
  let spilled: ReturnType<Spill> | null = null;
  let size = 0;
  let endsLine = true;
  return {
    add(piece: string): void {
      text.add(piece);
      size += piece.length;
      endsLine = piece.endsWith("\n");
      if (size <= IN_MEMORY) return;
      spilled ??= openSpill();
      spilled.add(text.text());
      text = createGrowingText();
      size = 0;
    },
    /** The last with the newline that the answer lacks. */
    *pieces(): Generator<string> {
      if (spilled !== null) yield* spilled.pieces();
      yield `${text.text()}${endsLine ? "" : "\n"}`;
    },
    close: () => spilled?.close(),
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
