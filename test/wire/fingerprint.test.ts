import { expect, test } from "bun:test";
import { createFingerprint } from "../../src/wire/fingerprint.ts";

test("a text is known again, whatever the pieces it came in", () => {
  const text = "né 𝄞 et \u0000 «\n»".repeat(50);
  for (const size of [2, 7, 100, text.length]) {
    const print = createFingerprint();
    for (const piece of text.match(new RegExp(`[^]{1,${size}}`, "gu")) ?? []) print.add(piece);
    expect(print.length()).toBe(text.length);
    expect(print.matches(text)).toBe(true);
    expect(print.matches(`${text}more`, "more")).toBe(true);
    expect(print.matches(`${text}more`, "mode")).toBe(false);
    expect(print.matches(`${text}more`)).toBe(false);
    expect(print.matches(text.slice(1))).toBe(false);
    expect(print.matches(text.replace("et", "ou"))).toBe(false);
  }
});

test("nothing is the same as nothing", () => {
  expect(createFingerprint().matches("")).toBe(true);
  expect(createFingerprint().matches("a", "a")).toBe(true);
});
