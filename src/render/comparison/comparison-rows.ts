import type { Numbers } from "../../i18n/numbers.ts";
import type { SeveralWords } from "../../i18n/load.ts";
import { COMPARED, type ComparedFigure, type ModelMeans } from "../../metrics/model-means.ts";

export type ComparisonMessages = Numbers & Pick<SeveralWords, "comparison">;

/** `note` stands after the value: the mark of the best, or the difference to it. */
export type Cell = { value: string; note: string; tone: "best" | "other" | "bad"; part: Part | null };
/** Of how many streams a mean is, when it is not of all. */
export type Part = { count: number; of: number };
export type Row = { label: string; cells: Cell[] };

const BEST = "★";
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

/** A row a figure, a cell a model. */
export function rowsOf(models: readonly ModelMeans[], messages: ComparisonMessages, currency: string | null): Row[] {
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

function streamsCell({ streams, whole }: ModelMeans, { count }: Numbers): Cell {
  const failed = streams - whole;
  const note = failed > 0 ? `${count(failed)} ✗` : "";
  return { value: `${count(whole)} ✓`, note, tone: failed > 0 ? "bad" : "other", part: null };
}

function figureCells(figure: ComparedFigure, models: readonly ModelMeans[], messages: ComparisonMessages): Cell[] {
  const values = models.map((model) => valueOf(figure, model, messages));
  const means = models.flatMap(({ means }) => means[figure].mean ?? []);
  const best = LESS_IS_BETTER.has(figure) ? Math.min(...means) : Math.max(...means);
  const bestText = values[models.findIndex(({ means }) => means[figure].mean === best)];
  // What reads the same is the same: a star beside an equal figure would be noise, and so would one beside all.
  const ranked = !NEUTRAL.has(figure) && values.some((value, at) => value !== bestText && hasMean(models[at], figure));
  return models.map((model, at) => {
    const { mean, count } = model.means[figure];
    const value = values[at] ?? "";
    const part = mean !== null && count < model.streams ? { count, of: model.streams } : null;
    const partly = part === null ? "" : `(${part.count}/${part.of})`;
    const isBest = ranked && value === bestText;
    const rank = isBest ? BEST : ranked && mean !== null ? difference(mean, best, messages) : "";
    const note = [rank, partly].filter((sign) => sign !== "").join(" ");
    return { value, note, tone: isBest ? "best" : "other", part };
  });
}

function hasMean(model: ModelMeans | undefined, figure: ComparedFigure): boolean {
  return model !== undefined && model.means[figure].mean !== null;
}

/** Nothing can be said in per cent of a best that is 0. */
function difference(value: number, best: number, { comparison }: ComparisonMessages): string {
  return best === 0 ? "" : comparison.percent(value / best - 1);
}

function valueOf(figure: ComparedFigure, { means, estimated }: ModelMeans, messages: ComparisonMessages): string {
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
