import { describe, expect, test } from "bun:test";
import { createSyntheticPrompts } from "../../src/run/prompts.ts";

function first(count: number, tokens: number, seed: number): string[] {
  const prompts = createSyntheticPrompts(tokens, seed);
  return Array.from({ length: count }, () => prompts.next().value?.text ?? "");
}

describe("synthetic prompts", () => {
  test("have about as many words as tokens are asked for", () => {
    for (const tokens of [20, 500, 10_000]) {
      const [prompt = ""] = first(1, tokens, 1);
      expect(Math.abs(prompt.split(/\s+/).length - tokens)).toBeLessThanOrEqual(2);
    }
  });

  test("differ from each other within their first words, so that no server can reuse an earlier one", () => {
    const beginnings = first(1000, 100, 1).map((prompt) => prompt.split(" ").slice(0, 6).join(" "));
    expect(new Set(beginnings).size).toBe(1000);
  });

  test("are all different, however short", () => {
    for (const tokens of [1, 7, 8]) expect(new Set(first(20_000, tokens, 3)).size).toBe(20_000);
  });

  test("are the same for the same seed, and others for another", () => {
    expect(first(5, 50, 9)).toEqual(first(5, 50, 9));
    expect(first(5, 50, 9)).not.toEqual(first(5, 50, 10));
  });
});
