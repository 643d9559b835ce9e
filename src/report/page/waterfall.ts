import { fillNumbers } from "./alternatives.ts";
import { byId, inside } from "./dom.ts";
import { showLegend } from "./plot.ts";
import { followPointer, type Gestures } from "./pointer.ts";
import { onPaint } from "./state.ts";
import { chooseStream, chosen } from "./stream.ts";
import { createRows, rowsCanvas, type Rows } from "./waterfall-rows.ts";
import { zoomRows } from "./waterfall-view.ts";
import { waterfallHead, waterfallLegend, waterfallRow } from "./waterfall-words.ts";

/** The drawn streams as lines over time: zoom by dragging, by pinching or by keys, a click or Enter shows one. */
export function drawWaterfall(): void {
  const figure = byId("chart-waterfall");
  const place = inside(figure, ".plot");
  const readout = inside(figure, ".readout");
  const ctx = rowsCanvas(place);
  if (ctx === null) return;
  const rows = createRows(ctx, (text) => {
    readout.textContent = text;
  });
  followPointer(rows.canvas, gesturesOf(rows));
  followKeys(place, rows);
  byId("zoom-in").addEventListener("click", () => zoomBy(rows, 0.5));
  byId("zoom-out").addEventListener("click", () => zoomBy(rows, 2));
  byId("zoom-reset").addEventListener("click", rows.showAll);
  onPaint(() => {
    rows.paint(Math.max(240, place.clientWidth));
    const streams = rows.streams();
    showLegend(figure, waterfallLegend(streams));
    fillNumbers(inside(figure, "details"), () => ({ head: waterfallHead(), rows: streams.map(waterfallRow) }));
  });
}

/** Around the marked row, or the middle. */
function zoomBy(rows: Rows, factor: number): void {
  const view = rows.view();
  const around = rows.marked() ?? view.top + view.rows / 2;
  rows.show(zoomRows(view, rows.streams(), around + 0.5, factor));
}

function gesturesOf(rows: Rows): Gestures {
  return {
    drag: rows.draw,
    done({ x0, y0, x1, y1 }) {
      const from = rows.spot(Math.min(x0, x1), Math.min(y0, y1));
      const to = rows.spot(Math.max(x0, x1), Math.max(y0, y1));
      rows.show({ from: from.time, to: to.time, top: from.row, rows: to.row - from.row });
    },
    click: rows.open,
    reset: rows.showAll,
    pinch(x, y, factor) {
      const view = rows.view();
      const { time, row } = rows.spot(x, y);
      const kept = (at: number, edge: number): number => at + (edge - at) * factor;
      const [from, to] = [kept(time, view.from), kept(time, view.to)];
      rows.show({ from, to, top: kept(row, view.top), rows: view.rows * factor });
    },
  };
}

function followKeys(place: HTMLElement, rows: Rows): void {
  const pan = (by: number): void => {
    const view = rows.view();
    const span = (view.to - view.from) * by;
    rows.show({ ...view, from: view.from + span, to: view.to + span });
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => rows.mark(1),
    ArrowUp: () => rows.mark(-1),
    PageDown: () => rows.mark(20),
    PageUp: () => rows.mark(-20),
    Home: () => rows.mark(-Infinity),
    End: () => rows.mark(Infinity),
    ArrowRight: () => pan(0.2),
    ArrowLeft: () => pan(-0.2),
    Enter: () => {
      if (chosen.stream === null) rows.mark(0);
      if (chosen.stream !== null) chooseStream(chosen.stream, true);
    },
    "+": () => zoomBy(rows, 0.5),
    "=": () => zoomBy(rows, 0.5),
    "-": () => zoomBy(rows, 2),
    "0": rows.showAll,
    Escape: rows.showAll,
  };
  place.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}
