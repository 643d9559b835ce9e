import type { PageStream } from "./data.ts";
import { byId, fillNumbers, inside, make } from "./dom.ts";
import { PAPER, pen } from "./ink.ts";
import { showLegend, type Entry } from "./plot.ts";
import { currentStreams, isFailed, isUnfinished, onPaint, page, shown, words } from "./state.ts";
import { chooseStream, chosen, closeStream, streamHead, streamLine, streamRow } from "./stream.ts";
import {
  drawRows,
  keptInside,
  rowAt,
  rowsHeight,
  wholeView,
  withRow,
  zoomRows,
  type Area,
  type Rubber,
  type View,
} from "./waterfall-draw.ts";

/** The drawn streams as lines over time: zoom by dragging, by pinching or by keys, a click or Enter shows one. */
export function drawWaterfall(): void {
  const figure = document.getElementById("chart-waterfall");
  if (figure === null) return;
  const place = inside(figure, ".plot");
  const readout = inside(figure, ".readout");
  const canvas = make("canvas", "rows");
  place.append(canvas);
  const ctx = canvas.getContext("2d");
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
    fillNumbers(inside(figure, "details"), () => ({ head: streamHead(), rows: streams.map(streamRow) }));
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

/** CSS pixels. */
const HEIGHT = 460;

type Rows = ReturnType<typeof createRows>;

/** The rows of the waterfall on a canvas: what of them is in view, and which is marked. `say` is told of that one. */
function createRows(ctx: CanvasRenderingContext2D, say: (text: string) => void) {
  const { canvas } = ctx;
  let streams: PageStream[] = [];
  let whole: View = wholeView(streams);
  let view: View = whole;
  let step = -1;

  const area = (): Area => ({ width: canvas.width, height: canvas.height, ratio: devicePixelRatio });

  /** The row of the chosen stream. */
  function marked(): number | null {
    const index = chosen.stream === null ? -1 : streams.indexOf(chosen.stream);
    return index === -1 ? null : index;
  }

  function draw(rubber: Rubber | null = null): void {
    const row = marked();
    drawRows(ctx, area(), view, streams, row, rubber);
    const stream = row === null ? undefined : streams[row];
    say(streams.length === 0 ? words.nothing : stream === undefined ? words.choose : streamLine(stream));
  }

  function show(next: View): void {
    view = keptInside(next, whole);
    draw();
  }

  /** A place on the canvas, in its own pixels, as time and row. */
  function spot(x: number, y: number): { time: number; row: number } {
    return {
      time: view.from + (x / canvas.width) * (view.to - view.from),
      row: view.top + (y / rowsHeight(area())) * view.rows,
    };
  }

  function fit(width: number): void {
    // Few streams need no tall chart.
    const height = Math.min(HEIGHT, 60 + streams.length * 14);
    canvas.width = Math.round(width * pen.scale * devicePixelRatio);
    canvas.height = Math.round(height * pen.scale * devicePixelRatio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }

  addEventListener("chosen", () => {
    const row = marked();
    if (row !== null) view = withRow(view, row);
    draw();
  });

  return {
    canvas,
    streams: (): readonly PageStream[] => streams,
    view: (): View => view,
    marked,
    spot,
    show,
    showAll: (): void => show(whole),
    /** Marks the row so many below the marked one. */
    mark(by: number): void {
      const at = marked();
      const row = Math.min(streams.length - 1, Math.max(0, at === null ? Math.ceil(view.top) : at + by));
      const stream = streams[row];
      if (stream !== undefined) chooseStream(stream, false);
    },
    /** Opens the stream at a place. */
    open(x: number, y: number): void {
      const { time, row } = spot(x, y);
      const reach = (6 * devicePixelRatio * view.rows) / rowsHeight(area());
      const stream = streams[rowAt(streams, row, time, reach) ?? -1];
      if (stream !== undefined) chooseStream(stream, true);
    },
    draw,
    /** For the step, the width and the theme of now. */
    paint(width: number): void {
      if (step !== shown.step) {
        streams = currentStreams();
        whole = view = wholeView(streams);
        // A printed page goes through all steps and comes back.
        if (!pen.printing && marked() === null && chosen.stream !== null) closeStream();
        step = shown.step;
      }
      fit(pen.printing ? PAPER : width);
      draw();
    },
  };
}

/** The signs of the waterfall: those that are there. */
function waterfallLegend(streams: readonly PageStream[]): Entry[] {
  const thinking = streams.some(({ first_token, first_output }) => (first_output ?? 0) > (first_token ?? Infinity));
  const writing = page.models.map((model, index) => ({
    key: `m${index % 6} bar`,
    text: page.models.length > 1 ? `${words.streaming}, ${model}` : words.streaming,
  }));
  return [
    { key: "wait", text: words.waiting },
    ...(thinking ? [{ key: "think", text: words.thinking }] : []),
    ...writing,
    ...(streams.some(isFailed) ? [{ key: "x", text: words.failedMark }] : []),
    ...(streams.some(isUnfinished) ? [{ key: "open-end", text: words.unfinishedMark }] : []),
  ];
}

/** A pointer that moved less, in CSS pixels, has clicked. */
const CLICK = 5;

/** What a pointer does on a canvas; places in the canvas's own pixels. */
type Gestures = {
  drag(rubber: Rubber): void;
  done(rubber: Rubber): void;
  click(x: number, y: number): void;
  reset(): void;
  pinch(x: number, y: number, factor: number): void;
};

/** Turns what the pointer and the wheel do on a canvas into gestures; the wheel alone scrolls the page as ever. */
function followPointer(canvas: HTMLCanvasElement, gestures: Gestures): void {
  let start: { x: number; y: number } | null = null;

  function placeOf(event: MouseEvent): { x: number; y: number } {
    const box = canvas.getBoundingClientRect();
    const scale = canvas.width / box.width;
    return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
  }

  function rubberTo(event: MouseEvent): Rubber | null {
    if (start === null) return null;
    const { x, y } = placeOf(event);
    const still = Math.hypot(x - start.x, y - start.y) < CLICK * devicePixelRatio;
    return still ? null : { x0: start.x, y0: start.y, x1: x, y1: y };
  }

  canvas.addEventListener("pointerdown", (event) => {
    // A finger scrolls the page; it zooms with the buttons.
    if (event.button !== 0 || event.pointerType === "touch") return;
    start = placeOf(event);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const rubber = rubberTo(event);
    if (rubber !== null) gestures.drag(rubber);
  });
  canvas.addEventListener("pointerup", (event) => {
    const rubber = rubberTo(event);
    start = null;
    if (rubber !== null) gestures.done(rubber);
    else if (event.button === 0) gestures.click(placeOf(event).x, placeOf(event).y);
  });
  canvas.addEventListener("dblclick", () => gestures.reset());
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { x, y } = placeOf(event);
      gestures.pinch(x, y, Math.exp(Math.max(-50, Math.min(50, event.deltaY)) / 100));
    },
    { passive: false },
  );
}
