import { createVisible } from "./visible.ts";
import { cutStart, wrap } from "./width.ts";

/** More lines than any screen has. */
const KEPT_LINES = 300;

/** The end of a text that grows, made harmless, and as lines of any width. */
export type Tail = {
  push(piece: string): void;
  /** No more comes. */
  end(): void;
  /** The last lines; only what came since the last call is wrapped, unless the width changed. */
  lines(columns: number, rows: number): string[];
  /** The last words in one line. */
  words(columns: number): string;
};

/** Keeps between `bound` and twice `bound` UTF-16 units. */
export function createTail(bound: number): Tail {
  const marks = createVisible();
  let text = "";
  let lines: string[] = [];
  let width = 0;
  /** Where the line that still grows begins. */
  let open = 0;

  function add(piece: string): void {
    if (piece === "") return;
    text += text === "" ? piece.replace(/^\s*\n/, "") : piece;
    if (text.length <= 2 * bound) return;
    const dropped = text.length - bound;
    text = text.slice(dropped);
    open = Math.max(0, open - dropped);
  }

  function wrapTo(columns: number): string {
    if (columns !== width) {
      width = columns;
      lines = [];
      open = 0;
    }
    const parts = text.slice(open).split("\n");
    const last = parts.pop() ?? "";
    for (const part of parts) {
      lines.push(...wrap(part, columns).lines);
      open += part.length + 1;
    }
    const growing = wrap(last, columns);
    const line = growing.lines.pop() ?? "";
    lines.push(...growing.lines);
    open += growing.open;
    if (lines.length > KEPT_LINES) lines = lines.slice(-KEPT_LINES);
    return line;
  }

  return {
    push: (piece) => add(marks.push(piece)),
    end: () => add(marks.end()),
    lines(columns, rows) {
      const line = wrapTo(columns);
      return rows > 0 ? [...lines, line].slice(-rows) : [];
    },
    words: (columns) =>
      cutStart(
        text
          .slice(-4 * columns - 64)
          .replaceAll(/\s+/g, " ")
          .trim(),
        columns,
      ),
  };
}
