import { UserError } from "../config/user-error.ts";
import type { StreamRecord } from "../metrics/record.ts";
import type { Context } from "./context.ts";
import { codeOf } from "./files.ts";
import { OutputError } from "./output.ts";

export type Records = { add(record: StreamRecord): void; close(): void };

/** The file of `--records`, opened before anything is sent; an existing one only with `--append` or `--force`. */
export function openRecords({ args }: Context): Records | null {
  const path = args.one("records");
  if (args.has("append") && args.has("force"))
    throw new UserError({ code: "options_conflict", options: ["--append", "--force"] });
  if (path === undefined) return null;
  const flag = args.has("append") ? "a" : args.has("force") ? "w" : "wx";
  // Loaded here: where nothing is recorded it would take 1.5 ms at start.
  const fs: typeof import("node:fs") = require("node:fs");
  const file = open(fs, path, flag);
  let used = false;
  if (flag === "a") endLine(fs, path, file);
  return {
    // In one call and at once: a line is whole or not there, whatever ends the process.
    add(record) {
      used = true;
      const line = Buffer.from(`${JSON.stringify(record)}\n`);
      let written = 0;
      try {
        // A disk that fills up takes a part and reports no error; the next call does.
        while (written < line.byteLength) written += fs.writeSync(file, line, written);
      } catch (error) {
        if (written > 0) cutBack(fs, file, written);
        throw new OutputError(codeOf(error), error, path);
      }
    },
    close() {
      fs.closeSync(file);
      // What was refused leaves nothing that would stand in the way of the next try.
      if (flag === "wx" && !used) fs.rmSync(path, { force: true });
    },
  };
}

function open(fs: typeof import("node:fs"), path: string, flag: "a" | "w" | "wx"): number {
  try {
    // Prompts and answers are the user's own business.
    return fs.openSync(path, flag, 0o600);
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST") throw new UserError({ code: "file_exists", path, append: true });
    throw new UserError({ code: "file_unwritable", path, why: code });
  }
}

/** A file that somebody's program left in the middle of a line gets its end before another begins. */
function endLine(fs: typeof import("node:fs"), path: string, file: number): void {
  const { size } = fs.fstatSync(file);
  if (size === 0) return;
  const last = Buffer.alloc(1);
  let reader: number;
  try {
    reader = fs.openSync(path, "r");
  } catch {
    // Who may write and not read cannot know, and no record is torn by it.
    return;
  }
  fs.readSync(reader, last, 0, 1, size - 1);
  fs.closeSync(reader);
  if (last.toString() !== "\n") fs.writeSync(file, "\n");
}

/** Takes off the part of a line that could be written, where the file lets go of it. */
function cutBack(fs: typeof import("node:fs"), file: number, written: number): void {
  const stats = fs.fstatSync(file);
  if (stats.isFile()) fs.ftruncateSync(file, stats.size - written);
}
