/** Cells of a terminal: measuring and cutting text that is already harmless. */

/** A cluster of more than this (a letter under a hundred accents) is cut: it would be sent again in each frame. */
const LONGEST_CLUSTER = 64;

/**
 * Code points that every terminal draws in one cell and that begin no cluster unless something outside of this set
 * follows: a text of these alone is as wide as it is long.
 */
const PLAIN = /^[ -~\u00A0-\u00AC\u00AE-\u02FF\u0370-\u0482\u048A-\u052F\u2010-\u2027\u202F-\u203A\u2500-\u259F]*$/;

/** One wide letter, about which terminals agree too. */
const PLAIN_WIDE = /^[\u3001-\u3029\u3041-\u3096\u30A1-\u30FA\u3400-\u4DBF\u4E00-\u9FFF\uAC00-\uD7A3\uFF01-\uFF60]$/;

/** Made when a text needs it: that takes most of a millisecond. */
let segmenter: Intl.Segmenter | null = null;

/** What a person sees as one character. `sure`: every terminal gives it as many cells. */
type Grapheme = { text: string; index: number; cells: number; sure: boolean };

/** The characters of a text in order; a lone surrogate counts as the mark it is replaced by. */
export function* graphemes(text: string): Generator<Grapheme> {
  if (PLAIN.test(text)) {
    for (let index = 0; index < text.length; index++) yield { text: text.charAt(index), index, cells: 1, sure: true };
    return;
  }
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  for (const { segment, index } of segmenter.segment(text.toWellFormed())) {
    if (PLAIN.test(segment)) yield { text: segment, index, cells: 1, sure: true };
    else if (PLAIN_WIDE.test(segment)) yield { text: segment, index, cells: 2, sure: true };
    else yield { text: segment, index, cells: Bun.stringWidth(segment), sure: false };
  }
}

/** Whether every terminal gives each of its UTF-16 units one cell. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

/** The cells a text takes. */
export function cellsOf(text: string): number {
  return PLAIN.test(text) ? text.length : Bun.stringWidth(text.toWellFormed());
}

/** The beginning of a text in at most so many cells; an ellipsis says that there was more. */
export function cut(text: string, columns: number): string {
  if (columns <= 0) return "";
  if (cellsOf(text) <= columns) return text;
  let used = 0;
  for (const { index, cells } of graphemes(text)) {
    if (used + cells > columns - 1) return `${text.slice(0, index)}…`;
    used += cells;
  }
  return text;
}

/** The end of a text in at most so many cells; an ellipsis says that there was more. */
export function cutStart(text: string, columns: number): string {
  if (columns <= 0) return "";
  if (PLAIN.test(text)) return text.length <= columns ? text : `…${text.slice(text.length - columns + 1)}`;
  const all = [...graphemes(text)];
  let free = columns - all.reduce((sum, { cells }) => sum + cells, 0);
  if (free >= 0) return text;
  for (const { index, text: piece, cells } of all) {
    free += cells;
    if (free > 0) return `…${text.slice(index + piece.length)}`;
  }
  return "…";
}

/** The text with spaces after it, up to `columns` cells. */
export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - cellsOf(text)));
}

/** The text with spaces before it, up to `columns` cells. */
export function padStart(text: string, columns: number): string {
  return " ".repeat(Math.max(0, columns - cellsOf(text))) + text;
}

/**
 * The text as it is sent, from `column` (0 is the left edge). Terminals disagree about the cells of an emoji or a
 * cluster, so its cells are blanked before it and the cursor is placed after it: nothing after it can shift. Blanked
 * with spaces: tmux 3.3 forgets the other half of a wide character that is erased in part.
 */
export function anchored(text: string, column: number): string {
  if (PLAIN.test(text)) return text;
  let at = column;
  let out = "";
  for (const { text: drawn, cells, sure } of graphemes(text)) {
    const cluster = sure ? drawn : drawn.slice(0, LONGEST_CLUSTER).toWellFormed();
    if (sure) out += cluster;
    else if (cells > 0) out += `${" ".repeat(cells)}${toColumn(at)}${cluster}${toColumn(at + cells)}`;
    at += cells;
  }
  return out;
}

function toColumn(column: number): string {
  return `\u001B[${column + 1}G`;
}
