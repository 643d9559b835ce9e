import { compareRuns } from "../compare/compare.ts";
import { parseFailIf } from "../compare/fail-if.ts";
import { UserError } from "../config/user-error.ts";
import { load, type CompareWords, type Messages } from "../i18n/load.ts";
import type { ComparisonReport } from "../metrics/comparison.ts";
import type { LoadReport, RunReport } from "../metrics/report.ts";
import { differences, verdictLine } from "../render/differences.ts";
import type { Measured } from "../report/forms.ts";
import { visibleJson } from "../text/visible.ts";
import { ifDisturbedOf } from "./bench-options.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit.ts";
import { UNDECIDED } from "./load-exit.ts";
import { lookAt } from "./output-file.ts";
import { readRun } from "./read-report.ts";
import { openReports } from "./reports.ts";
import { textColumns } from "./terminal.ts";

/** What is about to be measured. */
export type AskedLoad = { loads: readonly LoadReport[]; demo: boolean; endpoint: string };

type Spoken = Pick<Context, "args"> & { messages: Messages; stopped: Promise<void> };

/** What the run is held against, or becomes. */
type Baseline = {
  judge(report: RunReport): RunReport;
  write(measured: Measured): Promise<void>;
  say(report: RunReport): Promise<void>;
  close(): Promise<void>;
};

const nothing = async (): Promise<void> => undefined;
const NONE: Baseline = { judge: (report) => report, write: nothing, say: nothing, close: nothing };

/** Reads the run of `--baseline`, or makes ready to write this one there; refuses what cannot be compared. */
export async function openBaseline(context: Context, spoken: Spoken, asked: AskedLoad): Promise<Baseline> {
  const { args } = context;
  const path = args.one("baseline");
  const ifDisturbed = ifDisturbedOf(args);
  const failIf = args.all("fail-if").map(parseFailIf);
  if (path === undefined) return NONE;
  const found = lookAt(path);
  if (found === "nothing" || found === "empty") return openNew(context, spoken, path);
  const base = await readRun(path);
  refuseUnlike(base, asked);
  const words = await load(spoken.messages.lang, "compare");
  let comparison: ComparisonReport | null = null;
  return {
    ...NONE,
    judge(report) {
      const here = { path: words.thisRun, report };
      const exit = { ok: EXIT.ok, nothing: EXIT.ok, failed: EXIT.threshold, undecided: UNDECIDED[ifDisturbed] };
      comparison = compareRuns([base], [here], { failIf, strict: args.has("strict"), ifDisturbed, exit });
      const { exit_code } = report.verdict;
      // What went wrong with the run itself says more than how it compares.
      const isOpen = exit_code === EXIT.ok || exit_code === EXIT.undecided;
      const code = isOpen && comparison.exit_code !== EXIT.ok ? comparison.exit_code : exit_code;
      return { ...report, fail_if: comparison.fail_if, verdict: { ...report.verdict, exit_code: code } };
    },
    async say() {
      if (comparison !== null) await sayComparison(context, comparison, words);
    },
  };
}

async function sayComparison({ out, args }: Context, comparison: ComparisonReport, words: CompareWords): Promise<void> {
  if (args.has("json")) return void (await out.write(`${visibleJson(comparison)}\n`));
  if (args.has("quiet")) return void (await out.write(verdictLine(comparison, words, out.color, textColumns(out))));
  await out.write(`\n${differences(comparison, words, out.color, { columns: textColumns(out) })}`);
}

/** The first run of all is what later ones are held against, where it is whole and something came. */
async function openNew({ err }: Context, spoken: Spoken, path: string): Promise<Baseline> {
  const file = await openReports([{ name: path, form: "json" }], spoken);
  const words = await load(spoken.messages.lang, "forms");
  const isGood = ({ partial, verdict }: RunReport): boolean => partial === null && verdict.streams.ok > 0;
  return {
    ...NONE,
    write: async (measured) => (isGood(measured.report) ? file.write(measured) : undefined),
    async say(report) {
      if (!isGood(report)) await err.warn(words.noBaseline(path));
      else await err.write(`\n${err.fitted(words.newBaseline(path))}\n`);
    },
    close: file.close,
  };
}

/** What could only be found out after minutes of load is found out before. */
function refuseUnlike(
  { path, report }: { path: string; report: RunReport },
  { loads, demo, endpoint }: AskedLoad,
): void {
  if (report.demo !== demo) {
    const sides = demo ? { demo: endpoint, real: path } : { demo: path, real: endpoint };
    throw new UserError({ code: "compare_demo", ...sides });
  }
  const known = report.steps.map((step) => sizeOf(step.load));
  if (!loads.some((load) => known.includes(sizeOf(load))))
    throw new UserError({ code: "baseline_load", path, options: [...new Set(known)] });
}

/** A load as it is typed. */
function sizeOf(load: LoadReport): string {
  return load.kind === "closed" ? `-j ${load.concurrency}` : `--rate ${load.rate}`;
}
