import type { CompareWords } from "../i18n/load.ts";
import { sayLoad, sayNote } from "../i18n/say.ts";
import type { ComparisonReport, FailIfReport, FigureDifference, PairReport } from "../metrics/comparison.ts";
import { textOf } from "../text/row.ts";
import { createPaint, type Paint } from "../text/paint.ts";
import { table } from "../text/table.ts";
import { flat } from "../text/visible.ts";
import { gateOutcome, MARKS } from "../metrics/verdict.ts";
import { cellsOf, cut } from "../text/width.ts";
import { COLUMNS, wrapParts } from "../text/wrap.ts";
import { changeOf, gateResult, labelOf, placeOf, valueOf, verdictText } from "./difference-words.ts";

/** `all`: every figure. `columns`: most cells of a line. */
type Shown = { all?: boolean; columns?: number };

/** A comparison as text: the verdict, one table for each load and model, then what must be known of them. */
export function differences(
  report: ComparisonReport,
  words: CompareWords,
  color: boolean,
  { all = false, columns = COLUMNS }: Shown = {},
): string {
  const paint = createPaint(color);
  const tables = report.pairs.map((pair) => tableOf(pair, words, paint, { brief: !all, columns }));
  const legend = legendOf(report.pairs, words, paint, { brief: !all, columns });
  const gates = gatesOf(report, words, paint, columns);
  const notes = report.notes.flatMap((note) => wrap(flat(sayNote(words, note)), "", columns));
  const sides = [["A", report.a] as const, ["B", report.b] as const].flatMap(([side, paths]) =>
    wrap(words.side(side, paths.map(flat).join(", ")), "   ", columns),
  );
  const verdict = wrapFigures(verdictText(report, words), columns).map(toneOf(report, paint));
  const blocks = [[...verdict, ...sides], ...tables, legend, gates, notes];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `${line}\n`).join(""))
    .join("\n");
}

/** The first line alone, however long, and each --fail-if that failed. */
export function verdictLine(report: ComparisonReport, words: CompareWords, color: boolean, columns = COLUMNS): string {
  const paint = createPaint(color);
  const gates = gatesOf(report, words, paint, columns, ({ passed }) => !passed);
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

function gatesOf(
  { fail_if: gates }: ComparisonReport,
  words: CompareWords,
  paint: Paint,
  columns: number,
  shown: (gate: FailIfReport) => boolean = () => true,
): string[] {
  const places = new Set(gates.map(({ load, model }) => JSON.stringify([load, model])));
  return gates.filter(shown).flatMap((gate) => gateOf(gate, words, paint, { several: places.size > 1, columns }));
}

function gateOf(
  gate: FailIfReport,
  words: CompareWords,
  paint: Paint,
  { several, columns }: { several: boolean; columns: number },
): string[] {
  const where = several && gate.load !== null ? ` (${placeOf(gate.load, gate.model, words)})` : "";
  const outcome = gateOutcome(gate);
  const lines = wrap(
    `${MARKS[outcome]} ${words.failIf.line(gate.text + where, gateResult(gate, words))}`,
    "  ",
    columns,
  );
  return lines.map(paint[TONES[outcome]]);
}

const TONES = { passed: "green", failed: "red", undecided: "yellow" } as const;

/** Lines of so many cells at most, a figure and its change on one of them where they fit. */
function wrapFigures(text: string, columns: number): string[] {
  const parts = text.split(/(?<=[,;:]) /);
  return parts.some((part) => cellsOf(part) > columns) ? wrap(text, "", columns) : wrapParts(parts, " ", columns);
}

/** Lines of so many cells at most, all but the first with an indent. */
function wrap(text: string, indent: string, columns: number): string[] {
  const lines = wrapParts(text.split(" "), " ", columns - indent.length);
  return lines.map((part, at) => (at === 0 ? part : indent + part));
}

/** `brief`: what decides and what stands out, else every figure. */
type Shape = { brief: boolean; columns: number };

const LABEL = 22;

/** One pair as lines; `brief` shows what decides and what stands out, else every figure has a row. */
function tableOf(pair: PairReport, words: CompareWords, paint: Paint, { brief, columns }: Shape): string[] {
  const { a, b } = pair.model;
  const model =
    a === b ? (a ?? words.terms.allModels) : `${a ?? words.terms.allModels} / ${b ?? words.terms.allModels}`;
  const counts = words.streams(words.count(pair.streams.a), words.count(pair.streams.b));
  const runs = Math.max(pair.runs.a, pair.runs.b) > 1 ? [words.runs(pair.runs.a, pair.runs.b)] : [];
  const head = ["", "", "A", "B", words.columns.change, words.columns.interval, ""];
  const shown = shownOf(pair, brief);
  const cells = [head, ...shown.map((figure) => cellsOfRow(figure, words))];
  const [first = "", ...lines] = aligned(cells, columns);
  return [
    ...wrapParts([sayLoad(words.terms, pair.load), flat(model), counts, ...runs], " · ", columns).map(paint.bold),
    paint.dim(first),
    ...shown.flatMap((figure, at) => (lines[at] ?? "").split("\n").map((line) => toned(line, figure, paint))),
  ];
}

/** The table; where it is too wide, the name of each figure stands above its values. */
function aligned(cells: readonly string[][], columns: number): string[] {
  const whole = table(cells, "llrrrl", [1, 2]).map((row) => textOf(row).trimEnd());
  if (whole.every((line) => cellsOf(line) <= columns)) return whole;
  const values = table(
    cells.map(([, , ...row]) => ["", ...row]),
    "lrrrrl",
    [1, 2],
  ).map((row) => textOf(row).trimEnd());
  if (values.some((line) => cellsOf(line) > columns)) return withoutInterval(cells, columns);
  return values.map((line, at) => underName(cells[at], line));
}

/** The same without the bounds of the change, and with what they come to in the line of the name. */
function withoutInterval(cells: readonly string[][], columns: number): string[] {
  const rows = cells.map(([, , a = "", b = "", change = ""]) => ["", a, b, change]);
  return table(rows, "lrrr", [1, 2]).map((row, at) => {
    const [mark = "", name = "", , , , , word = ""] = cells[at] ?? [];
    const line = cut(textOf(row).trimEnd(), columns);
    return at === 0 ? line : underName([mark, cut(`${name} ${word}`.trimEnd(), columns - 2)], line);
  });
}

function underName([mark = "", name = ""]: readonly string[] = [], line: string): string {
  return name === "" ? line : `${mark} ${name}\n${line}`;
}

/** What the marks of these tables mean, how the intervals came about, and what the tables leave out. */
function legendOf(
  pairs: readonly PairReport[],
  words: CompareWords,
  paint: Paint,
  { brief, columns }: Shape,
): string[] {
  const shown = pairs.flatMap((pair) => shownOf(pair, brief));
  if (shown.length === 0) return [];
  const left = pairs.reduce((sum, { figures }) => sum + figures.length, 0) - shown.length;
  const parts = [
    words.legend.primary,
    ...(shown.some((figure) => isDifferent(figure) && !figure.stands) ? [words.legend.chance] : []),
    ...new Set(pairs.map(({ method }) => words.method[method])),
    ...(left > 0 ? [words.legend.left(words.count(left))] : []),
  ];
  return wrapParts(parts, " · ", columns).map(paint.dim);
}

/** What decides and what differs for certain; all that is no repetition where it is not `brief`. */
export function shownOf(pair: PairReport, brief: boolean): FigureDifference[] {
  return pair.figures.filter((figure) => {
    if (figure.primary) return true;
    return !isRepeated(figure, pair) && (!brief || (isDifferent(figure) && figure.stands));
  });
}

function isDifferent({ word }: FigureDifference): boolean {
  return word === "better" || word === "worse";
}

/** Without reasoning the first visible token is the first token; in a closed loop nothing is due before it is sent. */
function isRepeated({ figure, a, b }: FigureDifference, { load, figures }: PairReport): boolean {
  if (load.kind === "closed" && figure.includes("(latency_from_due)")) return true;
  const twin = figure.includes("(ttfo)") && figures.find((other) => other.figure === figure.replace("ttfo", "ttft"));
  return twin !== undefined && twin !== false && twin.a === a && twin.b === b;
}

/** The cells of one figure: its mark, name, both values, the change, its interval, and a word. */
export function cellsOfRow(figure: FigureDifference, words: CompareWords): string[] {
  const { a, b, unit, interval, word, stands, primary, known = true } = figure;
  const bounds = interval === null ? "–" : `${words.signed(interval[0])} … ${words.signed(interval[1])}`;
  const doubtful = isDifferent(figure) && !stands;
  return [
    primary ? "●" : " ",
    cut(labelOf(figure, words), LABEL),
    ...(known ? [valueOf(a, unit, words), valueOf(b, unit, words), changeOf(figure, words)] : ["–", "–", "–"]),
    bounds,
    doubtful ? words.doubtful(words.word[word]) : words.word[word],
  ];
}

/** Bold where it is for certain. */
function toned(text: string, figure: FigureDifference, paint: Paint): string {
  if (!isDifferent(figure)) return text;
  const coloured = figure.word === "better" ? paint.green(text) : paint.red(text);
  return figure.stands ? paint.bold(coloured) : coloured;
}
