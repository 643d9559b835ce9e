import { rows } from "./settings.ts";

/** A place in a text: line and column count from 1; `caret` is its position in `text`, which may be cut. */
export type Excerpt = { line: number; column: number; text: string; caret: number };

// A file may be one long line: this much of it is shown around the place.
const BEFORE = 60;
const AFTER = 40;

// Lines that may hold a secret; the file is broken, so this goes by looks and rather too far.
const SENSITIVE = /(?<!max_|first_)token|headers|key|secret|auth|cookie|pass|[@?]/i;
const OPEN_HEADERS = /headers["']?\s*:?\s*\{[^}]*$/i;
const WORD = /[^\s{}[\]:,"']+/g;

/** The line of a broken configuration file around an offset; what may be secret is dots of the same width. */
export function excerptAt(source: string, offset: number): Excerpt {
  const before = source.slice(0, offset);
  const lines = before.split(/\r\n|\r|\n/);
  const column = lines.at(-1)?.length ?? 0;
  const start = offset - column;
  const rest = source.slice(offset).split(/[\r\n]/, 1)[0] ?? "";
  const whole = source.slice(start, offset) + rest;
  const previous = lines.slice(0, -1).findLast((line) => line.trim() !== "") ?? "";
  const sensitive = SENSITIVE.test(whole) || SENSITIVE.test(previous) || OPEN_HEADERS.test(source.slice(0, start));
  const safe = (sensitive ? dotted(whole) : whole).replaceAll("\t", " ");
  const first = Math.max(0, column - BEFORE);
  return { line: lines.length, column: column + 1, text: safe.slice(first, column + AFTER), caret: column - first };
}

function dotted(line: string): string {
  const keys = Object.values(rows).flatMap(({ key }) => key.split("."));
  const known = new Set([...keys, "$schema", "true", "false", "null"]);
  return line.replace(WORD, (word) => (known.has(word) ? word : "•".repeat(word.length)));
}
