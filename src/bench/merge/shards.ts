import type { Run } from "../../compare/run-notes.ts";
import { UserError, type MergeDifference } from "../../config/user-error.ts";
import type { RunReport } from "../../metrics/report.ts";
import type { ShardReport } from "../../metrics/shard-report.ts";

/** A report that is one of the parts of a load. */
export type Part = { path: string; report: RunReport; shard: ShardReport };

/** The parts of one load, in their order, and which of them are not there. */
export type Parts = { parts: readonly [Part, ...Part[]]; of: number; missing: readonly number[] };

/** The reports as parts of one load; throws where they are not, or where one is there twice or not at all. */
export function partsOf(runs: readonly Run[], mayLack: boolean): Parts {
  const [first, ...others] = runs.map(toPart).toSorted((a, b) => a.shard.index - b.shard.index);
  if (first === undefined) throw new UserError({ code: "merge_nothing" });
  let before = first;
  for (const part of others) {
    const what = differenceBetween(first.report, part.report);
    if (what !== null) throw new UserError({ code: "merge_differs", what, first: first.path, second: part.path });
    if (part.shard.index === before.shard.index)
      throw new UserError({ code: "merge_repeated", index: part.shard.index, first: before.path, second: part.path });
    before = part;
  }
  const parts: Parts["parts"] = [first, ...others];
  const { of } = first.shard;
  const found = new Set(parts.map(({ shard }) => shard.index));
  const missing = Array.from({ length: of }, (_, index) => index).filter((index) => !found.has(index));
  if (missing.length > 0 && !mayLack) throw new UserError({ code: "merge_missing", missing, of });
  return { parts, of, missing };
}

function toPart({ path, report }: Run): Part {
  const { shard } = report;
  if (shard === undefined) throw new UserError({ code: "merge_no_shard", path, merged: report.merged !== undefined });
  return { path, report, shard };
}

/** What must be the same in all parts, as text; of the rest of the command line nobody is asked. */
const SAME: readonly (readonly [MergeDifference, (report: RunReport) => unknown])[] = [
  ["shards", ({ shard }) => shard?.of],
  ["start", ({ shard }) => shard?.start_at],
  ["version", ({ tool }) => tool.version],
  ["endpoint", ({ endpoint, demo, api = "chat" }) => [demo ? null : endpoint, api]],
  ["slo", ({ plan }) => plan.slo],
  ["load", ({ plan }) => ({ ...plan, slo: [], if_disturbed: null })],
  ["models", ({ shard }) => shard?.models],
];

/** What keeps two reports from being parts of one load; `null` where nothing does. */
function differenceBetween(one: RunReport, other: RunReport): MergeDifference | null {
  return SAME.find(([, read]) => JSON.stringify(read(one)) !== JSON.stringify(read(other)))?.[0] ?? null;
}
