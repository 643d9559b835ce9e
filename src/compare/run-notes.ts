import { UserError } from "../config/user-error.ts";
import { clientOf } from "../metrics/verdict.ts";
import type { ComparisonNote, PlanKey, Side } from "../metrics/comparison.ts";
import { FIGURES, readFigure, shortName, type DistributionName } from "../metrics/figures.ts";
import { replacedIn, type LoadReport, type RunReport } from "../metrics/report.ts";
import { parseSlo } from "../metrics/thresholds.ts";

type Runs = readonly RunReport[];

/** The report of one run, and the file it was read from. */
export type Run = { path: string; report: RunReport };

/** What the reader must know of the runs themselves: other plans, an early end, a client that could not keep up. */
export function notesOn(a: Runs, b: Runs): ComparisonNote[] {
  const differences = PLAN.flatMap(([what, read]): ComparisonNote[] => {
    const [from, to] = [a, b].map((runs) => [...new Set(runs.map(read))].toSorted().join(", "));
    return from === to ? [] : [{ code: "plan_differs", what, a: from ?? "", b: to ?? "" }];
  });
  return [...differences, ...stateOf("a", a), ...stateOf("b", b)];
}

function stateOf(side: Side, runs: Runs): ComparisonNote[] {
  const ended = new Set(runs.flatMap(({ partial }) => partial ?? []));
  const verdicts = runs.map(({ verdict }) => verdict);
  const missed = verdicts.reduce((sum, { streams }) => sum + streams.missed_starts, 0);
  const limited = verdicts.filter(({ client }) => client === "limited");
  const by = [...new Set(limited.flatMap(({ limited_by: checks }) => checks))];
  const { disturbance } = clientOf(runs.flatMap(({ steps }) => steps));
  const others = replacedIn(runs.flatMap(({ steps }) => steps));
  const short = verdicts.some(({ window_too_short: tooShort }) => tooShort);
  return [
    ...[...ended].map((why): ComparisonNote => ({ code: "partial", side, why })),
    ...[...others].map(([asked, answered]): ComparisonNote => {
      return { code: "other_model", side, asked, answered: [...answered] };
    }),
    ...(missed > 0 ? [{ code: "missed_starts", side, count: missed } as const] : []),
    ...(short ? [{ code: "window_too_short", side } as const] : []),
    ...(limited.length > 0
      ? [{ code: "client_limited", side, by, ...(disturbance === null ? {} : { disturbance }) } as const]
      : []),
  ];
}

/** Each value as it would be typed; "-" for none. */
const PLAN: readonly (readonly [PlanKey, (run: RunReport) => string])[] = [
  // The built-in server has another port each time.
  ["endpoint", ({ endpoint, demo }) => (demo ? "-" : endpoint)],
  ["api", ({ api }) => api ?? "chat"],
  ["requests", ({ plan }) => String(plan.requests ?? "-")],
  ["duration_ms", ({ plan }) => duration(plan.duration_ms)],
  ["max_tokens", ({ plan }) => String(plan.max_tokens ?? "-")],
  ["prompt_tokens", ({ plan }) => String(plan.prompt_tokens ?? "-")],
  ["retries", ({ plan }) => String(plan.retries)],
  ["warmup", ({ plan: { warmup } }) => warmupOf(warmup)],
  ["arrival", arrivals(({ arrival }) => arrival)],
  ["max_in_flight", arrivals(({ max_in_flight: most }) => String(most))],
  ["objectives", (run) => objectivesOf(run).join(" · ") || "-"],
  ["machine", ({ machine: { os, arch, cpu, cores } }) => `${cores} × ${cpu} (${os} ${arch})`],
  ["version", ({ tool }) => tool.version],
];

type Arrival = Extract<LoadReport, { kind: "arrival" }>;

function arrivals(read: (load: Arrival) => string): (run: RunReport) => string {
  return ({ plan }) => {
    const values = plan.loads.flatMap((load) => (load.kind === "arrival" ? [read(load)] : []));
    return [...new Set(values)].join(" ") || "-";
  };
}

function warmupOf(warmup: RunReport["plan"]["warmup"]): string {
  if (warmup === null) return "-";
  return "streams" in warmup ? String(warmup.streams) : duration(warmup.length_ms);
}

function duration(ms: number | null): string {
  return ms === null ? "-" : ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

/** The limits that each stream is held to, each in one spelling: `ttft<1000ms` is `ttft < 1s`. */
function objectivesOf({ plan }: RunReport): string[] {
  return [...new Set(plan.slo.filter((text) => objectOf(text) !== null).flatMap(spell))].toSorted();
}

/** What the limit is about; `null` where it is no objective of each stream. */
function objectOf(text: string): DistributionName | null {
  const read = readFigure(/^[^<>]*/.exec(text)?.[0] ?? "");
  return read.kind === "distribution" ? read.of : null;
}

function spell(text: string): string[] {
  try {
    return parseSlo([text]).objectives.map(({ figure, operator, limit }) => {
      return `${shortName(figure)} ${operator} ${FIGURES[figure].unit === "ms" ? duration(limit) : limit}`;
    });
  } catch (error) {
    // A later version may have limits that this one does not know: they are alike when they are written alike.
    if (error instanceof UserError) return [text.trim()];
    throw error;
  }
}

/**
 * What the streams of all these runs are held to: `same`: to the same; `ofTokens`: one of them counts tokens; `ofReads`:
 * one is about when single tokens came.
 */
export type Objectives = { same: boolean; ofTokens: boolean; ofReads: boolean };

/** Whether meeting the objectives means the same in all of these runs, and what it rests on. */
export function objectivesOn(a: Runs, b: Runs): Objectives {
  const runs = [...a, ...b];
  const objects = runs.flatMap(({ plan }) => plan.slo.flatMap((text) => objectOf(text) ?? []));
  return {
    same: new Set(runs.map((run) => objectivesOf(run).join("\n"))).size <= 1,
    ofTokens: objects.some((of) => FIGURES[of].ofTokens),
    ofReads: objects.some((of) => FIGURES[of].ofReads),
  };
}

/** The same for all reports of one run, whatever their files are called: no two begin at the same instants. */
function identityOf({ report }: Run): string {
  return `${report.started_at} ${report.steps[0]?.window.start_ms}`;
}

/** Throws `compare_repeated`: one run, counted as several, would say that runs do not differ among themselves. */
export function refuseRepeated(side: readonly Run[]): void {
  const known = new Map<string, Run>();
  for (const run of side) {
    const before = known.get(identityOf(run));
    if (before !== undefined) throw new UserError({ code: "compare_repeated", first: before.path, second: run.path });
    known.set(identityOf(run), run);
  }
}

/** Names the runs that are on both sides. */
export function sharedNotes(a: readonly Run[], b: readonly Run[]): ComparisonNote[] {
  const others = new Map(b.map((run) => [identityOf(run), run.path]));
  return a.flatMap((run): ComparisonNote[] => {
    const twin = others.get(identityOf(run));
    return twin === undefined ? [] : [{ code: "same_run", a: run.path, b: twin }];
  });
}
