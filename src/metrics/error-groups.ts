import type { StreamRecord } from "./record.ts";
import type { ErrorReport } from "./result-report.ts";

/** Most kinds that are kept apart; a status or a timer makes a kind of its own. */
const MOST = 50;
const OTHERS = "others";

/** Errors by kind, each with the first of its kind as the example. */
export function createErrorGroups() {
  const groups = new Map<string, ErrorReport>();
  return {
    add({ error, verdict, stream }: Pick<StreamRecord, "error" | "verdict" | "stream">): void {
      const named = error === null ? verdict : [error.kind, error.status ?? error.phase].filter(isKnown).join(" ");
      const kind = groups.has(named) || groups.size < MOST ? named : OTHERS;
      const group = groups.get(kind) ?? { kind, count: 0, example: error?.message ?? verdict, stream };
      group.count++;
      groups.set(kind, group);
    },
    counts: (): Record<string, number> =>
      Object.fromEntries([...groups.values()].map(({ kind, count }) => [kind, count])),
    /** The most frequent first. */
    report: (): ErrorReport[] =>
      [...groups.values()].toSorted((a, b) => b.count - a.count).map((group) => ({ ...group })),
  };
}

function isKnown(part: string | number | undefined): part is string | number {
  return part !== undefined;
}
