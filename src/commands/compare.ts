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
import { comparing, everywhere, output } from "./options.ts";
import { readRun } from "./read-report.ts";

/** The word between the runs of one side and those of the other. */
const BETWEEN = "vs";

/** `llmaas compare A.json B.json`: whether the second is better or worse than the first, and how certain that is. */
export const compare: Verb = {
  meta: { name: "compare" },
  args: { ...comparing, quiet: output.quiet, json: output.json, ...everywhere },
  words: "file",
  async run({ args, out, messages }) {
    const failIf = args.all("fail-if").map(parseFailIf);
    const ifDisturbed = ifDisturbedOf(args);
    const sides = sidesOf(args.positionals);
    const [a, b] = [await Promise.all(sides.a.map(readRun)), await Promise.all(sides.b.map(readRun))];
    const report = compareRuns(a, b, {
      failIf,
      strict: args.has("strict"),
      ifDisturbed,
      exit: { ok: EXIT.ok, nothing: EXIT.failed, failed: EXIT.threshold, undecided: UNDECIDED[ifDisturbed] },
    });
    if (args.has("json")) {
      await out.write(`${visibleJson(report)}\n`);
      return report.exit_code;
    }
    const words = await load(messages.lang, "compare");
    const say = args.has("quiet") ? verdictLine : differences;
    await out.write(say(report, words, out.color));
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
