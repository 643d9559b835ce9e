import { describe, expect, test } from "bun:test";
import { cellsOf } from "../../src/text/width.ts";
import { fold, packed, wrap, wrapParts } from "../../src/text/wrap.ts";
import { texts } from "./texts.ts";

describe("a sentence of ours", () => {
  test("is broken between words, further lines indented", () => {
    expect(fold("The folder /nope does not exist.", 40, "   ").split("\n")).toEqual([
      "The folder /nope does not exist.",
    ]);
    expect(fold("The folder /nope does not exist.", 20, "   ").split("\n")).toEqual([
      "The folder /nope",
      "   does not exist.",
    ]);
    expect(fold("  Try again later, please.", 16, "    ").split("\n")).toEqual([
      "  Try again",
      "    later,",
      "    please.",
    ]);
  });

  test.each(["llmaas config trust", "bun run models -e http://127.0.0.1:9/v1", "--param 'a=\"b c\"'", "A_KEY=a b"])(
    "keeps %s whole at its end, so that it can be copied",
    (copied) => {
      const line = `The endpoint is one that nobody named: ${copied}`;
      expect(fold(line, 24, "   ").split("\n").at(-1)).toBe(`   ${copied}`);
      expect(fold(line, 1000, "   ").split("\n")).toEqual([line]);
    },
  );

  test("breaks what a server says, whatever it ends with", () => {
    const line = `The server refused the request: ${"word ".repeat(20).trim()}`;
    for (const row of fold(line, 30, "   ")) expect(cellsOf(row)).toBeLessThanOrEqual(30);
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

  test("is ours, since the platform keeps tabs, and breaks between wide letters only where it breaks words too", () => {
    expect(Bun.wrapAnsi("色と光に驚き", 5)).toBe("色と光に驚き");
    expect(Bun.wrapAnsi("a\tb", 20)).toBe("a\tb");
    expect(Bun.wrapAnsi("word 漢字漢字漢字", 8, { hard: true, trim: false }).split("\n")[0]).toBe("word ");
    expect(wrap("word 漢字漢字漢字", 8).lines[0]).toBe("word 漢");
  });
});

describe("packing", () => {
  test("puts as many beside each other as fit, and what is too wide alone", () => {
    const groups = packed([3, 3, 9, 2, 2, 2], (width) => width, 1, 8);
    expect(groups).toEqual([[3, 3], [9], [2, 2, 2]]);
    expect(packed([], () => 1, 1, 8)).toEqual([]);
  });

  test("of parts puts the separator only between those of one line, and wraps what is too wide", () => {
    expect(wrapParts(["漢字", "b", "c"], " · ", 8)).toEqual(["漢字 · b", "c"]);
    expect(wrapParts(["a robot paints", "b"], " ", 6)).toEqual(["a", "robot", "paints", "b"]);
  });
});
