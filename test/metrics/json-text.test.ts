import { expect, test } from "bun:test";
import { isJsonText } from "../../src/metrics/content.ts";
import { createRandom } from "../render/random.ts";

/** So long that nothing is built. */
const LONG = " ".repeat(70_000);

const STRINGS = ['"', '"a"', '"\\n"', '"\\u00e9"', '"\\x"', '"\\u00g0"', '"a\nb"', '"\t"', "\\", "'", '"k":', '"a":1'];
const SCALARS = ["1", "-1", "01", "1.", "1.5", "1e5", "1E+5", "-", "+1", ".5", "true", "false", "null", "nul", "tru e"];
const MARKS = ["{", "}", "[", "]", ",", ":", " ", "\n", "\t", "\r", "\u00a0", "\u000b", ",]", ",}"];
const WHOLE = ["[]", "{}", '{"a":1}', "[1,2]", '{"a":[{"b":[]}]}'];
const PIECES = [STRINGS, SCALARS, MARKS, WHOLE].flat();

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test("a long text is JSON exactly where the parser takes it", () => {
  const seed = Date.now();
  const random = createRandom(seed);
  for (let i = 0; i < 3000; i++) {
    const count = 1 + Math.floor(random() * 8);
    const text = Array.from({ length: count }, () => PIECES[Math.floor(random() * PIECES.length)]).join("");
    for (const long of [LONG + text, text + LONG])
      expect(`${seed} ${text}: ${isJsonText(long)}`).toBe(`${seed} ${text}: ${isJson(long)}`);
  }
});

test("values that are JSON are, and are not without any one of their letters where the parser says so", () => {
  const value = JSON.stringify({ a: [1, -2.5e-3, true, false, null, 'é\n"\\', {}, [], { b: { c: [[]] } }], "": "" });
  expect(isJsonText(value + LONG)).toBe(true);
  for (let at = 0; at < value.length; at++) {
    const without = value.slice(0, at) + value.slice(at + 1) + LONG;
    expect(`${at} ${isJsonText(without)}`).toBe(`${at} ${isJson(without)}`);
  }
});

test("eight million brackets are JSON, or not, in little memory", () => {
  const half = 4 * 1024 * 1024;
  expect(isJsonText("[".repeat(half) + "]".repeat(half))).toBe(true);
  expect(isJsonText("[".repeat(half) + "]".repeat(half - 1))).toBe(false);
  expect(isJsonText(`{"a":"${"\\n".repeat(half)}"}`)).toBe(true);
});
