import { graphemes, isPlain } from "./width.ts";

/** Columns between two tab stops of a terminal. */
const TAB = 8;

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
    const cells = blank === "\t" ? TAB - (column % TAB) : 1;
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
    while (column + rest.length > width) {
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
