import { sayNote, type CompareWords } from "../i18n/compare.ts";
import type { ComparisonReport, FailIfReport, FigureDifference, PairReport } from "../metrics/comparison.ts";
import { readFigure, unitOf, type Unit } from "../metrics/figure.ts";
import type { LoadReport } from "../metrics/summary.ts";
import { flat, padEnd, padStart, wrapParts } from "./fit.ts";
import { createPaint, type Paint } from "./paint.ts";
import { cellsOf, cut } from "./width.ts";

/** However wide the terminal: a line that is longer is hard to read. */
const WIDTH = 80;
const LABEL = 22;
/** Figures that the verdict line names. */
const NAMED = 3;

/** A comparison as text: the verdict, one table for each load and model, then what must be known of them. */
export function differences(report: ComparisonReport, words: CompareWords, color: boolean): string {
  const paint = createPaint(color);
  const tables = report.pairs.map((pair) => tableOf(pair, words, paint, report.pairs.length > 1));
  const gates = report.fail_if.map((gate) => gateOf(gate, words, paint, report.pairs.length > 1));
  const notes = report.notes.flatMap((note) => wrap(flat(sayNote(words, note)), ""));
  const sides = [["A", report.a] as const, ["B", report.b] as const].flatMap(([side, paths]) =>
    wrap(words.side(side, paths.map(flat).join(", ")), "   "),
  );
  const blocks = [[verdictLine(report, words, color).trimEnd(), ...sides], ...tables, gates.flat(), notes];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `${line}\n`).join(""))
    .join("\n");
}

/** The first line alone. */
export function verdictLine({ verdict, pairs }: ComparisonReport, words: CompareWords, color: boolean): string {
  const paint = createPaint(color);
  const list = (word: "better" | "worse"): string => namesOf(pairs, word, words);
  const sum = (side: "a" | "b"): string => words.count(Math.max(0, ...pairs.map(({ streams }) => streams[side])));
  switch (verdict) {
    case "better":
      return `${paint.green(words.verdict.better(list("better")))}\n`;
    case "worse":
      return `${paint.red(words.verdict.worse(list("worse")))}\n`;
    case "mixed":
      return `${paint.yellow(words.verdict.mixed(list("better"), list("worse")))}\n`;
    case "no_difference":
      return `${words.verdict.no_difference}\n`;
    case "not_enough":
      return `${paint.yellow(pairs.length === 0 ? words.verdict.nothing : words.verdict.not_enough(sum("a"), sum("b")))}\n`;
  }
}

function namesOf(pairs: readonly PairReport[], word: "better" | "worse", words: CompareWords): string {
  const found = pairs.flatMap(({ load, model, figures }) =>
    figures
      .filter((figure) => figure.primary && figure.stands && figure.word === word)
      .map((figure) => {
        const where = pairs.length > 1 ? ` (${placeOf(load, model.b, words)})` : "";
        return `${labelOf(figure, words)} ${changeOf(figure, words)}${where}`;
      }),
  );
  return [...found.slice(0, NAMED), ...(found.length > NAMED ? ["…"] : [])].join(", ");
}

function placeOf(load: LoadReport, model: string | null, words: CompareWords): string {
  return `${words.load(load)}, ${flat(model ?? words.allModels)}`;
}

/** Several tables show what decides and what differs; one alone shows every figure. */
function tableOf(pair: PairReport, words: CompareWords, paint: Paint, several: boolean): string[] {
  const differs = ({ word }: FigureDifference): boolean => word === "better" || word === "worse";
  const shown = pair.figures.filter((figure) => {
    return figure.primary || (!isRepeated(figure, pair) && (!several || differs(figure)));
  });
  const { a, b } = pair.model;
  const model = a === b ? (a ?? words.allModels) : `${a ?? words.allModels} / ${b ?? words.allModels}`;
  const counts = words.streams(words.count(pair.streams.a), words.count(pair.streams.b));
  const title = [words.load(pair.load), flat(model), counts, words.runs(pair.runs.a, pair.runs.b)];
  const head = ["", "", "A", "B", words.columns.change, words.columns.interval, ""];
  const rows = shown.map((figure) => cellsOfRow(figure, words));
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => cellsOf(row[at] ?? ""))));
  const body = shown.map((figure, at) => toned(line(rows[at] ?? [], widths), figure, paint));
  const left = pair.figures.length - shown.length;
  const legend = [
    words.legend.primary,
    ...(shown.some((figure) => differs(figure) && !figure.stands) ? [words.legend.chance] : []),
    words.method[pair.method],
    ...(left > 0 ? [words.legend.left(words.count(left))] : []),
  ];
  return [
    ...wrapParts(title, " · ", WIDTH).map(paint.bold),
    paint.dim(line(head, widths)),
    ...body,
    ...wrapParts(legend, " · ", WIDTH).map(paint.dim),
  ];
}

/** Without reasoning the first visible token is the first token; in a closed loop nothing is due before it is sent. */
function isRepeated({ figure, a, b }: FigureDifference, { load, figures }: PairReport): boolean {
  if (load.kind === "closed" && figure.includes("(latency_from_due)")) return true;
  const twin = figure.includes("(ttfo)") && figures.find((other) => other.figure === figure.replace("ttfo", "ttft"));
  return twin !== undefined && twin !== false && twin.a === a && twin.b === b;
}

function cellsOfRow(figure: FigureDifference, words: CompareWords): string[] {
  const { a, b, unit, interval, word, stands, primary } = figure;
  const bounds = interval === null ? "–" : `${words.signed(interval[0])} … ${words.signed(interval[1])}`;
  const doubtful = (word === "better" || word === "worse") && !stands;
  return [
    primary ? "●" : " ",
    cut(labelOf(figure, words), LABEL),
    valueOf(a, unit, words),
    valueOf(b, unit, words),
    changeOf(figure, words),
    bounds,
    doubtful ? words.doubtful(words.word[word]) : words.word[word],
  ];
}

function line(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, at) => (at > 1 && at < 5 ? padStart : padEnd)(cell, widths[at] ?? 0));
  const [mark = "", label = "", ...rest] = padded;
  return cut(`${mark} ${[label, ...rest].join("  ")}`.trimEnd(), WIDTH);
}

/** Bold where it is for certain. */
function toned(text: string, { word, stands }: FigureDifference, paint: Paint): string {
  if (word !== "better" && word !== "worse") return text;
  const coloured = word === "better" ? paint.green(text) : paint.red(text);
  return stands ? paint.bold(coloured) : coloured;
}

function labelOf({ figure }: FigureDifference, words: CompareWords): string {
  const read = readFigure(figure);
  if (read.kind === "scalar") return read.of === "goodput_per_second" ? figure : words.figure[read.of];
  if (read.kind !== "statistic") return figure;
  const { statistic } = read;
  const name = statistic.name === "percentile" ? `p${statistic.percent}` : words.mean;
  return `${words.figure[read.of]} ${name}`;
}

function valueOf(value: number, unit: Unit, words: CompareWords): string {
  if (unit === "ms") return words.duration(value);
  return unit === "share" ? words.percent(value) : words.number(value);
}

function changeOf({ change, unit }: Pick<FigureDifference, "change" | "unit">, words: CompareWords): string {
  if (change === null) return "–";
  return words.signed(change) + words.unit[unit === "share" ? "points" : "relative"];
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
    ...(worsening === null ? [] : [say(worsening)]),
    ...(worsening !== null && worsening > 0 ? [words.failIf.certain(certain)] : []),
  ];
  return (why === null ? words.failIf.passed : words.failIf.worse)(parts.join(", "));
}

/** Lines of at most 80 cells, all but the first with an indent. */
function wrap(text: string, indent: string): string[] {
  const lines = wrapParts(text.split(" "), " ", WIDTH - indent.length);
  return lines.map((part, at) => (at === 0 ? part : indent + part));
}
