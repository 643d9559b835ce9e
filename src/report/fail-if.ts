import { UserError } from "../config/user-error.ts";
import type { FailIfReport } from "../metrics/comparison.ts";
import { figureText, readFigure, unitOf, type Figure } from "../metrics/figure.ts";
import { betterOf, type Pair } from "./difference.ts";

/** A worsening that is too much: a share of the value of A, or of shares the points, 0.1 for 10 %. */
export type FailIf = { text: string; figure: Figure; limit: number };

/** The arrow says without a word that of shares the points count. */
const EXAMPLES = "p95(ttft) +10%, p50(tokens_per_second) -10%, error_rate +1% (2% → 3%), goodput -5% (95% → 90%)";

/** Reads one `--fail-if`; throws `bad_fail_if`, also where the sign would ask for an improvement. */
export function parseFailIf(given: string): FailIf {
  const text = given.trim().replaceAll(/\s+/g, " ");
  const refuse = (accepted: string): UserError => new UserError({ code: "bad_fail_if", value: text, accepted });
  const [, left = "", sign = "", digits = ""] = /^(.+?)([+\-−])\s*(\d+(?:\.\d+)?|\.\d+)\s*%$/.exec(text) ?? [];
  if (sign === "") throw refuse(EXAMPLES);
  const figure = readFigure(left);
  if (figure.kind === "misread") throw refuse(figure.accepted);
  if (figure.kind === "distribution") throw refuse(`p95(${left.trim()}) ${sign}${digits}%`);
  const worse = betterOf(figure) === "less" ? "+" : "-";
  if ((sign === "+") !== (worse === "+")) {
    const points = unitOf(figure.of) === "share" ? (worse === "+" ? " (2% → 3%)" : " (95% → 94%)") : "";
    throw refuse(`${figureText(figure)} ${worse}${points === "" ? `${digits}%` : `1%${points}`}`);
  }
  return { text, figure, limit: Number(digits) / 100 };
}

/** Holds one against every pair; what cannot be known is not passed. `strict`: the estimate itself must keep it. */
export function checkFailIf(wish: FailIf, pairs: readonly Pair[], strict: boolean): FailIfReport[] {
  const nothing = {
    load: null,
    model: null,
    worsening: null,
    lower_bound: null,
    passed: false,
    why: "no_data",
  } as const;
  if (pairs.length === 0) return [{ text: wish.text, limit: wish.limit, ...nothing }];
  return pairs.map((pair) => checkPair(wish, pair, strict));
}

function checkPair({ text, figure, limit }: FailIf, pair: Pair, strict: boolean): FailIfReport {
  const found = pair.compare(figure);
  const less = betterOf(figure) === "less";
  const change = found?.change ?? null;
  const interval = found?.interval ?? null;
  const worsening = change === null ? null : less ? change : -change;
  const lowerBound = interval === null ? null : less ? interval[0] : -interval[1];
  const why = ((): FailIfReport["why"] => {
    if (worsening === null) return "no_data";
    if (!pair.enough) return "not_enough";
    if (strict) return worsening > limit ? "worse" : null;
    if (lowerBound === null) return "no_interval";
    return lowerBound > limit ? "worse" : null;
  })();
  return {
    text,
    load: pair.load,
    model: pair.model.a,
    worsening,
    lower_bound: lowerBound,
    limit,
    passed: why === null,
    why,
  };
}
