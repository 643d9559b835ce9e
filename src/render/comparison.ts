import type { Numbers } from "../i18n/numbers.ts";
import { COMPARED, createTally, type Compared, type ComparedFigure, type ModelTally } from "../metrics/tally.ts";
import { flat, padEnd, padStart, wrapParts } from "./fit.ts";
import { createPaint, type Paint } from "./paint.ts";
import { cellsOf, cut } from "./width.ts";

/** What the comparison says; short enough for 40 columns. */
export type ComparisonWords = {
  streams: string;
  /** `currency` is that of the prices. */
  figure: Record<Exclude<ComparedFigure, "cost">, string> & { cost(currency: string): string };
  /** Three significant digits, however small. */
  amount(value: number): string;
  /** A difference with its sign, from a share such as 0.12. */
  percent(share: number): string;
  /** What the signs mean; `partly` explains (4/5), `estimated` the ~. */
  best: string;
  difference: string;
  partly: string;
  estimated: string;
};

export type ComparisonMessages = Numbers & { comparison: ComparisonWords };

export type ComparisonView = {
  columns: number;
  color: boolean;
  /** Of the prices; `null` without prices. */
  currency: string | null;
};

/** `note` stands after the value: the mark of the best, or the difference to it. */
type Cell = { value: string; note: string; tone: "best" | "other" | "bad" };
type Column = { name: string; cells: Cell[]; valueWidth: number; noteWidth: number; width: number };
type Row = { label: string; cells: Cell[] };

const BEST = "★";
const BETWEEN = 3;
/** A model's name wider than this is cut, so that one cannot push the others out. */
const NAME_WIDTH = 28;
const LESS_IS_BETTER: ReadonlySet<ComparedFigure> = new Set([
  "ttft",
  "duration",
  "gap_p50",
  "gap_p99",
  "stalls",
  "cost",
]);
/** More tokens are neither better nor worse. */
const NEUTRAL: ReadonlySet<ComparedFigure> = new Set(["tokens"]);

/** The table after several streams: models as columns, the mean of each figure, the best of each row marked. */
export function comparison(records: Iterable<Compared>, messages: ComparisonMessages, view: ComparisonView): string {
  const tally = createTally();
  for (const record of records) tally.add(record);
  return compareTallies(tally.models(), messages, view);
}

/** The same from sums made while the streams ran. */
export function compareTallies(
  models: readonly ModelTally[],
  messages: ComparisonMessages,
  { columns, color, currency }: ComparisonView,
): string {
  if (models.length === 0) return "";
  const paint = createPaint(color);
  const rows = rowsOf(models, messages, currency);
  const labelWidth = Math.min(Math.max(...rows.map(({ label }) => cellsOf(label))), Math.floor(columns / 2));
  const all = models.map(({ model }, at) => columnOf(flat(model), rows, at, columns - labelWidth - BETWEEN));
  const tables = groupsOf(all, columns - labelWidth).map((group) => table(rows, group, labelWidth, paint));
  const legend = wrapParts(legendOf(models, rows, messages), " · ", columns).map(paint.dim);
  return [...tables, ...(legend.length > 0 ? [`${legend.join("\n")}\n`] : [])].join("\n");
}

function rowsOf(models: readonly ModelTally[], messages: ComparisonMessages, currency: string | null): Row[] {
  const { comparison: words } = messages;
  const streams: Row = { label: words.streams, cells: models.map((model) => streamsCell(model, messages)) };
  const figures = COMPARED.filter((figure) => figure !== "cost" || models.some(({ means }) => means.cost.count > 0));
  return [
    streams,
    ...figures.map((figure) => ({
      label: figure === "cost" ? words.figure.cost(currency ?? "?") : words.figure[figure],
      cells: figureCells(figure, models, messages),
    })),
  ];
}

function streamsCell({ streams, whole }: ModelTally, { count }: Numbers): Cell {
  const failed = streams - whole;
  const note = failed > 0 ? `${count(failed)} ✗` : "";
  return { value: `${count(whole)} ✓`, note, tone: failed > 0 ? "bad" : "other" };
}

function figureCells(figure: ComparedFigure, models: readonly ModelTally[], messages: ComparisonMessages): Cell[] {
  const values = models.map((model) => valueOf(figure, model, messages));
  const means = models.flatMap(({ means }) => means[figure].mean ?? []);
  const best = LESS_IS_BETTER.has(figure) ? Math.min(...means) : Math.max(...means);
  const bestText = values[models.findIndex(({ means }) => means[figure].mean === best)];
  // What reads the same is the same: a star beside an equal figure would be noise, and so would one beside all.
  const ranked = !NEUTRAL.has(figure) && values.some((value, at) => value !== bestText && hasMean(models[at], figure));
  return models.map((model, at) => {
    const { mean, count } = model.means[figure];
    const value = values[at] ?? "";
    const partly = mean !== null && count < model.streams ? `(${count}/${model.streams})` : "";
    const isBest = ranked && value === bestText;
    const rank = isBest ? BEST : ranked && mean !== null ? difference(mean, best, messages) : "";
    return { value, note: [rank, partly].filter((part) => part !== "").join(" "), tone: isBest ? "best" : "other" };
  });
}

function hasMean(model: ModelTally | undefined, figure: ComparedFigure): boolean {
  return model !== undefined && model.means[figure].mean !== null;
}

/** Nothing can be said in per cent of a best that is 0. */
function difference(value: number, best: number, { comparison }: ComparisonMessages): string {
  return best === 0 ? "" : comparison.percent(value / best - 1);
}

function valueOf(figure: ComparedFigure, { means, estimated }: ModelTally, messages: ComparisonMessages): string {
  const { mean } = means[figure];
  if (mean === null) return "–";
  const tilde = estimated ? "~" : "";
  const plain = (value: number): string => (Number.isInteger(value) ? messages.count(value) : messages.number(value));
  switch (figure) {
    case "ttft":
    case "duration":
    case "gap_p50":
    case "gap_p99":
      return messages.duration(mean);
    case "speed":
    case "steady":
      return tilde + messages.number(mean);
    case "tokens":
      return tilde + plain(mean);
    case "stalls":
      return plain(mean);
    case "cost":
      return messages.comparison.amount(mean);
  }
}

function columnOf(name: string, rows: readonly Row[], at: number, room: number): Column {
  const cells = rows.flatMap(({ cells }) => cells[at] ?? []);
  const valueWidth = Math.max(...cells.map(({ value }) => cellsOf(value)));
  const noteWidth = Math.max(...cells.map(({ note }) => cellsOf(note)));
  const needed = valueWidth + (noteWidth > 0 ? 1 + noteWidth : 0);
  const shown = cut(name, Math.min(room, Math.max(needed, NAME_WIDTH)));
  return { name: shown, cells, valueWidth, noteWidth, width: Math.min(room, Math.max(needed, cellsOf(shown))) };
}

/** As many columns beside each other as there is room for, the rest under them. */
function groupsOf(all: readonly Column[], room: number): Column[][] {
  const groups: Column[][] = [];
  let left = 0;
  for (const column of all) {
    const needed = BETWEEN + column.width;
    if (groups.length === 0 || needed > left) {
      groups.push([]);
      left = room;
    }
    groups.at(-1)?.push(column);
    left -= needed;
  }
  return groups;
}

function table(rows: readonly Row[], group: readonly Column[], labelWidth: number, paint: Paint): string {
  const gap = " ".repeat(BETWEEN);
  const head = group.map(({ name, width }) => gap + paint.bold(padEnd(name, width)));
  const rule = group.map(({ width }) => gap + "─".repeat(width));
  const body = rows.map(({ label }, at) => {
    const cells = group.map((column) => gap + cellText(column, at, paint));
    return padEnd(cut(label, labelWidth), labelWidth) + cells.join("");
  });
  const indent = " ".repeat(labelWidth);
  return [indent + head.join(""), indent + paint.dim(rule.join("")), ...body]
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

function cellText({ cells, valueWidth, width }: Column, at: number, paint: Paint): string {
  const { value, note, tone } = cells[at] ?? { value: "", note: "", tone: "other" };
  const text = cut(`${padStart(value, valueWidth)} ${note}`.trimEnd(), width);
  const padding = " ".repeat(Math.max(0, width - cellsOf(text)));
  if (tone === "best") return paint.green(text) + padding;
  const after = text.slice(valueWidth);
  return text.slice(0, valueWidth) + (tone === "bad" ? paint.red(after) : paint.dim(after)) + padding;
}

function legendOf(models: readonly ModelTally[], rows: readonly Row[], { comparison }: ComparisonMessages): string[] {
  const cells = rows.slice(1).flatMap((row) => row.cells);
  const ranked = cells.some(({ tone }) => tone === "best");
  const partly = cells.some(({ note }) => note.endsWith(")"));
  return [
    ...(ranked ? [comparison.best, comparison.difference] : []),
    ...(partly ? [comparison.partly] : []),
    ...(models.some(({ estimated }) => estimated) ? [comparison.estimated] : []),
  ];
}
