import { UserError } from "../config/user-error.ts";
import { load, type Messages } from "../i18n/load.ts";
import type { Exemplar } from "../metrics/exemplars.ts";
import type { StreamRecord } from "../metrics/record.ts";
import type { RunReport } from "../metrics/report.ts";
import type { Context } from "./context.ts";
import { OutputError } from "./output.ts";

/** Loaded where a file is named: at start it would take 2 ms. */
const fs = (): typeof import("node:fs") => require("node:fs");
const path = (): typeof import("node:path") => require("node:path");

/** What a path holds that can be read: a file that can be read again, or a pipe that cannot; else says why not. */
export function readableKind(file: string): "file" | "pipe" {
  const unreadable = (why: string): UserError => new UserError({ code: "file_unreadable", path: file, why });
  const stats = attempt(() => fs().statSync(file), unreadable);
  if (stats.isDirectory()) throw unreadable("EISDIR");
  if (stats.isCharacterDevice() || stats.isBlockDevice()) throw unreadable("ENODEV");
  return stats.isFile() ? "file" : "pipe";
}

/** The system's own code of an error, such as ENOENT. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);
}

function attempt<T>(work: () => T, refused: (code: string) => Error): T {
  try {
    return work();
  } catch (error) {
    throw refused(codeOf(error));
  }
}

/** Opens a file for writing; "wx": only where there is none. Prompts, answers and errors are the user's own business. */
function openFile(file: string, flag: "a" | "w" | "wx" | "r+", append: boolean): number {
  return attempt(
    () => fs().openSync(file, flag, 0o600),
    (why) =>
      new UserError(
        why === "EEXIST" ? { code: "file_exists", path: file, append } : { code: "file_unwritable", path: file, why },
      ),
  );
}

export type Records = { add(record: StreamRecord): void; close(): void };

/** The file of `--records`, opened before anything is sent; an existing one only with `--append` or `--force`. */
export function openRecords({ args }: Context): Records | null {
  const name = args.one("records");
  if (args.has("append") && args.has("force"))
    throw new UserError({ code: "options_conflict", options: ["--append", "--force"] });
  if (name === undefined) return null;
  const flag = args.has("append") ? "a" : args.has("force") ? "w" : "wx";
  const file = openFile(name, flag, true);
  let used = false;
  if (flag === "a") endLine(name, file);
  return {
    // In one call and at once: a line is whole or not there, whatever ends the process.
    add(record) {
      used = true;
      const line = Buffer.from(`${JSON.stringify(record)}\n`);
      let written = 0;
      try {
        // A disk that fills up takes a part and reports no error; the next call does.
        while (written < line.byteLength) written += fs().writeSync(file, line, written);
      } catch (error) {
        if (written > 0) cutBack(file, written);
        throw new OutputError(codeOf(error), error, name);
      }
    },
    close() {
      fs().closeSync(file);
      // What was refused leaves nothing that would stand in the way of the next try.
      if (flag === "wx" && !used) fs().rmSync(name, { force: true });
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

/** Takes off the part of a line that could be written, where the file lets go of it. */
function cutBack(file: number, written: number): void {
  const stats = fs().fstatSync(file);
  if (stats.isFile()) fs().ftruncateSync(file, stats.size - written);
}

/** What a report is made of besides its figures. */
type Material = { report: RunReport; streams: readonly Exemplar[]; left: number; messages: Messages };

type Maker = (material: Material) => Promise<string>;

const KINDS: Readonly<Record<string, Maker>> = {
  ".json": async ({ report }) => (await import("../report/json.ts")).toJson(report),
  ".csv": async ({ report }) => (await import("../report/csv.ts")).toCsv(report),
  ".html": async (material) => {
    const [{ renderHtml }, words] = await Promise.all([
      import("../report/html.ts"),
      load(material.messages.lang, "report"),
    ]);
    return renderHtml({ ...material, words });
  },
};

export type Reports = {
  write(material: Material): Promise<void>;
  /** Takes away what nothing was written into. */
  close(): void;
};

type Open = { name: string; file: number; make: Maker; created: boolean; written: boolean };

/** The files of `--report`, opened before anything is sent; an existing one only with `--force`. */
export function openReports({ args }: Context): Reports {
  const wanted = args.all("report").map((name) => ({ name, make: makerOf(name) }));
  checkPlaces(args);
  const open: Open[] = [];
  function close(): void {
    for (const { name, file, created, written } of open) {
      fs().closeSync(file);
      if (created && !written) fs().rmSync(name, { force: true });
    }
  }
  try {
    for (const { name, make } of wanted)
      open.push({ name, make, written: false, ...openReport(name, args.has("force")) });
  } catch (error) {
    close();
    throw error;
  }
  return {
    async write(material) {
      const failures: unknown[] = [];
      // One that cannot be written takes no other with it.
      for (const report of open) await writeReport(report, material).catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    },
    close,
  };
}

/** Two of them in one file would leave the last alone. */
function checkPlaces(args: Context["args"]): void {
  const prompts = args.all("prompts").filter((name) => name !== "-");
  const places = [
    ...prompts.map((name) => ["--prompts", name] as const),
    ...args.all("report").map((name) => ["--report", name] as const),
    ...args.all("records").map((name) => ["--records", name] as const),
  ];
  const { resolve } = path();
  for (const [at, [option, name]] of places.entries()) {
    const same = places.slice(0, at).find(([, other]) => resolve(other) === resolve(name));
    if (same !== undefined)
      throw new UserError({ code: "options_conflict", options: [same.join(" "), `${option} ${name}`] });
  }
}

function makerOf(name: string): Maker {
  const make = KINDS[path().extname(name).toLowerCase()];
  if (make === undefined)
    throw new UserError({ code: "report_kind", path: name, accepted: Object.keys(KINDS).join(", ") });
  return make;
}

/** One that exists is not emptied yet: what is there stays until there is something to replace it. */
function openReport(name: string, force: boolean): { file: number; created: boolean } {
  try {
    return { file: openFile(name, "wx", false), created: true };
  } catch (error) {
    if (!force || !(error instanceof UserError) || error.problem.code !== "file_exists") throw error;
    return { file: openFile(name, "r+", false), created: false };
  }
}

async function writeReport(report: Open, material: Material): Promise<void> {
  const text = Buffer.from(await report.make(material));
  try {
    report.written = true;
    // A pipe or a device has nothing to be emptied of.
    if (!report.created && fs().fstatSync(report.file).isFile()) fs().ftruncateSync(report.file, 0);
    // A disk that fills up takes a part and reports no error; the next call does.
    for (let written = 0; written < text.byteLength;) written += fs().writeSync(report.file, text, written);
  } catch (error) {
    // Half of a new report is none: it is taken away again.
    report.written = !report.created;
    throw new OutputError(codeOf(error), error, report.name);
  }
}
