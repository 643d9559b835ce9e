import { cellsOf, cut, graphemes } from "./width.ts";

/** No line of ours that may go into a file is wider, whatever the screen. */
export const COLUMNS = 80;

/** Columns between two tab stops: narrower than a terminal's own, panes are narrow. */
const TAB = 4;

/**
 * One line of text in lines of at most so many cells, broken after a space or between wide letters where there are any.
 * `open`: where the last of them begins; those before it stay as they are when the text grows.
 */
export function wrap(text: string, columns: number): { lines: string[]; open: number } {
  const lines: string[] = [];
  let open = 0;
  let used = 0;
  let gap = 0;
  let sinceGap = 0;
  for (const grapheme of graphemes(text)) {
    const { index } = grapheme;
    const blank = grapheme.text === " " || grapheme.text === "\t";
    const cells = grapheme.text === "\t" ? TAB - (used % TAB) : grapheme.cells;
    if (!blank && used > 0 && used + cells > columns) {
      const wordFits = gap > open && cells < 2;
      const next = wordFits ? gap : index;
      lines.push(spaced(text.slice(open, next)));
      open = next;
      used = wordFits ? sinceGap : 0;
    }
    used += cells;
    sinceGap += cells;
    if (!blank && cells < 2) continue;
    gap = index + grapheme.text.length;
    sinceGap = 0;
  }
  lines.push(spaced(text.slice(open)));
  return { lines, open };
}

/** A line with its tabs as spaces, and without the spaces at its end. */
function spaced(line: string): string {
  if (!line.includes("\t")) return line.trimEnd();
  let out = "";
  for (const piece of line.split(/(?<=\t)/)) {
    const word = piece.endsWith("\t") ? piece.slice(0, -1) : piece;
    out += word;
    if (word !== piece) out += " ".repeat(TAB - (cellsOf(out) % TAB));
  }
  return out.trimEnd();
}

/** Items in their order, as many beside each other as fit in `columns` with `gap` cells between two. */
export function packed<T>(items: readonly T[], widthOf: (item: T) => number, gap: number, columns: number): T[][] {
  const groups: T[][] = [];
  let left = -1;
  for (const item of items) {
    const needed = gap + widthOf(item);
    if (needed > left) {
      groups.push([]);
      left = columns + gap;
    }
    groups.at(-1)?.push(item);
    left -= needed;
  }
  return groups;
}

/** Parts put on lines of at most `columns` cells, `separator` between those that share one; what is wider is cut. */
export function wrapParts(parts: readonly string[], separator: string, columns: number): string[] {
  return packed(parts, cellsOf, cellsOf(separator), columns).map((line) => cut(line.join(separator), columns));
}
