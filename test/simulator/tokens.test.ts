import { expect, test } from "bun:test";
import { createTokens, joinTokens, splitTokens } from "../../src/simulator/speech.ts";

const TEXTS = [
  "",
  " ",
  "Il était une fois un petit robot nommé ARIA…\n\n  Fin.  ",
  "anticonstitutionnellement",
  "👩‍👩‍👧👨🏽‍🚀🇫🇷 e\u0301te\u0301 日本語のテキスト",
  "\ud83d lone \udc00 halves",
  'quotes " and \\ and \u0000 and \u2028',
];

test("the tokens of a text joined are exactly that text", () => {
  for (const text of TEXTS) expect(splitTokens(text).join("")).toBe(text);
});

test("no token cuts a code point, and none is longer than eight", () => {
  for (const text of TEXTS) {
    const points = splitTokens(text).map((token) => [...token]);
    expect(points.flat()).toEqual([...text]);
    expect(Math.max(0, ...points.map(({ length }) => length))).toBeLessThanOrEqual(8);
  }
});

test("words keep the blank before them, and long ones come in parts", () => {
  expect(splitTokens("une histoire, bien.")).toEqual(["une", " his", "toire", ",", " bien", "."]);
});

test("a text is cut or repeated to the asked number of tokens", () => {
  expect(joinTokens(createTokens("a b c", 2))).toBe("a b");
  expect(joinTokens(createTokens("a b c", 7))).toBe("a b c\n\na b c");
  expect(createTokens("a b c", 7).count).toBe(7);
  expect(createTokens("", 7).count).toBe(0);
});

test("tokens are escaped as JSON, one by one or together", () => {
  const tokens = createTokens('say "é"\n');
  expect(JSON.parse(tokens.json(0, tokens.count))).toBe('say "é"\n');
  expect(tokens.json(0, 1)).toBe('"say"');
});
