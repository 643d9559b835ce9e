import { load, type Messages } from "../i18n/load.ts";
import type { RunReport } from "../metrics/report.ts";
import type { Measured } from "../report/forms.ts";
import { openBaseline, type AskedLoad } from "./baseline.ts";
import { openBenchCi } from "./ci.ts";
import type { Context } from "./context.ts";
import { keepReport, mayKeep } from "./kept-reports.ts";
import { askedReports, openReports } from "./reports.ts";

/** What becomes of a measured load: its reports, the baseline it is held against, the copy that is kept, and CI. */
export type Outcome = {
  /** The report with what the baseline says of it. */
  judge(report: RunReport): RunReport;
  write(measured: Measured): Promise<void>;
  /** Says how the run compares. */
  say(report: RunReport): Promise<void>;
  /** The line that says that the report is kept, or why it is not. */
  kept(): Promise<string[]>;
  /** Takes away what nothing was written into. */
  close(): Promise<void>;
};

/** `stopped` settles when a signal comes; `asked`: what is about to be measured. */
type Speaking = { messages: Messages; stopped: Promise<void>; asked: AskedLoad };

/** Opens all that will be written before anything is sent. */
export async function openOutcome(context: Context, { messages, stopped, asked }: Speaking): Promise<Outcome> {
  const { args, env } = context;
  const spoken = { args, messages, stopped };
  const baseline = await openBaseline(context, spoken, asked);
  const reports = await openReports(askedReports(args.all("report")), spoken).catch(async (error: unknown) => {
    await baseline.close();
    throw error;
  });
  const ci = await openBenchCi(context, messages);
  const keeping = mayKeep(args, env);
  let kept: Awaited<ReturnType<typeof keepReport>> | null = null;
  return {
    judge: baseline.judge,
    async write(measured) {
      // What nobody asked to be kept is kept first: whatever else fails, it is not lost.
      if (keeping) kept = await keepReport(env, measured);
      await baseline.write(measured);
      await reports.write(measured);
      await ci?.(measured);
    },
    say: baseline.say,
    async kept() {
      if (kept === null) return [];
      const words = await load(messages.lang, "forms");
      const text =
        "path" in kept ? words.kept(context.command("report --html run.html")) : words.notKept(kept.folder, kept.why);
      return [`${context.err.fitted(text)}\n`];
    },
    async close() {
      await baseline.close();
      await reports.close();
    },
  };
}
