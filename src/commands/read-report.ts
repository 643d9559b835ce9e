import type { Run } from "../compare/run-notes.ts";
import { readBounded, textOf } from "../config/files.ts";
import { readReport } from "../report/json.ts";
import { asUserError, readableKind } from "./output-file.ts";

/** Most bytes of a report: a hundred times what a sweep of a day writes. */
const LIMIT = 64 * 1024 * 1024;

/** The report that a file holds, checked; whoever wrote it is not trusted. */
export async function readRun(path: string): Promise<Run> {
  readableKind(path, "report");
  const bytes = await readBounded(path, LIMIT).catch((error: unknown) => {
    throw asUserError(error, path, "report");
  });
  return { path, report: readReport(textOf(bytes).replace(/^\uFEFF/, ""), path) };
}
