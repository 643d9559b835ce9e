/**
 * What a terminal would obey or hide: C0 but tab and newline, DEL, C1, bidi overrides and isolates, tag characters.
 * ZWJ, variation selectors, LRM and RLM are left: languages and emoji need them.
 */
const HOSTILE = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\u{E0000}-\u{E007F}]/gu;

/** The text with each such code point replaced by a visible mark; CRLF counts as a newline. */
export function visible(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(HOSTILE, mark);
}

/** Text from outside, harmless and on one line. */
export function flat(text: string): string {
  return visible(text).replaceAll("\n", "␊").replaceAll("\t", "␉");
}

/** `visible` for a text that comes in pieces: a CR at the end of one waits for the next. */
export function createVisible(): { push(piece: string): string; end(): string } {
  let held = "";
  return {
    push(piece) {
      const text = held + piece;
      held = text.endsWith("\r") ? "\r" : "";
      return visible(held === "" ? text : text.slice(0, -1));
    },
    end() {
      const rest = visible(held);
      held = "";
      return rest;
    },
  };
}

/** JSON with each such code point as an escape, which means the same: JSON.stringify leaves all but C0 as they are. */
export function visibleJson(json: string): string {
  return json.replace(HOSTILE, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

function mark(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "␡";
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}
