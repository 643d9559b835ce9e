import { expect, test } from "bun:test";
import { addPiece, createFingerprint, matches } from "../../src/wire/fingerprint.ts";

test("a text is known again, whatever the pieces it came in", () => {
  const text = "né 𝄞 et \u0000 «\n»".repeat(50);
  for (const size of [2, 7, 100, text.length]) {
    const print = createFingerprint();
    for (const piece of text.match(new RegExp(`[^]{1,${size}}`, "gu")) ?? []) addPiece(print, piece);
    expect(print.length).toBe(text.length);
    expect(matches(print, text)).toBe(true);
    expect(matches(print, `${text}more`, "more")).toBe(true);
    expect(matches(print, `${text}more`, "mode")).toBe(false);
    expect(matches(print, `${text}more`)).toBe(false);
    expect(matches(print, text.slice(1))).toBe(false);
    expect(matches(print, text.replace("et", "ou"))).toBe(false);
  }
});

test("nothing is the same as nothing", () => {
  expect(matches(createFingerprint(), "")).toBe(true);
  expect(matches(createFingerprint(), "a", "a")).toBe(true);
});
