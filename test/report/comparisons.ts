import * as v from "valibot";
import { comparison, type ComparisonReport, type FigureDifference } from "../../src/metrics/comparison.ts";
import type { RunReport } from "../../src/metrics/report.ts";
import { compareRuns } from "../../src/compare/compare.ts";
import { parseFailIf } from "../../src/compare/fail-if.ts";
import { closed, playRun, type Wish } from "../fixtures/report.ts";

/** A service, and how it is asked. */
export type Service = Omit<Wish, "models" | "loads" | "failed"> & {
  model?: string;
  concurrency?: number;
  errors?: number;
};

/** A run of it, as its report would be; a few reads a stream are enough to be compared. */
export function run(service: Service, seed: number): RunReport {
  const { model = "granite3.3:2b", concurrency = 8, errors = 0.02, ...rest } = service;
  const own = { models: [model], loads: [closed(concurrency)], failed: errors, seed };
  return playRun({ ttft: 300, tokens: 150, reads: 9, slo: [], ...rest, ...own }).report;
}

type Wishes = { failIf?: string[]; strict?: boolean };

/** Two sides compared; a broken `--fail-if` gives exit code 5. What comes of it has the keys of its schema and no more. */
export function compare(
  a: RunReport[],
  b: RunReport[],
  { failIf = [], strict = false }: Wishes = {},
): ComparisonReport {
  const named = (reports: RunReport[], side: string) =>
    reports.map((report, at) => ({ path: `${side}${at}.json`, report }));
  const report = compareRuns(named(a, "a"), named(b, "b"), {
    failIf: failIf.map(parseFailIf),
    strict,
    ifDisturbed: "undecided",
    exit: { ok: 0, nothing: 1, failed: 5, undecided: 6 },
  });
  if (!Bun.deepEquals(v.parse(comparison, report), report, true)) throw new Error("not as its schema says");
  return report;
}

/** A figure of the first pair. */
export function figureOf({ pairs }: ComparisonReport, name: string): FigureDifference {
  const found = pairs[0]?.figures.find(({ figure }) => figure === name);
  if (found === undefined) throw new Error(`no figure ${name}`);
  return found;
}

/** The codes of what is noted. */
export function notesOf({ notes }: ComparisonReport): string[] {
  return notes.map(({ code }) => code);
}

/** The run with something else in its one step. */
export function withStep(report: RunReport, change: Partial<RunReport["steps"][number]>): RunReport {
  return { ...report, steps: report.steps.map((step) => ({ ...step, ...change })) };
}
