import { UserError } from "../config/user-error.ts";
import type {
  ComparisonNote,
  ComparisonReport,
  ComparisonVerdict,
  FigureDifference,
  PairReport,
} from "../metrics/comparison.ts";
import { DISTRIBUTIONS, figureText, SHOWN_SCALARS, type Figure, type Statistic } from "../metrics/figures.ts";
import type { LoadReport } from "../metrics/report.ts";
import { RESAMPLES, SEED } from "./bootstrap.ts";
import type { Pair } from "./difference.ts";
import { checkFailIf, type Alone, type FailIf } from "./fail-if.ts";
import { pairUp } from "./pairs.ts";
import { notesOn, refuseRepeated, sharedNotes, type Run } from "./run-notes.ts";
import { holm } from "./welch.ts";

/** What is wished besides the comparison itself, and the exit codes when a `--fail-if` is not passed or nothing could be compared. */
export type CompareOptions = {
  failIf: readonly FailIf[];
  strict: boolean;
  exit: Record<"ok" | "nothing" | "failed", number>;
};

const STATISTICS: readonly Statistic[] = [
  ...[50, 95, 99].map((percent): Statistic => ({ name: "percentile", percent })),
  { name: "mean" },
];

/** All that is compared. */
const COMPARED: readonly Figure[] = [
  ...DISTRIBUTIONS.flatMap((of) => STATISTICS.map((statistic): Figure => ({ kind: "statistic", of, statistic }))),
  ...SHOWN_SCALARS.map((of): Figure => ({ kind: "scalar", of })),
];

/**
 * Compares the runs of two sides. Throws `compare_demo` when one measured the built-in server and another did not, and
 * `compare_repeated` when a side has the same run twice.
 */
export function compareRuns(a: readonly Run[], b: readonly Run[], options: CompareOptions): ComparisonReport {
  refuseDemo([...a, ...b]);
  for (const side of [a, b]) refuseRepeated(side);
  const [runsA, runsB] = [a, b].map((side) => side.map(({ report }) => report));
  if (runsA === undefined || runsB === undefined) throw new TypeError("two sides");
  const { pairs, notes } = pairUp(runsA, runsB);
  const reports = pairs.map(reportOf);
  markWhatStands(reports);
  const failIf = options.failIf.flatMap((wish) => checkFailIf(wish, pairs, aloneIn(notes), options.strict));
  const verdict = verdictOf(reports);
  return {
    v: 1,
    type: "comparison",
    verdict,
    a: a.map(({ path }) => path),
    b: b.map(({ path }) => path),
    resamples: RESAMPLES,
    seed: SEED,
    strict: options.strict,
    pairs: reports,
    notes: [
      ...sharedNotes(a, b),
      ...runsNote(pairs),
      ...tokensNote(pairs),
      ...notesOn(runsA, runsB),
      ...notes,
      ...othersNote(verdict, reports),
    ],
    fail_if: failIf,
    exit_code: options.exit[failIf.some(({ passed }) => !passed) ? "failed" : pairs.length === 0 ? "nothing" : "ok"],
  };
}

function refuseDemo(runs: readonly Run[]): void {
  const demo = runs.find(({ report }) => report.demo);
  const real = runs.find(({ report }) => !report.demo);
  if (demo !== undefined && real !== undefined) {
    throw new UserError({ code: "compare_demo", demo: demo.path, real: real.path });
  }
}

function reportOf(pair: Pair): PairReport {
  const { load, model, runs, streams, method, enough } = pair;
  const primary = primaryOf(load);
  const figures = COMPARED.flatMap((figure): FigureDifference[] => {
    const found = pair.compare(figure);
    return found === null ? [] : [{ ...found, primary: primary.has(figureText(figure)) }];
  });
  return { load, model, runs, streams, method, enough, figures };
}

/**
 * The figures that decide the verdict: one for each thing a user feels. With all forty, two would differ by chance in
 * every comparison of equals; corrected for forty, only large changes could ever be found.
 */
function primaryOf({ kind }: LoadReport): ReadonlySet<string> {
  return new Set([
    "p50(ttft)",
    "p95(ttft)",
    "p50(tokens_per_second)",
    kind === "arrival" ? "p95(latency_from_due)" : "p95(duration)",
    "error_rate",
    "goodput",
    "output_tokens_per_second",
  ]);
}

/**
 * How often a comparison of equals may find a difference. One run tells nothing of how runs differ among themselves,
 * so that its blocks must be clearer: on a busy machine, runs of one simulator came out different in 12 % at 5 %, and
 * in 2 to 8 % at 1 %.
 */
const LEVEL = { welch: 0.05, bootstrap: 0.01 } as const;

/**
 * Holm's correction, first among the primary figures of all pairs, then, for those that decide nothing, among all
 * figures. The interval of a figure is its own, at 95 %: of forty without 0, two are so by chance.
 */
function markWhatStands(pairs: readonly PairReport[]): void {
  const all = pairs.flatMap(({ figures }) => figures).filter((figure) => figure.p_value !== null);
  const level = LEVEL[pairs.every(({ method }) => method === "welch") ? "welch" : "bootstrap"];
  const families = [all.filter(({ primary }) => primary), all];
  for (const [at, family] of families.entries()) {
    const found = holm(
      family.map((figure) => figure.p_value ?? 1),
      level,
    );
    for (const [index, figure] of family.entries()) {
      if (figure.primary === (at === 0)) figure.stands = found[index] === true && isDifferent(figure);
    }
  }
}

function isDifferent({ word }: FigureDifference): boolean {
  return word === "better" || word === "worse";
}

function verdictOf(pairs: readonly PairReport[]): ComparisonVerdict {
  if (!pairs.some(isJudged)) return "not_enough";
  const words = pairs.flatMap(({ figures }) => figures.filter(({ primary, stands }) => primary && stands));
  const better = words.some(({ word }) => word === "better");
  const worse = words.some(({ word }) => word === "worse");
  return better && worse ? "mixed" : better ? "better" : worse ? "worse" : "no_difference";
}

/** Whether anything that decides can be told from chance. */
function isJudged({ figures }: PairReport): boolean {
  return figures.some(({ primary, word }) => primary && word !== "not_judged" && word !== "not_enough");
}

/** How little is known of the way runs differ among themselves, by the pair that knows least. */
function runsNote(pairs: readonly Pair[]): ComparisonNote[] {
  const [least] = pairs.map(({ runs }) => runs).toSorted((x, y) => Math.min(x.a, x.b) - Math.min(y.a, y.b));
  if (least === undefined || Math.min(least.a, least.b) >= 3) return [];
  return least.a === 1 && least.b === 1 ? [{ code: "one_run" }] : [{ code: "few_runs", ...least }];
}

/** The pair whose tokens are counted least alike. */
function tokensNote(pairs: readonly Pair[]): ComparisonNote[] {
  const apart = pairs.flatMap((pair) => pair.apart ?? []);
  const [most] = apart.toSorted((x, y) => Math.abs(y.a - y.b) - Math.abs(x.a - x.b));
  return most === undefined ? [] : [{ code: "tokens_source", by_events: most }];
}

/** Loads and models of A without a partner: how they are in B cannot be known. */
function aloneIn(notes: readonly ComparisonNote[]): Alone[] {
  return notes.flatMap((note) => {
    if ((note.code !== "load_alone" && note.code !== "model_alone") || note.side !== "a") return [];
    return [{ load: note.load, model: note.code === "model_alone" ? note.model : null }];
  });
}

/** Percentiles and means that differ for certain while nothing that decides does. */
function othersNote(verdict: ComparisonVerdict, pairs: readonly PairReport[]): ComparisonNote[] {
  if (verdict !== "no_difference") return [];
  const names = pairs.flatMap(({ figures }) => figures.filter(({ stands }) => stands).map(({ figure }) => figure));
  return names.length === 0 ? [] : [{ code: "others_differ", figures: [...new Set(names)] }];
}
