import { REPORTED, readReport, type JournalReport } from "../batch/journal-report.ts";
import { UserError } from "../config/user-error.ts";
import { load, type Messages } from "../i18n/load.ts";
import { linesOf } from "../text/row.ts";
import { table } from "../text/table.ts";
import { visible, visibleJson } from "../text/visible.ts";
import { onlyWord } from "./args.ts";
import { createBatchDisplay } from "./batch-display.ts";
import type { Context, Verb } from "./context.ts";
import { EXIT } from "./exit.ts";
import { everywhere, output } from "./options.ts";
import { asUserError, readableKind } from "./output-file.ts";

/** `llmaas batch report FILE`: what a file of results says of its batch. */
export const batchReport: Verb = {
  meta: { name: "batch report" },
  args: { json: output.json, ...everywhere },
  words: "file",
  async run(context) {
    const { args, messages, out, err } = context;
    const path = onlyWord(args, "batch report", "FILE.jsonl");
    if (path === "-" || readableKind(path, "value") === "pipe")
      throw new UserError({ code: "file_unreadable", path, why: "ESPIPE", kind: "value" });
    out.open();
    const words = await load(messages.lang, "batch");
    // JSON is the report and nothing else.
    const quiet = { ...args, has: (name: Parameters<typeof args.has>[0]) => name !== "json" && args.has(name) };
    const display = createBatchDisplay({ args: quiet, env: context.env, out, err }, messages, words);
    const report = await readReport(path, (read, size) => display.reading(path, read / size)).catch(
      (error: unknown) => {
        throw asUserError(error, path, "value");
      },
    );
    display.clear();
    if (args.has("json")) await out.write(`${visibleJson({ v: 1, type: "batch_report", path, ...report })}\n`);
    else await out.write(`${(await textOf(context, path, report)).map(visible).join("\n")}\n`);
    const { results, failed, torn, broken } = report;
    return results === 0 || failed + torn + broken > 0 ? EXIT.incomplete : EXIT.ok;
  },
};

/** Fewer values have no such percentile that could be told from chance. */
const ENOUGH = { p50: 1, p5: 20, p95: 20, p99: 100 } as const;

async function textOf({ messages }: Context, path: string, report: JournalReport): Promise<string[]> {
  const [{ report: say }, { figure }] = await Promise.all([load(messages.lang, "batch"), load(messages.lang, "terms")]);
  const { count } = messages;
  const damage = [
    ...(report.twice > 0 ? [say.twice(report.twice)] : []),
    ...(report.broken > 0 ? [say.broken(report.broken)] : []),
    ...(report.torn > 0 ? [say.torn(messages.bytes(report.torn))] : []),
  ];
  if (report.results === 0) return [say.nothing(path), ...damage];
  const { tokens, failures, figures } = report;
  const known = (sum: number | null): string | null => (sum === null ? null : count(sum));
  const rows = REPORTED.flatMap((name) => {
    const found = figures[name];
    if (found === null) return [];
    const shown = name === "tokens_per_second" ? (["p50", "p5"] as const) : (["p50", "p95", "p99"] as const);
    const value = (at: keyof typeof ENOUGH): string =>
      found.count < ENOUGH[at] ? `${at} –` : `${at} ${valueOf(messages, name, found[at])}`;
    return [["  " + figure[name].name, ...shown.map(value)]];
  });
  const groups = failures.map(({ why, count: times, message, ids }) =>
    `  ${count(times)} × ${why} ${say.ids(ids, times)} ${message}`.trimEnd(),
  );
  return [
    say.head(path, report.results, report.answered, report.failed),
    say.verdicts(Object.entries(report.verdicts).map(([verdict, times]) => `${verdict} ${count(times)}`)),
    ...(report.retries > 0 ? [say.retries(report.retries)] : []),
    ...(report.taken_over > 0 ? [say.takenOver(report.taken_over)] : []),
    say.tokens(count(tokens.prompt), known(tokens.cached), count(tokens.completion), known(tokens.reasoning)),
    ...(report.uncounted > 0 ? [say.uncounted(report.uncounted)] : []),
    ...Object.entries(report.cost).map(([currency, sum]) => say.cost(messages.cost(sum, currency))),
    ...(report.span_ms === null || report.first_sent === null
      ? []
      : [say.time(messages.duration(report.span_ms), report.first_sent.slice(0, 19).replace("T", " "))]),
    ...linesOf(table(rows, "l", [2]))
      .split("\n")
      .filter((line) => line.trim() !== ""),
    ...damage,
    ...(groups.length > 0 ? [say.failures, ...groups] : []),
  ];
}

function valueOf(messages: Messages, name: (typeof REPORTED)[number], value: number): string {
  return name === "tokens_per_second" ? messages.amount(value) : messages.duration(value);
}
