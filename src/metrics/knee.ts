import { allModels, type StepReport } from "./report.ts";

/** A step must bring this share of what its additional load would bring if the server kept up. */
const WORTH = 0.5;

/** Times that each place of a closed loop must have been taken: in the last round fewer and fewer streams run. */
const ROUNDS = 3;

/**
 * The last step up to which more load still brought more: from one step to the next, throughput must grow by at least
 * half of what the load grew by (both as ratios − 1). `null` without a sweep, without figures, or where every step that
 * can be judged was worth its load. Throughput is tokens per second, or requests per second where nobody counts tokens.
 */
export function kneeOf(steps: readonly StepReport[]): number | null {
  const points = steps
    .map((step, index) => ({ index, load: loadOf(step), brought: broughtBy(step) }))
    .toSorted((a, b) => a.load - b.load);
  for (const [place, point] of points.entries()) {
    const next = points[place + 1];
    if (next === undefined || point.brought === null || point.brought === 0 || next.brought === null) continue;
    const more = next.load / point.load - 1;
    if (more > 0 && next.brought / point.brought - 1 < WORTH * more) return point.index;
  }
  return null;
}

/** Why there is no knee: more load was always worth it, or that cannot be told. */
export type NoKnee = "none" | "few_rounds" | "nothing_whole";

export function whyNoKnee(steps: readonly StepReport[]): NoKnee {
  if (steps.every((step) => allModels(step)?.streams.ok === 0)) return "nothing_whole";
  return steps.every(hasRounds) ? "none" : "few_rounds";
}

/** Whether a step ran for long enough to be held against another. */
function hasRounds(step: StepReport): boolean {
  const { ok = 0, failed = 0 } = allModels(step)?.streams ?? {};
  return step.load.kind === "arrival" || ok + failed >= ROUNDS * step.load.concurrency;
}

function loadOf({ load }: StepReport): number {
  return load.kind === "closed" ? load.concurrency : load.rate;
}

function broughtBy(step: StepReport): number | null {
  const all = allModels(step);
  if (!hasRounds(step)) return null;
  // What came of answers that failed was worth nothing.
  return all?.streams.ok === 0 ? 0 : (all?.output_tokens_per_second ?? all?.requests_per_second ?? null);
}
