import type { BenchWords } from "../../i18n/load.ts";
import type { Numbers } from "../../i18n/numbers.ts";
import { distributionsOf, allModels, type RunReport, type StepReport } from "../../metrics/summary.ts";
import type { Paint } from "../../text/paint.ts";
import { piece, type Row, blocks, flow, linesOf, sentence } from "../../text/row.ts";
import { cellsOf } from "../../text/width.ts";
import { COLUMNS } from "../../text/wrap.ts";
import { distributionRows } from "./distributions.ts";
import { sayLoad, showFor, type Texts } from "./figures.ts";
import { errorRows, thresholdRows } from "./findings.ts";
import { modelRows } from "./models.ts";
import { scalarRows } from "./scalars.ts";
import { kneeRows, noteRows, sweepTables } from "./sweep.ts";
import { trustRows } from "./trust.ts";
import { verdictRows } from "./verdict.ts";

/** What a result is said with. */
export type ResultOptions = {
  messages: Numbers;
  words: BenchWords;
  paint: Paint;
  /** Text from outside is made harmless. */
  terminal: boolean;
};

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
  const parts = [models.length === 1 ? show(models[0] ?? "") : "", ...load, ...times, where];
  return flow(
    parts.filter((part) => part !== "").map((part) => piece(part, "dim")),
    piece(" · ", "dim"),
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
  const whole = allModels(step);
  if (whole === undefined) return [];
  const width = labelWidthOf(texts);
  const several = step.results.length > 1;
  const names = distributionsOf(step.load);
  const figures = several
    ? [modelRows(step.results, names, width, texts)]
    : [distributionRows(whole, names, width, texts), scalarRows(whole, width, texts)];
  return [
    ...figures,
    thresholdRows(step.results, texts),
    trustRows(step, whole, width, texts),
    errorRows([step], texts),
  ];
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
  const labels = [...Object.values(words.row.label), ...Object.values(words.row.distribution)];
  return Math.max(...labels.map(cellsOf)) + 2;
}
