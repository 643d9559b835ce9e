import type { BenchWords } from "../../i18n/load.ts";
import type { Numbers } from "../../i18n/numbers.ts";
import { distributionsOf } from "../../metrics/figures.ts";
import { allModels, replacedIn, type RunReport, type StepReport } from "../../metrics/report.ts";
import type { ErrorReport, ResultReport } from "../../metrics/result-report.ts";
import {
  blank,
  blocks,
  flow,
  joined,
  labelled,
  linesOf,
  piece,
  sentence,
  widthOf,
  type Piece,
  type Row,
} from "../../text/row.ts";
import { type Paint } from "../../text/paint.ts";
import { cellsOf, cut, padStart } from "../../text/width.ts";
import { COLUMNS, wrap } from "../../text/wrap.ts";
import { nameOf, sayLoad, sayThreshold, showFor, type Texts } from "./figures.ts";
import { kneeRows, noteRows, sweepTables } from "./sweep.ts";
import { distributionRows, modelRows, scalarRows } from "./tables.ts";
import { trustRows } from "./trust.ts";

/** What a result is said with. */
type ResultOptions = {
  messages: Numbers;
  words: BenchWords;
  paint: Paint;
  /** Text from outside is made harmless. */
  terminal: boolean;
};

const BETWEEN = piece(" · ", "dim");

/** What a measured load came to, in lines of at most 80 cells; the first is the verdict. */
export function renderResult(report: RunReport, { messages, words, paint, terminal }: ResultOptions): string {
  const texts: Texts = { messages, words, show: showFor(terminal) };
  const [step] = report.steps;
  const single = report.steps.length === 1 && step !== undefined;
  const parts = single ? stepBlocks(step, texts) : sweepBlocks(report, texts);
  return linesOf(
    blocks(verdictRows(report, texts), headRows(report, texts), notRunRows(report, texts), ...parts),
    paint,
  );
}

/** The verdict alone, as with `--quiet`. */
export function renderVerdict(report: RunReport, { messages, words, paint, terminal }: ResultOptions): string {
  return linesOf(verdictRows(report, { messages, words, show: showFor(terminal) }), paint);
}

/** What was measured: models, load, times, and the endpoint. */
function headRows({ models, steps, endpoint, demo }: RunReport, texts: Texts): Row[] {
  const { words, show } = texts;
  const [step] = steps;
  const times = steps.length === 1 && step !== undefined ? timesOf(step, texts) : [];
  const load = steps.length === 1 && step !== undefined ? [sayLoad(step.load, texts)] : [];
  const where = demo ? words.plan.builtIn : show(endpoint);
  const [model = ""] = models;
  const name = models.length === 1 ? nameOf(model, replacedIn(steps).get(model), texts) : "";
  const parts = [name, ...load, ...times, where];
  return flow(
    parts.filter((part) => part !== "").map((part) => piece(part, "dim")),
    BETWEEN,
    COLUMNS,
  );
}

/** What was planned and did not come, as something ended the run before. */
function notRunRows({ plan, steps }: RunReport, texts: Texts): Row[] {
  const loads = plan.loads.slice(steps.length).map((load) => sayLoad(load, texts));
  return loads.length === 0 ? [] : sentence(texts.words.sweep.notRun(loads.join(", ")));
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
  return [...figures, thresholdRows(step.results, texts), trustRows(step, all, width, texts), errorRows([step], texts)];
}

function sweepBlocks(report: RunReport, texts: Texts): Row[][] {
  return [
    ...sweepTables(report, texts),
    [...kneeRows(report, texts), ...noteRows(report, texts)],
    errorRows(report.steps, texts),
  ];
}

/** The labels of all blocks take as much room: their values stand below each other. */
function labelWidthOf({ words }: Texts): number {
  const labels = [...Object.values(words.row.label), ...Object.values(words.terms.figure).map(({ row }) => row)];
  return Math.max(...labels.map(cellsOf)) + 2;
}

/** The first line: thresholds, streams and the client; what else must be known beside it or on the next. */
function verdictRows({ verdict, partial }: RunReport, { words, messages }: Texts): Row[] {
  const say = words.verdict;
  const { thresholds, goodput, streams, limited_by, in_lumps } = verdict;
  const good = verdict.exit_code === 0;
  const kept =
    thresholds.total === 0 && goodput !== null
      ? say.goodput(messages.percent(goodput))
      : say.thresholds(thresholds.passed, thresholds.total);
  const passed = `${good ? "✓" : "✗"} ${kept}`;
  const figures = [
    piece(passed, good ? "green" : thresholds.passed < thresholds.total ? "red" : null),
    piece(say.streams(streams.ok, streams.failed), streams.failed > 0 ? "red" : null),
    ...(in_lumps === true ? [piece(say.inLumps, "yellow")] : []),
  ];
  const rest = restOf(partial, verdict, words);
  if (verdict.client === "healthy") return flow([...figures, piece(say.healthy), ...rest], BETWEEN, COLUMNS);
  const names = limited_by.map((name) => words.terms.check[name].name).join(", ");
  const together = [...figures, piece(say.limitedBy(names), "yellow")];
  // Where the names have no room, they go to the second line, and not with them that the client limits.
  const begin =
    widthOf(joined(together, BETWEEN)) <= COLUMNS
      ? together
      : [...figures, piece(say.limited, "yellow"), piece(say.by(names), "yellow")];
  return flow([...begin, ...rest], BETWEEN, COLUMNS);
}

function restOf(
  partial: RunReport["partial"],
  { streams, window_too_short }: RunReport["verdict"],
  { verdict: say, terms }: Texts["words"],
): Piece[] {
  return [
    ...(streams.unfinished > 0 ? [piece(say.unfinished(streams.unfinished))] : []),
    ...(streams.missed_starts > 0 ? [piece(say.missed(streams.missed_starts), "yellow")] : []),
    ...(partial === null ? [] : [piece(say.partial(terms.partial[partial].row), "yellow")]),
    ...(window_too_short ? [piece(say.tooShort, "yellow")] : []),
  ];
}

/** Kinds of errors that are shown, and lines of the example of each. */
const KINDS_SHOWN = 10;
const EXAMPLE_LINES = 3;
/** A threshold wider than this pushes its value to the next row. */
const TEXT_WIDTH = 34;

/** Each threshold, what it came to in each result, and whether it was passed. */
function thresholdRows(results: readonly ResultReport[], texts: Texts): Row[] {
  const written = [...new Set(results.flatMap(({ thresholds }) => thresholds.map(({ text }) => text)))];
  const shown = written.map((text) => texts.show(text));
  const width = Math.min(TEXT_WIDTH, Math.max(0, ...shown.map(cellsOf)));
  const rows = written.flatMap((text, at): Row[] => {
    const values = results.flatMap(({ model, thresholds }) => {
      const found = thresholds.find((one) => one.text === text);
      if (found === undefined) return [];
      const value = sayThreshold(found, texts);
      // Of a long name and its value it is the name that is cut.
      const room = COLUMNS - width - 4 - cellsOf(value) - 3;
      const name = results.length === 1 ? "" : `${cut(texts.show(model ?? texts.words.row.all), room)} `;
      return [piece(`${found.passed ? "✓" : "✗"} ${name}${value}`, found.passed ? "green" : "red")];
    });
    return beside(shown[at] ?? "", width, values);
  });
  return rows.length === 0 ? [] : [[piece(texts.words.row.label.thresholds, "bold")], ...rows];
}

function beside(text: string, width: number, values: readonly Piece[]): Row[] {
  const rows = flow(values, blank(2), COLUMNS - width - 4);
  const long = cellsOf(text) > width;
  const above = long ? wrap(text, COLUMNS - 2).lines.map((line) => [piece(line)]) : [];
  return [...above, ...labelled(piece(long ? "" : text), width + 2, rows)].map((row) => [blank(2), ...row]);
}

type Grouped = ErrorReport & { by: [model: string, count: number][] };

/** The errors by kind, the most frequent first, each with an example. */
function errorRows(steps: readonly StepReport[], texts: Texts): Row[] {
  const all = errorsIn(steps);
  if (all.length === 0) return [];
  const { words, messages } = texts;
  const shown = all.slice(0, KINDS_SHOWN);
  const width = Math.max(...shown.map(({ count }) => messages.count(count).length));
  const rows = shown.flatMap(({ kind, count, example, by }): Row[] => {
    const models = by.map(([model, n]) => texts.show(model) + (by.length > 1 ? ` ${messages.count(n)}` : ""));
    const from = models.length > 0 ? ` (${models.join(", ")})` : "";
    const head = cut(`${texts.show(kind)}${from}`, COLUMNS - width - 5);
    const { lines } = wrap(texts.show(example), COLUMNS - width - 5);
    const kept =
      lines.length > EXAMPLE_LINES
        ? [...lines.slice(0, EXAMPLE_LINES - 1), `${lines[EXAMPLE_LINES - 1] ?? ""}…`]
        : lines;
    return [
      [blank(2), piece(`${padStart(messages.count(count), width)} × `), piece(head, "red")],
      ...kept.map((line): Row => [blank(width + 5), piece(cut(line, COLUMNS - width - 5), "dim")]),
    ];
  });
  const left = all.length - shown.length;
  const more: Row[] = left > 0 ? [[blank(2), piece(words.row.moreErrors(left), "dim")]] : [];
  return [[piece(words.row.label.errors, "bold")], ...rows, ...more];
}

/** Errors by kind over all steps, the most frequent first; `by` says which models they come from where there are several. */
export function errorsIn(steps: readonly StepReport[]): Grouped[] {
  const kinds = new Map<string, Grouped>();
  for (const step of steps) {
    const models = step.results.filter(({ model }) => model !== null);
    for (const error of allModels(step)?.errors ?? []) {
      const known = kinds.get(error.kind);
      const by = new Map(known?.by);
      for (const { model, errors } of models.length > 1 ? models : [])
        for (const { count } of errors.filter(({ kind }) => kind === error.kind))
          by.set(model ?? "", (by.get(model ?? "") ?? 0) + count);
      kinds.set(error.kind, { ...(known ?? error), count: (known?.count ?? 0) + error.count, by: [...by] });
    }
  }
  return [...kinds.values()].toSorted((one, other) => other.count - one.count);
}
