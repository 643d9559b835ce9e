import type { CompareWords } from "../i18n/load.ts";
import type { FigureDifference, PairReport } from "../metrics/comparison.ts";
import { readFigure, type Unit } from "../metrics/figure.ts";
import type { Paint } from "../text/paint.ts";
import { flat } from "../text/visible.ts";
import { padEnd, padStart, cellsOf, cut } from "../text/width.ts";
import { wrapParts } from "../text/wrap.ts";

/** However wide the terminal: a line that is longer is hard to read. */
export const WIDTH = 80;
const LABEL = 22;

/** One pair as lines; `brief` shows what decides and what stands out, else every figure has a row. */
export function tableOf(pair: PairReport, words: CompareWords, paint: Paint, brief: boolean): string[] {
  const { a, b } = pair.model;
  const model = a === b ? (a ?? words.allModels) : `${a ?? words.allModels} / ${b ?? words.allModels}`;
  const counts = words.streams(words.count(pair.streams.a), words.count(pair.streams.b));
  const runs = Math.max(pair.runs.a, pair.runs.b) > 1 ? [words.runs(pair.runs.a, pair.runs.b)] : [];
  const head = ["", "", "A", "B", words.columns.change, words.columns.interval, ""];
  const shown = shownOf(pair, brief);
  const rows = shown.map((figure) => cellsOfRow(figure, words));
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => cellsOf(row[at] ?? ""))));
  return [
    ...wrapParts([words.load(pair.load), flat(model), counts, ...runs], " · ", WIDTH).map(paint.bold),
    paint.dim(line(head, widths)),
    ...shown.map((figure, at) => toned(line(rows[at] ?? [], widths), figure, paint)),
  ];
}

/** What the marks of these tables mean, how the intervals came about, and what the tables leave out. */
export function legendOf(pairs: readonly PairReport[], words: CompareWords, paint: Paint, brief: boolean): string[] {
  const shown = pairs.flatMap((pair) => shownOf(pair, brief));
  if (shown.length === 0) return [];
  const left = pairs.reduce((sum, { figures }) => sum + figures.length, 0) - shown.length;
  const parts = [
    words.legend.primary,
    ...(shown.some((figure) => isDifferent(figure) && !figure.stands) ? [words.legend.chance] : []),
    ...new Set(pairs.map(({ method }) => words.method[method])),
    ...(left > 0 ? [words.legend.left(words.count(left))] : []),
  ];
  return wrapParts(parts, " · ", WIDTH).map(paint.dim);
}

function shownOf(pair: PairReport, brief: boolean): FigureDifference[] {
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

function cellsOfRow(figure: FigureDifference, words: CompareWords): string[] {
  const { a, b, unit, interval, word, stands, primary } = figure;
  const bounds = interval === null ? "–" : `${words.signed(interval[0])} … ${words.signed(interval[1])}`;
  const doubtful = isDifferent(figure) && !stands;
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
function toned(text: string, figure: FigureDifference, paint: Paint): string {
  if (!isDifferent(figure)) return text;
  const coloured = figure.word === "better" ? paint.green(text) : paint.red(text);
  return figure.stands ? paint.bold(coloured) : coloured;
}

/** A figure as people name it. */
export function labelOf({ figure }: FigureDifference, words: CompareWords): string {
  const read = readFigure(figure);
  if (read.kind === "scalar") return read.of === "goodput_per_second" ? figure : words.figure[read.of];
  if (read.kind !== "statistic") return figure;
  const { statistic } = read;
  const name = statistic.name === "percentile" ? `p${statistic.percent}` : words.mean;
  return `${words.figure[read.of]} ${name}`;
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
