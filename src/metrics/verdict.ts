import { disturbanceOf, isClientJudged, largestOf, type Disturbance } from "./disturbance.ts";
import type { FailIfReport } from "./comparison.ts";
import { allModels, type RunReport, type StepReport } from "./report.ts";
import type { ErrorReport, ThresholdReport } from "./result-report.ts";

/** What became of one threshold. */
export type Outcome = "passed" | "failed" | "undecided" | "unjudged";

/** What the result of a run begins with; `careful`: something else than its thresholds must be known. */
export type Standing = Outcome | "careful";

/** The mark of each; those of a threshold are the same. */
export const MARKS: Readonly<Record<Standing, string>> = {
  passed: "✓",
  failed: "✗",
  undecided: "?",
  unjudged: "–",
  careful: "!",
};

/** What became of a threshold; without samples enough it was not judged, and its run does not pass. */
export function outcomeOf({ passed, undecided, samples, needed }: ThresholdReport): Outcome {
  if (samples === 0 || needed !== undefined) return "unjudged";
  return undecided === true ? "undecided" : passed ? "passed" : "failed";
}

const WORST_FIRST = ["failed", "unjudged", "undecided", "passed"] as const;

/** What is said of several together: the worst; nothing of none. */
export function worstOf(outcomes: ReadonlySet<Outcome>): Outcome | undefined {
  return WORST_FIRST.find((outcome) => outcomes.has(outcome));
}

/** What became of a `--fail-if`; one for which nothing could be known has failed. */
export function gateOutcome({ passed, why }: Pick<FailIfReport, "passed" | "why">): Exclude<Outcome, "unjudged"> {
  return why === "undecided" ? why : passed ? "passed" : "failed";
}

type Judged = Pick<RunReport, "verdict" | "partial" | "plan" | "fail_if">;

/** Thresholds of a run that clearly did not pass, and those left undecided. */
export function thresholdsIn({ thresholds }: Pick<RunReport["verdict"], "thresholds">) {
  const { passed, total, undecided = 0 } = thresholds;
  return { passed, undecided, failed: total - passed - undecided, total };
}

/** The same, with what it is held against a baseline for. */
export function limitsIn({ verdict, fail_if: gates = [] }: Pick<RunReport, "verdict" | "fail_if">) {
  const { passed, failed, undecided, total } = thresholdsIn(verdict);
  const also = (wanted: Outcome): number => gates.filter((gate) => gateOutcome(gate) === wanted).length;
  return {
    passed: passed + also("passed"),
    failed: failed + also("failed"),
    undecided: undecided + also("undecided"),
    total: total + gates.length,
  };
}

/** How a run stands: `passed` where something was judged, all of it passed, and nothing else must be known first. */
export function standingOf(report: Judged): Standing {
  const { verdict, partial, plan } = report;
  const { streams, window_too_short: short, in_lumps: lumps } = verdict;
  const { total, failed, undecided } = limitsIn(report);
  const { if_disturbed: policy = "undecided" } = plan;
  if (streams.ok === 0 || failed > 0 || (undecided > 0 && policy === "fail")) return "failed";
  if (partial !== null && partial !== "signal") return "failed";
  if (undecided > 0 && policy === "undecided") return "undecided";
  if (undecided > 0 || streams.failed > 0 || streams.missed_starts > 0) return "careful";
  if (short || lumps === true || partial !== null) return "careful";
  return total === 0 ? "unjudged" : "passed";
}

/** One kind of error over all steps; `by` says which models it comes from where there are several. */
export type ErrorKind = ErrorReport & { by: [model: string, count: number][] };

/** The errors of all steps by kind, the most frequent first. */
export function errorKinds(steps: readonly StepReport[]): ErrorKind[] {
  const kinds = new Map<string, ErrorKind>();
  for (const step of steps) {
    const models = step.results.filter(({ model }) => model !== null);
    for (const error of allModels(step)?.errors ?? []) {
      const known = kinds.get(error.kind);
      const by = new Map(known?.by);
      for (const { model, errors } of models.length > 1 ? models : [])
        for (const { count } of errors.filter(({ kind }) => kind === error.kind))
          by.set(model ?? "", (by.get(model ?? "") ?? 0) + count);
      kinds.set(error.kind, { ...(known ?? error), count: (known?.count ?? 0) + error.count, by: [...by] });
    }
  }
  return [...kinds.values()].toSorted((one, other) => other.count - one.count);
}

/** Whether a token came in any step: without one there is no figure to show. */
export function hasTokens(steps: readonly StepReport[]): boolean {
  return steps.some((step) => step.results.some(({ distributions }) => distributions.ttft_ms.count > 0));
}

/** What is said of the client over all steps: the largest disturbance, or `null` where it kept up; `judged`: there was enough to say so. */
export function clientOf(steps: readonly StepReport[]): { judged: boolean; disturbance: Disturbance | null } {
  const found = steps.map(disturbanceOf).filter((each) => each !== null);
  return { judged: steps.some(isClientJudged), disturbance: largestOf(found) };
}
