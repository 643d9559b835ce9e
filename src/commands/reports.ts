import { UserError } from "../config/user-error.ts";
import { load, type Messages } from "../i18n/load.ts";
import { showFor } from "../render/bench/figures.ts";
import { FORM_ENDINGS, formOf, openForm, type FormName, type Maker, type Measured } from "../report/forms.ts";
import { DRAIN_MS, type Context } from "./context.ts";
import { codeOf, lookAt, openBeside, openSpecial, writeAll } from "./output-file.ts";
import { OutputError } from "./output.ts";

type Reports = {
  write(measured: Measured): Promise<void>;
  /** Takes away what nothing was written into. */
  close(): Promise<void>;
};

/** Where one report goes. */
type Place = { name: string; make: Maker; put(text: string): void | Promise<void>; close(): void | Promise<void> };

/** A file, and the form of the report that it is to hold. */
export type Asked = { name: string; form: FormName };

/** The files of `--report`; throws `report_kind` where a name does not say which form is meant. */
export function askedReports(names: readonly string[]): Asked[] {
  return names.map((name) => {
    const form = formOf(name);
    if (form === undefined) throw new UserError({ code: "report_kind", path: name, accepted: FORM_ENDINGS });
    return { name, form };
  });
}

/**
 * Opens the files of reports before anything is sent; one that holds something only with `--force`. `stopped` settles
 * when a signal comes: then nobody waits long for a pipe.
 */
export async function openReports(
  asked: readonly Asked[],
  { args, messages: { lang }, stopped }: Pick<Context, "args" | "messages"> & { stopped: Promise<void> },
): Promise<Reports> {
  const wanted = await Promise.all(asked.map(async ({ name, form }) => ({ name, make: await openForm(form, lang) })));
  const open: Place[] = [];
  const close = async (): Promise<void> => void (await Promise.all(open.map((place) => place.close())));
  try {
    for (const { name, make } of wanted) open.push({ name, make, ...openPlace(name, args.has("force"), stopped) });
  } catch (error) {
    void close();
    throw error;
  }
  return {
    async write(measured) {
      const failures: unknown[] = [];
      // One that cannot be written takes no other with it.
      for (const { make, put } of open)
        await Promise.try(() => put(make(measured))).catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    },
    close,
  };
}

/** Where each file went, and how large it is; `more`: further lines of their kind. */
export async function sayFiles({ args, err }: Context, messages: Messages, more: readonly string[]): Promise<void> {
  const { wrote } = await load(messages.lang, "bench");
  const files = (["report", "records"] as const).flatMap((kind) => args.all(kind).map((name) => ({ kind, name })));
  const lines = await Promise.all(
    files.map(async ({ kind, name }) => {
      const stats = await Bun.file(name)
        .stat()
        .catch(() => null);
      // What a pipe was given is not there any more.
      return stats?.isFile() === true
        ? `${wrote[kind](showFor(err.terminal)(name), messages.bytes(stats.size))}\n`
        : "";
    }),
  );
  const all = [...lines, ...more].join("");
  if (all !== "") void err.write(`\n${all}`);
}

function openPlace(name: string, force: boolean, stopped: Promise<void>): Pick<Place, "put" | "close"> {
  const found = lookAt(name);
  if (found === "special") return toSpecial(name, stopped);
  if (!force && found === "file") throw new UserError({ code: "file_exists", path: name, append: false });
  return toFile(name, force);
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
