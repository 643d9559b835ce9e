import type { ComparisonNote } from "../metrics/comparison.ts";
import type { ResultReport } from "../metrics/result-report.ts";
import type { LoadReport, RunReport, StepReport } from "../metrics/report.ts";
import { openPair, type Pair } from "./difference.ts";
import { objectivesOn } from "./run-notes.ts";

type Runs = readonly RunReport[];

/** All results of one load, by model, one of each run. */
type Step = { load: LoadReport; models: Map<string | null, ResultReport[]> };

/** Finds for every load and model its partner on the other side; names those that have none. */
export function pairUp(a: Runs, b: Runs): { pairs: Pair[]; notes: ComparisonNote[] } {
  const [stepsA, stepsB] = [stepsOf(a), stepsOf(b)];
  const pairs: Pair[] = [];
  const notes: ComparisonNote[] = [];
  const objectives = objectivesOn(a, b);
  for (const [key, step] of stepsA) {
    const partner = stepsB.get(key);
    if (partner === undefined) notes.push({ code: "load_alone", side: "a", load: step.load });
    else pairModels(step, partner, { pairs, notes, open: (from, to) => openPair(step.load, from, to, objectives) });
  }
  for (const [key, { load }] of stepsB) if (!stepsA.has(key)) notes.push({ code: "load_alone", side: "b", load });
  return { pairs, notes: unique(notes) };
}

function stepsOf(runs: Runs): Map<string, Step> {
  const steps = new Map<string, Step>();
  for (const { load, results } of runs.flatMap(firstOfEachLoad)) {
    const key = keyOf(load);
    const step = steps.get(key) ?? { load, models: new Map<string | null, ResultReport[]>() };
    steps.set(key, step);
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
