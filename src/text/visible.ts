/**
 * What a terminal would obey, hide or take for a line end: C0 but tab and newline, DEL, C1, line and paragraph
 * separators, bidi controls, what has no width and no use in a word, tags, and the selectors nobody sees.
 * ZWJ, ZWNJ, VS1 to VS16, LRM and RLM are left: languages and emoji need them.
 */
const HOSTILE =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u180E\u200B\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E0FFF}]/gu;

/** The text with each such code point replaced by a visible mark; CRLF counts as a newline. */
export function visible(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(HOSTILE, mark);
}

/** Text from outside, harmless and on one line. */
export function flat(text: string): string {
  return visible(text).replaceAll("\n", "␊").replaceAll("\t", "␉");
}

/** `visible` for a text that comes in pieces: a CR, or half of a pair, at the end of one waits for the next. */
export function createVisible(): { push(piece: string): string; end(): string } {
  let held = "";
  return {
    push(piece) {
      const text = held + piece;
      const last = text.charCodeAt(text.length - 1);
      held = last === 0x0d || (last & 0xfc00) === 0xd800 ? text.slice(-1) : "";
      return visible(held === "" ? text : text.slice(0, -1));
    },
    end() {
      const rest = visible(held);
      held = "";
      return rest;
    },
  };
}

/** A value as JSON with each such code point as an escape, which means the same: JSON.stringify leaves all but C0. */
export function visibleJson(value: unknown, indent = 0): string {
  return visibleLine(JSON.stringify(value, null, indent) ?? "null");
}

/** The same of JSON that is text already. */
export function visibleLine(json: string): string {
  return json.replace(HOSTILE, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

/** The sign that a line of ours begins with. */
const SIGN = /^((?:\u001B\[[\d;]*m)*)\p{Extended_Pictographic}\uFE0F?((?:\u001B\[[\d;]*m)*) +/gmu;

/** Lines of ours for a terminal that shows words only: without the signs they begin with, and without drawings. */
export function wordsOnly(text: string): string {
  return text.replace(SIGN, "$1$2").replace(/[▁-█]/g, " ").replaceAll(/[─━]/g, "-").replaceAll("│", "|");
}

function mark(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "␡";
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}
