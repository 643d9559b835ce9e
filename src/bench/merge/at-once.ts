import type { StepReport } from "../../metrics/report.ts";
import type { BoundsRange } from "../../metrics/shard-report.ts";

/**
 * The most streams at once of all parts: in each slot no more than the most of each together, and no less than there
 * were at its beginning. Parts without slots, or with others, leave what each had by itself.
 */
export function atOnceOf(steps: readonly StepReport[]): BoundsRange {
  const alone = steps.map(({ concurrency }) => concurrency.max);
  const wide = { least: Math.max(...alone), most: alone.reduce((sum, max) => sum + max, 0) };
  const slots = steps.flatMap(({ at_once: slots }) => slots ?? []);
  const [first] = slots;
  const alike = slots.every(
    ({ start_ms: start, slot_ms: slot }) => start === first?.start_ms && slot === first.slot_ms,
  );
  if (first === undefined || slots.length < steps.length || !alike) return wide;
  const length = Math.max(...slots.map(({ most }) => most.length));
  const bounds = { ...wide, most: 0 };
  for (let index = 0; index < length; index++) {
    const sum = (of: "first" | "most"): number => slots.reduce((total, each) => total + (each[of][index] ?? 0), 0);
    bounds.least = Math.max(bounds.least, sum("first"));
    bounds.most = Math.max(bounds.most, sum("most"));
  }
  return { least: bounds.least, most: Math.min(wide.most, Math.max(bounds.least, bounds.most)) };
}
