import { UserError } from "../config/user-error.ts";
import { load, type Messages } from "../i18n/load.ts";
import type { Exemplar } from "../metrics/exemplars.ts";
import type { RunReport } from "../metrics/report.ts";
import { DRAIN_MS, type Context } from "./context.ts";
import { codeOf, lookAt, openBeside, openSpecial, writeAll } from "./output-file.ts";
import { OutputError } from "./output.ts";

/** What a report is made of besides its figures. */
type Material = { report: RunReport; streams: readonly Exemplar[]; left: number; messages: Messages };

type Maker = (material: Material) => string;

/** What makes each kind; loaded before the first request, for later there may be no file left to open. */
const KINDS: Readonly<Record<string, (lang: Messages["lang"]) => Promise<Maker>>> = {
  ".json": async () => {
    const { toJson } = await import("../report/json.ts");
    return ({ report }) => toJson(report);
  },
  ".csv": async () => {
    const { toCsv } = await import("../report/csv.ts");
    return ({ report }) => toCsv(report);
  },
  ".html": async (lang) => {
    const [{ renderHtml }, words] = await Promise.all([import("../report/html.ts"), load(lang, "report")]);
    return (material) => renderHtml({ ...material, words });
  },
};

export type Reports = {
  write(material: Material): Promise<void>;
  /** Takes away what nothing was written into. */
  close(): Promise<void>;
};

/** Where one report goes. */
type Place = { name: string; make: Maker; put(text: string): void | Promise<void>; close(): void | Promise<void> };

/**
 * The files of `--report`, opened before anything is sent; one that holds something only with `--force`. `stopped`
 * settles when a signal comes: then nobody waits long for a pipe.
 */
export async function openReports({ args }: Context, { lang }: Messages, stopped: Promise<void>): Promise<Reports> {
  const kinds = args.all("report").map((name) => ({ name, load: kindOf(name) }));
  const wanted = await Promise.all(kinds.map(async ({ name, load }) => ({ name, make: await load(lang) })));
  const open: Place[] = [];
  const close = async (): Promise<void> => void (await Promise.all(open.map((place) => place.close())));
  try {
    for (const { name, make } of wanted) open.push({ name, make, ...openPlace(name, args.has("force"), stopped) });
  } catch (error) {
    void close();
    throw error;
  }
  return {
    async write(material) {
      const failures: unknown[] = [];
      // One that cannot be written takes no other with it.
      for (const { make, put } of open)
        await Promise.try(() => put(make(material))).catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    },
    close,
  };
}

function kindOf(name: string) {
  const kind = KINDS[/\.[^./\\]+$/.exec(name)?.[0].toLowerCase() ?? ""];
  if (kind === undefined)
    throw new UserError({ code: "report_kind", path: name, accepted: Object.keys(KINDS).join(", ") });
  return kind;
}

function openPlace(name: string, force: boolean, stopped: Promise<void>): Pick<Place, "put" | "close"> {
  const found = lookAt(name);
  if (!force && (found === "file" || found === "special"))
    throw new UserError({ code: "file_exists", path: name, append: false });
  return found === "special" ? toSpecial(name, stopped) : toFile(name, force);
}

function toSpecial(name: string, stopped: Promise<void>): Pick<Place, "put" | "close"> {
  const special = openSpecial(name);
  const put = (text: string): Promise<void> =>
    Promise.race([special.write(text), stopped.then(() => Bun.sleep(DRAIN_MS))]);
  return { put, close: special.close };
}

/** What is there stays until a whole report takes its place. */
function toFile(name: string, replace: boolean): Pick<Place, "put" | "close"> {
  const beside = openBeside(name);
  let done = false;
  return {
    put(text) {
      let isWhole = false;
      try {
        writeAll(beside.file, Buffer.from(text));
        isWhole = true;
        done = true;
        beside.commit(replace);
      } catch (error) {
        // Half of a report is none; a whole one that finds its place taken stays where it is.
        if (!isWhole) beside.abandon(false);
        done = true;
        throw new OutputError(codeOf(error), error, name, isWhole ? beside.path : null);
      }
    },
    close() {
      if (!done) beside.abandon(false);
    },
  };
}
