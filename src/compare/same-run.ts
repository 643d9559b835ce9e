import { UserError } from "../config/user-error.ts";
import type { ComparisonNote } from "../metrics/comparison.ts";
import type { Run } from "./compare.ts";

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
