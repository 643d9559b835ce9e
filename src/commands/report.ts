import { UserError } from "../config/user-error.ts";
import { load } from "../i18n/load.ts";
import type { RunReport } from "../metrics/report.ts";
import { renderResult } from "../render/bench/result.ts";
import { openForm, type FormName, type Measured } from "../report/forms.ts";
import { readReport } from "../report/json.ts";
import { flat } from "../text/visible.ts";
import { createPaint } from "../text/paint.ts";
import type { Args } from "./args.ts";
import type { Context, Verb } from "./context.ts";
import { EXIT } from "./exit.ts";
import { everywhere, output, reportForms } from "./options.ts";
import { checkOutputs } from "./output-file.ts";
import { readRun } from "./read-report.ts";
import { openReports, type Asked } from "./reports.ts";
import { newestKept } from "./kept-reports.ts";
import { watchSignals } from "./signals.ts";
import { readStdin } from "./stdin.ts";
import { textColumns } from "./terminal.ts";

/** Standard output, or standard input, where a file could be named. */
const STANDARD = "-";

/** The form that each option asks for. */
const FORM_OF = [
  ["html", "html"],
  ["md", "markdown"],
  ["junit", "junit"],
  ["csv", "csv"],
  ["vllm", "vllm"],
] as const;

/** `llmaas report FILE`: another form of a report that was kept as JSON; without one, what `bench` showed. */
export const report: Verb = {
  meta: { name: "report" },
  args: { ...reportForms, force: output.force, ...everywhere },
  words: "file",
  async run(context) {
    const { args, messages, out } = context;
    const [named, extra] = args.positionals;
    if (extra !== undefined) throw new UserError({ code: "unexpected_argument", argument: extra, verb: "report" });
    const path = named ?? newestKept(context.env);
    if (path === null) throw new UserError({ code: "report_unnamed" });
    const asked = askedForms(args);
    const files = asked.filter(({ name }) => name !== STANDARD);
    checkOutputs(
      path,
      files.map(({ name }) => name),
    );
    const read = path === STANDARD ? await readPiped(context) : (await readRun(path)).report;
    if (named === undefined) await sayNewest(context, read);
    // The streams themselves stand in no JSON report.
    const left = read.verdict.streams.ok + read.verdict.streams.failed + read.verdict.streams.unfinished;
    const measured = { report: read, streams: [], left, messages };
    const reports = await openReports(files, { args, messages, stopped: watchSignals().first });
    try {
      await reports.write(measured);
    } finally {
      await reports.close();
    }
    const shown = asked.find(({ name }) => name === STANDARD);
    if (shown !== undefined) await out.write((await openForm(shown.form, messages.lang))(measured));
    if (asked.length === 0) await show(context, measured);
    return EXIT.ok;
  },
};

/** A report that comes through a pipe. */
async function readPiped({ err, messages }: Context): Promise<RunReport> {
  const text = await readStdin(() => void err.write(`⏳ ${messages.warning.waitingForStdin}\n`));
  return readReport(text, "stdin");
}

/** Each form with its file; standard output takes one. */
function askedForms(args: Args): Asked[] {
  const asked = FORM_OF.flatMap(([option, form]): (Asked & { option: string })[] => {
    const name = args.one(option);
    return name === undefined ? [] : [{ option, name, form }];
  });
  const page = args.one("page");
  if (page !== undefined) asked.unshift({ option: "page", name: page, form: pageForm(page) });
  const [first, second] = asked.filter(({ name }) => name === STANDARD);
  if (first !== undefined && second !== undefined)
    throw new UserError({ code: "options_conflict", options: [`--${first.option} -`, `--${second.option} -`] });
  return asked;
}

/** The page is HTML or Markdown, as its name says; on standard output it is read as it stands. */
function pageForm(name: string): FormName {
  if (name === STANDARD || /\.md$/i.test(name)) return "page_markdown";
  if (/\.html$/i.test(name)) return "page";
  throw new UserError({ code: "report_kind", path: name, accepted: ".html, .md" });
}

/** The lines of the result, as they were when it was measured. */
async function show({ out, messages }: Context, { report: shown }: Measured): Promise<void> {
  const words = await load(messages.lang, "bench");
  await out.write(
    renderResult(shown, {
      messages,
      words,
      paint: createPaint(out.color),
      terminal: out.terminal,
      columns: textColumns(out),
    }),
  );
}

/** Which report it is that nobody named. */
async function sayNewest({ err, messages }: Context, { started_at: started, endpoint }: RunReport): Promise<void> {
  const [words, forms] = await Promise.all([load(messages.lang, "report"), load(messages.lang, "forms")]);
  await err.write(`${err.fitted(forms.newest(words.instant(started), flat(endpoint)))}\n`);
}
