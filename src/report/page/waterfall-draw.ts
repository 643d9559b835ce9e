import type { PageStream } from "./data.ts";
import { addMark, font, ink, modelInk, px } from "./ink.ts";
import { timeValues } from "./plot.ts";
import { isFailed, isUnfinished } from "./state.ts";

/** Height of the time axis under the rows, CSS pixels. */
const AXIS = 24;

/** Where the rows are drawn, in the canvas's own pixels. */
export type Area = { width: number; height: number; ratio: number };

/** A rectangle that is being drawn by the pointer, in the canvas's own pixels. */
export type Rubber = { x0: number; y0: number; x1: number; y1: number };

/** Height of the rows' part of a canvas. */
export function rowsHeight({ height, ratio }: Area): number {
  return height - px(AXIS) * ratio;
}

/** Draws the rows that are in view, the time axis, the marked row and the rectangle of the pointer. */
export function drawRows(
  ctx: CanvasRenderingContext2D,
  area: Area,
  view: View,
  streams: readonly PageStream[],
  marked: number | null,
  rubber: Rubber | null,
): void {
  const height = rowsHeight(area);
  const pitch = height / view.rows;
  ctx.clearRect(0, 0, area.width, area.height);
  drawAxis(ctx, area, view);
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, 0, area.width, height);
  ctx.clip();
  const place: Place = { x: (at) => ((at - view.from) / (view.to - view.from)) * area.width, unit: px(1) * area.ratio };
  const [crosses, open] = [new Path2D(), new Path2D()];
  const last = Math.min(streams.length, Math.ceil(view.top + view.rows));
  for (let row = Math.floor(view.top); row < last; row++) {
    const stream = streams[row];
    if (stream === undefined) continue;
    const y = (row - view.top) * pitch;
    if (row === marked) drawMarked(ctx, area, y, pitch, place.unit);
    drawRow(ctx, place, stream, y, pitch);
    const size = Math.min(9, Math.max(5, (pitch / place.unit) * 0.7)) * place.unit;
    if (isFailed(stream)) addMark(crosses, null, place.x(stream.ended) + size, y + pitch / 2, size);
    if (isUnfinished(stream))
      addOpenEnd(open, Math.min(place.x(stream.ended) + size, area.width - size), y + pitch / 2, size);
  }
  ctx.strokeStyle = ink("--soft");
  ctx.lineWidth = 1.5 * place.unit;
  ctx.stroke(open);
  ctx.strokeStyle = ink("--bad");
  ctx.lineWidth = 1.5 * place.unit;
  ctx.stroke(crosses);
  if (rubber !== null) drawRubber(ctx, rubber);
  ctx.restore();
}

/** Like the mark of a chart, but it points to where the time goes. */
function addOpenEnd(path: Path2D, x: number, y: number, size: number): void {
  path.moveTo(x - size / 2, y - size / 2);
  path.lineTo(x, y);
  path.lineTo(x - size / 2, y + size / 2);
}

type Place = { x(at: number): number; unit: number };

function drawRow(
  ctx: CanvasRenderingContext2D,
  { x, unit }: Place,
  stream: PageStream,
  y: number,
  pitch: number,
): void {
  const space = pitch > 4 * unit ? Math.min(pitch * 0.25, 3 * unit) : 0;
  const height = pitch - space;
  const first = stream.first_token ?? stream.ended;
  const output = stream.first_output ?? stream.last_token ?? first;
  const written = stream.last_token ?? first;
  const failed = isFailed(stream);
  const bar = (from: number, to: number, color: string, inset = 0): void => {
    ctx.fillStyle = color;
    ctx.fillRect(
      x(from),
      y + space / 2 + height * inset,
      Math.max(x(to) - x(from), 0.75 * unit),
      height * (1 - 2 * inset),
    );
  };
  ctx.globalAlpha = stream.warmup === 1 ? 0.35 : 1;
  if (stream.sent - stream.due > 1) bar(stream.due, stream.sent, ink("--late"), 0.4);
  bar(stream.sent, first, failed && stream.first_token === null ? ink("--bad-soft") : ink("--wait"), 0.32);
  if (stream.first_token !== null) {
    if (output > first) bar(first, output, ink("--think"), 0.14);
    if (written > output || output === first) bar(output, Math.max(written, output), modelInk(stream.model));
    if (stream.ended > written) bar(written, stream.ended, failed ? ink("--bad-soft") : ink("--wait"), 0.32);
  }
  ctx.globalAlpha = 1;
}

function drawMarked(ctx: CanvasRenderingContext2D, { width }: Area, y: number, pitch: number, unit: number): void {
  const height = Math.max(pitch, 3 * unit);
  ctx.fillStyle = ink("--mark");
  ctx.fillRect(0, y + pitch / 2 - height / 2, width, height);
  ctx.fillStyle = ink("--ink");
  ctx.fillRect(0, y + pitch / 2 - height / 2, 3 * unit, height);
}

function drawRubber(ctx: CanvasRenderingContext2D, { x0, y0, x1, y1 }: Rubber): void {
  ctx.fillStyle = ink("--mark");
  ctx.globalAlpha = 0.6;
  ctx.fillRect(x0, y0, x1 - x0, y1 - y0);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = ink("--soft");
  ctx.strokeRect(x0, y0, x1 - x0, y1 - y0);
}

function drawAxis(ctx: CanvasRenderingContext2D, area: Area, view: View): void {
  const height = rowsHeight(area);
  const splits = splitsOf(view, area.width / (px(90) * area.ratio));
  const texts = timeValues(splits);
  ctx.font = font(12 * area.ratio);
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  for (const [index, split] of splits.entries()) {
    const x = Math.round(((split - view.from) / (view.to - view.from)) * area.width) + 0.5;
    ctx.fillStyle = ink("--grid");
    ctx.fillRect(x, 0, px(1) * area.ratio, height);
    const text = texts[index] ?? "";
    const half = ctx.measureText(text).width / 2;
    ctx.fillStyle = ink("--soft");
    if (x - half >= 0 && x + half <= area.width) ctx.fillText(text, x, height + px(6) * area.ratio);
  }
}

/** Round times, at most so many. */
function splitsOf({ from, to }: View, most: number): number[] {
  const rough = (to - from) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const splits: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) splits.push(at);
  return splits;
}

/** The part of the waterfall that is shown: times in ms, rows from `top` on, `rows` of them; neither need be whole. */
export type View = { from: number; to: number; top: number; rows: number };

/** All rows and the time they take. */
export function wholeView(streams: readonly PageStream[]): View {
  return { ...timesOf(streams), top: 0, rows: Math.max(1, streams.length) };
}

function timesOf(streams: readonly PageStream[]): { from: number; to: number } {
  let from = Infinity;
  let to = -Infinity;
  for (const stream of streams) {
    from = Math.min(from, stream.due, stream.sent);
    // What was cut may have waited for long after all else was done.
    to = Math.max(to, isUnfinished(stream) ? (stream.last_token ?? stream.sent) : stream.ended);
  }
  const edge = Math.max(1, to - from) * 0.015;
  return from > to ? { from: 0, to: 1 } : { from: Math.max(0, from - edge), to: to + edge };
}

/** Fewer rows than these are bars too tall to be read. */
const LEAST_ROWS = 8;

/** Kept inside what there is; at least eight rows and 2 ms. */
export function keptInside(view: View, whole: View): View {
  const rows = Math.min(whole.rows, Math.max(LEAST_ROWS, view.rows));
  const top = Math.min(whole.rows - rows, Math.max(0, view.top));
  const span = Math.min(whole.to - whole.from, Math.max(2, view.to - view.from));
  const from = Math.min(whole.to - span, Math.max(whole.from, view.from));
  return { from, to: from + span, top, rows };
}

/** Rows by a factor around one of them, and the time that they take. */
export function zoomRows(view: View, streams: readonly PageStream[], around: number, factor: number): View {
  const rows = Math.min(streams.length, Math.max(LEAST_ROWS, view.rows * factor));
  const share = Math.min(1, Math.max(0, (around - view.top) / view.rows));
  const top = Math.min(streams.length - rows, Math.max(0, around - rows * share));
  const seen = streams.slice(Math.floor(top), Math.ceil(top + rows));
  return { ...timesOf(seen), top, rows };
}

/** With a row inside it, moved as little as may be. */
export function withRow(view: View, row: number): View {
  if (row < view.top) return { ...view, top: row };
  if (row + 1 > view.top + view.rows) return { ...view, top: row + 1 - view.rows };
  return view;
}

/** The row nearest to a place that has something there, else the nearest. */
export function rowAt(streams: readonly PageStream[], at: number, time: number, reach: number): number | null {
  const middle = Math.floor(at);
  let best: number | null = null;
  let distance = Infinity;
  for (let row = Math.max(0, middle - Math.ceil(reach)); row <= middle + Math.ceil(reach); row++) {
    const stream = streams[row];
    if (stream === undefined) continue;
    const off = time < stream.sent ? stream.sent - time : Math.max(0, time - stream.ended);
    const away = off + Math.abs(row + 0.5 - at) / 1000;
    if (away < distance) [best, distance] = [row, away];
  }
  return best;
}
