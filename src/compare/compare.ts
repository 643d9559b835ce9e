import { UserError } from "../config/user-error.ts";
import type {
  ComparisonNote,
  ComparisonReport,
  ComparisonVerdict,
  FailIfReport,
  FigureDifference,
  PairReport,
} from "../metrics/comparison.ts";
import {
  DISTRIBUTIONS,
  FIGURES,
  figureText,
  SHOWN_PERCENTS,
  SHOWN_SCALARS,
  type DistributionName,
  type Figure,
  type Statistic,
} from "../metrics/figures.ts";
import { disturbanceOf, largestOf, type Disturbance } from "../metrics/disturbance.ts";
import type { IfDisturbed, LoadReport, RunReport, StepReport } from "../metrics/report.ts";
import type { ResultReport } from "../metrics/result-report.ts";
import { gateOutcome } from "../metrics/verdict.ts";
import { RESAMPLES, SEED } from "./bootstrap.ts";
import { openPair, type Pair } from "./difference.ts";
import { checkFailIf, type Alone, type FailIf } from "./fail-if.ts";
import { notesOn, objectivesOn, refuseRepeated, sharedNotes, type Run } from "./run-notes.ts";
import { holm } from "../metrics/welch.ts";

/** What is wished besides the comparison itself, and the exit codes; `undecided`: where that alone keeps one from passing. */
type CompareOptions = {
  failIf: readonly FailIf[];
  strict: boolean;
  ifDisturbed: IfDisturbed;
  exit: Record<"ok" | "nothing" | "failed" | "undecided", number>;
};

function statisticsOf(of: DistributionName): Statistic[] {
  const percents = SHOWN_PERCENTS[FIGURES[of].better];
  return [...percents.map((percent): Statistic => ({ name: "percentile", percent })), { name: "mean" }];
}

/** All that is compared. */
const COMPARED: readonly Figure[] = [
  ...DISTRIBUTIONS.flatMap((of) => statisticsOf(of).map((statistic): Figure => ({ kind: "statistic", of, statistic }))),
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
    if_disturbed: options.ifDisturbed,
    pairs: reports,
    notes: [
      ...sharedNotes(a, b),
      ...runsNote(pairs),
      ...tokensNote(pairs),
      ...lumpsNotes(pairs),
      ...notesOn(runsA, runsB),
      ...notes,
      ...othersNote(verdict, reports),
    ],
    fail_if: failIf,
    exit_code: options.exit[endOf(failIf, pairs)],
  };
}

function endOf(gates: readonly FailIfReport[], pairs: readonly Pair[]): keyof CompareOptions["exit"] {
  const outcomes = new Set(gates.map(gateOutcome));
  if (outcomes.has("failed")) return "failed";
  if (pairs.length === 0) return "nothing";
  return outcomes.has("undecided") ? "undecided" : "ok";
}

function refuseDemo(runs: readonly Run[]): void {
  const demo = runs.find(({ report }) => report.demo);
  const real = runs.find(({ report }) => !report.demo);
  if (demo !== undefined && real !== undefined) {
    throw new UserError({ code: "compare_demo", demo: demo.path, real: real.path });
  }
}

/** All results of one load, by model, one of each run. */
type Step = { load: LoadReport; models: Map<string | null, ResultReport[]>; disturbed: Disturbance[] };

/** Finds for every load and model its partner on the other side; names those that have none. */
function pairUp(a: readonly RunReport[], b: readonly RunReport[]): { pairs: Pair[]; notes: ComparisonNote[] } {
  const [stepsA, stepsB] = [stepsOf(a), stepsOf(b)];
  const pairs: Pair[] = [];
  const notes: ComparisonNote[] = [];
  const objectives = objectivesOn(a, b);
  for (const [key, step] of stepsA) {
    const partner = stepsB.get(key);
    if (partner === undefined) notes.push({ code: "load_alone", side: "a", load: step.load });
    else {
      const disturbed = { a: largestOf(step.disturbed), b: largestOf(partner.disturbed) };
      const between = { objectives, disturbed };
      pairModels(step, partner, { pairs, notes, open: (from, to) => openPair(step.load, from, to, between) });
    }
  }
  for (const [key, { load }] of stepsB) if (!stepsA.has(key)) notes.push({ code: "load_alone", side: "b", load });
  return { pairs, notes: unique(notes) };
}

function stepsOf(runs: readonly RunReport[]): Map<string, Step> {
  const steps = new Map<string, Step>();
  for (const measured of runs.flatMap(firstOfEachLoad)) {
    const { load, results } = measured;
    const key = keyOf(load);
    const step = steps.get(key) ?? { load, models: new Map<string | null, ResultReport[]>(), disturbed: [] };
    steps.set(key, step);
    const disturbance = disturbanceOf(measured);
    if (disturbance !== null) step.disturbed.push(disturbance);
    for (const result of results) step.models.set(result.model, [...(step.models.get(result.model) ?? []), result]);
  }
  return steps;
}

/** A load that comes twice in a sweep does not make two runs. */
function firstOfEachLoad({ steps }: RunReport): StepReport[] {
  return [...new Map(steps.toReversed().map((step) => [keyOf(step.load), step])).values()].toReversed();
}

function keyOf(load: LoadReport): string {
  return load.kind === "closed" ? `closed ${load.concurrency}` : `arrival ${load.rate}`;
}

type Into = {
  pairs: Pair[];
  notes: ComparisonNote[];
  open(a: readonly ResultReport[], b: readonly ResultReport[]): Pair;
};

function pairModels(a: Step, b: Step, { pairs, notes, open }: Into): void {
  const { load } = a;
  const [[nameA, onlyA] = [], [nameB, onlyB] = []] = [[...a.models][0], [...b.models][0]];
  // Two runs of one model each are a comparison of these models.
  if (a.models.size === 1 && b.models.size === 1 && onlyA && onlyB && nameA !== nameB) {
    notes.push({ code: "models_differ", a: nameA ?? "*", b: nameB ?? "*" });
    pairs.push(open(onlyA, onlyB));
    return;
  }
  for (const [model, results] of a.models) {
    const partner = b.models.get(model);
    if (partner !== undefined) pairs.push(open(results, partner));
    else notes.push({ code: "model_alone", side: "a", load, model });
  }
  for (const model of b.models.keys())
    if (!a.models.has(model)) notes.push({ code: "model_alone", side: "b", load, model });
}

function unique(notes: readonly ComparisonNote[]): ComparisonNote[] {
  return [...new Map(notes.map((note) => [JSON.stringify(note), note])).values()];
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

/** The sides of which some answers were held back on the way. */
function lumpsNotes(pairs: readonly Pair[]): ComparisonNote[] {
  const sides = new Set(pairs.flatMap(({ inLumps }) => inLumps));
  return [...sides].map((side) => ({ code: "in_lumps", side }));
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
