import type { PageStream } from "./data.ts";
import { fillNumbers } from "./alternatives.ts";
import { byId, inside, make } from "./dom.ts";
import { PAPER, pen } from "./ink.ts";
import { showLegend } from "./plot.ts";
import { followPointer } from "./pointer.ts";
import { currentStreams, onPaint, shown, words } from "./state.ts";
import { chooseStream, chosen, closeStream } from "./stream.ts";
import { drawRows, rowsHeight, type Area, type Rubber } from "./waterfall-draw.ts";
import { keptInside, rowAt, wholeView, withRow, zoomRows, type View } from "./waterfall-view.ts";
import { waterfallHead, waterfallLegend, waterfallLine, waterfallRow } from "./waterfall-words.ts";

/** CSS pixels. */
const HEIGHT = 460;

/** The drawn streams as lines over time: zoom by dragging, by pinching or by keys, a click or Enter shows one. */
export function drawWaterfall(): void {
  const figure = byId("chart-waterfall");
  const place = inside(figure, ".plot");
  const readout = inside(figure, ".readout");
  const canvas = make("canvas", "rows");
  const ctx = canvas.getContext("2d");
  if (ctx === null) return;
  place.append(canvas);

  let streams: PageStream[] = [];
  let whole: View = wholeView(streams);
  let view: View = whole;
  let step = -1;
  let rubber: Rubber | null = null;

  const area = (): Area => ({ width: canvas.width, height: canvas.height, ratio: devicePixelRatio });
  const marked = (): number | null => {
    const index = chosen.stream === null ? -1 : streams.indexOf(chosen.stream);
    return index === -1 ? null : index;
  };

  function draw(): void {
    if (ctx !== null) drawRows(ctx, area(), view, streams, marked(), rubber);
    const index = marked();
    const stream = index === null ? undefined : streams[index];
    readout.textContent =
      streams.length === 0 ? words.nothing : stream === undefined ? words.choose : waterfallLine(stream);
  }

  function show(next: View): void {
    view = keptInside(next, whole);
    draw();
  }

  function paint(): void {
    if (step !== shown.step) {
      streams = currentStreams();
      whole = view = wholeView(streams);
      if (marked() === null && chosen.stream !== null) closeStream();
      step = shown.step;
    }
    const width = pen.printing ? PAPER : Math.max(240, place.clientWidth);
    // Few streams need no tall chart.
    const height = Math.min(HEIGHT, 60 + streams.length * 14);
    canvas.width = Math.round(width * pen.scale * devicePixelRatio);
    canvas.height = Math.round(height * pen.scale * devicePixelRatio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    showLegend(figure, waterfallLegend(streams));
    fillNumbers(inside(figure, "details"), () => ({ head: waterfallHead(), rows: streams.map(waterfallRow) }));
    draw();
  }

  /** A place on the canvas as time and row. */
  function spot(x: number, y: number): { time: number; row: number } {
    const { width } = canvas;
    return {
      time: view.from + (x / width) * (view.to - view.from),
      row: view.top + (y / rowsHeight(area())) * view.rows,
    };
  }

  function open(x: number, y: number): void {
    const { time, row } = spot(x, y);
    const reach = (6 * devicePixelRatio * view.rows) / rowsHeight(area());
    const found = rowAt(streams, row, time, reach);
    const stream = found === null ? undefined : streams[found];
    if (stream !== undefined) chooseStream(stream, true);
  }

  function zoomBy(factor: number): void {
    show(zoomRows(view, streams, (marked() ?? view.top + view.rows / 2) + 0.5, factor));
  }

  followPointer(canvas, {
    drag(next) {
      rubber = next;
      draw();
    },
    done({ x0, y0, x1, y1 }) {
      rubber = null;
      const from = spot(Math.min(x0, x1), Math.min(y0, y1));
      const to = spot(Math.max(x0, x1), Math.max(y0, y1));
      show({ from: from.time, to: to.time, top: from.row, rows: to.row - from.row });
    },
    click: open,
    reset: () => show(whole),
    pinch(x, y, factor) {
      const { time, row } = spot(x, y);
      const kept = (at: number, edge: number): number => at + (edge - at) * factor;
      show({
        from: kept(time, view.from),
        to: kept(time, view.to),
        top: kept(row, view.top),
        rows: view.rows * factor,
      });
    },
  });

  place.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keys()[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });

  function keys(): Record<string, () => void> {
    const span = view.to - view.from;
    const pan = (by: number): void => show({ ...view, from: view.from + by, to: view.to + by });
    return {
      ArrowDown: () => mark(1),
      ArrowUp: () => mark(-1),
      PageDown: () => mark(20),
      PageUp: () => mark(-20),
      Home: () => mark(-streams.length),
      End: () => mark(streams.length),
      ArrowRight: () => pan(span * 0.2),
      ArrowLeft: () => pan(-span * 0.2),
      Enter: () => {
        if (chosen.stream !== null) chooseStream(chosen.stream, true);
      },
      "+": () => zoomBy(0.5),
      "=": () => zoomBy(0.5),
      "-": () => zoomBy(2),
      "0": () => show(whole),
      Escape: () => show(whole),
    };
  }

  function mark(by: number): void {
    const at = marked();
    const row = Math.min(streams.length - 1, Math.max(0, at === null ? Math.ceil(view.top) : at + by));
    const stream = streams[row];
    if (stream === undefined) return;
    view = withRow(view, row);
    chooseStream(stream, false);
  }

  byId("zoom-in").addEventListener("click", () => zoomBy(0.5));
  byId("zoom-out").addEventListener("click", () => zoomBy(2));
  byId("zoom-reset").addEventListener("click", () => show(whole));
  addEventListener("chosen", () => {
    const index = marked();
    if (index !== null) view = withRow(view, index);
    draw();
  });
  onPaint(paint);
}
