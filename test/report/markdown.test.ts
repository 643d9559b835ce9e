import { describe, expect, test } from "bun:test";
import { code, table } from "../../src/report/markdown-text.ts";
import { typographyProblems } from "../i18n/typography.ts";
import { arriving, closed, playRun, sweep } from "../fixtures/report.ts";
import { inForm, withTexts } from "./forms.ts";
import { emptyRun, hostileRun } from "./page-samples.ts";

const single = playRun({ loads: [closed(8)], streams: 60 });

/** What is left of a Markdown text without its spans of code, which mean nothing but themselves. */
function outsideCode(text: string): string {
  return text.replaceAll(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, "");
}

/** The cells of each line of each table. */
function rowsIn(text: string): string[][] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.slice(1, -1).split(/(?<!\\)\|/));
}

describe("the Markdown report", () => {
  test("says first how it went, then what was measured where, thresholds, and figures", async () => {
    const lines = (await inForm("markdown", single)).split("\n\n");
    expect(lines[0]).toBe("## ✓ Both thresholds passed");
    expect(lines[1]).toStartWith(
      "`granite3.3:2b` · 8 streams at once · `https://api.ai.cloud-temple.com/v1` · 2026-11-22",
    );
    expect(lines[2]).toContain("| `p95(ttft) < 800ms` | ✓ passed | 320 ms | 60 |");
    expect(lines[3]).toContain("| First token (TTFT) | 215 ms | 320 ms |");
    expect(lines[4]).toStartWith("|  | p50 | p5 | p1 |");
    expect(lines.at(-1)).toEndWith("\n");
  });

  test("puts the thresholds that failed first, and marks them", async () => {
    const text = await inForm("markdown", playRun({ streams: 60, slo: ["error_rate < 50%", "p95(ttft) < 1ms"] }));
    expect(text).toStartWith("## ✗ 1 of 2 thresholds failed\n");
    expect(text.indexOf("✗ **failed**")).toBeLessThan(text.indexOf("✓ passed"));
  });

  test("has a row for each load and model of a sweep, and each kind of error once", async () => {
    const text = await inForm("markdown", playRun({ models: ["a", "b"], loads: sweep(2), streams: 60, failed: 0.2 }));
    for (const place of ["4 streams at once · `a`", "8 streams at once · `b`", "8 streams at once · all models"])
      expect(text).toContain(`\n| ${place} |`);
    expect(text.match(/\| `truncated` \|/g)).toHaveLength(1);
    expect(text).toContain("\n- ! ");
  });

  test("shows no percentile that so few values cannot tell", async () => {
    const few = rowsIn(await inForm("markdown", playRun({ loads: [closed(8)], streams: 19 })));
    const ttft = few.find(([name]) => name?.includes("TTFT"));
    expect(ttft?.slice(2, 4)).toEqual([" – ", " – "]);
    const more = rowsIn(await inForm("markdown", playRun({ loads: [closed(8)], streams: 100 })));
    expect(more.find(([name]) => name?.includes("TTFT"))?.slice(2, 4)).not.toContain(" – ");
  });

  test.each([
    ["one model", single],
    ["a sweep", playRun({ models: ["a", "b|c"], loads: sweep(3), streams: 40, failed: 0.1 })],
    ["an arrival rate", playRun({ loads: [arriving(5)], streams: 40 })],
    ["a run that came to nothing", emptyRun()],
    ["a hostile run", hostileRun()],
    ["bars and ticks", withTexts(single, "a|b`c``d\n| e |\\|")],
  ])("has tables whose rows are all as long as their head: %s", async (_, run) => {
    for (const block of (await inForm("markdown", run)).split("\n\n")) {
      const rows = rowsIn(block);
      expect(new Set(rows.map(({ length }) => length)).size).toBeLessThanOrEqual(1);
    }
  });

  test.each([
    "# a heading",
    "<img src=x onerror=alert(1)>",
    "[a link](https://evil.example)",
    "@everyone https://evil.example www.evil.example",
    "`ticks` and ``more`` `",
    "line\n\n## two",
    "\u202E\u0000\u0085",
  ])("gives no text from outside a meaning: %j", async (text) => {
    for (const lang of ["en", "fr"] as const) {
      const outside = outsideCode(await inForm("markdown", withTexts(single, text), lang));
      for (const word of ["evil", "@everyone", "<img", "heading", "two"]) expect(outside).not.toContain(word);
      expect(outside.match(/^#/gm)).toHaveLength(1);
    }
  });

  test("stays short enough for a step summary with 50 steps over 20 models, and says what it leaves out", async () => {
    const models = Array.from({ length: 20 }, (_, index) => `model-${index}`);
    const made = playRun({ models, streams: 200, reads: 3 });
    const steps = Array.from({ length: 50 }, (_, at) =>
      made.report.steps.map((step) => ({ ...step, load: closed(at + 1) })),
    );
    const text = await inForm("markdown", { ...made, report: { ...made.report, steps: steps.flat() } });
    expect(Buffer.byteLength(text)).toBeLessThan(64 * 1024);
    expect(text).toContain("more rows: the .json and .csv reports have them all.");
  });

  test("in French is French", async () => {
    const text = await inForm("markdown", single, "fr");
    const prose = outsideCode(text)
      .replaceAll(/-{3}:?|[|#<>/]|sub/g, " ")
      .replaceAll(/ {2,}/g, " ")
      .replaceAll(/^ | $/gm, "");
    expect(typographyProblems(prose)).toEqual([]);
    expect(text).not.toBe(await inForm("markdown", single));
  });
});

describe("a span of code", () => {
  test.each([
    ["plain", "`plain`"],
    ["a`b", "``a`b``"],
    ["`a``b", "``` `a``b ```"],
    ["", ""],
    ["a\n b\tc", "`a b c`"],
  ])("of %j is %s", (text, expected) => {
    expect(code(text)).toBe(expected);
  });

  test("is cut between characters", () => {
    expect(code("🤖".repeat(10), 6)).toMatch(/^`🤖🤖.?…`$/u);
    expect(code("🤖".repeat(10), 6).isWellFormed()).toBe(true);
  });
});

test("a table without rows is nothing", () => {
  expect(table(["a"], [], 0)).toBe("");
});
