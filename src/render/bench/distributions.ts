import { tildeIn, type ResultReport, type DistributionName } from "../../metrics/summary.ts";
import { blank, piece, type Row } from "../../text/row.ts";
import { padEnd, padStart, cellsOf } from "../../text/width.ts";
import { COLUMNS } from "../../text/wrap.ts";
import { sayFigure, type Texts } from "./figures.ts";
import { shapeOf } from "./shape.ts";

const PERCENTILES = ["p50", "p95", "p99"] as const;
/** Cells between two columns. */
const GAP = 2;
const BARS = { least: 8, most: 20 };

type Line = { name: DistributionName; label: string; values: string[]; ends: [least: string, most: string] };

/** A row a distribution: its percentiles, and its shape between its smallest and its largest value. */
export function distributionRows(
  column: ResultReport,
  names: readonly DistributionName[],
  labelWidth: number,
  texts: Texts,
): Row[] {
  const lines = names.map((name) => lineOf(name, column, texts));
  const widths = PERCENTILES.map((head, at) => widest([head, ...lines.map(({ values }) => values[at] ?? "")]));
  const begin = labelWidth + widths.reduce((sum, width) => sum + width + GAP, -GAP);
  const least = widest(lines.map(({ ends: [text] }) => text));
  const most = widest(lines.map(({ ends: [, text] }) => text));
  const besideBars = COLUMNS - begin - GAP - least - most - 2;
  const bars = Math.min(BARS.most, besideBars >= BARS.least ? besideBars : COLUMNS - begin - GAP);
  const ended = besideBars >= BARS.least;
  const heads = PERCENTILES.map((head, at) => padStart(head, widths[at] ?? 0)).join(" ".repeat(GAP));
  const ends = ended ? `${padStart("min", least)} ${" ".repeat(bars)} max` : "";
  return [
    [blank(labelWidth), piece(`${heads}${" ".repeat(GAP)}${ends}`, "dim")],
    ...lines.map(({ name, label, values, ends: [low, high] }): Row => {
      const shape = padEnd(shapeOf(column.distributions[name].hdr, bars), bars);
      return [
        piece(padEnd(label, labelWidth)),
        piece(values.map((value, at) => padStart(value, widths[at] ?? 0)).join(" ".repeat(GAP))),
        blank(GAP),
        ...(ended ? [piece(`${padStart(low, least)} `, "dim")] : []),
        piece(shape, "green"),
        ...(ended ? [piece(` ${high}`, "dim")] : []),
      ];
    }),
  ];
}

function lineOf(name: DistributionName, column: ResultReport, texts: Texts): Line {
  const distribution = column.distributions[name];
  const tilde = tildeIn(name, column);
  const say = (value: number | null): string => (value === null ? "" : tilde) + sayFigure(name, value, texts);
  return {
    name,
    label: texts.words.row.distribution[name],
    values: PERCENTILES.map((percentile) => say(distribution[percentile])),
    ends: distribution.count === 0 ? ["", ""] : [say(distribution.min), say(distribution.max)],
  };
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(cellsOf));
}
