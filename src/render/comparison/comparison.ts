import { createModelMeans, type Compared, type ModelMeans } from "../../metrics/model-means.ts";
import { createPaint, type Paint } from "../../text/paint.ts";
import { flat } from "../../text/visible.ts";
import { padEnd, padStart, cellsOf, cut } from "../../text/width.ts";
import { wrapParts } from "../../text/wrap.ts";
import { rowsOf, type Cell, type ComparisonMessages, type Row } from "./comparison-rows.ts";

export type ComparisonView = {
  columns: number;
  color: boolean;
  /** Of the prices; `null` without prices. */
  currency: string | null;
};

type Column = { name: string; cells: Cell[]; valueWidth: number; noteWidth: number; width: number };

const BETWEEN = 3;
/** A model's name wider than this is cut, so that one cannot push the others out. */
const NAME_WIDTH = 28;

/** The table after several streams: models as columns, the mean of each figure, the best of each row marked. */
export function comparison(records: Iterable<Compared>, messages: ComparisonMessages, view: ComparisonView): string {
  const tally = createModelMeans();
  for (const record of records) tally.add(record);
  return compareTallies(tally.models(), messages, view);
}

/** The same from sums made while the streams ran. */
export function compareTallies(
  models: readonly ModelMeans[],
  messages: ComparisonMessages,
  { columns, color, currency }: ComparisonView,
): string {
  if (models.length === 0) return "";
  const paint = createPaint(color);
  const rows = rowsOf(models, messages, currency);
  const labelWidth = Math.min(Math.max(...rows.map(({ label }) => cellsOf(label))), Math.floor(columns / 2));
  const all = models.map(({ model }, at) =>
    columnOf(flat(model), rows, at, Math.max(0, columns - labelWidth - BETWEEN)),
  );
  const tables = groupsOf(all, columns - labelWidth).map((group) => table(rows, group, labelWidth, paint));
  const legend = wrapParts(legendOf(models, rows, messages), " · ", columns).map(paint.dim);
  return [...tables, ...(legend.length > 0 ? [`${legend.join("\n")}\n`] : [])].join("\n");
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
  const { value = "", note = "", tone = "other" } = cells[at] ?? {};
  const text = cut(`${padStart(value, valueWidth)} ${note}`.trimEnd(), width);
  const padding = " ".repeat(Math.max(0, width - cellsOf(text)));
  if (tone === "best") return paint.green(text) + padding;
  const after = text.slice(valueWidth);
  return text.slice(0, valueWidth) + (tone === "bad" ? paint.red(after) : paint.dim(after)) + padding;
}

function legendOf(models: readonly ModelMeans[], rows: readonly Row[], { comparison }: ComparisonMessages): string[] {
  const cells = rows.slice(1).flatMap((row) => row.cells);
  const ranked = cells.some(({ tone }) => tone === "best");
  // One that stands in the table is its own example.
  const [part] = cells.flatMap((cell) => cell.part ?? []);
  return [
    ...(models.some(({ streams }) => streams > 1) ? [comparison.mean] : []),
    ...(ranked ? [comparison.best, comparison.difference] : []),
    ...(part === undefined ? [] : [comparison.partly(part.count, part.of)]),
    ...(models.some(({ estimated }) => estimated) ? [comparison.estimated] : []),
  ];
}
