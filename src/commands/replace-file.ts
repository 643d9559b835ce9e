import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { besideOf, codeOf, openBeside } from "./output-file.ts";
import { OutputError } from "./output.ts";

/** Writes a file anew, which takes its place when it is whole; what was there stays where that fails. */
export async function replaceFile(name: string, write: (file: number) => void | Promise<void>): Promise<void> {
  const beside = openBeside(name);
  try {
    await write(beside.file);
    beside.commit(true);
  } catch (error) {
    beside.abandon(false);
    throw error;
  }
}

/** Removes what a process has left that was killed while it wrote a file anew; nobody else may be writing it. */
export function removeUnfinished(name: string): void {
  const { folder, begins } = besideOf(name);
  for (const found of readdirSync(folder)) {
    const isOne = found.startsWith(begins) && /^\d+-[a-z0-9]+\.partial$/.test(found.slice(begins.length));
    if (isOne) rmSync(join(folder, found), { force: true });
  }
}

/** What was thrown, as what it says of a file that cannot be written; a bug stays one. */
export function asOutputError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  return error instanceof OutputError || !/^E[A-Z\d]+$/.test(code) ? error : new OutputError(code, error, path);
}
