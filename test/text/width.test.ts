import { describe, expect, test } from "bun:test";
import { anchored, cellsOf, cut, cutStart, graphemes } from "../../src/text/width.ts";
import { wrap } from "../../src/text/wrap.ts";
import { createRandom } from "../render/random.ts";

const PIECES = [
  "a",
  " ",
  "é",
  "e\u0301",
  "漢",
  "か\u3099",
  "👨‍👩‍👧",
  "🇫🇷",
  "👍🏽",
  "❤️",
  "1️⃣",
  "🏳️‍🌈",
  "क्षि",
  "\u200B",
  "\u200D",
  "\uD83D",
  "…",
];

function texts(count: number): string[] {
  const random = createRandom(count);
  const one = (): string => PIECES[Math.floor(random() * PIECES.length)] ?? "";
  return Array.from({ length: count }, () => Array.from({ length: 12 }, one).join(""));
}

describe("cells", () => {
  test("are those of what a person sees, not of its code points", () => {
    expect(["a", "é", "e\u0301", "漢", "ｶ", "각"].map(cellsOf)).toEqual([1, 1, 1, 2, 1, 2]);
    expect(["👨‍👩‍👧", "🇫🇷", "👍🏽", "❤️", "1️⃣", "🏳️‍🌈"].map(cellsOf)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(["\u200B", "\u0301", "", "\uD83D"].map(cellsOf)).toEqual([0, 0, 0, 1]);
  });

  test("of a text are those of its characters together", () => {
    for (const text of texts(300))
      expect(cellsOf(text)).toBe([...graphemes(text)].reduce((sum, { cells }) => sum + cells, 0));
  });
});

describe("cutting", () => {
  test("never takes more than it is given, and never half a character", () => {
    for (const text of texts(300)) {
      const whole = new Set([...graphemes(text)].map((grapheme) => grapheme.text));
      for (const columns of [0, 1, 2, 5, 9]) {
        for (const short of [cut(text, columns), cutStart(text, columns)]) {
          expect(cellsOf(short)).toBeLessThanOrEqual(columns);
          const kept = [...graphemes(short.toWellFormed())].map((grapheme) => grapheme.text);
          expect(kept.filter((piece) => piece !== "…" && !whole.has(piece) && cellsOf(piece) > 0)).toEqual([]);
        }
      }
    }
  });

  test("says that something is missing, and keeps what fits whole", () => {
    expect([cut("robot", 5), cut("robot", 4), cut("漢字漢字", 5), cut("", 3)]).toEqual(["robot", "rob…", "漢字…", ""]);
    expect([cutStart("robot", 5), cutStart("robot", 4), cutStart("漢字漢字", 5)]).toEqual(["robot", "…bot", "…漢字"]);
  });
});

describe("wrapping", () => {
  test("breaks after a space, between wide letters, and in a word only when it must", () => {
    expect(wrap("a robot paints", 8).lines).toEqual(["a robot", "paints"]);
    expect(wrap("色と光に驚き", 5).lines).toEqual(["色と", "光に", "驚き"]);
    expect(wrap("incomprehensible", 6).lines).toEqual(["incomp", "rehens", "ible"]);
  });

  test("keeps what a line of code begins with, and makes tabs spaces", () => {
    expect(wrap("\tlet a;", 20).lines).toEqual(["    let a;"]);
    expect(wrap("ab\tc\t漢\td", 40).lines).toEqual(["ab  c   漢  d"]);
    expect(wrap("", 5)).toEqual({ lines: [""], open: 0 });
  });

  test("gives no line more cells than there are, but for one wide character in one column", () => {
    for (const text of texts(200))
      for (const columns of [2, 3, 7, 40])
        expect(wrap(text, columns).lines.filter((line) => cellsOf(line) > columns)).toEqual([]);
    expect(wrap("漢字", 1).lines).toEqual(["漢", "字"]);
  });

  test("of a text that grows changes no line but the last", () => {
    for (const text of texts(100)) {
      const { lines, open } = wrap(text, 7);
      const grown = wrap(`${text} more 漢字`, 7);
      expect(grown.lines.slice(0, lines.length - 1)).toEqual(lines.slice(0, -1));
      expect([...lines.slice(0, -1), ...wrap(`${text.slice(open)} more 漢字`, 7).lines]).toEqual(grown.lines);
    }
  });
});

describe("what is sent", () => {
  test("is the text itself where all terminals agree", () => {
    expect(anchored("plain, é, │ and 漢字", 3)).toBe("plain, é, │ and 漢字");
  });

  test("puts the cursor where it must be around what they disagree about, and leaves out what has no cells", () => {
    expect(anchored("a👨‍👩‍👧b\u200B", 3)).toBe("a  \u001B[5G👨‍👩‍👧\u001B[7Gb");
  });

  test("is short even of a letter under a thousand accents", () => {
    expect(anchored(`a${"\u0301".repeat(1000)}`, 0).length).toBeLessThan(100);
  });
});
