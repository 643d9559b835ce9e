import { tildeIn, tildeOf, type ResultReport, type DistributionName } from "../../metrics/summary.ts";
import { blank, piece, type Piece, type Row, blocks } from "../../text/row.ts";
import { padEnd, padStart, cellsOf, cut } from "../../text/width.ts";
import { COLUMNS } from "../../text/wrap.ts";
import { sayFigure, sayNumber, sayShare, type Texts } from "./figures.ts";
import { sayCost } from "./scalars.ts";

type Percentile = "p50" | "p95";
type Column = { name: string; cells: Piece[]; width: number };

/** Cells between two columns. */
const GAP = 3;
/** A model's name wider than this is cut, so that one cannot push the others out. */
const NAME_WIDTH = 20;

/**
 * Several models side by side, each with p50 and p95 of the distributions; with p95 alone where only that fits, else in
 * several tables one under the other.
 */
export function modelRows(
  columns: readonly ResultReport[],
  names: readonly DistributionName[],
  labelWidth: number,
  texts: Texts,
): Row[] {
  const room = COLUMNS - labelWidth;
  // The dispatch delay is this program's, whatever the model.
  const shown = names.filter((name) => name !== "dispatch_delay_ms");
  const columnsWith = (percentiles: readonly Percentile[]): Column[] => columnsOf(columns, shown, percentiles, texts);
  const [both, short] = [columnsWith(["p50", "p95"]), columnsWith(["p95"])];
  const labels = labelsOf(columns, shown, texts);
  const fits = (all: readonly Column[]): boolean => all.reduce((sum, { width }) => sum + width + GAP, -GAP) <= room;
  const chosen = !fits(both) && fits(short) ? short : both;
  return blocks(...groups(chosen, room).map((group) => tableOf(labels, group, labelWidth)));
}

function tableOf(labels: readonly string[], group: readonly Column[], labelWidth: number): Row[] {
  const between = blank(GAP);
  const head: Row = [
    blank(labelWidth),
    ...group.flatMap(({ name, width }, at) => [
      ...(at === 0 ? [] : [between]),
      piece(padStart(cut(name, width), width), "bold"),
    ]),
  ];
  const rows = labels.map((label, row): Row => [
    piece(padEnd(label, labelWidth)),
    ...group.flatMap(({ cells, width }, at) => {
      const cell = cells[row] ?? piece("");
      return [...(at === 0 ? [] : [between]), blank(width - cell.cells), cell];
    }),
  ]);
  return [head, ...rows];
}

function groups(all: readonly Column[], room: number): Column[][] {
  const made: Column[][] = [];
  let left = 0;
  for (const column of all) {
    if (made.length === 0 || column.width + GAP > left) {
      made.push([]);
      left = room + GAP;
    }
    made.at(-1)?.push(column);
    left -= column.width + GAP;
  }
  return made;
}

function columnsOf(
  columns: readonly ResultReport[],
  names: readonly DistributionName[],
  percentiles: readonly Percentile[],
  texts: Texts,
): Column[] {
  const scalars = SCALARS.filter(({ shown }) => columns.some(shown));
  return columns.map((column): Column => {
    const distributions = names.map((name) => percentiles.map((one) => valueOf(column, name, one, texts)));
    const widths = percentiles.map((one, at) =>
      Math.max(one.length, ...distributions.map((row) => cellsOf(row[at] ?? ""))),
    );
    const beside = (row: readonly string[]): string =>
      row.map((value, at) => padStart(value, widths[at] ?? 0)).join("  ");
    const cells = [
      streamsOf(column, texts),
      piece(beside(percentiles), "dim"),
      ...distributions.map((row) => piece(beside(row))),
      ...scalars.map(({ say }) => piece(say(column, texts))),
    ];
    const name = texts.show(column.model ?? texts.words.row.all);
    const needed = Math.max(Math.min(NAME_WIDTH, cellsOf(name)), ...cells.map((cell) => cell.cells));
    return { name, cells, width: needed };
  });
}

function labelsOf(columns: readonly ResultReport[], names: readonly DistributionName[], { words }: Texts): string[] {
  const { label, distribution } = words.row;
  return [
    label.streams,
    "",
    ...names.map((name) => distribution[name]),
    ...SCALARS.filter(({ shown }) => columns.some(shown)).map((scalar) => label[scalar.label]),
  ];
}

function streamsOf({ streams }: ResultReport, { messages }: Texts): Piece {
  const failed = streams.failed > 0 ? ` ${messages.count(streams.failed)} ✗` : "";
  return piece(`${messages.count(streams.ok)} ✓${failed}`, streams.failed > 0 ? "red" : null);
}

function valueOf(column: ResultReport, name: DistributionName, percentile: Percentile, texts: Texts): string {
  const value = column.distributions[name][percentile];
  return (value === null ? "" : tildeIn(name, column)) + sayFigure(name, value, texts);
}

type Scalar = {
  label: keyof Texts["words"]["row"]["label"];
  shown(column: ResultReport): boolean;
  say(column: ResultReport, texts: Texts): string;
};

const always = (): boolean => true;

/** What each column has of its own, as short as a cell. */
const SCALARS: readonly Scalar[] = [
  { label: "requests", shown: always, say: (column, texts) => sayNumber(column.requests_per_second, texts) },
  { label: "output", shown: always, say: (column, texts) => rough(column, column.output_tokens_per_second, texts) },
  { label: "errorRate", shown: always, say: (column, texts) => sayShare(column.error_rate, texts) },
  {
    label: "goodput",
    shown: ({ goodput }) => goodput !== null,
    say: ({ goodput }, texts) => sayShare(goodput?.share ?? null, texts),
  },
  {
    label: "tokens",
    shown: always,
    say: (column, { messages }) => tildeOf(column) + messages.count(column.tokens.output),
  },
  {
    label: "cost",
    shown: ({ cost }) => cost !== null,
    say: ({ cost }, texts) => (cost === null ? "–" : sayCost(cost, texts)),
  },
  { label: "perEvent", shown: always, say: (column, texts) => rough(column, column.trust.tokens_per_event, texts) },
  { label: "coalesced", shown: always, say: ({ trust }, texts) => sayShare(trust.coalesced, texts) },
  {
    label: "retries",
    shown: ({ trust }) => trust.retries > 0,
    say: ({ trust }, { messages }) => messages.count(trust.retries),
  },
];

function rough(column: ResultReport, value: number | null, texts: Texts): string {
  return (value === null ? "" : tildeOf(column)) + sayNumber(value, texts);
}
