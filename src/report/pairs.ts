import type { ComparisonNote, PlanKey, Side } from "../metrics/comparison.ts";
import { readFigure } from "../metrics/figure.ts";
import type { ColumnReport, LoadReport, RunReport, StepReport } from "../metrics/summary.ts";
import { openPair, type Pair } from "./difference.ts";

type Runs = readonly RunReport[];

/** All columns of one load, by model, one of each run. */
type Step = { load: LoadReport; models: Map<string | null, ColumnReport[]> };

/** Finds for every load and model its partner on the other side; names those that have none. */
export function pairUp(a: Runs, b: Runs): { pairs: Pair[]; notes: ComparisonNote[] } {
  const [stepsA, stepsB] = [stepsOf(a), stepsOf(b)];
  const pairs: Pair[] = [];
  const notes: ComparisonNote[] = [];
  for (const [key, step] of stepsA) {
    const partner = stepsB.get(key);
    if (partner === undefined) notes.push({ code: "load_alone", side: "a", load: step.load });
    else pairModels(step, partner, pairs, notes);
  }
  for (const [key, { load }] of stepsB) if (!stepsA.has(key)) notes.push({ code: "load_alone", side: "b", load });
  return { pairs, notes: unique(notes) };
}

function stepsOf(runs: Runs): Map<string, Step> {
  const steps = new Map<string, Step>();
  for (const { load, columns } of runs.flatMap(firstOfEachLoad)) {
    const key = keyOf(load);
    const step = steps.get(key) ?? { load, models: new Map<string | null, ColumnReport[]>() };
    steps.set(key, step);
    for (const column of columns) step.models.set(column.model, [...(step.models.get(column.model) ?? []), column]);
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

function pairModels(a: Step, b: Step, pairs: Pair[], notes: ComparisonNote[]): void {
  const { load } = a;
  const [[nameA, onlyA] = [], [nameB, onlyB] = []] = [[...a.models][0], [...b.models][0]];
  // Two runs of one model each are a comparison of these models.
  if (a.models.size === 1 && b.models.size === 1 && onlyA && onlyB && nameA !== nameB) {
    notes.push({ code: "models_differ", a: nameA ?? "*", b: nameB ?? "*" });
    pairs.push(openPair(load, onlyA, onlyB));
    return;
  }
  for (const [model, columns] of a.models) {
    const partner = b.models.get(model);
    if (partner !== undefined) pairs.push(openPair(load, columns, partner));
    else notes.push({ code: "model_alone", side: "a", load, model });
  }
  for (const model of b.models.keys())
    if (!a.models.has(model)) notes.push({ code: "model_alone", side: "b", load, model });
}

/** What the reader must know of the runs themselves: other plans, an early end, a client that could not keep up. */
export function notesOn(a: Runs, b: Runs): ComparisonNote[] {
  const differences = PLAN.flatMap(([what, read]): ComparisonNote[] => {
    const [from, to] = [a, b].map((runs) => [...new Set(runs.map(read))].toSorted().join(", "));
    return from === to ? [] : [{ code: "plan_differs", what, a: from ?? "", b: to ?? "" }];
  });
  return [...differences, ...stateOf("a", a), ...stateOf("b", b)];
}

function stateOf(side: Side, runs: Runs): ComparisonNote[] {
  const ended = runs.flatMap(({ partial }): ComparisonNote[] => {
    return partial === null ? [] : [{ code: "partial", side, why: partial }];
  });
  const by = [...new Set(runs.flatMap(({ verdict }) => (verdict.client === "limited" ? verdict.limited_by : [])))];
  const limited = runs.some(({ verdict }) => verdict.client === "limited");
  return unique([...ended, ...(limited ? [{ code: "client_limited", side, by } as const] : [])]);
}

/** Each value as it would be typed; "-" for none. */
const PLAN: readonly (readonly [PlanKey, (run: RunReport) => string])[] = [
  // The built-in server has another port each time.
  ["endpoint", ({ endpoint, demo }) => (demo ? "-" : endpoint)],
  ["requests", ({ plan }) => String(plan.requests ?? "-")],
  ["duration_ms", ({ plan }) => duration(plan.duration_ms)],
  ["max_tokens", ({ plan }) => String(plan.max_tokens)],
  ["prompt_tokens", ({ plan }) => String(plan.prompt_tokens ?? "-")],
  ["retries", ({ plan }) => String(plan.retries)],
  ["warmup", ({ plan: { warmup } }) => warmupOf(warmup)],
  ["arrival", ({ plan }) => plan.loads.map((load) => (load.kind === "arrival" ? load.arrival : "")).join(" ")],
  ["objectives", (run) => objectivesOf(run).join(" · ") || "-"],
];

function warmupOf(warmup: RunReport["plan"]["warmup"]): string {
  if (warmup === null) return "-";
  return "streams" in warmup ? String(warmup.streams) : duration(warmup.length_ms);
}

function duration(ms: number | null): string {
  return ms === null ? "-" : ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

/** The limits that make goodput what it is. */
function objectivesOf({ plan }: RunReport): string[] {
  return plan.slo.filter((text) => readFigure(/^[^<>]*/.exec(text)?.[0] ?? "").kind === "distribution").toSorted();
}

/** Whether goodput means the same in all of these runs. */
export function sameObjectives(a: Runs, b: Runs): boolean {
  return new Set([...a, ...b].map((run) => objectivesOf(run).join("\n"))).size <= 1;
}

function unique(notes: readonly ComparisonNote[]): ComparisonNote[] {
  return [...new Map(notes.map((note) => [JSON.stringify(note), note])).values()];
}
