import { createPaint, type Paint } from "./paint.ts";
import { anchored, cellsOf, cut } from "./width.ts";
import { COLUMNS, packed, wrap } from "./wrap.ts";

/** A piece of a row in one colour. */
export type Piece = { text: string; cells: number; style: keyof Paint | null };

/** What stands in one row of a screen or a text. */
export type Row = readonly Piece[];

/** A piece of a row where cells may lack: those with the least `worth` go first. */
export type Field = { piece: Piece; worth: number };

/** What a row begins with when it belongs to the one above it. */
const INDENT = 2;

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

/** What a row says, without its colours. */
export function textOf(row: Row): string {
  return row.map(({ text }) => text).join("");
}

/** The row with all from one of its cells on in one style, blanks too; what is before it has one cell a letter. */
export function merged(row: Row, style: Piece["style"], from = 0): Row {
  const text = textOf(row);
  return [piece(text.slice(0, from)), piece(text.slice(from), style)];
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

/** The pieces with something between them, in as many rows as they need; a piece too wide for a row is wrapped. */
export function flow(pieces: readonly Piece[], between: Piece, columns: number): Row[] {
  const groups = packed(pieces, ({ cells }) => cells, between.cells, columns);
  return groups.flatMap((group) => {
    const [first] = group;
    const tooWide = first !== undefined && first.cells > columns;
    return tooWide
      ? wrap(first.text, columns).lines.map((line) => [piece(line, first.style)])
      : [joined(group, between)];
  });
}

/** The fields that fit side by side, those of most worth first to be taken, in the order given. */
export function fitting(fields: readonly Field[], columns: number, between: Piece): Row {
  const kept = new Set<Field>();
  let free = columns + between.cells;
  for (const field of fields.toSorted((one, other) => other.worth - one.worth)) {
    const cells = field.piece.cells + between.cells;
    if (cells > free) continue;
    kept.add(field);
    free -= cells;
  }
  const shown = fields.filter((field) => kept.has(field));
  return joined(
    shown.map((field) => field.piece),
    between,
  );
}

/** The rows, those after the first indented. */
export function hanging(rows: readonly Row[]): Row[] {
  return rows.map((row, at) => (at === 0 ? row : [blank(INDENT), ...row]));
}

/** A sentence, in as many rows as it needs. */
export function sentence(text: string, style: Piece["style"] = null, columns = COLUMNS): Row[] {
  return hanging(wrap(text, columns - INDENT).lines.map((line) => [piece(line, style)]));
}

/** A label, then the rows of its value beside it. */
export function labelled(label: Piece, width: number, value: readonly Row[]): Row[] {
  return value.map((row, at) => {
    const begin = at === 0 ? piece(cut(label.text, width - 1), label.style) : blank(0);
    return [begin, blank(width - begin.cells), ...row];
  });
}

/** A value beside its label may not be narrower; else it stands below it. */
const BESIDE = 24;

/** A label, and beside it or below it the pieces of its value, in rows of at most `columns` cells. */
export function labelledFlow(
  label: Piece,
  width: number,
  { pieces, between = piece("") }: { pieces: readonly Piece[]; between?: Piece },
  columns: number,
): Row[] {
  if (pieces.length === 0) return [];
  if (columns - width >= BESIDE) return labelled(label, width, flow(pieces, between, columns - width));
  const rows = flow(pieces, between, columns - INDENT).map((row) => [blank(INDENT), ...row]);
  return [[piece(cut(label.text, columns), label.style)], ...rows];
}

/** Rows of several blocks, an empty one between each two that have any. */
export function blocks(...parts: readonly (readonly Row[])[]): Row[] {
  return parts.filter((rows) => rows.length > 0).flatMap((rows, at) => (at === 0 ? rows : [[], ...rows]));
}

/** The rows as lines of a text, without blanks at their ends. */
export function linesOf(rows: readonly Row[], paint = createPaint(false)): string {
  return rows.map((row) => `${lineOf(row, paint)}\n`).join("");
}

function lineOf(row: Row, paint: Paint): string {
  const end = row.findLastIndex(({ text }) => text.trim() !== "");
  const shown = row
    .slice(0, end + 1)
    .map(({ text, style }, at) => ({ text: at === end ? text.trimEnd() : text, style }));
  return shown.map(({ text, style }) => (style === null ? text : paint[style](text))).join("");
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
