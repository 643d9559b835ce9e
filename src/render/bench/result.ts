import type { BenchWords } from "../../i18n/load.ts";
import type { Numbers } from "../../i18n/numbers.ts";
import { distributionsOf } from "../../metrics/figures.ts";
import { allModels, replacedIn, type RunReport, type StepReport } from "../../metrics/report.ts";
import type { ResultReport } from "../../metrics/result-report.ts";
import { errorKinds, hasTokens, MARKS, outcomeOf } from "../../metrics/verdict.ts";
import { blank, blocks, flow, labelled, linesOf, piece, sentence, type Piece, type Row } from "../../text/row.ts";
import { type Paint } from "../../text/paint.ts";
import { cellsOf, cut, padStart } from "../../text/width.ts";
import { COLUMNS, wrap } from "../../text/wrap.ts";
import { nameOf, sayLimit, sayLoad, sayThreshold, showFor, type Texts } from "./figures.ts";
import { kneeRows, noteRows, sweepTables } from "./sweep.ts";
import { distributionRows, modelRows, scalarRows } from "./tables.ts";
import { shardRows } from "./shards.ts";
import { trustRows } from "./trust.ts";
import { isNothing, quietRows, STYLES, verdictRows } from "./verdict.ts";

/** What a result is said with. */
type ResultOptions = {
  messages: Numbers;
  words: BenchWords;
  paint: Paint;
  /** Text from outside is made harmless. */
  terminal: boolean;
  /** Most cells of a line. */
  columns?: number;
};

const BETWEEN = piece(" · ", "dim");

/** What a measured load came to, in lines of so many cells at most; the first is the verdict. */
export function renderResult(
  report: RunReport,
  { messages, words, paint, terminal, columns = COLUMNS }: ResultOptions,
): string {
  const texts: Texts = { messages, words, show: showFor(terminal), columns };
  const [step] = report.steps;
  const single = report.steps.length === 1 && step !== undefined;
  const parts = single ? stepBlocks(step, texts) : sweepBlocks(report, texts);
  return linesOf(
    blocks(
      verdictRows(report, texts),
      headRows(report, texts),
      notRunRows(report, texts),
      ...parts,
      shardRows(report, texts),
    ),
    paint,
  );
}

/** The verdict alone, as with `--quiet`, with what did not pass and why streams failed. */
export function renderVerdict(
  report: RunReport,
  { messages, words, paint, terminal, columns = COLUMNS }: ResultOptions,
): string {
  const texts: Texts = { messages, words, show: showFor(terminal), columns };
  return linesOf([...verdictRows(report, texts), ...quietRows(report, texts)], paint);
}

/** What was measured: models, load, times, and the endpoint. */
function headRows({ models, steps, endpoint, api = "chat", demo }: RunReport, texts: Texts): Row[] {
  const { words, show } = texts;
  const [step] = steps;
  const times = steps.length === 1 && step !== undefined ? timesOf(step, texts) : [];
  const load = steps.length === 1 && step !== undefined ? [sayLoad(step.load, texts)] : [];
  const where = demo ? words.plan.builtIn : show(endpoint);
  const [model = ""] = models;
  const name = models.length === 1 ? nameOf(model, replacedIn(steps).get(model), texts) : "";
  const parts = [name, ...load, ...times, where, ...(api === "chat" ? [] : [words.terms.api(show(api))])];
  return flow(
    parts.filter((part) => part !== "").map((part) => piece(part, "dim")),
    BETWEEN,
    texts.columns,
  );
}

/** What was planned and did not come, as something ended the run before. */
function notRunRows({ plan, steps }: RunReport, texts: Texts): Row[] {
  const loads = plan.loads.slice(steps.length).map((load) => sayLoad(load, texts));
  return loads.length === 0 ? [] : sentence(texts.words.sweep.notRun(loads.join(", ")), null, texts.columns);
}

function timesOf(step: StepReport, { words, messages }: Texts): string[] {
  const { window, warmup } = step;
  const { row } = words;
  const drained = allModels(step)?.streams.unfinished === 0 ? row.drain : row.cutAfter;
  return [
    row.measured(messages.duration(window.length_ms)),
    ...(warmup.streams > 0 ? [row.warmup(warmup.streams, messages.duration(warmup.length_ms))] : []),
    ...(window.drain_ms > 0 ? [drained(messages.duration(window.drain_ms))] : []),
  ];
}

function stepBlocks(step: StepReport, texts: Texts): Row[][] {
  const all = allModels(step);
  if (all === undefined) return [];
  const width = labelWidthOf(texts);
  const several = step.results.length > 1;
  const names = distributionsOf(step.load);
  const figures = several
    ? [modelRows(step.results, names, width, texts)]
    : [distributionRows(all, names, width, texts), scalarRows(all, width, texts)];
  return [
    // Without a token there is no figure: a table would be one of dashes.
    ...(hasTokens([step]) ? figures : []),
    thresholdRows(step.results, texts),
    trustRows(step, all, width, texts),
    errorRows([step], texts),
  ];
}

function sweepBlocks(report: RunReport, texts: Texts): Row[][] {
  const tables = hasTokens(report.steps) ? sweepTables(report, texts) : [];
  const knee = hasTokens(report.steps) ? kneeRows(report, texts) : [];
  return [...tables, [...knee, ...noteRows(report, texts)], errorRows(report.steps, texts)];
}

/** The labels of all blocks take as much room: their values stand below each other. */
function labelWidthOf({ words }: Texts): number {
  const labels = [...Object.values(words.row.label), ...Object.values(words.terms.figure).map(({ row }) => row)];
  return Math.max(...labels.map(cellsOf)) + 2;
}

/** Kinds of errors that are shown, and lines of the example of each. */
const KINDS_SHOWN = 10;
const EXAMPLE_LINES = 3;
/** A threshold wider than this pushes its value to the next row. */
const TEXT_WIDTH = 34;
const TEXT_SHARE = 0.43;

/** Each threshold, what it came to in each result, and whether it was passed. */
function thresholdRows(results: readonly ResultReport[], texts: Texts): Row[] {
  const all = results.flatMap(({ thresholds }) => thresholds);
  const written = [...new Map(all.map((one) => [one.text, sayLimit(one, texts)]))];
  const width = Math.min(
    TEXT_WIDTH,
    Math.floor(texts.columns * TEXT_SHARE),
    Math.max(0, ...written.map(([, shown]) => cellsOf(shown))),
  );
  const rows = written.flatMap(([text, shown]): Row[] => {
    const values = results.flatMap(({ model, thresholds }) => {
      const found = thresholds.find((one) => one.text === text);
      if (found === undefined) return [];
      const value = sayThreshold(found, texts);
      // Of a long name and its value it is the name that is cut.
      const room = texts.columns - width - 4 - cellsOf(value) - 3;
      const name = results.length === 1 ? "" : `${cut(texts.show(model ?? texts.words.row.all), room)} `;
      const outcome = outcomeOf(found);
      return [piece(`${MARKS[outcome]} ${name}${value}`, STYLES[outcome])];
    });
    return beside(shown, width, values, texts.columns);
  });
  return rows.length === 0 ? [] : [[piece(texts.words.row.label.thresholds, "bold")], ...rows];
}

function beside(text: string, width: number, values: readonly Piece[], columns: number): Row[] {
  const rows = flow(values, blank(2), columns - width - 4);
  const long = cellsOf(text) > width;
  const above = long ? wrap(text, columns - 2).lines.map((line) => [piece(line)]) : [];
  return [...above, ...labelled(piece(long ? "" : text), width + 2, rows)].map((row) => [blank(2), ...row]);
}

/** The errors by kind, the most frequent first, each with an example. */
function errorRows(steps: readonly StepReport[], texts: Texts): Row[] {
  const all = errorKinds(steps);
  // The one cause of a run in which nothing ended well is its first line.
  if (all.length === 0 || (all.length === 1 && isNothing(steps))) return [];
  const { words, messages, columns } = texts;
  const shown = all.slice(0, KINDS_SHOWN);
  const width = Math.max(...shown.map(({ count }) => messages.count(count).length));
  const rows = shown.flatMap(({ kind, count, example, by }): Row[] => {
    const models = by.map(([model, n]) => texts.show(model) + (by.length > 1 ? ` ${messages.count(n)}` : ""));
    const from = models.length > 0 ? ` (${models.join(", ")})` : "";
    const head = cut(`${texts.show(kind)}${from}`, columns - width - 5);
    const { lines } = wrap(texts.show(example), columns - width - 5);
    const kept =
      lines.length > EXAMPLE_LINES
        ? [...lines.slice(0, EXAMPLE_LINES - 1), `${lines[EXAMPLE_LINES - 1] ?? ""}…`]
        : lines;
    return [
      [blank(2), piece(`${padStart(messages.count(count), width)} × `), piece(head, "red")],
      ...kept.map((line): Row => [blank(width + 5), piece(cut(line, columns - width - 5), "dim")]),
    ];
  });
  const left = all.length - shown.length;
  const more: Row[] = left > 0 ? [[blank(2), piece(words.row.moreErrors(left), "dim")]] : [];
  return [[piece(words.row.label.errors, "bold")], ...rows, ...more];
}
