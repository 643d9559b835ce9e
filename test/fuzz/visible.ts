import { expect } from "bun:test";
import fc from "fast-check";
import { createVisible, flat, visible, visibleJson } from "../../src/text/visible.ts";
import { cutAt, cuts, define } from "./property.ts";

/** Written anew: what no terminal may be given, but for what a pair of halves that were cut apart becomes. */
const OBEYED = /[^\P{Cc}\n\t]|[\u2028\u2029\u202A-\u202E\u2066-\u2069\u061C]/u;
const UNSEEN = /[\u200B\u2060-\u206F\uFEFF\uFFF9-\uFFFB]|[\u{E0000}-\u{E0FFF}]/u;

const harmless = fc.constantFrom(
  "a",
  "é",
  "漢",
  "👨‍👩‍👧",
  "🇫🇷",
  "❤️",
  "می‌خواهم",
  " ",
  "\t",
  "\n",
  "\u00A0",
  "क्षि",
  "\u200E",
);
const hostile = fc.constantFrom(
  ..."\u0000\u0007\b\u001B\u007F\u009B\u009D\u061C\u200B\u202E\u2066\u2028\uFEFF\uFFF9\r".split(""),
  "\u001B[2J",
  "\u001B]52;c;AAAA\u0007",
  "\r\n",
  "\r\r\n",
  "\u{E0041}",
  "\u{E0100}",
  "\uD83D",
  "\uDE00",
);
const text = fc.oneof(
  fc.array(fc.oneof(harmless, hostile), { maxLength: 12 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary", maxLength: 20 }),
);

export const visibleProperty = define(
  "visible",
  "nothing that a terminal obeys or hides comes through, whatever the pieces; what is harmless stays",
  3000,
  fc.property(text, cuts, fc.array(harmless), (given, shares, good) => {
    const shown = visible(given);
    expect(shown).not.toMatch(OBEYED);
    expect(shown).not.toMatch(UNSEEN);
    expect(flat(given)).not.toMatch(/[\n\t]/);
    expect(visible(shown)).toBe(shown);
    expect(visible(good.join(""))).toBe(good.join(""));

    const { push, end } = createVisible();
    expect(cutAt(given, shares).map(push).join("") + end()).toBe(shown);

    const json = visibleJson({ [given]: [given] }, 2);
    expect(json).not.toMatch(OBEYED);
    expect(json).not.toMatch(UNSEEN);
    expect(JSON.parse(json)).toEqual({ [given]: [given] });
  }),
);
