import type { PageLimit } from "./data.ts";
import { fillNumbers, inside, make, type Numbers } from "./dom.ts";
import { font, HALF_PAPER, ink, PAPER, pen, px } from "./ink.ts";
import { drawLimits, topOf } from "./limits.ts";
import { onPaint, words, write } from "./state.ts";

/** An entry of a legend; `key` is the class of its sign. */
export type Entry = { key: string; text: string };

/** What a chart draws; `null` where there is nothing. */
export type Drawing = {
  data: uPlot.AlignedData;
  scales: uPlot.Scales;
  axes: uPlot.Axis[];
  series: uPlot.Series[];
  legend: readonly Entry[];
  /** What is read at an index of the data. */
  read(index: number): string;
  numbers(): Numbers;
  /** What a click, or Enter, opens. */
  pick?(index: number): void;
  /** The index nearest to a place in CSS pixels; by x alone where it is left out. */
  nearest?(plot: uPlot, left: number, top: number): number | null;
  /** Lines across it. */
  limits?: readonly PageLimit[];
  draw?(plot: uPlot): void;
  height?: number;
};

/** The styles of an axis; `write` is given all splits. */
export function axis(
  label: string,
  values: (splits: readonly number[]) => (string | null)[],
  more: uPlot.Axis = {},
): uPlot.Axis {
  return {
    label,
    labelFont: font(12),
    labelSize: px(20),
    labelGap: px(2),
    font: font(12),
    stroke: ink("--soft"),
    grid: { stroke: ink("--grid"), width: px(1) },
    ticks: { show: false },
    size: px(26),
    gap: px(6),
    values: (_plot, splits) => values(splits),
    ...more,
  };
}

/** An upright axis, as wide as its values. */
export function upright(label: string, values: (splits: readonly number[]) => (string | null)[]): uPlot.Axis {
  const size = (_plot: uPlot, texts: string[] | null): number =>
    px(16) + px(6.6) * Math.max(3, ...(texts ?? []).map((text) => text?.length ?? 0));
  return axis(label, values, { size, space: px(36) });
}

/** Milliseconds on an axis: all in ms, or all in seconds. */
export function timeValues(splits: readonly number[]): string[] {
  const seconds = (splits.at(-1) ?? 0) >= 2000;
  const scaled = seconds ? splits.map((split) => split / 1000) : splits;
  const digits = digitsOf(scaled);
  const written = (value: number): string => (digits === 0 ? write.count(value) : write.fixed(value, digits));
  return scaled.map((value) => `${written(value)} ${seconds ? "s" : "ms"}`);
}

/** Plain numbers on an axis. */
export function plainValues(splits: readonly number[]): string[] {
  const digits = digitsOf(splits);
  return splits.map((split) => (digits === 0 ? write.count(split) : write.fixed(split, digits)));
}

/** How many digits after the point tell the splits of an axis from each other. */
function digitsOf(splits: readonly number[]): number {
  const step = Math.abs((splits[1] ?? 1) - (splits[0] ?? 0));
  for (let digits = 0; digits < 3; digits++) {
    const scaled = step * 10 ** digits;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6) return digits;
  }
  return 3;
}

/** From 0 to a little above the greatest value, but not beyond `most`; limits that are near are in view. */
export function fromZero(limits: readonly PageLimit[] = [], most = Infinity): uPlot.Range.Function {
  return (_plot, _min, max) => [0, topOf(Math.min(most, Math.max(0, max ?? 0)), limits)];
}

/** Where the keyboard stands, until the pointer moves: of two values in one place the nearest is always the same. */
type Walk = { at: number | null };

/** A chart in its figure, drawn anew whenever something changes; nothing where the page has none. */
export function createChart(name: string, build: () => Drawing | null): void {
  const figure = document.getElementById(`chart-${name}`);
  if (figure !== null) createIn(figure, build);
}

function createIn(figure: HTMLElement, build: () => Drawing | null): void {
  const place = inside(figure, ".plot");
  const readout = inside(figure, ".readout");
  let plot: uPlot | null = null;
  let drawing: Drawing | null = null;
  const walk: Walk = { at: null };

  function paint(): void {
    plot?.destroy();
    plot = null;
    walk.at = null;
    drawing = build();
    showLegend(figure, drawing?.legend ?? []);
    readout.textContent = drawing === null ? words.nothing : "";
    place.hidden = drawing === null;
    inside(figure, "details").hidden = drawing === null;
    if (drawing === null) return;
    const now = drawing;
    fillNumbers(inside(figure, "details"), () => now.numbers());
    plot = new uPlot(optionsOf(now, place, readout, walk), now.data, place);
  }

  place.addEventListener("keydown", (event) => {
    if (plot !== null && drawing !== null && onKey(event, plot, drawing, walk)) event.preventDefault();
  });
  place.addEventListener("pointermove", () => (walk.at = null));
  place.addEventListener("click", () => {
    const index = plot?.cursor.idxs?.[1];
    if (typeof index === "number") drawing?.pick?.(index);
  });
  onPaint(paint);
}

/** Says what the signs of a chart are. */
export function showLegend(figure: HTMLElement, entries: readonly Entry[]): void {
  const items = entries.map(({ key, text }) => {
    const sign = make("span", `key ${key}`);
    sign.ariaHidden = "true";
    return make("li", "", sign, make("bdi", "", text));
  });
  inside(figure, ".legend").replaceChildren(...items);
}

function optionsOf(drawing: Drawing, place: HTMLElement, readout: HTMLElement, walk: Walk): uPlot.Options {
  const { nearest } = drawing;
  return {
    width: pen.printing ? paperOf(place) * pen.scale : Math.max(240, place.clientWidth),
    height: px(drawing.height ?? 260),
    padding: [px(10), px(20), 0, 0],
    scales: drawing.scales,
    axes: drawing.axes,
    series: [{}, ...drawing.series],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: true, y: false, dist: 5 },
      points: { size: 9, width: 2, fill: ink("--paper") },
      ...(nearest && { dataIdx: (plot) => walk.at ?? nearest(plot, plot.cursor.left ?? -1, plot.cursor.top ?? -1) }),
    },
    hooks: {
      draw: [
        (plot) => {
          drawing.draw?.(plot);
          drawLimits(plot, drawing.limits ?? []);
        },
      ],
      setCursor: [
        (plot) => {
          const index = plot.cursor.idxs?.find((found) => typeof found === "number") ?? null;
          readout.textContent = index === null || (plot.cursor.left ?? -1) < 0 ? "" : drawing.read(index);
        },
      ],
    },
  };
}

function paperOf(place: HTMLElement): number {
  return place.closest(".pair") === null ? PAPER : HALF_PAPER;
}

/** Whether the key meant something here. */
function onKey(event: KeyboardEvent, plot: uPlot, drawing: Drawing, walk: Walk): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const xs = plot.data[0];
  const index = walk.at ?? plot.cursor.idxs?.[1] ?? null;
  const step = event.shiftKey ? 10 : 1;
  switch (event.key) {
    case "ArrowRight":
      return moveTo(plot, walk, index === null ? 0 : Math.min(xs.length - 1, index + step), 1);
    case "ArrowLeft":
      return moveTo(plot, walk, index === null ? xs.length - 1 : Math.max(0, index - step), -1);
    case "Home":
      return moveTo(plot, walk, 0, 1);
    case "End":
      return moveTo(plot, walk, xs.length - 1, -1);
    case "Enter":
      if (index !== null) drawing.pick?.(index);
      return drawing.pick !== undefined;
    case "+":
    case "=":
      return zoom(plot, xs[index ?? 0] ?? 0, 0.5);
    case "-":
      return zoom(plot, xs[index ?? 0] ?? 0, 2);
    case "0":
    case "Escape":
      plot.setScale("x", { min: xs[0] ?? 0, max: xs.at(-1) ?? 1 });
      return true;
    default:
      return false;
  }
}

/** Moves the cursor onto a value, past those that are not there. */
function moveTo(plot: uPlot, walk: Walk, index: number, by: 1 | -1): boolean {
  const [xs, values] = plot.data;
  let at = index;
  while (values?.[at] === null) at += by;
  const x = xs[at];
  if (x === undefined) return true;
  walk.at = at;
  plot.setCursor({ left: plot.valToPos(x, "x"), top: plot.valToPos(values?.[at] ?? 0, "y") });
  return true;
}

function zoom(plot: uPlot, around: number, factor: number): boolean {
  const { min = 0, max = 1 } = plot.scales["x"] ?? {};
  const xs = plot.data[0];
  const half = ((max - min) * factor) / 2;
  const middle = Math.min(max, Math.max(min, around));
  plot.setScale("x", { min: Math.max(xs[0] ?? 0, middle - half), max: Math.min(xs.at(-1) ?? 1, middle + half) });
  return true;
}
