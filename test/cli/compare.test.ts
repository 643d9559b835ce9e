import { describe, expect, test } from "bun:test";
import type { RunReport } from "../../src/metrics/report.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { typographyProblems } from "../i18n/typography.ts";
import { run } from "../report/comparisons.ts";
import { runProgram, type Outcome } from "./program.ts";

const text = (report: RunReport): string => JSON.stringify(report);

const usual = run({}, 1);
const FILES = {
  "a1.json": text(usual),
  "copy.json": text(usual),
  "a2.json": text(run({}, 2)),
  "a3.json": text(run({}, 3)),
  "b1.json": text(run({ ttft: 450 }, 11)),
  "b2.json": text(run({ ttft: 450 }, 12)),
  "b3.json": text(run({ ttft: 450 }, 13)),
  "small.json": text(run({ streams: 20 }, 4)),
  "demo.json": text({ ...usual, demo: true }),
  "sweep.json": text(sweep([4, 8, 16])),
  "heavy.json": text(sweep([64])),
  "wrong.json": '{"v":1,"type":"report"}',
  "text.json": "no report",
};

/** A run with the same figures at several loads. */
function sweep(loads: readonly number[]): RunReport {
  const steps = loads.flatMap((concurrency) =>
    usual.steps.map((step) => ({ ...step, load: { kind: "closed" as const, concurrency } })),
  );
  return { ...usual, steps };
}

function compare(...args: string[]): Promise<Outcome> {
  return runProgram(["compare", ...args], { files: FILES });
}

describe("llmaas compare", () => {
  test("says first whether the second is better or worse, then why, in at most 80 columns", async () => {
    const { code, stdout, stderr } = await compare("a1.json", "b1.json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines[0]).toMatch(/^B is worse than A: TTFT p50 \+\d+%/);
    expect(lines.filter((line) => Bun.stringWidth(line) > 80)).toEqual([]);
    expect(lines.find((line) => line.startsWith("● TTFT p95"))).toEndWith("worse");
    expect(stdout).not.toContain("TPOT p50");
    expect(stdout).toMatch(/the other \d+ figures: --all/);
    expect(stdout).toContain("One run a side");
  });

  test("shows every figure with --all, of several loads too", async () => {
    const { stdout } = await compare("a1.json", "b1.json", "--all");
    expect(stdout.split("\n").find((line) => line.includes("TPOT p50"))).toEndWith("no difference");
    expect((await compare("sweep.json", "sweep.json", "--all")).stdout.match(/TPOT p50/g)).toHaveLength(3);
  });

  test("writes Markdown with --md, in which no report can write anything else", async () => {
    const { code, stdout } = await compare("a1.json", "b1.json", "--md", "--fail-if", "p95(ttft) +5%");
    expect(code).toBe(5);
    expect(stdout).toStartWith("## ✗ B is worse than A: TTFT p50 +");
    expect(stdout).toContain("| `--fail-if p95(ttft) +5%` |");
    expect(stdout).toMatch(/\n\| ● \| TTFT p95 \| \d+ ms \| \d+ ms \| \+/);
    expect(stdout).not.toContain("TPOT p50");
    expect((await compare("a1.json", "b1.json", "--md", "--all", "--lang", "fr")).stdout).toContain("TPOT p50");
    expect((await compare("a1.json", "b1.json", "--md", "--json")).code).toBe(2);
    const hostile = {
      ...usual,
      endpoint: "https://evil.example",
      tool: { ...usual.tool, version: "<img src=x> @all\n# x" },
    };
    const named = hostile.steps.map((step) => ({
      ...step,
      results: step.results.map((column) => ({ ...column, model: "a|b`<img>` [x](https://evil.example)" })),
    }));
    const bad = await runProgram(["compare", "a1.json", "bad.json", "--md"], {
      files: { ...FILES, "bad.json": text({ ...hostile, steps: named }) },
    });
    const outside = bad.stdout.replaceAll(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, "");
    expect(outside).not.toMatch(/<img|@all|:\/\/evil|\]\(/);
    expect(outside.match(/^#/gm)).toHaveLength(1);
  });

  test("says the same in French, as French is written", async () => {
    const { code, stdout } = await compare("a1.json", "b1.json", "--lang", "fr", "--fail-if", "p95(ttft) +900%");
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    expect(lines[0]).toMatch(/^B est moins bon que A\u00A0: TTFT p50 \+\d+\u202F%/);
    expect(lines.filter((line) => Bun.stringWidth(line) > 80)).toEqual([]);
    // The columns of the tables stand apart by spaces.
    expect(lines.filter((line) => /\S {2,}\S/.test(line)).length).toBeGreaterThan(8);
    expect(lines.map((line) => line.trim().replaceAll(/ {2,}/g, " ")).flatMap(typographyProblems)).toEqual([]);
  });

  test("takes several runs a side, with vs between them", async () => {
    const { code, stdout } = await compare("a1.json", "a2.json", "a3.json", "vs", "b1.json", "b2.json", "b3.json");
    expect(code).toBe(0);
    expect(stdout).toStartWith("B is worse than A");
    expect(stdout).toContain("Welch's t");
    expect(stdout).not.toContain("One run a side");
    expect((await compare("a1.json", "a2.json", "vs", "b1.json")).stdout).toContain("2 runs against 1");
  });

  test("with --json is one object, and with --quiet one line", async () => {
    const json = await compare("a1.json", "b1.json", "--json");
    expect(json.stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      v: 1,
      type: "comparison",
      verdict: "worse",
      a: ["a1.json"],
      b: ["b1.json"],
      resamples: 2000,
      pairs: [{ load: { kind: "closed", concurrency: 8 }, method: "bootstrap", streams: { a: 200, b: 200 } }],
      notes: [{ code: "one_run" }],
      exit_code: 0,
    });
    expect((await compare("a1.json", "b1.json", "-q")).stdout).toMatch(/^B is worse than A: [^\n]+\n$/);
    expect((await compare("a1.json", "a1.json", "-q")).stdout).toBe("No difference found between A and B.\n");
  });

  test("of a run with itself says that it is one", async () => {
    const { code, stdout } = await compare("a1.json", "a1.json");
    expect(code).toBe(0);
    expect(stdout).toStartWith("No difference found between A and B.");
    expect(stdout).toContain("a1.json is on both sides: a run does not differ from itself.");
    const copy = await compare("a1.json", "copy.json", "--lang", "fr");
    expect(copy.stdout).toContain("a1.json dans A et copy.json dans B sont la même mesure.");
  });

  test("of a few streams says that they are not enough", async () => {
    const { code, stdout } = await compare("a1.json", "small.json");
    expect(code).toBe(0);
    expect(stdout).toStartWith("Not enough to tell: 30 streams a side are needed, A has 200 and B 20.");
  });

  test("of a sweep shows for each load what decides, and names the loads that have no partner", async () => {
    const { stdout } = await compare("sweep.json", "a1.json");
    expect(stdout).toContain("8 streams at once · granite3.3:2b");
    expect(stdout).toContain("Only in A, not compared: 16 streams at once.");
    const both = await compare("sweep.json", "sweep.json");
    expect(both.stdout.match(/● TTFT p95/g)).toHaveLength(3);
    expect(both.stdout).not.toContain("TPOT p50");
  });

  test("of runs without a load in common says so and ends with 1", async () => {
    const { code, stdout } = await compare("a1.json", "heavy.json");
    expect(stdout).toContain("Nothing to compare");
    expect(code).toBe(1);
  });

  test("with --fail-if ends with 5 when a figure got worse by more for certain", async () => {
    const kept = await compare("a1.json", "b1.json", "--fail-if", "p95(ttft) +90%", "--fail-if", "error_rate +50%");
    expect(kept.code).toBe(0);
    expect(kept.stdout).toContain("✓ p95(ttft) +90%: passed: +");
    const broken = await compare("a1.json", "b1.json", "--fail-if", "error_rate +50%", "--fail-if", "p95(ttft) +5%");
    expect(broken.code).toBe(5);
    expect(broken.stdout).toContain("✗ p95(ttft) +5%: failed: +");
  });

  test("with --strict --fail-if looks at the estimate", async () => {
    const { stdout } = await compare("a1.json", "b1.json", "--fail-if", "mean(ttft) +0%", "--json");
    const [{ worsening, lower_bound: bound }] = JSON.parse(stdout).fail_if;
    const between = `--fail-if=mean(ttft) +${Math.round(50 * (worsening + bound))}%`;
    expect((await compare("a1.json", "b1.json", between)).code).toBe(0);
    expect((await compare("a1.json", "b1.json", between, "--strict", "--quiet")).code).toBe(5);
  });

  test("with --quiet says what --fail-if failed", async () => {
    const wishes = ["--fail-if", "p50(ttft) +5%", "--fail-if", "p50(ttft) +500%"];
    const { code, stdout } = await compare("a1.json", "b1.json", "--quiet", ...wishes);
    expect(stdout).toMatch(/^B is worse than A: .*\n✗ p50\(ttft\) \+5%: failed: .*\n$/);
    expect(code).toBe(5);
  });

  test("with --fail-if on too few streams ends with 5", async () => {
    expect((await compare("a1.json", "small.json", "--fail-if", "p95(ttft) +900%")).code).toBe(5);
  });

  test.each([
    [["a1.json"], "only a1.json is named"],
    [["a1.json", "a2.json", "b1.json"], "compare a1.json vs a2.json b1.json"],
    [["a1.json", "vs"], "only a1.json is named"],
    [["a1.json", "vs", "a2.json", "vs", "b1.json"], "vs is written once"],
    [["a1.json", "nothing.json"], "There is no file nothing.json.\nTo make one:"],
    [["a1.json", "."], "folder"],
    [["a1.json", "text.json"], "text.json is not a report"],
    [["a1.json", "wrong.json"], "wrong.json is not a report"],
    [["a1.json", "a2.json", "copy.json", "vs", "b1.json"], "a1.json and copy.json are reports of the same run"],
    [["a1.json", "vs", "b1.json", "b1.json"], "b1.json is twice on one side"],
    [["a1.json", "demo.json"], "demo.json measured the built-in server"],
    [["a1.json", "b1.json", "--fail-if", "ttft +10%"], "p95(ttft) +10%"],
  ])("%p is refused and says why", async (args, why) => {
    const { code, stdout, stderr } = await compare(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(why);
  });

  test("lets no report write to the terminal", async () => {
    const hostile = { ...usual, endpoint: "http://\u001B[2J/v1", models: ["\u001B]0;x\u0007"] };
    const named = hostile.steps.map((step) => ({
      ...step,
      results: step.results.map((column) => ({ ...column, model: "\u001B[31mred\nB is better" })),
    }));
    const { code, stdout } = await runProgram(["compare", "a1.json", "bad.json", "--color", "never"], {
      files: { ...FILES, "bad.json": text({ ...hostile, steps: named }) },
    });
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000B-\u001F]/);
    expect(stdout).not.toContain("\nB is better");
  });

  test("compares what bench measured", async () => {
    const simulator = startSimulator({ control: { rate: 0, ttft_ms: 5 } });
    try {
      const args = (name: string) => [
        "bench",
        "-e",
        simulator.url,
        "--requests",
        "40",
        "--report",
        name,
        "Hello there",
      ];
      const first = await runProgram(args("a.json"));
      const second = await runProgram(args("b.json"));
      expect(first.files["a.json"]).toBeDefined();
      const files = { "a.json": first.files["a.json"] ?? "", "b.json": second.files["b.json"] ?? "" };
      const { code, stdout } = await runProgram(["compare", "a.json", "b.json", "--json"], { files });
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ pairs: [{ enough: true, streams: { a: 40, b: 40 } }] });
    } finally {
      await simulator.stop();
    }
  });
});
