import { describe, expect, test } from "bun:test";
import { enCompare } from "../../src/i18n/en/compare.ts";
import { frCompare } from "../../src/i18n/fr/compare.ts";
import type { ComparisonReport } from "../../src/metrics/comparison.ts";
import type { RunReport } from "../../src/metrics/report.ts";
import { differences, verdictLine } from "../../src/render/differences.ts";
import { typographyProblems } from "../i18n/typography.ts";
import { compare, run, withStep } from "../report/comparisons.ts";

/** The first line in both languages. */
function verdicts(report: ComparisonReport): string[] {
  return [enCompare, frCompare].map((words) => verdictLine(report, words, false).trimEnd());
}

/** A run with one step for each of these, each under a load of its own. */
function steps(...runs: readonly RunReport[]): RunReport {
  const [first = run({}, 1)] = runs;
  const all = runs.flatMap(({ steps: [step] }, at) =>
    step === undefined ? [] : [{ ...step, load: { kind: "closed" as const, concurrency: 4 * 2 ** at } }],
  );
  return { ...first, steps: all };
}

describe("the verdict line", () => {
  test("says when nothing could be judged, instead of finding no difference", () => {
    const cut = (seed: number) => run({ streams: 40, planned: 500 }, seed);
    const report = compare([cut(1)], [cut(2)]);
    expect(report.verdict).toBe("not_enough");
    expect(verdicts(report)).toEqual([
      "Nothing can be judged: the runs are too short or too few to tell chance from change.",
      "Rien ne peut être jugé\u00A0: mesures trop courtes ou trop peu nombreuses pour écarter le hasard.",
    ]);
    expect(verdicts(report).slice(1).flatMap(typographyProblems)).toEqual([]);
  });

  test("says of the loads that have too few streams which comes closest", () => {
    const a = steps(run({ streams: 200 }, 1), run({ streams: 20 }, 2), run({ streams: 12 }, 3));
    const b = steps(run({ streams: 10 }, 4), run({ streams: 25 }, 5), run({ streams: 200 }, 6));
    expect(verdicts(compare([a], [b]))[0]).toEndWith("30 streams a side are needed, A has 20 and B 25.");
  });

  test.each(["en", "fr"] as const)("stands first in %s, in at most 80 columns", (lang) => {
    const words = lang === "en" ? enCompare : frCompare;
    const mixed = compare([run({}, 1)], [run({ tpot: 12, ttft: 500, errors: 0.3 }, 2)]);
    expect(mixed.verdict).toBe("mixed");
    const name = "organisation/very-long-model-name-70b-instruct-fp8";
    const models = (report: RunReport): RunReport => {
      const named = report.steps.map((step) => {
        const [column] = step.results;
        return {
          ...step,
          columns: [name, "\u6F22".repeat(40)].flatMap((model) => (column ? [{ ...column, model }] : [])),
        };
      });
      return { ...report, steps: named };
    };
    const change = { tpot: 12, ttft: 500 };
    const [a, b] = [{}, change].map((process, side) => {
      return models(steps(...[1, 2, 3].map((seed) => run(process, 10 * side + seed))));
    });
    const sweep = compare(a ? [a] : [], b ? [b] : [], { failIf: ["p95(ttft) +5%"] });
    expect(sweep.verdict).toBe("mixed");
    for (const report of [mixed, sweep]) {
      const lines = differences(report, words, false).split("\n");
      expect(lines.filter((line) => Bun.stringWidth(line) > 80)).toEqual([]);
      for (const columns of [40, 45, 52, 60, 66, 72, 79]) {
        const narrow = differences(report, words, false, { columns }).split("\n");
        expect({ columns, wide: narrow.filter((line) => Bun.stringWidth(line) > columns) }).toEqual({
          columns,
          wide: [],
        });
      }
      const [whole = ""] = verdictLine(report, words, false).split("\n");
      const verdict = lines.slice(0, lines.indexOf(`${words.side("A", "a0.json")}`)).join(" ");
      expect(verdict).toBe(whole);
      expect(whole).not.toContain(name);
    }
    expect(differences(mixed, enCompare, false)).toMatch(/^Mixed: B is better than A in .*%,\nOutput tokens\/s \+/);
    const painted = differences(mixed, words, true).split("\n");
    expect(painted[0]).toStartWith("\u001B[38;5;130m");
    expect(painted[1]).toStartWith("\u001B[38;5;130m");
  });

  test("says what was 0 by its values, and a gate that it is better", () => {
    const columns = run({}, 1).steps.flatMap((step) => step.results);
    const still = columns.map((column) => ({
      ...column,
      output_tokens_per_second: 0,
      blocks: column.blocks.map((block) => ({ ...block, tokens: 0 })),
    }));
    const failIf = ["output_tokens_per_second -5%"];
    const report = compare([withStep(run({}, 1), { results: still })], [run({}, 2)], { failIf });
    expect(verdicts(report)[0]).toMatch(/^B is better than A: Output tokens\/s 0\.00 → \d{3}$/);
    expect(differences(report, enCompare, false)).toContain("✓ output_tokens_per_second -5%: passed: better than 0\n");
    expect(differences(report, frCompare, false)).toContain("respecté\u00A0: mieux que 0\n");
  });
});

describe("what must be known of two runs", () => {
  const usual = run({}, 1);

  /** Every line of a comparison with notes and gates, in both languages. */
  function said(a: RunReport, b: RunReport, failIf: string[] = []): string[] {
    const report = compare([a], [b], { failIf });
    return [enCompare, frCompare].map((words) => differences(report, words, false).replaceAll(/\n */g, " "));
  }

  function byEvents(share: number): RunReport {
    const columns = run({}, 2).steps.flatMap((step) => step.results);
    const source = (ok: number) => ({ usage: 0, events: 0, whole_by_events: Math.round(ok * share) });
    const trusts = columns.map(({ trust, streams }) => ({ ...trust, tokens_source: source(streams.ok) }));
    return withStep(run({}, 2), {
      results: columns.flatMap((each, at) => ({ ...each, trust: trusts[at] ?? each.trust })),
    });
  }

  test("is said when tokens are counted otherwise", () => {
    const [english, french] = said(usual, byEvents(1));
    expect(english).toContain(
      "Tokens are counted by usage in A and by events in B: tokens/s and TPOT cannot be compared.",
    );
    expect(french).toContain(
      "Les tokens sont comptés par usage dans A et par événements dans B\u00A0: les débits en tokens et le TPOT ne se comparent pas.",
    );
    const [some, autres] = said(usual, byEvents(0.4));
    expect(some).toContain("Tokens are counted by events in 0% of A's answers and 40% of B's: tokens/s");
    expect(autres).toContain(
      "par événements dans 0\u202F% des réponses de A et 40\u202F% de celles de B\u00A0: les débits en tokens",
    );
  });

  test("is said when something on the way held the answers of a side back", () => {
    const [english, french] = said(usual, run({ lumps: true }, 2));
    expect(english).toContain(
      "The answers of B came in lumps: something on the way (a proxy, compression) held them back",
    );
    expect(french).toContain("Les réponses de B sont arrivées par paquets\u00A0: quelque chose en chemin");
  });

  test("is said when another model than the one asked for answered", () => {
    const [english, french] = said(usual, run({ answeredBy: "llama3:8b" }, 2));
    expect(english).toContain("In B, granite3.3:2b was asked for, and llama3:8b answered.");
    expect(french).toContain("Dans B, granite3.3:2b était demandé, et llama3:8b a répondu.");
  });

  test("is said when the load or the window was not what was asked for", () => {
    const { streams } = usual.verdict;
    const verdict = { ...usual.verdict, streams: { ...streams, missed_starts: 1200 }, window_too_short: true };
    const machine = { ...usual.machine, cpu: "other" };
    const [english, french] = said(usual, { ...run({}, 2), verdict, machine });
    expect(english).toContain("1,200 starts of B missed: its load was less than asked for.");
    expect(english).toContain("The window of B was too short: over 5% of its streams were cut by its end,");
    expect(english).toContain(
      "The runs are not alike: machine 2 × AMD EPYC 7763 (linux x64) in A, 2 × other (linux x64) in B.",
    );
    expect(french).toContain("1\u202F200 départs manqués dans B\u00A0: la charge y était moindre que demandé.");
    expect(french).toContain("La fenêtre de B était trop courte\u00A0: sa fin a coupé plus de 5\u202F% des flux,");
  });

  test("is said of each load that only A has, which --fail-if cannot pass", () => {
    const a = steps(usual, run({}, 3));
    const b = steps(run({}, 2));
    const [english, french] = said(a, b, ["p95(ttft) +90%"]);
    expect(english).toContain("✗ p95(ttft) +90% (8 streams at once, all models): failed: there is nothing to compare");
    expect(french).toContain("non vérifié\u00A0: il n’y a rien à comparer");
  });
});
