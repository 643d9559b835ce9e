import { describe, expect, test } from "bun:test";
import { flow, hanging, linesOf, merged, piece } from "../../src/text/row.ts";
import { createPaint } from "../../src/text/paint.ts";
import { table, withoutEmpty } from "../../src/text/table.ts";
import { cellsOf } from "../../src/text/width.ts";

describe("a table", () => {
  test("has columns as wide as their widest cell, wide letters and emoji included", () => {
    const rows = table(
      [
        ["漢字", "1", "x"],
        ["a", "👍🏽", "y"],
        ["e\u0301", "300", "z"],
      ],
      "lr",
      [2],
    );
    expect(linesOf(rows)).toBe("漢字    1  x\na      👍🏽  y\ne\u0301     300  z\n");
    expect(new Set(linesOf(rows).trimEnd().split("\n").map(cellsOf))).toEqual(new Set([12]));
  });

  test("takes the last letter and the last gap for all columns that follow", () => {
    expect(
      linesOf(
        table(
          [
            ["a", "b", "c", "d"],
            ["aa", "bb", "cc", "dd"],
          ],
          "lr",
          [3, 1],
        ),
      ),
    ).toBe("a     b  c  d\naa   bb cc dd\n");
  });

  test("leaves no blanks at the end of a line, and no column that only has a heading", () => {
    const rows = withoutEmpty([
      ["name", "size", "use"],
      ["a", "", "all"],
      ["bb", "", ""],
    ]);
    expect(linesOf(table(rows, "l", [2]))).toBe("name  use\na     all\nbb\n");
  });

  test("colours cells, and not the blanks between them", () => {
    const rows = table([[piece("a", "bold"), piece("b", "red")]], "r", [2]);
    expect(linesOf(rows, createPaint(true))).toBe("\u001B[1ma\u001B[22m  \u001B[31mb\u001B[39m\n");
    const [row = []] = rows;
    expect(linesOf([merged(row, "dim", 1)], createPaint(true))).toBe("a\u001B[2m  b\u001B[22m\n");
  });
});

describe("pieces of a row", () => {
  test("flow over as many rows as they need, and one too wide is wrapped", () => {
    const pieces = ["one", "two", "a sentence of five words", "end"].map((text) => piece(text));
    expect(linesOf(hanging(flow(pieces, piece(" · "), 12)))).toBe(
      "one · two\n  a sentence\n  of five\n  words\n  end\n",
    );
  });
});
