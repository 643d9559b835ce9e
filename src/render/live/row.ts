import type { Paint } from "../../text/paint.ts";
import { anchored, cellsOf, cut } from "../../text/width.ts";

/** A piece of a row in one colour. */
export type Piece = { text: string; cells: number; style: keyof Paint | null };

/** What stands in one row of the screen. */
export type Row = readonly Piece[];

/** A piece of a harmless text. */
export function piece(text: string, style: keyof Paint | null = null): Piece {
  return { text, cells: cellsOf(text), style };
}

/** So many blank cells. */
export function blank(cells: number): Piece {
  return { text: " ".repeat(Math.max(0, cells)), cells: Math.max(0, cells), style: null };
}

/** The cells a row takes. */
export function widthOf(row: Row): number {
  return row.reduce((sum, { cells }) => sum + cells, 0);
}

/** The row in exactly so many cells: cut, or followed by blanks. */
export function fit(row: Row, columns: number): Row {
  const out: Piece[] = [];
  let free = columns;
  for (const part of row) {
    const whole = part.cells <= free;
    const kept = whole ? part : piece(cut(part.text, free), part.style);
    out.push(kept);
    free -= kept.cells;
    if (!whole) break;
  }
  return free > 0 ? [...out, blank(free)] : out;
}

/** The pieces with something between each two. */
export function joined(pieces: readonly Piece[], between: Piece): Row {
  return pieces.flatMap((one, index) => (index === 0 ? [one] : [between, one]));
}

/** Blocks of rows side by side, each so many cells wide, with something between them. */
export function beside(blocks: readonly (readonly Row[])[], columns: number, between: Piece): Row[] {
  const height = Math.max(0, ...blocks.map((rows) => rows.length));
  return Array.from({ length: height }, (_, index) =>
    blocks.flatMap((rows, block) => [...(block === 0 ? [] : [between]), ...fit(rows[index] ?? [], columns)]),
  );
}

/** The row as it is sent to a terminal whose cursor stands at the left edge. */
export function encode(row: Row, paint: Paint): string {
  let column = 0;
  let out = "";
  for (const { text, cells, style } of row) {
    const sent = anchored(text, column);
    out += style === null ? sent : paint[style](sent);
    column += cells;
  }
  return out;
}
