import type { SeveralWords } from "../../i18n/load.ts";
import type { Numbers } from "../../i18n/numbers.ts";
import type { Ms, Verdict } from "../../stream/event.ts";
import { createPaint, type Paint } from "../../text/paint.ts";
import { flat } from "../../text/visible.ts";
import { cellsOf, cut, padEnd, padStart } from "../../text/width.ts";
import { wrapParts } from "../../text/wrap.ts";
import type { Chart, Ended } from "./chart.ts";
import { lengthOf, overlap, type Interval, type Trace } from "./trace.ts";

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
    ...axisLines(layout, messages.seconds).map(paint.dim),
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

/** The columns of a waterfall: number, model (0: none), the axis, room for a mark, and the total. */
type Layout = { number: number; model: number; axis: Axis; mark: number; total: number };

type Label = { number: string; model: string; total: string };

/** A mark may be two columns wide. */
const MARK = 2;
/** No more of a model's name than this share of the line, and not at all when the axis would be shorter than this. */
const MODEL_SHARE = 0.25;
const SHORT_AXIS = 16;

/** Divides a line of `columns` up; the axis gets what is left, and spans the whole run. */
function layOut(run: { from: Ms; to: Ms }, columns: number, labels: readonly Label[]): Layout {
  const widest = (texts: string[]): number => texts.reduce((width, text) => Math.max(width, cellsOf(text)), 0);
  const number = widest(labels.map((label) => label.number));
  const total = widest(labels.map((label) => label.total));
  const room = columns - number - 1 - MARK - 1 - total;
  const several = new Set(labels.map((label) => label.model)).size > 1;
  const wanted = Math.min(widest(labels.map((label) => label.model)), Math.floor(columns * MODEL_SHARE));
  const model = several && room - 1 - wanted >= SHORT_AXIS ? wanted : 0;
  const cells = Math.max(1, room - (model === 0 ? 0 : model + 1));
  const step = Math.max(1e-3, run.to - run.from) / cells;
  return { number, model, axis: { from: run.from, step, cells }, mark: MARK, total };
}

/** The axis under the lines: ticks, and seconds at each. */
function axisLines(
  { number, model, axis }: Layout,
  seconds: (value: number, digits: number) => string,
): [string, string] {
  const indent = number + 1 + (model === 0 ? 0 : model + 1);
  const { tick, label } = ticksOf(axis, seconds);
  let rule = "";
  let labels = "";
  for (let at = 0, index = 0; at < axis.cells; at++) {
    const here = Math.round((index * tick) / axis.step) === at;
    rule += here ? (index === 0 ? "└" : "┴") : "─";
    const text = label(index);
    if (here && at + cellsOf(text) <= axis.cells + MARK) labels = labels.padEnd(at) + text;
    if (here) index++;
  }
  return [" ".repeat(indent) + rule, " ".repeat(indent) + labels];
}

/** The narrowest ticks of 1, 2 or 5 × 10ⁿ seconds whose labels have room. */
function ticksOf({ step, cells }: Axis, seconds: (value: number, digits: number) => string) {
  for (let power = -3; ; power++) {
    for (const factor of [1, 2, 5]) {
      const tick = 1000 * factor * 10 ** power;
      const label = (index: number): string =>
        index === 0 ? "0" : seconds((index * factor * 10 ** (power + 3)) / 1000, Math.max(0, -power));
      const last = Math.ceil((step * cells) / tick);
      if (tick / step >= Math.max(cellsOf(label(last)), cellsOf(label(1))) + 2) return { tick, label };
    }
  }
}

/** What a stream mostly did in one cell of its line. */
type Phase = "waiting" | "retrying" | "thinking" | "tokens" | "stalled";

/** `perMs`: the pace of tokens; infinite where they came all at once, 0 in the other phases. */
type Cell = { phase: Phase; perMs: number };

/** The time that a line stands for: `cells` times `step` ms from `from` on. */
type Axis = { from: Ms; step: Ms; cells: number };

/** The line of one stream: `skip` empty cells, then its own. */
type Line = { skip: number; cells: Cell[] };

/** Draws where the time went; each cell shows what took most of it. */
function drawLine(trace: Trace, axis: Axis): Line {
  const skip = Math.min(axis.cells - 1, Math.floor((trace.sent - axis.from) / axis.step));
  const until = Math.min(axis.cells, Math.max(skip + 1, Math.round((trace.ended - axis.from) / axis.step)));
  const parts = partsOf(trace);
  const cells = Array.from({ length: until - skip }, (_, at) => {
    const from = axis.from + (skip + at) * axis.step;
    return cellOf(trace, parts, { from, to: from + axis.step });
  });
  showLongestStall(trace, axis, { skip, cells });
  showTokens(trace, axis, { skip, cells });
  return { skip, cells };
}

type Part = { phase: Phase; interval: Interval };

/** The phases without what interrupts them, in their order. */
function partsOf({ sent, firstToken, thoughtUntil, lastToken, ended }: Trace): Part[] {
  if (firstToken === null || lastToken === null) return [{ phase: "waiting", interval: { from: sent, to: ended } }];
  const output = thoughtUntil ?? firstToken;
  return [
    { phase: "waiting", interval: { from: sent, to: firstToken } },
    { phase: "thinking", interval: { from: firstToken, to: output } },
    { phase: "tokens", interval: { from: output, to: lastToken } },
    { phase: "waiting", interval: { from: lastToken, to: ended } },
  ];
}

function cellOf(trace: Trace, parts: readonly Part[], cell: Interval): Cell {
  const interruptions = [...trace.stalls, ...trace.waits];
  const times: Record<Phase, Ms> = {
    stalled: sumOverlaps(trace.stalls, cell),
    retrying: sumOverlaps(trace.waits, cell),
    tokens: 0,
    thinking: 0,
    waiting: 0,
  };
  for (const { phase, interval } of parts) {
    const common = { from: Math.max(interval.from, cell.from), to: Math.min(interval.to, cell.to) };
    if (common.to > common.from) times[phase] += lengthOf(common) - sumOverlaps(interruptions, common);
  }
  const phase = longest(times);
  return { phase, perMs: phase === "tokens" ? paceOf(trace, parts, cell, times.tokens) : 0 };
}

function sumOverlaps(intervals: readonly Interval[], interval: Interval): Ms {
  return intervals.reduce((sum, other) => sum + overlap(other, interval), 0);
}

/** Of phases that took as long the last wins: what interrupts is what one looks for. */
const ORDER: readonly Phase[] = ["waiting", "thinking", "tokens", "retrying", "stalled"];

function longest(times: Record<Phase, Ms>): Phase {
  return ORDER.reduce((best, phase) => (times[phase] > 0 && times[phase] >= times[best] ? phase : best), "waiting");
}

function paceOf({ tokens, firstToken }: Trace, parts: readonly Part[], cell: Interval, time: Ms): number {
  const interval = parts.find(({ phase }) => phase === "tokens")?.interval;
  if (tokens === null || firstToken === null || interval === undefined || time <= 0) return Infinity;
  const from = Math.max(cell.from, interval.from) - firstToken;
  return tokens.between(from, Math.min(cell.to, interval.to) - firstToken) / time;
}

/** The longest stall is drawn even when it is shorter than a cell. */
function showLongestStall({ stalls }: Trace, axis: Axis, { skip, cells }: Line): void {
  const longestStall = stalls.reduce<Interval | undefined>((a, b) => (lengthOf(b) > lengthOf(a) ? b : a), undefined);
  if (longestStall === undefined || cells.some(({ phase }) => phase === "stalled")) return;
  put(cells, indexOf((longestStall.from + longestStall.to) / 2, axis) - skip, { phase: "stalled", perMs: 0 });
}

/** An answer is drawn even when it came within less than a cell. */
function showTokens({ firstToken, thoughtUntil, lastToken, tokens }: Trace, axis: Axis, { skip, cells }: Line): void {
  if (firstToken === null || cells.some(({ phase }) => phase === "tokens" || phase === "thinking")) return;
  if (thoughtUntil === lastToken && lastToken !== null) {
    put(cells, indexOf(firstToken, axis) - skip, { phase: "thinking", perMs: 0 });
    return;
  }
  const perMs = tokens === null ? Infinity : tokens.between(0, (lastToken ?? firstToken) - firstToken) / axis.step;
  put(cells, indexOf(firstToken, axis) - skip, { phase: "tokens", perMs });
}

function indexOf(at: Ms, { from, step }: Axis): number {
  return Math.floor((at - from) / step);
}

function put(cells: Cell[], at: number, cell: Cell): void {
  cells[Math.max(0, Math.min(cells.length - 1, at))] = cell;
}
