import { describe, expect, test } from "bun:test";
import type { BatchProgress } from "../../src/batch/tally.ts";
import { progressLine } from "../../src/commands/batch-display.ts";
import { load } from "../../src/i18n/load.ts";
import { cellsOf } from "../../src/text/width.ts";

/** A batch of a million requests that has gone badly for hours. */
const LARGE: BatchProgress = {
  total: 1_000_000,
  before: 312_456,
  done: 543_210,
  failed: { "500": 1234, timeout: 98_765, truncated: 12 },
  running: 1024,
  workers: 12,
  retries: 45_678,
  tokens: { prompt: 123_456_789, completion: 987_654_321 },
  cost: 12_345.67,
  expected_cost: 23_456.78,
  currency: "EUR",
  per_second: 123.4,
  left_ms: 4 * 3_600_000 + 35 * 60_000,
  elapsed_ms: 1,
};
const LITTLE: BatchProgress = { ...LARGE, failed: {}, workers: null, cost: null, expected_cost: null, left_ms: null };

describe("the line of a batch", () => {
  for (const lang of ["en", "fr"] as const)
    for (const [name, progress] of Object.entries({ large: LARGE, little: LITTLE }))
      test(`fits each terminal, and says most on a wide one: ${name}, ${lang}`, async () => {
        const [messages, words] = await Promise.all([load(lang, "messages"), load(lang, "batch")]);
        const widths = [30, 40, 60, 80, 120, 200, 300];
        const lines = widths.map((columns) => progressLine(progress, messages, words, columns - 1));
        for (const [at, line] of lines.entries()) expect(cellsOf(line)).toBeLessThan(widths[at] ?? 0);
        expect(lines.map((line) => line.replaceAll(/\s/g, " "))).toMatchSnapshot();
        // What matters most is on each, and a wider one says no less.
        expect(lines.every((line) => line.startsWith(lines[0]?.split(" · ")[0] ?? "-"))).toBe(true);
        const sizes = lines.map(cellsOf);
        expect(sizes).toEqual(sizes.toSorted((one, two) => one - two));
      });

  test("says why requests failed, the most frequent first, where there is room for all of it", async () => {
    const [messages, words] = await Promise.all([load("en", "messages"), load("en", "batch")]);
    expect(progressLine(LARGE, messages, words, Infinity)).toContain(
      "100,011 failed (98,765 × timeout, 1,234 × HTTP 500, 12 × truncated)",
    );
  });
});
