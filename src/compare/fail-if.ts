import { UserError } from "../config/user-error.ts";
import type { FailIfReport } from "../metrics/comparison.ts";
import { betterOf, FIGURES, figureText, readFigure, type Figure } from "../metrics/figures.ts";
import type { LoadReport } from "../metrics/report.ts";
import { withFigureMeant } from "../metrics/thresholds.ts";
import type { Pair } from "./difference.ts";

/** A worsening that is too much: a share of the value of A, or of shares the points, 0.1 for 10 %. */
export type FailIf = { text: string; figure: Figure; limit: number };

/** The arrow says without a word that of shares the points count. */
const EXAMPLES = "p95(ttft) +10%, p50(tokens_per_second) -10%, error_rate +1% (2% → 3%), goodput -5% (95% → 90%)";

/** Reads one `--fail-if`; throws `bad_fail_if`, also where the sign would ask for an improvement. */
export function parseFailIf(given: string): FailIf {
  const text = given.trim().replaceAll(/\s+/g, " ");
  const refuse = (accepted: string, meant: string | null = null): UserError =>
    new UserError({ code: "bad_fail_if", value: text, why: null, part: "", accepted, meant });
  const [, left = "", sign = "", digits = ""] = /^(.+?)([+\-−])\s*(\d+(?:\.\d+)?|\.\d+)\s*%$/.exec(text) ?? [];
  if (sign === "") throw refuse(EXAMPLES, repaired(text));
  const figure = readFigure(left);
  if (figure.kind === "misread") {
    const { why, part, accepted } = figure;
    const known = withFigureMeant(left.trim(), figure);
    const isDistribution = known !== null && readFigure(known).kind === "distribution";
    const meant = known === null ? null : `${isDistribution ? `p95(${known})` : known} ${sign}${digits}%`;
    if (why === "syntax") throw refuse(EXAMPLES, meant);
    throw new UserError({ code: "bad_fail_if", value: text, why, part, accepted, meant });
  }
  if (figure.kind === "distribution") throw refuse(EXAMPLES, `p95(${left.trim()}) ${sign}${digits}%`);
  const worse = betterOf(figure) === "less" ? "+" : "-";
  if ((sign === "+") !== (worse === "+")) {
    const points = FIGURES[figure.of].unit === "share" ? (worse === "+" ? " (2% → 3%)" : " (95% → 94%)") : "";
    throw refuse(EXAMPLES, `${figureText(figure)} ${worse}${points === "" ? `${digits}%` : `1%${points}`}`);
  }
  return { text, figure, limit: Number(digits) / 100 };
}

/** A comma where a point is written, a sign of per cent that was forgotten; `null` where that is not all. */
function repaired(text: string): string | null {
  const pointed = text.replace(/(?<=\d),(?=\d)/, ".");
  const whole = /[+\-−]\s*[\d.]+$/.test(pointed) ? `${pointed}%` : pointed;
  return whole !== text && /[+\-−]\s*[\d.]+\s*%$/.test(whole) ? whole : null;
}

/** A load, or a model under it, that only A has; `null`: all of its models. */
export type Alone = { load: LoadReport; model: string | null };

type Judgement = Pick<FailIfReport, "worsening" | "lower_bound" | "passed" | "why">;

const NO_DATA: Judgement = { worsening: null, lower_bound: null, passed: false, why: "no_data" };

/** Holds one against every pair; what cannot be known is not passed. `strict`: the estimate itself must keep it. */
export function checkFailIf(
  { text, figure, limit }: FailIf,
  pairs: readonly Pair[],
  alone: readonly Alone[],
  strict: boolean,
): FailIfReport[] {
  const gate = (load: LoadReport | null, model: string | null, judged: Judgement): FailIfReport => {
    const { worsening, lower_bound, passed, why } = judged;
    return { text, load, model, worsening, lower_bound, limit, passed, why };
  };
  const gates = [
    ...pairs.map((pair) => gate(pair.load, pair.model.a, judge(pair, figure, limit, strict))),
    ...alone.map(({ load, model }) => gate(load, model, NO_DATA)),
  ];
  return gates.length > 0 ? gates : [gate(null, null, NO_DATA)];
}

function judge(pair: Pair, figure: Figure, limit: number, strict: boolean): Judgement {
  const found = pair.compare(figure);
  if (found === null || !pair.alike(figure)) return NO_DATA;
  const { change, interval, word } = found;
  const less = betterOf(figure) === "less";
  const worsening = change === null ? null : less ? change : -change;
  const bound = interval === null ? null : less ? interval[0] : -interval[1];
  const judged = strict ? worsening : bound;
  const why = ((): FailIfReport["why"] => {
    if (word === "not_enough") return "not_enough";
    if (judged !== null && Math.abs(judged - limit) < pair.shift(found, figure)) return "undecided";
    // From 0 a rate can only rise, and a time that rises does so by more than any share of 0.
    if (worsening === null) return !less ? null : strict || word === "worse" ? "worse" : "no_interval";
    if (strict) return worsening > limit ? "worse" : null;
    if (bound === null) return worsening <= 0 ? null : "no_interval";
    return bound > limit ? "worse" : null;
  })();
  return { worsening, lower_bound: bound, passed: why === null, why };
}
