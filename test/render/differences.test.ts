import { describe, expect, test } from "bun:test";
import { enCompare } from "../../src/i18n/en-compare.ts";
import { frCompare } from "../../src/i18n/fr-compare.ts";
import type { ComparisonReport } from "../../src/metrics/comparison.ts";
import type { RunReport } from "../../src/metrics/summary.ts";
import { verdictLine } from "../../src/render/differences.ts";
import { typographyProblems } from "../i18n/typography.ts";
import { compare } from "../report/comparisons.ts";
import { run } from "../report/runs.ts";

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
});
