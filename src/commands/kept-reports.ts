import { cachePath } from "../config/files.ts";
import type { Environment } from "../config/language.ts";
import { UserError } from "../config/user-error.ts";
import { openForm, type Measured } from "../report/forms.ts";
import type { Args } from "./args.ts";
import { codeOf, writeAll } from "./output-file.ts";
import { replaceFile } from "./replace-file.ts";
import { OutputError } from "./output.ts";

const fs = (): typeof import("node:fs") => require("node:fs");

/** So many of the last reports are kept. */
const KEPT = 10;
/** When a run began, so that names are in the order of time, and the process. */
const NAME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-\d+\.json$/;

/** Whether a report may be kept that nobody asked for. */
export function mayKeep(args: Pick<Args, "has">, env: Environment): boolean {
  return !args.has("no-keep") && ["", "0"].includes(env["LLMAAS_NO_KEEP"] ?? "");
}

/**
 * Keeps a report for its owner's eyes only, whole or not at all, and no more than the newest of them. That it cannot be
 * kept is told and ends nothing.
 */
export async function keepReport(
  env: Environment,
  measured: Measured,
): Promise<{ path: string } | { folder: string; why: string } | null> {
  const folder = cachePath(env);
  if (folder === null) return null;
  const path = `${folder}/${measured.report.started_at.replaceAll(/[:.]/g, "-")}-${process.pid}.json`;
  try {
    const text = (await openForm("json", measured.messages.lang))(measured);
    fs().mkdirSync(folder, { recursive: true, mode: 0o700 });
    await replaceFile(path, (file) => writeAll(file, Buffer.from(text)));
    for (const name of keptIn(folder).slice(KEPT)) fs().rmSync(`${folder}/${name}`, { force: true });
    return { path };
  } catch (error) {
    return { folder, why: reasonOf(error) };
  }
}

/** The newest report that is kept; `null` where there is none. */
export function newestKept(env: Environment): string | null {
  const folder = cachePath(env);
  const [newest] = folder === null ? [] : keptIn(folder);
  return newest === undefined ? null : `${folder}/${newest}`;
}

/** The names of all that are kept, the newest first. */
function keptIn(folder: string): string[] {
  try {
    return fs()
      .readdirSync(folder)
      .filter((name) => NAME.test(name))
      .toSorted()
      .toReversed();
  } catch {
    // No folder: nothing is kept.
    return [];
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof UserError && error.problem.code === "file_unwritable") return error.problem.why;
  return error instanceof OutputError ? error.code : codeOf(error);
}
