import { graphemes, isPlain } from "../text/width.ts";

/** From the cursor on, in however many rows a new size of the terminal has put it. */
const ERASE = "\u001B[J";
/** What colours a text, and what takes a word back. */
const ESCAPES = /\u001B\[[\d;]*[A-Za-z]/g;

/**
 * One line on a terminal below the one in which the text stands, whose cursor it leaves where it is: what is written next
 * goes on there. It is drawn over the one before it: erased first, it would flicker. ESC D goes down in its column, and
 * scrolls where that is the last row.
 */
export function createFooter(): {
  /** What draws this line, of a terminal of so many columns; "" takes it off. */
  draw(line: string, columns: number): string;
  /** What takes it off the screen, until it is drawn again. */
  lift(): string;
  /** A text, with the line below it again where it may have come to another row. */
  above(text: string): string;
  /** A text that has to wait: the line is taken off before it. */
  before(text: string): string;
} {
  let line = "";
  let width = 0;
  let drawn = false;
  /**
   * Cells that the row of the cursor takes at most. Where it may be full nothing is drawn: a terminal forgets that the
   * next letter belongs to the next row when the cursor is moved, and erases the last one.
   */
  let reach = 0;

  function lift(): string {
    if (!drawn) return "";
    drawn = false;
    return ERASE;
  }

  function put(): string {
    if (line === "" || reach >= width) return lift();
    drawn = true;
    return `\u001B[K\u001BD\u001B7\r${line}${ERASE}\u001B8\u001B[A`;
  }

  /** Whether the text stays in its row. */
  function follow(text: string): boolean {
    const start = text.lastIndexOf("\n") + 1;
    reach = mostCells(text.slice(start)) + (start === 0 ? reach : 0);
    return start === 0 && reach < width;
  }

  return {
    draw(next, columns) {
      line = next;
      width = columns;
      return put();
    },
    lift,
    above(text) {
      const stays = follow(text);
      if (drawn && stays && line !== "") return text;
      return lift() + text + put();
    },
    before(text) {
      follow(text);
      return lift() + text;
    },
  };
}

/** The cells that a text takes on the terminal that gives it most. */
function mostCells(text: string): number {
  if (isPlain(text)) return text.length;
  let cells = 0;
  for (const letter of graphemes(text.replaceAll(ESCAPES, "")))
    cells += letter.sure ? letter.cells : 2 * letter.text.length;
  return cells;
}
