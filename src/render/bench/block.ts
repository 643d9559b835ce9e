import { blank, piece, widthOf, type Piece, type Row } from "../live/row.ts";
import type { Paint } from "../../text/paint.ts";
import { cut, wrap } from "../../text/width.ts";

/** Rows of text of a known width, which go into a file as well as on a terminal. */

/** No row is wider, whatever the screen. */
export const COLUMNS = 80;

/** What a row begins with when it belongs to the one above it. */
const INDENT = 2;

/** The rows as lines, without blanks at their ends. */
export function linesOf(rows: readonly Row[], paint: Paint): string {
  return rows.map((row) => `${lineOf(row, paint)}\n`).join("");
}

function lineOf(row: Row, paint: Paint): string {
  const end = row.findLastIndex(({ text }) => text.trim() !== "");
  return row
    .slice(0, end + 1)
    .map(({ text, style }, at) => {
      const shown = at === end ? text.trimEnd() : text;
      return style === null ? shown : paint[style](shown);
    })
    .join("");
}

/** The pieces with something between them, in as many rows as they need; a piece too wide for a row is wrapped. */
export function flow(pieces: readonly Piece[], between: Piece, columns: number): Row[] {
  const rows: Row[] = [];
  for (const one of pieces) {
    const last = rows.at(-1);
    if (last !== undefined && widthOf(last) + between.cells + one.cells <= columns) {
      rows[rows.length - 1] = [...last, between, one];
    } else if (one.cells <= columns) rows.push([one]);
    else rows.push(...wrap(one.text, columns).lines.map((line) => [piece(line, one.style)]));
  }
  return rows;
}

/** A label, then the rows of its value beside it. */
export function labelled(label: string, width: number, value: readonly Row[]): Row[] {
  return value.map((row, at) => {
    const begin = piece(at === 0 ? cut(label, width - 1) : "", "dim");
    return [begin, blank(width - begin.cells), ...row];
  });
}

/** A sentence, in as many rows as it needs; those after the first are indented. */
export function sentence(text: string, style: Piece["style"] = null): Row[] {
  const [first = "", ...rest] = wrap(text, COLUMNS - INDENT).lines;
  return [[piece(first, style)], ...rest.map((line): Row => [blank(INDENT), piece(line, style)])];
}

/** A table whose columns are as wide as they need, each ended at the right; `gap`: the cells between two. */
export function table(rows: readonly (readonly Piece[])[], gap: number): Row[] {
  const widths: number[] = [];
  for (const row of rows) for (const [at, { cells }] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cells);
  return rows.map((row) =>
    row.flatMap((one, at) => [blank((widths[at] ?? 0) - one.cells + (at === 0 ? 0 : gap)), one]),
  );
}

/** Rows of several blocks, an empty one between each two that have any. */
export function blocks(...parts: readonly (readonly Row[])[]): Row[] {
  return parts.filter((rows) => rows.length > 0).flatMap((rows, at) => (at === 0 ? rows : [[], ...rows]));
}
