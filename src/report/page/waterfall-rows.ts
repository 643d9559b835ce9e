import type { PageStream } from "./data.ts";
import { make } from "./dom.ts";
import { PAPER, pen } from "./ink.ts";
import { currentStreams, shown, words } from "./state.ts";
import { chooseStream, chosen, closeStream } from "./stream.ts";
import { drawRows, rowsHeight, type Area, type Rubber } from "./waterfall-draw.ts";
import { keptInside, rowAt, wholeView, withRow, type View } from "./waterfall-view.ts";
import { waterfallLine } from "./waterfall-words.ts";

/** CSS pixels. */
const HEIGHT = 460;

/** The waterfall's rows: what of them is in view, and which is marked. */
export type Rows = {
  canvas: HTMLCanvasElement;
  streams(): readonly PageStream[];
  view(): View;
  /** The row of the chosen stream. */
  marked(): number | null;
  /** A place on the canvas, in its own pixels, as time and row. */
  spot(x: number, y: number): { time: number; row: number };
  show(view: View): void;
  showAll(): void;
  /** Marks the row so many below the marked one. */
  mark(by: number): void;
  /** Opens the stream at a place. */
  open(x: number, y: number): void;
  draw(rubber?: Rubber | null): void;
  /** For the step, the width and the theme of now. */
  paint(width: number): void;
};

/** Rows on a canvas of their own; `say` is told what is marked. */
export function createRows(ctx: CanvasRenderingContext2D, say: (text: string) => void): Rows {
  const { canvas } = ctx;
  let streams: PageStream[] = [];
  let whole: View = wholeView(streams);
  let view: View = whole;
  let step = -1;

  const area = (): Area => ({ width: canvas.width, height: canvas.height, ratio: devicePixelRatio });

  function marked(): number | null {
    const index = chosen.stream === null ? -1 : streams.indexOf(chosen.stream);
    return index === -1 ? null : index;
  }

  function draw(rubber: Rubber | null = null): void {
    const row = marked();
    drawRows(ctx, area(), view, streams, row, rubber);
    const stream = row === null ? undefined : streams[row];
    say(streams.length === 0 ? words.nothing : stream === undefined ? words.choose : waterfallLine(stream));
  }

  function show(next: View): void {
    view = keptInside(next, whole);
    draw();
  }

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
    streams: () => streams,
    view: () => view,
    marked,
    spot,
    show,
    showAll: () => show(whole),
    mark(by) {
      const at = marked();
      const row = Math.min(streams.length - 1, Math.max(0, at === null ? Math.ceil(view.top) : at + by));
      const stream = streams[row];
      if (stream !== undefined) chooseStream(stream, false);
    },
    open(x, y) {
      const { time, row } = spot(x, y);
      const reach = (6 * devicePixelRatio * view.rows) / rowsHeight(area());
      const stream = streams[rowAt(streams, row, time, reach) ?? -1];
      if (stream !== undefined) chooseStream(stream, true);
    },
    draw,
    paint(width) {
      if (step !== shown.step) {
        streams = currentStreams();
        whole = view = wholeView(streams);
        if (marked() === null && chosen.stream !== null) closeStream();
        step = shown.step;
      }
      fit(pen.printing ? PAPER : width);
      draw();
    },
  };
}

/** The canvas of the rows, in its place. */
export function rowsCanvas(place: HTMLElement): CanvasRenderingContext2D | null {
  const canvas = make("canvas", "rows");
  place.append(canvas);
  return canvas.getContext("2d");
}
