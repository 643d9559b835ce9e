import { createVisible } from "../../text/visible.ts";
import { cutStart } from "../../text/width.ts";
import { wrap } from "../../text/wrap.ts";

/** The end of a text that grows, made harmless, and as lines of any width. */
export type Tail = {
  push(piece: string): void;
  /** No more comes. */
  end(): void;
  /** The last lines; only what came since the last call is wrapped, unless the size changed. */
  lines(columns: number, rows: number): string[];
  /** The last words in one line. */
  words(columns: number): string;
};

/** UTF-16 units that wait unread: small pieces take ten times their letters until they are read together. */
const UNREAD = 256;

/** Keeps between `bound` and twice `bound` UTF-16 units. */
export function createTail(bound: number): Tail {
  const marks = createVisible();
  /** What came and nobody looked at yet: most streams of a thousand are on no screen. */
  let unread = "";
  let text = "";
  let lines: string[] = [];
  let size = { columns: 0, rows: 0 };
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

  /** Wraps what is not wrapped yet, as far as it can be seen; gives the line that still grows. */
  function wrapRest(columns: number, rows: number): string {
    if (columns !== size.columns || rows !== size.rows) {
      size = { columns, rows };
      lines = [];
      open = 0;
    }
    open = Math.max(open, text.length - 2 * columns * rows);
    const parts = text.slice(open).split("\n");
    const last = parts.pop() ?? "";
    for (const part of parts) {
      lines.push(...wrap(part, columns).lines);
      open += part.length + 1;
    }
    const growing = wrap(last, columns);
    const line = growing.lines.pop() ?? "";
    lines = [...lines, ...growing.lines].slice(-rows);
    open += growing.open;
    return line;
  }

  function shown(columns: number, rows: number): string[] {
    read();
    const line = wrapRest(columns, rows);
    return [...lines, line].slice(-rows);
  }

  function read(): void {
    add(marks.push(unread));
    unread = "";
  }

  return {
    push(piece) {
      unread += piece;
      if (unread.length > UNREAD) read();
    },
    end() {
      read();
      add(marks.end());
    },
    lines: (columns, rows) => (columns <= 0 || rows <= 0 ? [] : shown(columns, rows)),
    words(columns) {
      read();
      const end = text.slice(-2 * columns - 64);
      return cutStart(end.replaceAll(/\s+/g, " ").trim(), columns);
    },
  };
}
