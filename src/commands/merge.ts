import { mergeParts } from "../bench/merge/run.ts";
import { partsOf } from "../bench/merge/shards.ts";
import { load } from "../i18n/load.ts";
import { renderResult, renderVerdict } from "../render/bench/result.ts";
import { createPaint } from "../text/paint.ts";
import { visibleJson } from "../text/visible.ts";
import { UserError } from "../config/user-error.ts";
import { ifDisturbedOf } from "./bench-options.ts";
import { openBenchCi } from "./ci.ts";
import type { Context, Verb } from "./context.ts";
import { loadExitCode } from "./load-exit.ts";
import { everywhere, judging, merging, output } from "./options.ts";
import { checkOutputs } from "./output-file.ts";
import { readRun } from "./read-report.ts";
import { askedReports, openReports, sayFiles } from "./reports.ts";
import { watchSignals } from "./signals.ts";
import { textColumns } from "./terminal.ts";

/** `llmaas merge FILE…`: one report of a load that several machines have shared. */
export const merge: Verb = {
  meta: { name: "merge" },
  args: {
    ...merging,
    "if-disturbed": { ...judging["if-disturbed"], needs: [] },
    quiet: output.quiet,
    json: output.json,
    report: output.report,
    force: output.force,
    ci: output.ci,
    ...everywhere,
  },
  words: "file",
  async run(context) {
    const { args, messages } = context;
    if (args.has("json") && args.has("quiet"))
      throw new UserError({ code: "options_conflict", options: ["--json", "--quiet"] });
    const files = args.positionals;
    for (const file of files) checkOutputs(file, args.all("report"));
    const runs = await Promise.all(files.map(readRun));
    const parts = partsOf(runs, args.has("allow-missing"));
    const ifDisturbed = args.has("if-disturbed")
      ? ifDisturbedOf(args)
      : (parts.parts[0].report.plan.if_disturbed ?? "undecided");
    const merged = mergeParts(parts, ifDisturbed, (verdict, partial) =>
      loadExitCode({ partial, died: false, failure: null }, verdict, { signalled: null, ifDisturbed }),
    );
    const reports = await openReports(askedReports(args.all("report")), {
      args,
      messages,
      stopped: watchSignals().first,
    });
    const { ok, failed, unfinished } = merged.verdict.streams;
    const measured = { report: merged, streams: [], left: ok + failed + unfinished, messages };
    try {
      await reports.write(measured);
    } finally {
      await reports.close();
    }
    await show(context, merged);
    await (
      await openBenchCi(context, messages)
    )?.(measured);
    if (!args.has("quiet") && !args.has("json")) await sayFiles(context, messages, []);
    return merged.verdict.exit_code;
  },
};

/** What the parts came to, as bench shows what it measured. */
async function show({ out, args, messages }: Context, merged: ReturnType<typeof mergeParts>): Promise<void> {
  if (args.has("json")) return out.write(`${visibleJson(merged)}\n`);
  const words = await load(messages.lang, "bench");
  const options = { messages, words, paint: createPaint(out.color), terminal: out.terminal, columns: textColumns(out) };
  return out.write(args.has("quiet") ? renderVerdict(merged, options) : renderResult(merged, options));
}
