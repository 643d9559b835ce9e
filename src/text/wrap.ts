import { cellsOf, graphemes, isPlain } from "./width.ts";

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

/** Parts put on lines of at most `columns` cells, `separator` between those that share one; what is wider is wrapped. */
export function wrapParts(parts: readonly string[], separator: string, columns: number): string[] {
  const lines = packed(parts, cellsOf, cellsOf(separator), columns);
  return lines.flatMap((line) => wrap(line.join(separator), Math.max(1, columns)).lines);
}

/** A command or an option behind the last colon of a line, which then ends without a full stop. */
const COPIED = /^(.*: )((?:'?[^\s:]*llmaas|bun|chmod|--?[a-z]|[A-Z_]+=).*[^.!?…])$/;

/**
 * A line of ours in as many as it needs, those after the first indented. What is to be copied is not broken: it stands on
 * a line of its own where it must, and where even that is too narrow the terminal breaks it so that it is copied whole.
 */
function foldLine(line: string, columns: number, indent: string): string[] {
  if (cellsOf(line) <= columns) return [line];
  const begin = /^ */.exec(line)?.[0] ?? "";
  const text = line.slice(begin.length);
  const [, sentence = text, copied = ""] = COPIED.exec(text) ?? [];
  const most = Math.max(1, columns - Math.max(begin.length, indent.length));
  const { lines } = wrap(sentence, most);
  if (copied !== "") {
    const last = `${lines.at(-1)} ${copied}`;
    if (cellsOf(last) <= most) lines.splice(-1, 1, last);
    else lines.push(copied);
  }
  return lines.map((row, at) => (at === 0 ? begin : indent) + row);
}

/** What we say ourselves, wrapped by words: each of its lines in as many as it needs, those after the first indented. */
export function fold(text: string, columns: number, indent: string): string {
  return text
    .split("\n")
    .flatMap((line) => foldLine(line, columns, indent))
    .join("\n");
}

/** Columns between two tab stops of a terminal. */
const TERMINAL_TAB = 8;

/**
 * Wraps a text that grows on a terminal, by words and between wide letters, while each piece is shown as it comes: a word
 * that turns out too long for its line is taken off it and begun anew on the next. `columns` may change at any time.
 */
export function createWordWrap(columns: () => number): {
  /** What to write for the next piece of a harmless text. */
  push(text: string): string;
} {
  let width = 0;
  let column = 0;
  /** The word that may still grow, as it stands at the end of the line; and where it begins. */
  let word = "";
  let wordCells = 0;
  /** Terminals may see the cells of this line otherwise than we do: nothing on it can be taken back. */
  let unsure = false;
  let out = "";
  /** Where the word begins in `out`; -1: it was written before. */
  let wordAt = -1;

  function newLine(): void {
    out += "\n";
    column = 0;
    unsure = false;
    endWord();
  }

  function endWord(): void {
    word = "";
    wordCells = 0;
  }

  /** Begins the next line with the word that does not fit on this one; a word as long as a line stays where it is. */
  function breakLine(): void {
    const start = column - wordCells;
    const moves = word !== "" && start > 0 && (wordAt >= 0 || !unsure);
    if (!moves) return newLine();
    const [moved, cells] = [word, wordCells];
    if (wordAt >= 0) out = out.slice(0, wordAt);
    else out += `\u001B[${start + 1}G\u001B[K`;
    newLine();
    wordAt = out.length;
    out += moved;
    [word, wordCells, column] = [moved, cells, cells];
  }

  function grow(text: string, cells: number): void {
    if (word === "") wordAt = out.length;
    out += text;
    word += text;
    wordCells += cells;
    column += cells;
  }

  function addBlank(blank: string): void {
    const cells = blank === "\t" ? TERMINAL_TAB - (column % TERMINAL_TAB) : 1;
    endWord();
    // One that does not fit on the line ends it, and is not seen.
    if (column + cells > width) column = width;
    else {
      out += blank;
      column += cells;
    }
  }

  function addWord(text: string): void {
    if (isPlain(text) && column + text.length <= width) return grow(text, text.length);
    for (const { text: letter, cells, sure } of graphemes(text)) {
      if (cells > 1) endWord();
      if (column > 0 && column + cells > width) breakLine();
      unsure ||= !sure;
      grow(letter, cells);
      if (cells > 1) endWord();
    }
  }

  function addLine(line: string): void {
    if (isPlain(line)) return addPlain(line);
    for (const [part] of line.matchAll(/[ \t]|[^ \t]+/g)) {
      if (part === " " || part === "\t") addBlank(part);
      else addWord(part);
    }
  }

  /** The same for a text without tabs in which every letter is one cell, a line at a time: twenty times as fast. */
  function addPlain(text: string): void {
    let rest = text;
    while (rest !== "" && column + rest.length > width) {
      const room = width - column;
      const space = rest.lastIndexOf(" ", room);
      if (space < 0) {
        const end = rest.indexOf(" ");
        addWord(end < 0 ? rest : rest.slice(0, end));
        rest = end < 0 ? "" : rest.slice(end);
        continue;
      }
      const next = /[^ ]/g;
      next.lastIndex = space;
      out += rest.slice(0, space);
      endWord();
      const from = next.exec(rest)?.index ?? rest.length;
      rest = rest.slice(from);
      column = width;
      if (rest !== "") newLine();
    }
    const start = rest.lastIndexOf(" ") + 1;
    if (start > 0) {
      out += rest.slice(0, start);
      column += start;
      endWord();
    }
    if (start < rest.length) grow(rest.slice(start), rest.length - start);
  }

  return {
    push(text) {
      const now = Math.max(1, columns() - 1);
      // What stood on the line may stand elsewhere now.
      if (now !== width) endWord();
      width = now;
      out = "";
      wordAt = -1;
      for (const [index, line] of text.split("\n").entries()) {
        if (index > 0) newLine();
        addLine(line);
      }
      return out;
    },
  };
}
