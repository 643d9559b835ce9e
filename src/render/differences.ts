import type { CompareWords } from "../i18n/load.ts";
import { sayNote } from "../i18n/say.ts";
import type { ComparisonReport, FailIfReport, PairReport } from "../metrics/comparison.ts";
import { readFigure, unitOf } from "../metrics/figure.ts";
import type { LoadReport } from "../metrics/summary.ts";
import { createPaint, type Paint } from "../text/paint.ts";
import { flat } from "../text/visible.ts";
import { cellsOf, cut } from "../text/width.ts";
import { wrapParts } from "../text/wrap.ts";
import { changeOf, labelOf, legendOf, tableOf, valueOf, WIDTH } from "./differences-table.ts";

/** Figures that the verdict line names. */
const NAMED = 3;
/** Cells of a model's name beside a figure. */
const NAME = 24;

/** A comparison as text: the verdict, one table for each load and model, then what must be known of them. */
export function differences(report: ComparisonReport, words: CompareWords, color: boolean): string {
  const paint = createPaint(color);
  const several = report.pairs.length > 1;
  const tables = report.pairs.map((pair) => tableOf(pair, words, paint, several));
  const legend = legendOf(report.pairs, words, paint, several);
  const gates = gatesOf(report, words, paint);
  const notes = report.notes.flatMap((note) => wrap(flat(sayNote(words, note)), ""));
  const sides = [["A", report.a] as const, ["B", report.b] as const].flatMap(([side, paths]) =>
    wrap(words.side(side, paths.map(flat).join(", ")), "   "),
  );
  const verdict = wrapFigures(verdictText(report, words)).map(toneOf(report, paint));
  const blocks = [[...verdict, ...sides], ...tables, legend, gates, notes];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `${line}\n`).join(""))
    .join("\n");
}

/** The first line alone, however long, and each --fail-if that failed. */
export function verdictLine(report: ComparisonReport, words: CompareWords, color: boolean): string {
  const paint = createPaint(color);
  const gates = gatesOf(report, words, paint, ({ passed }) => !passed);
  return `${[toneOf(report, paint)(verdictText(report, words)), ...gates].join("\n")}\n`;
}

function toneOf({ verdict }: ComparisonReport, paint: Paint): (text: string) => string {
  switch (verdict) {
    case "better":
      return paint.green;
    case "worse":
      return paint.red;
    case "mixed":
    case "not_enough":
      return paint.yellow;
    case "no_difference":
      return (text) => text;
  }
}

function verdictText({ verdict, pairs }: ComparisonReport, words: CompareWords): string {
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
    const place = manyModels ? placeOf(load, model.b, words) : words.load(load);
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

function placeOf(load: LoadReport, model: string | null, words: CompareWords): string {
  return `${words.load(load)}, ${cut(flat(model ?? words.allModels), NAME)}`;
}

function gatesOf(
  { fail_if: gates }: ComparisonReport,
  words: CompareWords,
  paint: Paint,
  shown: (gate: FailIfReport) => boolean = () => true,
): string[] {
  const places = new Set(gates.map(({ load, model }) => JSON.stringify([load, model])));
  return gates.filter(shown).flatMap((gate) => gateOf(gate, words, paint, places.size > 1));
}

function gateOf(gate: FailIfReport, words: CompareWords, paint: Paint, several: boolean): string[] {
  const where = several && gate.load !== null ? ` (${placeOf(gate.load, gate.model, words)})` : "";
  const lines = wrap(
    `${gate.passed ? "✓" : "✗"} ${words.failIf.line(gate.text + where, gateResult(gate, words))}`,
    "  ",
  );
  return lines.map(gate.passed ? paint.green : paint.red);
}

function gateResult({ text, worsening, lower_bound: bound, why }: FailIfReport, words: CompareWords): string {
  if (why !== null && why !== "worse") return words.failIf.why[why];
  const read = readFigure(text.replace(/[+\-−][^+\-−]*$/, ""));
  const unit = read.kind === "misread" ? "ms" : unitOf(read.of);
  const sign = text.includes("+") ? 1 : -1;
  const say = (value: number): string => changeOf({ change: sign * value, unit }, words);
  const certain = bound !== null && bound > 0 ? say(bound) : null;
  const parts = [
    worsening === null ? words.failIf.fromZero[why === null ? "better" : "worse"] : say(worsening),
    ...(worsening !== null && worsening > 0 ? [words.failIf.certain(certain)] : []),
  ];
  return (why === null ? words.failIf.passed : words.failIf.worse)(parts.join(", "));
}

/** Lines of at most 80 cells, a figure and its change on one of them where they fit. */
function wrapFigures(text: string): string[] {
  const parts = text.split(/(?<=[,;:]) /);
  return parts.some((part) => cellsOf(part) > WIDTH) ? wrap(text, "") : wrapParts(parts, " ", WIDTH);
}

/** Lines of at most 80 cells, all but the first with an indent. */
function wrap(text: string, indent: string): string[] {
  const lines = wrapParts(text.split(" "), " ", WIDTH - indent.length);
  return lines.map((part, at) => (at === 0 ? part : indent + part));
}
