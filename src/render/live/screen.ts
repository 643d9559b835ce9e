import { encode, fit, widthOf, type Row } from "../../text/row.ts";
import { type Paint } from "../../text/paint.ts";
import type { Sink } from "../sink.ts";

export type Size = { columns: number; rows: number };

/** Drawn at once where the terminal knows how (2026), so that no half frame is seen. */
export const BEGIN = "\u001B[?2026h";
/** The end of what is drawn at once. */
export const END = "\u001B[?2026l";

/** The other screen, without cursor and automatic wrapping. */
export const ENTER = "\u001B[?1049h\u001B[?25l\u001B[?7l\u001B[H\u001B[2J";

/** Back to where the person was; the frame under way, if any, is over, and so are its colours. */
export const LEAVE = `${END}\u001B[0m\u001B[?7h\u001B[?25h\u001B[?1049l`;

/**
 * The cells of a row that are drawn on. The last one stays blank: a terminal that does not wrap puts an accent there on
 * the wrong letter (tmux 3.3), and erasing what follows it erases it.
 */
export function roomOf({ columns }: Size): number {
  return Math.max(0, columns - 1);
}

/** Draws whole frames by sending the rows that changed. */
export function createScreen(paint: Paint): {
  /** What must be written for the screen to show these rows; nothing when it does already. */
  frame(rows: readonly Row[], size: Size): string;
  /** What the screen shows is not known any more: the next frame draws it all. */
  forget(): void;
} {
  let shown: string[] | null = null;
  let drawn: Size = { columns: 0, rows: 0 };

  function frame(rows: readonly Row[], size: Size): string {
    const anew = shown === null || drawn.columns !== size.columns || drawn.rows !== size.rows;
    const lines = Array.from({ length: size.rows }, (_, index) => line(rows[index] ?? [], roomOf(size)));
    const changed = lines.flatMap((text, index) =>
      anew || shown?.[index] !== text ? [`\u001B[${index + 1};1H${text}`] : [],
    );
    shown = lines;
    drawn = size;
    if (changed.length === 0) return "";
    // What somebody types is echoed where the cursor stands: there, the next frame wipes it out.
    const home = changed[0]?.startsWith("\u001B[1;1H") ? "" : `\u001B[1;1H${lines[0] ?? ""}`;
    return `${BEGIN}${anew ? "\u001B[0m\u001B[2J" : ""}${home}${changed.join("")}\u001B[H${END}`;
  }

  function line(row: Row, columns: number): string {
    const whole = widthOf(row) <= columns ? row : fit(row, columns);
    const end = whole.findLastIndex(({ text }) => text.trim() !== "");
    return `${encode(whole.slice(0, end + 1), paint)}\u001B[K`;
  }

  return {
    frame,
    forget() {
      shown = null;
    },
  };
}

/** Writes frames to a terminal that may be slow or gone. */
type FrameWriter = {
  put(frame: string): void;
  /** The terminal still takes the last frame. */
  isBusy(): boolean;
  /** What the terminal threw; nothing reaches it any more. */
  lost(): { error: unknown } | null;
  /** Settles when the last frame is out; rejects when the terminal is gone. */
  settled(): Promise<void>;
};

/** `onLost` is called once, when a frame cannot be written. */
export function createFrameWriter(sink: Sink, onLost: () => void = () => undefined): FrameWriter {
  const { draw = sink.write } = sink;
  let writing: Promise<void> | null = null;
  let lost: { error: unknown } | null = null;

  function lose(error: unknown): void {
    writing = null;
    if (lost !== null) return;
    lost = { error };
    onLost();
  }

  return {
    put(frame) {
      try {
        const settling = draw(frame)?.then(() => {
          if (writing === settling) writing = null;
        }, lose);
        writing = settling ?? null;
      } catch (error) {
        lose(error);
      }
    },
    isBusy: () => writing !== null,
    lost: () => lost,
    async settled() {
      await writing;
      if (lost !== null) throw lost.error;
    },
  };
}
