import type { Ms } from "../stream/event.ts";

/** Marks in the time over which a rate is a recent one. */
const MARKS = 60;
/** Over less than that nothing is known yet. */
const LEAST: Ms = 500;

/** How often something happens in a second, lately: in the last `span` ms. */
export function createRecentRate(span: Ms, now: () => Ms) {
  let total = 0;
  let lastAt = now();
  /** When it had happened how often. */
  const marks: { at: Ms; total: number }[] = [{ at: now(), total }];
  return {
    count(): void {
      total++;
      const at = now();
      lastAt = at;
      if (at - (marks.at(-1)?.at ?? 0) < span / MARKS) return;
      marks.push({ at, total });
      while (marks.length > 1 && at - (marks[0]?.at ?? at) > span) marks.shift();
    },
    /** `null`: it is not known yet. */
    perSecond(): number | null {
      const at = now();
      if (at - lastAt > span) return 0;
      const from = marks.find((mark) => at - mark.at <= span) ?? marks.at(-1);
      if (from === undefined || at - from.at < LEAST) return null;
      return ((total - from.total) * 1000) / (at - from.at);
    },
  };
}
