import { UserError } from "../config/user-error.ts";
import type { StreamRecord } from "../metrics/record.ts";
import type { Context } from "./context.ts";
import {
  codeOf,
  keepFromNow,
  lookAt,
  openBeside,
  openFile,
  openSpecial,
  writeAll,
  type Beside,
} from "./output-file.ts";
import { OutputError } from "./output.ts";

/** Loaded where a file is named: at start it would take 2 ms. */
const fs = (): typeof import("node:fs") => require("node:fs");

export type Records = {
  /** A promise where a pipe or a device has not taken it yet. */
  add(record: StreamRecord): void | Promise<void>;
  /** Settles when a pipe has taken all; rejects when it takes no more. */
  drained(): Promise<void>;
  close(): void | Promise<void>;
};

/** The file of `--records`, opened before anything is sent; one that holds something only with `--append` or `--force`. */
export function openRecords({ args }: Context): Records | null {
  const name = args.one("records");
  const append = args.has("append");
  const force = args.has("force");
  if (append && force)
    throw new UserError({ code: "options_conflict", options: ["--append", "--force"], why: "append" });
  if (name === undefined) return null;
  const found = lookAt(name);
  const asked = append || force;
  if (found === "special") return toSpecial(name);
  if (!asked && found === "file") throw new UserError({ code: "file_exists", path: name, append: true });
  if (found === "file") return append ? toEnd(name) : toReplacement(name);
  return toNew(name, found === "nothing", asked);
}

function lineOf(record: StreamRecord): string {
  return `${JSON.stringify(record)}\n`;
}

function toSpecial(name: string): Records {
  const special = openSpecial(name);
  return { add: (record) => special.write(lineOf(record)), drained: special.drained, close: special.close };
}

async function nothing(): Promise<void> {}

/** In one call and at once: a line is whole or not there, whatever ends the process. */
function put(name: string, file: number, record: StreamRecord, kept: string | null = null): void {
  let written = 0;
  try {
    writeAll(file, Buffer.from(lineOf(record)), (part) => (written = part));
  } catch (error) {
    if (written > 0) cutBack(file, written);
    throw new OutputError(codeOf(error), error, name, kept);
  }
}

function toEnd(name: string): Records {
  const file = openFile(name, "a");
  endLine(name, file);
  return { add: (record) => put(name, file, record), drained: nothing, close: () => fs().closeSync(file) };
}

function toNew(name: string, created: boolean, asked: boolean): Records {
  const file = openFile(name, created && !asked ? "wx" : "a");
  return {
    add: (record) => put(name, file, record),
    drained: nothing,
    close() {
      // What was refused leaves nothing behind.
      const isEmpty = fs().fstatSync(file).size === 0;
      fs().closeSync(file);
      if (created && isEmpty) fs().rmSync(name, { force: true });
    },
  };
}

/** What was there stays until the run has ended; what a run that broke off has written stands beside it. */
function toReplacement(name: string): Records {
  const beside: Beside = openBeside(name);
  let state: "unused" | "used" | "failed" = "unused";
  return {
    add(record) {
      const kept = state === "unused" ? null : beside.path;
      try {
        put(name, beside.file, record, kept);
      } catch (error) {
        if (state === "used") state = "failed";
        throw error;
      }
      if (state === "unused") keepFromNow(beside);
      state = "used";
    },
    drained: nothing,
    close() {
      if (state !== "used") return beside.abandon(state === "failed");
      try {
        beside.commit(true);
      } catch (error) {
        throw new OutputError(codeOf(error), error, name, beside.path);
      }
    },
  };
}

/** A file that somebody's program left in the middle of a line gets its end before another begins. */
function endLine(name: string, file: number): void {
  const { size } = fs().fstatSync(file);
  if (size === 0) return;
  const last = Buffer.alloc(1);
  let reader: number;
  try {
    reader = fs().openSync(name, "r");
  } catch {
    // Who may write and not read cannot know, and no record is torn by it.
    return;
  }
  fs().readSync(reader, last, 0, 1, size - 1);
  fs().closeSync(reader);
  if (last.toString() !== "\n") fs().writeSync(file, "\n");
}

/** Takes off the part of a line that could be written. */
function cutBack(file: number, written: number): void {
  fs().ftruncateSync(file, fs().fstatSync(file).size - written);
}
