import { describe, expect, test } from "bun:test";
import { createVisible, flat, visible, visibleJson, wordsOnly } from "../../src/text/visible.ts";

/** From and up to, both included. */
const MARKED: readonly [string, number, number][] = [
  ["C1", 0x80, 0x9f],
  ["the Arabic letter mark", 0x61c, 0x61c],
  ["the Mongolian vowel separator", 0x180e, 0x180e],
  ["the zero-width space", 0x200b, 0x200b],
  ["line and paragraph separator, embeddings and overrides", 0x2028, 0x202e],
  ["word joiner, invisible operators, isolates and deprecated controls", 0x2060, 0x206f],
  ["the byte order mark", 0xfeff, 0xfeff],
  ["interlinear annotations", 0xfff9, 0xfffb],
  ["tags", 0xe0000, 0xe007f],
  ["variation selectors 17 to 256", 0xe0100, 0xe01ef],
];

describe("visible marks", () => {
  test.each(MARKED)("%s", (_, first, last) => {
    for (let code = first; code <= last; code++) {
      const name = `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
      expect(visible(`a${String.fromCodePoint(code)}b`)).toBe(`a${name}b`);
      expect(visibleJson(String.fromCodePoint(code))).toMatch(/^"(\\u[0-9a-f]{4}){1,2}"$/);
      expect(JSON.parse(visibleJson(String.fromCodePoint(code)))).toBe(String.fromCodePoint(code));
    }
  });

  test("C0 and DEL by their pictures, but for tab and newline", () => {
    expect(visible("\u0000\u001b\u007f\r\t\n\r\n")).toBe("␀␛␡␍\t\n\n");
    expect(flat("\t\n")).toBe("␉␊");
  });

  test.each([
    ["ZWJ", "👨‍👩‍👧"],
    ["ZWNJ", "می\u200cخواهم"],
    ["VS15 and VS16", "❤\ufe0e❤\ufe0f"],
    ["LRM and RLM", "\u200ea\u200f"],
    ["what stands beside a range", "\u00a0\u061b\u061d\u180d\u180f\u200a\u2027\u202f\u205f\u2070\ufefe\ufff8\ufffc"],
    ["accents, soft hyphens and other letters", "e\u0301\u00ad漢字 क्षि"],
  ])("not %s", (_, text) => {
    expect(visible(text)).toBe(text);
    expect(visibleJson(text)).toBe(JSON.stringify(text));
  });

  test("the same whatever the pieces a text comes in", () => {
    const text = "a\r\nb\rc\u202ed\u{e0100}\r";
    for (let cut = 0; cut <= text.length; cut++) {
      const { push, end } = createVisible();
      expect(push(text.slice(0, cut)) + push(text.slice(cut)) + end()).toBe(visible(text));
    }
  });
});

describe("a line of ours for a terminal that shows words only", () => {
  test("has no sign at its beginning, and no drawing", () => {
    expect(wordsOnly("⏱️  Duration: 3 s\n🏁 Verdict: complete\n   🎉 not ours\n")).toBe(
      "Duration: 3 s\nVerdict: complete\n   🎉 not ours\n",
    );
    expect(wordsOnly("\u001B[31m❌\u001B[39m It failed 🎉\n")).toBe("\u001B[31m\u001B[39mIt failed 🎉\n");
    expect(wordsOnly("10 ms ▁▂█ 20 ms\n──── │ ━━\n")).toBe("10 ms     20 ms\n---- | --\n");
    expect(wordsOnly("plain, with 1 number and ✓")).toBe("plain, with 1 number and ✓");
  });
});
