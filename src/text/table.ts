import { blank, piece, widthOf, type Piece, type Row } from "./row.ts";

/** What stands in one place of a table. */
type Cell = string | Piece | Row;

/**
 * Rows as aligned columns, each as wide as it needs. `align`: a letter a column, `l` where its cells begin alike, `r`
 * where they end alike; `gap`: the cells between the first two columns, the next two… The last of either holds on.
 */
export function table(rows: readonly (readonly Cell[])[], align: string, gap: readonly number[]): Row[] {
  const cells = rows.map((row) => row.map(toRow));
  const widths: number[] = [];
  for (const row of cells)
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));
  return cells.map((row) =>
    row.flatMap((cell, at) => {
      const before = blank(at === 0 ? 0 : (gap[at - 1] ?? gap.at(-1) ?? 0));
      const free = blank((widths[at] ?? 0) - widthOf(cell));
      return (align[at] ?? align.at(-1)) === "l" ? [before, ...cell, free] : [before, free, ...cell];
    }),
  );
}

/** The rows without the columns in which none but the first has anything. */
export function withoutEmpty(rows: readonly (readonly string[])[]): string[][] {
  const used = new Set(rows.slice(1).flatMap((row) => row.flatMap((cell, at) => (cell === "" ? [] : [at]))));
  return rows.map((row) => row.filter((_, at) => used.has(at)));
}

function toRow(cell: Cell): Row {
  if (typeof cell === "string") return [piece(cell)];
  return "text" in cell ? [cell] : cell;
}
