import type { SeveralWords, Messages } from "../i18n/load.ts";
import type { Numbers } from "../i18n/numbers.ts";
import {
  COMPARED,
  COMPARED_NAMES,
  type ComparedFigure,
  type ModelMeans,
  createModelMeans,
  differs,
} from "../metrics/model-means.ts";
import { fit, linesOf, merged, piece, type Row } from "../text/row.ts";
import { createPaint } from "../text/paint.ts";
import { table } from "../text/table.ts";
import { flat } from "../text/visible.ts";
import { cellsOf, cut, padEnd, padStart } from "../text/width.ts";
import { createWordWrap, packed, wrapParts } from "../text/wrap.ts";
import { createConcurrency } from "../metrics/concurrency.ts";
import type { StreamRecord } from "../metrics/record.ts";
import type { RunWatcher } from "../metrics/watched.ts";
import { settled } from "../run/broadcast.ts";
import { KEPT } from "./asides.ts";
import { heading } from "./plain.ts";
import { showOn, type Sink } from "./sink.ts";
import { createWaterfall } from "./waterfall/chart.ts";
import { waterfall } from "./waterfall/waterfall.ts";

type ComparisonMessages = Numbers & Pick<SeveralWords, "comparison">;

export type ModelsView = {
  columns: number;
  color: boolean;
  /** Of the prices; `null` without prices. */
  currency: string | null;
};

/** `note` stands after the value: the mark of the best, or the difference to the best value. */
type Mean = { value: string; note: string; tone: "best" | "unsure" | "other" | "bad"; part: Part | null };
/** Of how many streams a mean is, when it is not of all. */
type Part = { count: number; of: number };
type Figure = { label: string; means: Mean[] };
type Column = { head: Row; cells: Row[]; width: number };

const BETWEEN = 3;
/** A model's name wider than this is cut, so that one cannot push the others out. */
const NAME_WIDTH = 28;
const BEST = "★";

/** The table after several streams: models as columns, the mean of each figure, the best of each row marked. */
export function modelsTable(
  models: readonly ModelMeans[],
  messages: ComparisonMessages,
  { columns, color, currency }: ModelsView,
): string {
  if (models.length === 0) return "";
  const paint = createPaint(color);
  const figures = figuresOf(models, messages, currency);
  const labelWidth = Math.min(Math.max(...figures.map(({ label }) => cellsOf(label))), Math.floor(columns / 2));
  const labels = figures.map(({ label }) => padEnd(cut(label, labelWidth), labelWidth));
  const room = Math.max(0, columns - labelWidth - BETWEEN);
  const all = models.map(({ model }, at) =>
    columnOf(
      flat(model),
      figures.flatMap(({ means }) => means[at] ?? []),
      room,
    ),
  );
  const tables = packed(all, ({ width }) => width, BETWEEN, columns - labelWidth - BETWEEN).map((group) => {
    const [head = [], rule = [], ...rows] = table(
      [
        [padEnd("", labelWidth), ...group.map((column) => column.head)],
        ["", ...group.map(({ width }) => "─".repeat(width))],
        ...labels.map((label, at) => [label, ...group.map(({ cells }) => cells[at] ?? [])]),
      ],
      "l",
      [BETWEEN],
    );
    return linesOf([head, merged(rule, "dim", labelWidth), ...rows], paint);
  });
  const legend = wrapParts(legendOf(models, figures, messages), " · ", columns).map(paint.dim);
  return [...tables, ...(legend.length > 0 ? [`${legend.join("\n")}\n`] : [])].join("\n");
}

function columnOf(name: string, means: readonly Mean[], room: number): Column {
  const valueWidth = Math.max(...means.map(({ value }) => cellsOf(value)));
  const noteWidth = Math.max(...means.map(({ note }) => cellsOf(note)));
  const needed = valueWidth + (noteWidth > 0 ? 1 + noteWidth : 0);
  const shown = cut(name, Math.min(room, Math.max(needed, NAME_WIDTH)));
  const width = Math.min(room, Math.max(needed, cellsOf(shown)));
  const cells = means.map(({ value, note, tone }): Row => {
    const [number, beside] = [padStart(value, valueWidth), note === "" ? "" : ` ${note}`];
    if (tone === "best") return [piece(cut(number + beside, width), "green")];
    return fit([piece(number), piece(beside, tone === "bad" ? "red" : "dim")], width);
  });
  return { head: [piece(shown, "bold")], cells, width };
}

function legendOf(
  models: readonly ModelMeans[],
  figures: readonly Figure[],
  { comparison }: ComparisonMessages,
): string[] {
  const means = figures.slice(1).flatMap((figure) => figure.means);
  const has = (wanted: Mean["tone"]): boolean => means.some(({ tone }) => tone === wanted);
  // One that stands in the table is its own example.
  const [partly] = means.flatMap(({ part }) => part ?? []);
  return [
    ...(models.some(({ streams }) => streams > 1) ? [comparison.mean] : []),
    ...(has("best") ? [comparison.best] : []),
    ...(has("best") || has("unsure") ? [comparison.difference] : []),
    ...(has("unsure") ? [comparison.unsure] : []),
    ...(partly === undefined ? [] : [comparison.partly(partly.count, partly.of)]),
    ...(models.some(({ estimated }) => estimated) ? [comparison.estimated] : []),
  ];
}

/** A row a figure, a cell a model. */
function figuresOf(models: readonly ModelMeans[], messages: ComparisonMessages, currency: string | null): Figure[] {
  const { comparison: words } = messages;
  const streams = { label: words.streams, means: models.map((model) => streamsOf(model, messages)) };
  const figures = COMPARED_NAMES.filter(
    (figure) => figure !== "cost" || models.some(({ means }) => means.cost.count > 0),
  );
  const answered = { label: words.answeredBy, means: models.map(answeredOf) };
  return [
    streams,
    ...(models.some(({ others }) => others.length > 0) ? [answered] : []),
    ...figures.map((figure) => ({
      label: figure === "cost" ? words.figure.cost(currency ?? "?") : words.figure[figure],
      means: meansOf(figure, models, messages),
    })),
  ];
}

function streamsOf({ streams, complete }: ModelMeans, { count }: Numbers): Mean {
  const failed = streams - complete;
  const note = failed > 0 ? `${count(failed)} ✗` : "";
  return { value: `${count(complete)} ✓`, note, tone: failed > 0 ? "bad" : "other", part: null };
}

/** Who answered in the place of a model. */
function answeredOf({ others }: ModelMeans): Mean {
  return { value: cut(flat(others.join(", ")), NAME_WIDTH), note: "", tone: "other", part: null };
}

function meansOf(figure: ComparedFigure, models: readonly ModelMeans[], messages: ComparisonMessages): Mean[] {
  const values = models.map((model) => valueOf(figure, model, messages));
  const means = models.flatMap(({ means }) => means[figure].mean ?? []);
  const { better } = COMPARED[figure];
  const best = better === "less" ? Math.min(...means) : Math.max(...means);
  const bestText = values[models.findIndex(({ means }) => means[figure].mean === best)];
  // What reads the same is the same: a star beside an equal figure would be noise, and so would one beside all.
  const others = models.filter((model, at) => values[at] !== bestText && hasMean(model, figure));
  const ranked = better !== null && others.length > 0;
  return models.map((model, at) => {
    const { mean, count } = model.means[figure];
    const value = values[at] ?? "";
    const part = mean !== null && count < model.streams ? { count, of: model.streams } : null;
    const partly = part === null ? "" : `(${part.count}/${part.of})`;
    const isFirst = ranked && value === bestText;
    const isBest = isFirst && others.every((other) => differs(model.means[figure], other.means[figure]));
    const rank = isBest ? BEST : ranked && !isFirst && mean !== null ? difference(mean, best, messages) : "";
    const note = [rank, partly].filter((sign) => sign !== "").join(" ");
    return { value, note, tone: isBest ? "best" : isFirst ? "unsure" : "other", part };
  });
}

function hasMean(model: ModelMeans | undefined, figure: ComparedFigure): boolean {
  return model !== undefined && model.means[figure].mean !== null;
}

/** Nothing can be said in per cent of a best that is 0. */
function difference(value: number, best: number, { signedPercent }: ComparisonMessages): string {
  return best === 0 ? "" : signedPercent(value / best - 1);
}

function valueOf(figure: ComparedFigure, { means, estimated }: ModelMeans, messages: ComparisonMessages): string {
  const { mean } = means[figure];
  if (mean === null) return "–";
  const { unit, ofTokens } = COMPARED[figure];
  const tilde = ofTokens && estimated ? "~" : "";
  switch (unit) {
    case "ms":
      return messages.duration(mean);
    case "tokens_per_second":
      return tilde + messages.number(mean);
    case "tokens":
    case "count":
      return tilde + messages.plain(mean);
    case "amount":
      return messages.amount(mean);
  }
}

type AfterSeveralOptions = {
  /** Where the answers go one after another at the end; `null` when they are written as they finish. */
  answers: Sink | null;
  err: Sink;
  messages: Messages;
  words: SeveralWords;
  columns: () => number;
  concurrency: number;
  currency: string | null;
  /** The answers alone. */
  quiet: boolean;
};

/** What is said after several streams: the answers, where the time went, and how the models compare. */
export function createAfterSeveral(options: AfterSeveralOptions): RunWatcher {
  const { answers, err, messages, words, columns, currency, quiet } = options;
  const kept = createKept(answers, columns);
  const trace = createWaterfall();
  const means = createModelMeans();
  const concurrency = createConcurrency(options.concurrency);
  const paint = createPaint(err.color);
  let streams = 0;
  /** Of a run without a token there is nothing to show but its failures. */
  let answered = false;
  let cost: number | null = null;

  /** A line of ours, wrapped by words. */
  function said(text: string, painted: (line: string) => string): string {
    return `${wrapParts([text], "", columns()).map(painted).join("\n")}\n`;
  }

  function figures(): string {
    const all = { ...messages, ...words };
    const view = { columns: columns(), color: err.color };
    const { asked, max, mean, short } = concurrency.observed();
    const lines = [
      ...(err.terminal && !err.wordsOnly ? [waterfall(trace.chart(), all, view)] : []),
      modelsTable(means.models(), all, { ...view, currency }),
      said(
        words.concurrency(
          messages.count(Math.min(asked ?? 0, streams)),
          messages.count(max),
          messages.number(mean ?? 0),
        ),
        paint.dim,
      ),
      ...(cost === null ? [] : [`${words.total(messages.cost(cost, currency))}\n`]),
      ...(short ? [said(`⚠️  ${words.short}`, paint.yellow)] : []),
    ];
    return `\n${lines.join("\n")}`;
  }

  function onRecord(record: StreamRecord): void {
    streams++;
    answered ||= record.ttft_ms !== null;
    if (record.cost !== null) cost = (cost ?? 0) + record.cost;
    means.add(record);
    kept.add(record);
  }

  function finish(): void | Promise<void> {
    const left = kept.left();
    return settled(
      (answers?.pour ?? answers?.write)?.(kept.text()),
      left === 0 ? undefined : err.write(`${words.answersLeft(messages.count(left))}\n`),
      quiet || !answered ? undefined : err.write(figures()),
    );
  }

  return {
    on(event) {
      void trace.on(event);
      void concurrency.on(event);
      if (event.type === "record") onRecord(event.record);
      if (event.type === "finished") return finish();
    },
  };
}

/** Answers in the order of their streams, as long as there is room for them; on a terminal wrapped by words. */
function createKept(sink: Sink | null, columns: () => number) {
  const ended = new Map<number, [heading: string, text: string]>();
  let size = 0;
  let left = 0;

  return {
    add(record: StreamRecord): void {
      const { stream, text } = record;
      if (sink === null || text === "") return;
      size += text.length;
      // One of just so many units may have had more.
      if (size >= KEPT.answers) left++;
      else ended.set(stream, [heading(record), text.endsWith("\n") ? text : `${text}\n`]);
    },
    text(): string {
      if (sink === null) return "";
      const shown = showOn(sink);
      const wrapped = (text: string): string => (sink.terminal ? createWordWrap(columns).push(text) : text);
      return [...ended]
        .toSorted(([a], [b]) => a - b)
        .map(([, [head, text]]) => `${shown(head)}\n${wrapped(shown(text))}\n`)
        .join("");
    },
    left: () => left,
  };
}
