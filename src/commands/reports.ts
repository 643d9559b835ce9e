import { closeSync, fstatSync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";
import { extname, resolve } from "node:path";
import { UserError } from "../config/user-error.ts";
import type { Messages } from "../i18n/messages.ts";
import type { Exemplar } from "../metrics/exemplars.ts";
import type { RunReport } from "../metrics/summary.ts";
import type { Context } from "./context.ts";
import { codeOf } from "./files.ts";
import { OutputError } from "./output.ts";

/** What a report is made of besides its figures. */
type Material = { report: RunReport; streams: readonly Exemplar[]; left: number; messages: Messages };

type Maker = (material: Material) => Promise<string>;

const KINDS: Readonly<Record<string, Maker>> = {
  ".json": async ({ report }) => (await import("../report/json.ts")).toJson(report),
  ".csv": async ({ report }) => (await import("../report/csv.ts")).toCsv(report),
  ".html": async (material) => {
    const [{ renderHtml }, { loadReport }] = await Promise.all([
      import("../report/html.ts"),
      import("../i18n/report.ts"),
    ]);
    return renderHtml({ ...material, words: await loadReport(material.messages.lang) });
  },
};

export type Reports = {
  write(material: Material): Promise<void>;
  /** Takes away what nothing was written into. */
  close(): void;
};

type Open = { path: string; file: number; make: Maker; created: boolean; written: boolean };

/** The files of `--report`, opened before anything is sent; an existing one only with `--force`. */
export function openReports({ args }: Context): Reports {
  const wanted = args.all("report").map((path) => ({ path, make: makerOf(path) }));
  checkPlaces(args);
  const open: Open[] = [];
  function close(): void {
    for (const { path, file, created, written } of open) {
      closeSync(file);
      if (created && !written) rmSync(path, { force: true });
    }
  }
  try {
    for (const { path, make } of wanted)
      open.push({ path, make, written: false, ...openFile(path, args.has("force")) });
  } catch (error) {
    close();
    throw error;
  }
  return {
    async write(material) {
      const failures: unknown[] = [];
      // One that cannot be written takes no other with it.
      for (const report of open) await writeOne(report, material).catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    },
    close,
  };
}

/** Two of them in one file would leave the last alone. */
function checkPlaces(args: Context["args"]): void {
  const prompts = args.all("prompts").filter((path) => path !== "-");
  const places = [
    ...prompts.map((path) => ["--prompts", path] as const),
    ...args.all("report").map((path) => ["--report", path] as const),
    ...args.all("records").map((path) => ["--records", path] as const),
  ];
  for (const [at, [option, path]] of places.entries()) {
    const same = places.slice(0, at).find(([, other]) => resolve(other) === resolve(path));
    if (same !== undefined)
      throw new UserError({ code: "options_conflict", options: [same.join(" "), `${option} ${path}`] });
  }
}

async function writeOne(report: Open, material: Material): Promise<void> {
  const text = Buffer.from(await report.make(material));
  try {
    report.written = true;
    // A pipe or a device has nothing to be emptied of.
    if (!report.created && fstatSync(report.file).isFile()) ftruncateSync(report.file, 0);
    // A disk that fills up takes a part and reports no error; the next call does.
    for (let written = 0; written < text.byteLength;) written += writeSync(report.file, text, written);
  } catch (error) {
    // Half of a new report is none: it is taken away again.
    report.written = !report.created;
    throw new OutputError(codeOf(error), error, report.path);
  }
}

function makerOf(path: string): Maker {
  const make = KINDS[extname(path).toLowerCase()];
  if (make === undefined) throw new UserError({ code: "report_kind", path, accepted: Object.keys(KINDS).join(", ") });
  return make;
}

function openFile(path: string, force: boolean): { file: number; created: boolean } {
  try {
    // Prompts and errors of a run are the user's own business.
    return { file: openSync(path, "wx", 0o600), created: true };
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw new UserError({ code: "file_unwritable", path, why: codeOf(error) });
    if (!force) throw new UserError({ code: "file_exists", path, append: false });
  }
  try {
    // Not emptied yet: what is there stays until there is something to replace it.
    return { file: openSync(path, "r+"), created: false };
  } catch (error) {
    throw new UserError({ code: "file_unwritable", path, why: codeOf(error) });
  }
}
