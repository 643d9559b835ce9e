import { compareRuns } from "../compare/compare.ts";
import { parseFailIf } from "../compare/fail-if.ts";
import { UserError } from "../config/user-error.ts";
import { load } from "../i18n/load.ts";
import { differences, verdictLine } from "../render/differences.ts";
import { visibleJson } from "../text/visible.ts";
import type { Verb } from "./context.ts";
import { ifDisturbedOf } from "./bench-options.ts";
import { EXIT } from "./exit.ts";
import { UNDECIDED } from "./load-exit.ts";
import { openCi } from "./ci.ts";
import { comparisonMarkdown } from "../report/comparison-markdown.ts";
import { failIfText } from "../render/difference-words.ts";
import { comparing, everywhere, output } from "./options.ts";
import { textColumns } from "./terminal.ts";
import { readRun } from "./read-report.ts";

/** The word between the runs of one side and those of the other. */
const BETWEEN = "vs";

/** `llmaas compare A.json B.json`: whether the second is better or worse than the first, and how certain that is. */
export const compare: Verb = {
  meta: { name: "compare" },
  args: {
    "fail-if": comparing["fail-if"],
    strict: comparing.strict,
    "if-disturbed": comparing["if-disturbed"],
    quiet: output.quiet,
    all: output.all,
    json: output.json,
    md: { type: "boolean", group: "output" },
    ci: output.ci,
    ...everywhere,
  },
  words: "file",
  async run(context) {
    const { args, out, messages } = context;
    const failIf = args.all("fail-if").map(parseFailIf);
    for (const [one, other] of [
      ["json", "md"],
      ["json", "quiet"],
      ["md", "quiet"],
    ] as const) {
      if (args.has(one) && args.has(other))
        throw new UserError({ code: "options_conflict", options: [`--${one}`, `--${other}`] });
    }
    const ifDisturbed = ifDisturbedOf(args);
    const sides = sidesOf(args.positionals);
    const [a, b] = [await Promise.all(sides.a.map(readRun)), await Promise.all(sides.b.map(readRun))];
    const report = compareRuns(a, b, {
      failIf,
      strict: args.has("strict"),
      ifDisturbed,
      exit: { ok: EXIT.ok, nothing: EXIT.failed, failed: EXIT.threshold, undecided: UNDECIDED[ifDisturbed] },
    });
    const words = await load(messages.lang, "compare");
    const all = args.has("all");
    await out.write(
      args.has("json")
        ? `${visibleJson(report)}\n`
        : args.has("md")
          ? comparisonMarkdown(report, words, all)
          : args.has("quiet")
            ? verdictLine(report, words, out.color, textColumns(out))
            : differences(report, words, out.color, { all, columns: textColumns(out) }),
    );
    const ci = await openCi(context, messages);
    const failed = report.fail_if.filter(({ passed }) => !passed);
    await ci?.annotate(failed.map((gate) => ({ title: `--fail-if ${gate.text}`, text: failIfText(gate, words) })));
    await ci?.summarize(comparisonMarkdown(report, words, all));
    return report.exit_code;
  },
};

function sidesOf(positionals: readonly string[]): { a: readonly string[]; b: readonly string[] } {
  const at = positionals.indexOf(BETWEEN);
  const [first, second] = positionals;
  if (at === -1 && positionals.length === 2 && first !== undefined && second !== undefined) {
    return { a: [first], b: [second] };
  }
  const [a, b] = at === -1 ? [[], []] : [positionals.slice(0, at), positionals.slice(at + 1)];
  if (a.length === 0 || b.length === 0 || b.includes(BETWEEN)) {
    const given = positionals.filter((word) => word !== BETWEEN);
    throw new UserError({ code: "compare_sides", given, between: at !== -1 });
  }
  return { a, b };
}
