import type { SeveralWords } from "../../i18n/load.ts";
import type { Numbers } from "../../i18n/numbers.ts";
import type { Verdict } from "../../stream/event.ts";
import { createPaint, type Paint } from "../../text/paint.ts";
import { flat } from "../../text/visible.ts";
import { padEnd, padStart, cellsOf, cut } from "../../text/width.ts";
import { wrapParts } from "../../text/wrap.ts";
import { axisLines, layOut, type Layout } from "./axis.ts";
import { drawLine, type Cell, type Line, type Phase } from "./cells.ts";
import type { Chart, Ended } from "./chart.ts";

type WaterfallMessages = Numbers & Pick<SeveralWords, "waterfall">;

const MARKS: Readonly<Record<Verdict, string>> = {
  complete: "",
  length: "",
  empty: "∅",
  filtered: "⊘",
  truncated: "✂",
  failed: "✗",
  timeout: "⏰",
  cancelled: "■",
};

const SHADES = "░▒▓█";

const SIGNS: Readonly<Record<Exclude<Phase, "tokens">, { sign: string; style: keyof Paint }>> = {
  waiting: { sign: "·", style: "dim" },
  retrying: { sign: "↻", style: "yellow" },
  thinking: { sign: "○", style: "dim" },
  stalled: { sign: "╌", style: "red" },
};

/** After several streams: a line each on one axis of time, waiting, thinking, tokens shaded by pace, stalls, its end. */
export function waterfall(
  chart: Chart,
  messages: WaterfallMessages,
  view: { columns: number; color: boolean },
): string {
  if (chart.streams.length === 0) return "";
  const paint = createPaint(view.color);
  const models = new Set(chart.streams.map(({ trace }) => trace.model));
  const layout = layOut(chart, view.columns, labelsOf(chart, messages));
  const lines = chart.streams.map(({ trace }) => drawLine(trace, layout.axis));
  const fastest = lines.reduce((most, { cells }) => Math.max(most, ...cells.map(finitePace)), 0);
  const rows = chart.streams.map((ended, at) => rowOf(ended, lines[at], fastest, layout, messages, paint));
  return [
    ...wrapParts(headOf(chart, models, messages), " · ", view.columns),
    "",
    ...rows,
    ...axisLines(layout, messages.waterfall.seconds).map(paint.dim),
    "",
    ...wrapParts(legendOf(chart, lines, fastest, messages), "   ", view.columns).map(paint.dim),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function labelsOf({ streams }: Chart, { duration }: Numbers) {
  return streams.map(({ trace, total }) => ({
    number: trace.number,
    model: flat(trace.model),
    total: duration(total),
  }));
}

function headOf({ streams, left, failed }: Chart, models: ReadonlySet<string>, messages: WaterfallMessages): string[] {
  const { waterfall: words, count } = messages;
  const all = count(streams.length + left);
  return [
    words.title(all),
    ...[...models].slice(0, models.size === 1 ? 1 : 0).map(flat),
    ...(left > 0 ? [words.left(count(streams.length), all, failed > 0 ? count(failed) : null)] : []),
  ];
}

function rowOf(
  { trace, verdict, total }: Ended,
  line: Line | undefined,
  fastest: number,
  layout: Layout,
  { duration }: Numbers,
  paint: Paint,
): string {
  const { number, model, axis, total: totalWidth } = layout;
  const { skip, cells } = line ?? { skip: 0, cells: [] };
  const name = model === 0 ? "" : ` ${padEnd(cut(flat(trace.model), model), model)}`;
  const used = skip + cells.length + cellsOf(MARKS[verdict]);
  const bar = " ".repeat(skip) + barOf(cells, fastest, paint) + paint.red(MARKS[verdict]);
  const after = " ".repeat(Math.max(0, axis.cells + layout.mark - used));
  return `${padStart(trace.number, number)}${name} ${bar}${after} ${padStart(duration(total), totalWidth)}`;
}

/** The cells as text; neighbours of one colour share its codes. */
function barOf(cells: readonly Cell[], fastest: number, paint: Paint): string {
  let bar = "";
  for (let at = 0; at < cells.length;) {
    const { phase } = cells[at] ?? { phase: "waiting" };
    const end = cells.findIndex((cell, other) => other > at && cell.phase !== phase);
    const run = cells.slice(at, end === -1 ? cells.length : end);
    bar += phase === "tokens" ? run.map((cell) => shadeOf(cell, fastest)).join("") : signs(phase, run.length, paint);
    at += run.length;
  }
  return bar;
}

function signs(phase: Exclude<Phase, "tokens">, count: number, paint: Paint): string {
  const { sign, style } = SIGNS[phase];
  return paint[style](sign.repeat(count));
}

function shadeOf({ perMs }: Cell, fastest: number): string {
  const level = perMs >= fastest ? SHADES.length : Math.ceil((perMs / fastest) * SHADES.length);
  return SHADES.charAt(Math.max(1, level) - 1);
}

function finitePace({ perMs }: Cell): number {
  return Number.isFinite(perMs) ? perMs : 0;
}

/** Only the signs that occur. */
function legendOf(
  { streams }: Chart,
  lines: readonly Line[],
  fastest: number,
  { waterfall: words, number }: WaterfallMessages,
): string[] {
  const phases = new Set(lines.flatMap(({ cells }) => cells.map(({ phase }) => phase)));
  const verdicts = new Set(streams.map((stream) => stream.verdict).filter((name) => MARKS[name] !== ""));
  const quiet = (["waiting", "retrying", "thinking"] as const).filter((phase) => phases.has(phase));
  return [
    ...quiet.map((phase) => `${SIGNS[phase].sign} ${words.phase[phase]}`),
    ...(phases.has("tokens") ? [`${SHADES} ${words.tokens(fastest > 0 ? number(fastest * 1000) : null)}`] : []),
    ...(phases.has("stalled") ? [`${SIGNS.stalled.sign} ${words.phase.stalled}`] : []),
    ...[...verdicts].map((name) => `${MARKS[name]} ${name}`),
  ];
}
