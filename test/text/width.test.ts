import { describe, expect, test } from "bun:test";
import { anchored, cellsOf, cut, cutStart, graphemes } from "../../src/text/width.ts";
import { texts } from "./texts.ts";

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

describe("the platform", () => {
  test("cuts to one cell too many where the cut falls into a wide character: ours counts", () => {
    expect(Bun.stringWidth("漢字漢字")).toBe(8);
    expect(Bun.stringWidth(Bun.sliceAnsi("漢字漢字", 0, 4, "…"))).toBe(5);
    expect(cellsOf(cut("漢字漢字", 4))).toBe(3);
    expect(Bun.stringWidth(Bun.sliceAnsi("a👨‍👩‍👧b", 0, 3, "…"))).toBe(4);
    expect(cellsOf(cut("a👨‍👩‍👧b", 3))).toBe(2);
  });

  test("takes a lone surrogate for nothing, which a terminal shows as a mark", () => {
    expect(Bun.stringWidth("a\uD83Db")).toBe(2);
    expect(cellsOf("a\uD83Db")).toBe(3);
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
