import type { CompareWords } from "../i18n/load.ts";
import { sayLoad } from "../i18n/say.ts";
import type { ComparisonReport, FailIfReport, FigureDifference, PairReport } from "../metrics/comparison.ts";
import { FIGURES, readFigure, type Unit } from "../metrics/figures.ts";
import type { LoadReport } from "../metrics/report.ts";
import { flat } from "../text/visible.ts";
import { cut } from "../text/width.ts";

/** What a comparison comes to, in words that a terminal and a page share. */

/** Figures that the verdict line names. */
const NAMED = 3;
/** Cells of a model's name beside a figure. */
const NAME = 24;

/** The whole comparison in one sentence. */
export function verdictText({ verdict, pairs }: ComparisonReport, words: CompareWords): string {
  const list = (word: "better" | "worse"): string => namesOf(pairs, word, words);
  switch (verdict) {
    case "better":
      return words.verdict.better(list("better"));
    case "worse":
      return words.verdict.worse(list("worse"));
    case "mixed":
      return words.verdict.mixed(list("better"), list("worse"));
    case "no_difference":
      return words.verdict.no_difference;
    case "not_enough":
      return tooLittle(pairs, words);
  }
}

/** The pair that comes closest says what is missing. */
function tooLittle(pairs: readonly PairReport[], words: CompareWords): string {
  const least = ({ streams }: PairReport): number => Math.min(streams.a, streams.b);
  const [closest] = pairs.toSorted((x, y) => least(y) - least(x));
  if (closest === undefined) return words.verdict.nothing;
  if (closest.enough) return words.verdict.not_judged;
  return words.verdict.not_enough(words.count(closest.streams.a), words.count(closest.streams.b));
}

function namesOf(pairs: readonly PairReport[], word: "better" | "worse", words: CompareWords): string {
  const manyModels = new Set(pairs.map(({ model }) => model.b)).size > 1;
  const found = pairs.flatMap(({ load, model, figures }) => {
    const place = manyModels ? placeOf(load, model.b, words) : sayLoad(words.terms, load);
    const decisive = figures.filter((figure) => figure.primary && figure.stands && figure.word === word);
    return decisive.map((figure) => {
      const { a, b, change, unit } = figure;
      // What was 0 has no relative change.
      const values = (): string => `${valueOf(a, unit, words)} → ${valueOf(b, unit, words)}`;
      const said = change === null ? values() : changeOf(figure, words);
      return `${labelOf(figure, words)} ${said}${pairs.length > 1 ? ` (${place})` : ""}`;
    });
  });
  return [...found.slice(0, NAMED), ...(found.length > NAMED ? ["…"] : [])].join(", ");
}

/** Under which load, and of which model. */
export function placeOf(load: LoadReport, model: string | null, words: CompareWords): string {
  return `${sayLoad(words.terms, load)}, ${cut(flat(model ?? words.terms.allModels), NAME)}`;
}

/** The sentence of one `--fail-if`. */
export function failIfText(gate: FailIfReport, words: CompareWords): string {
  return words.failIf.line(gate.text, gateResult(gate, words));
}

/** Whether a `--fail-if` was passed, and by how much. */
export function gateResult({ text, worsening, lower_bound: bound, why }: FailIfReport, words: CompareWords): string {
  if (why !== null && why !== "worse" && why !== "undecided") return words.failIf.why[why];
  const read = readFigure(text.replace(/[+\-−][^+\-−]*$/, ""));
  const unit = read.kind === "misread" ? "ms" : FIGURES[read.of].unit;
  const sign = text.includes("+") ? 1 : -1;
  const say = (value: number): string => changeOf({ change: sign * value, unit }, words);
  const certain = bound !== null && bound > 0 ? say(bound) : null;
  const parts = [
    worsening === null ? words.failIf.fromZero[why === null ? "better" : "worse"] : say(worsening),
    ...(worsening !== null && worsening > 0 ? [words.failIf.certain(certain)] : []),
  ];
  return words.failIf[why ?? "passed"](parts.join(", "));
}

/** A figure as people name it. */
export function labelOf({ figure }: FigureDifference, words: CompareWords): string {
  const read = readFigure(figure);
  if (read.kind === "scalar") return words.terms.figure[read.of].name;
  if (read.kind !== "statistic") return figure;
  const { statistic } = read;
  const name = statistic.name === "percentile" ? `p${statistic.percent}` : words.mean;
  return `${words.terms.figure[read.of].name} ${name}`;
}

/** A value with its unit. */
export function valueOf(value: number, unit: Unit, words: CompareWords): string {
  if (unit === "ms") return words.duration(value);
  return unit === "share" ? words.percent(value) : words.number(value);
}

/** A change with its sign and unit. */
export function changeOf({ change, unit }: Pick<FigureDifference, "change" | "unit">, words: CompareWords): string {
  if (change === null) return "–";
  return words.signed(change) + words.unit[unit === "share" ? "points" : "relative"];
}
