import {
  FIGURES,
  SHOWN_PERCENTS,
  SHOWN_SCALARS,
  type DistributionName,
  type FigureName,
  type ScalarName,
} from "../../metrics/figures.ts";
import { cachedShareIn } from "../../metrics/lengths.ts";
import { knownPercentile, tildeIn, tildeOf, type ResultReport } from "../../metrics/result-report.ts";
import { blank, blocks, labelledFlow, merged, piece, textOf, widthOf, type Piece, type Row } from "../../text/row.ts";
import { table } from "../../text/table.ts";
import { cellsOf, cut, padEnd, padStart } from "../../text/width.ts";
import { packed } from "../../text/wrap.ts";
import { NONE, sayFigure, sayNumber, sayShare, shapeOf, type Texts } from "./figures.ts";

/** Cells of the shape of a distribution; with less room than the least it stands without its ends. */
const BARS = { least: 8, most: 20 };
/** Cells between two models. */
const GAP = 3;
/** A model's name wider than this is cut, so that one cannot push the others out. */
const NAME_WIDTH = 20;

/** A row a distribution: its percentiles, and its shape between its smallest and its largest value; speeds have a head of their own. */
export function distributionRows(
  result: ResultReport,
  names: readonly DistributionName[],
  labelWidth: number,
  texts: Texts,
): Row[] {
  const { figure } = texts.words.terms;
  const say = (name: DistributionName, value: number | null): string => sayMeasured(result, name, value, texts);
  // `null`: the head of those that are judged from the other side.
  const lines = sidesOf(names).flatMap((side): (DistributionName | null)[] => [null, ...side]);
  const figures = table(
    lines.map((name, at) => {
      const percents = SHOWN_PERCENTS[FIGURES[name ?? lines[at + 1] ?? "ttft_ms"].better];
      if (name === null) return [padEnd("", labelWidth), ...percents.map((percent) => `p${percent}`)];
      const values = percents.map((percent) => say(name, knownPercentile(result, name, percent)));
      return [padEnd(figure[name].row, labelWidth), ...values];
    }),
    "lr",
    [0, 2],
  );
  if (widthOf(figures[0] ?? []) > texts.columns) return stackedRows(figures, lines, texts);
  const ends = lines.map((name) => {
    if (name === null) return { min: "", max: "" };
    const { count, min, max } = result.distributions[name];
    return { min: count === 0 ? "" : say(name, min), max: count === 0 ? "" : say(name, max) };
  });
  const widest = (all: readonly string[]): number => Math.max(0, ...all.map(cellsOf));
  const room = texts.columns - widthOf(figures[0] ?? []) - 2;
  const besideEnds = room - widest(ends.map(({ min }) => min)) - widest(ends.map(({ max }) => max)) - 2;
  const ended = besideEnds >= BARS.least;
  const bars = Math.min(BARS.most, ended ? besideEnds : room);
  const rows = table(
    figures.map((row, at) => {
      const name = lines[at] ?? null;
      if (name === null) return ended && at === 0 ? [row, "min", blank(bars), "max"] : [row];
      const shape = piece(shapeOf(result.distributions[name].hdr, bars), "green");
      const { min, max } = ends[at] ?? { min: "", max: "" };
      return ended ? [row, piece(min, "dim"), shape, piece(max, "dim")] : [row, shape];
    }),
    ended ? "lrl" : "l",
    [2, 1],
  );
  return rows.map((row, at) => (lines[at] === null ? merged(row, "dim", labelWidth) : row));
}

/** Those of which less is better, then those of which more is; in the order given. */
function sidesOf(names: readonly DistributionName[]): (readonly DistributionName[])[] {
  const better = (way: "less" | "more"): DistributionName[] => names.filter((name) => FIGURES[name].better === way);
  return [better("less"), better("more")].filter((side) => side.length > 0);
}

/** The same where a label and its values have no room beside each other: the label above them. */
function stackedRows(figures: readonly Row[], names: readonly (DistributionName | null)[], texts: Texts): Row[] {
  return figures.flatMap(([, , , ...values], at): Row[] => {
    const name = names[at] ?? null;
    const row = [blank(2), ...values];
    return name === null
      ? [merged(row, "dim")]
      : [[piece(cut(texts.words.terms.figure[name].row, texts.columns), "dim")], row];
  });
}

function sayMeasured(result: ResultReport, name: FigureName, value: number | null, texts: Texts): string {
  return (value === null ? "" : tildeIn(name, result)) + sayFigure(name, value, texts);
}

/** The figures of a result that are one number each, one below the other. */
export function scalarRows(result: ResultReport, width: number, texts: Texts): Row[] {
  return ROWS.filter(({ shown }) => shown(result)).flatMap(({ label, told }) => {
    if (told === null) return [];
    const value = { pieces: [piece(told(result, texts))] };
    return labelledFlow(piece(label(texts.words), "dim"), width, value, texts.columns);
  });
}

/** Of the percentiles that are shown the middle, and the first of the bad side. */
type Part = 0 | 1;
type Column = { name: string; cells: Piece[]; width: number };

/**
 * Several models side by side, each with two percentiles of the distributions; with that of the bad side alone where only that fits, else in
 * several tables one under the other.
 */
export function modelRows(
  results: readonly ResultReport[],
  names: readonly DistributionName[],
  labelWidth: number,
  texts: Texts,
): Row[] {
  const { figure } = texts.words.terms;
  // The dispatch delay is this program's, whatever the model.
  const shown = names.filter((name) => name !== "dispatch_delay_ms");
  const sides = sidesOf(shown);
  const scalars = ROWS.filter((scalar) => results.some(scalar.shown));
  const replaced = results.some((result) => othersIn(result, texts) !== "");
  const labels = [
    ...(replaced ? [texts.words.row.label.answeredBy] : []),
    texts.words.row.label.streams,
    ...sides.flatMap((side) => ["", ...side.map((name) => figure[name].row)]),
    ...scalars.map((scalar) => scalar.label(texts.words)),
  ];
  const groupsWith = (parts: readonly Part[]): Column[][] => {
    const columns = results.map((result) => columnOf(result, { sides, scalars, parts, replaced }, texts));
    return packed(columns, ({ width }) => width, GAP, texts.columns - labelWidth);
  };
  // Of too few streams only the middle is known.
  const isKnown = results.every((result) => knownPercentile(result, "ttft_ms", 95) !== null);
  const [both, short] = [groupsWith([0, 1]), groupsWith([isKnown ? 1 : 0])];
  const fits = (groups: readonly Column[][]): boolean =>
    groups.flat().every(({ width }) => labelWidth + width <= texts.columns);
  // Too narrow for a label and a column beside it: one model after the other.
  if (!fits(short))
    return blocks(
      ...results.map((result) => [
        [piece(cut(texts.show(result.model ?? texts.words.row.all), texts.columns), "bold")],
        ...distributionRows(result, shown, labelWidth, texts),
        ...scalarRows(result, labelWidth, texts),
      ]),
    );
  const tables = (!fits(both) || (both.length > 1 && short.length === 1) ? short : both).map((group) => {
    const head = group.map(({ name, width }) => piece(padStart(cut(name, width), width), "bold"));
    const rows = labels.map((name, row) => [padEnd(name, labelWidth), ...group.map(({ cells }) => cells[row] ?? "")]);
    return table([[padEnd("", labelWidth), ...head], ...rows], "lr", [0, GAP]);
  });
  return blocks(...tables);
}

type Shown = {
  sides: readonly (readonly DistributionName[])[];
  scalars: readonly Scalar[];
  parts: readonly Part[];
  /** Of some model another answered. */
  replaced: boolean;
};

function columnOf(result: ResultReport, { sides, scalars, parts, replaced }: Shown, texts: Texts): Column {
  const lines = sides.flatMap((side): (DistributionName | null)[] => [null, ...side]);
  const values = lines.map((name, at) => {
    const shown = SHOWN_PERCENTS[FIGURES[name ?? lines[at + 1] ?? "ttft_ms"].better];
    const percents = parts.map((part) => shown[part]);
    if (name === null) return percents.map((percent) => `p${percent}`);
    return percents.map((percent) => sayMeasured(result, name, knownPercentile(result, name, percent), texts));
  });
  const distributions = table(values, "r", [2]).map(textOf);
  const cells = [
    ...(replaced ? [piece(cut(othersIn(result, texts), NAME_WIDTH), "yellow")] : []),
    streamsOf(result, texts),
    ...distributions.map((text, at) => piece(text, lines[at] === null ? "dim" : null)),
    ...scalars.map(({ short }) => piece(short(result, texts))),
  ];
  const name = texts.show(result.model ?? texts.words.row.all);
  return { name, cells, width: Math.max(Math.min(NAME_WIDTH, cellsOf(name)), ...cells.map((cell) => cell.cells)) };
}

/** Who answered in the place of the model asked for; "" where nobody did. */
function othersIn({ trust }: ResultReport, { show }: Texts): string {
  return (trust.other_models ?? []).map(({ model }) => show(model)).join(", ");
}

function streamsOf({ streams }: ResultReport, { messages }: Texts): Piece {
  const failed = streams.failed > 0 ? ` ${messages.count(streams.failed)} ✗` : "";
  return piece(`${messages.count(streams.ok)} ✓${failed}`, streams.failed > 0 ? "red" : null);
}

type Say = (result: ResultReport, texts: Texts) => string;

/** A figure of one number: as short as a cell, and as it is told of one result alone, unless it is told elsewhere. */
type Scalar = {
  label(words: Texts["words"]): string;
  shown(result: ResultReport): boolean;
  short: Say;
  told: Say | null;
};

/** What more is told of one result alone. */
const TOLD: Partial<Record<ScalarName, Say>> = {
  output_tokens_per_second(result, texts) {
    const { output_tokens_per_second: output, peak_tokens_per_second: peak } = result;
    const highest = peak === null ? "" : ` ${texts.words.row.peak(rough(result, peak, texts))}`;
    return rough(result, output, texts) + highest;
  },
  error_rate(result, texts) {
    const of = texts.words.row.ofCounted(...counted(result, result.streams.failed, texts));
    return sayFigure("error_rate", result.error_rate, texts) + (result.streams.failed === 0 ? "" : ` (${of})`);
  },
  goodput(result, texts) {
    const { met, share, per_second: perSecond } = result.goodput ?? { met: 0, share: null, per_second: null };
    const { row } = texts.words;
    return row.goodput(
      row.ofCounted(...counted(result, met, texts)),
      share === null ? null : sayShare(share, texts),
      perSecond === null ? null : sayNumber(perSecond, texts),
    );
  },
};

function scalarOf(name: ScalarName): Scalar {
  const { value, ofObjectives } = FIGURES[name];
  const short: Say = (result, texts) => sayMeasured(result, name, value(result), texts);
  return {
    label: ({ terms }) => terms.figure[name].row,
    shown: ({ goodput }) => !ofObjectives || goodput !== null,
    short,
    told: TOLD[name] ?? short,
  };
}

const always = (): boolean => true;
const isShare = (name: ScalarName): boolean => FIGURES[name].unit === "share";
/** The best second is told beside the mean. */
const OWN_ROWS = SHOWN_SCALARS.filter((name) => name !== "peak_tokens_per_second");

/** Rates, then shares, then what is no figure to be held to a limit. */
const ROWS: readonly Scalar[] = [
  ...OWN_ROWS.filter((name) => !isShare(name)).map(scalarOf),
  ...OWN_ROWS.filter(isShare).map(scalarOf),
  {
    label: ({ row }) => row.label.tokens,
    shown: always,
    short: (result, { messages }) => tildeOf(result) + messages.count(result.tokens.output),
    told(result, { words, messages }) {
      const { output, prompt, reasoning } = result.tokens;
      const orNull = (value: number | null): string | null => (value === null ? null : messages.count(value));
      return words.row.tokens(tildeOf(result) + messages.count(output), orNull(prompt), orNull(reasoning));
    },
  },
  {
    label: ({ terms }) => terms.cache.title,
    shown: (result) => cachedShareIn([result]) !== null,
    short: (result, texts) => sayShare(cachedShareIn([result]), texts),
    told: (result, texts) => texts.words.terms.cache.value(sayShare(cachedShareIn([result]), texts)),
  },
  {
    label: ({ row }) => row.label.cost,
    shown: ({ cost }) => cost !== null,
    short: sayCost,
    told: (result, texts) => `${sayCost(result, texts)} ${texts.words.row.costOf(result.cost?.streams ?? 0)}`,
  },
  {
    label: ({ row }) => row.label.perEvent,
    shown: always,
    short: (result, texts) => rough(result, result.trust.tokens_per_event, texts),
    told: null,
  },
  {
    label: ({ row }) => row.label.coalesced,
    shown: always,
    short: ({ trust }, texts) => sayShare(trust.coalesced, texts),
    told: null,
  },
  {
    label: ({ row }) => row.label.retries,
    shown: ({ trust }) => trust.retries > 0,
    short: ({ trust }, { messages }) => messages.count(trust.retries),
    told: null,
  },
];

/** A number of tokens, marked where they are events. */
function rough(result: ResultReport, value: number | null, texts: Texts): string {
  return (value === null ? "" : tildeOf(result)) + sayNumber(value, texts);
}

/** So many, of all that count. */
function counted({ streams }: ResultReport, some: number, { messages }: Texts): [some: string, all: string] {
  return [messages.count(some), messages.count(streams.started - streams.unfinished)];
}

/** An amount with its currency. */
function sayCost({ cost }: ResultReport, { messages, show }: Texts): string {
  if (cost === null) return NONE;
  return messages.cost(cost.amount, cost.currency === null ? null : show(cost.currency));
}
