import type { PageLimit, PageSeries, PageStream } from "./data.ts";
import { byId } from "./dom.ts";
import { addMark, ink, modelInk, px } from "./ink.ts";
import { limitsOn } from "./limits.ts";
import { axis, createChart, fromZero, plainValues, timeValues, upright, type Drawing, type Entry } from "./plot.ts";
import {
  currentStep,
  currentStreams,
  fill,
  isCounted,
  isFailed,
  isolated,
  isUnfinished,
  modelOf,
  page,
  textAt,
  words,
  write,
} from "./state.ts";
import { chooseStream } from "./stream.ts";

/** A figure of each drawn stream where it was sent: two charts. */
export function drawOverTime(): void {
  createChart("ttft", () => build("ttft_ms", words.ttft));
  createChart("duration", () => build("duration_ms", words.duration));
}

/** `open`: it is at least so much, since it was cut; `counted`: what the axis is made for. */
type Dot = { stream: PageStream; x: number; y: number | null; open: boolean; counted: boolean };

type DotName = "ttft_ms" | "duration_ms";

/** A first token counts whatever came of its stream; a duration is one of a whole answer. */
function dotOf(stream: PageStream, name: DotName): Dot {
  const known = name === "ttft_ms" ? stream.ttft_ms : stream.duration_ms;
  const open = isUnfinished(stream) && (name === "duration_ms" || known === null);
  const counted = name === "ttft_ms" ? known !== null && stream.warmup === 0 : isCounted(stream);
  return { stream, x: stream.sent / 1000, y: open ? stream.ended - stream.sent : known, open, counted };
}

function build(name: DotName, label: string): Drawing | null {
  const dots = currentStreams().map((stream) => dotOf(stream, name));
  if (dots.length === 0) return null;
  const limits = limitsOn(name);
  const some = dots.some(({ counted }) => counted);
  const most = Math.max(0, ...dots.map(({ y, counted }) => (counted || !some ? (y ?? 0) : 0)));
  const xs = dots.map(({ x }) => x);
  const edge = Math.max(0.05, ((xs.at(-1) ?? 0) - (xs[0] ?? 0)) * 0.02);
  // Of one value uPlot makes a range of a hundred.
  const last = (min: number, max: number): number => (xs.length === 1 ? min : max);
  const range = (_plot: uPlot, min: number, max: number): [number, number] => [
    Math.max(0, min - edge),
    last(min, max) + edge,
  ];
  return {
    data: [xs, dots.map(({ y }) => y)],
    scales: { x: { time: false, range }, y: { range: fromZero(limits, most) } },
    limits,
    axes: [axis(words.sinceStart, plainValues, { space: px(56) }), upright("", timeValues)],
    series: [{ stroke: ink("--ink"), paths: () => null, points: { show: false } }],
    legend: legendOf(dots),
    read: (index) => readDot(dots[index], label),
    numbers: () => ({
      head: [fill(words.stream, { number: "" }).trim(), words.model, words.sent, label, words.verdict],
      rows: dots.map(({ stream, y, open }) => [
        write.count(stream.stream),
        modelOf(stream),
        write.duration(stream.sent),
        y === null ? "–" : atLeast(y, open),
        textAt(stream.verdict),
      ]),
    }),
    pick: (index) => {
      const dot = dots[index];
      if (dot === undefined) return;
      chooseStream(dot.stream, true);
      byId("stream").focus();
    },
    nearest: (plot, left, top) => nearestDot(plot, dots, left, top),
    draw: (plot) => drawDots(plot, dots),
  };
}

function legendOf(dots: readonly Dot[]): Entry[] {
  const models = page.models.length > 1 ? page.models.map((text, index) => ({ key: `m${index % 6}`, text })) : [];
  const failed = dots.some(({ stream }) => isFailed(stream));
  const open = dots.some((dot) => dot.open);
  return [
    ...models,
    ...(failed ? [{ key: "x", text: words.failedMark }] : []),
    ...(open ? [{ key: "open", text: words.unfinishedMark }] : []),
  ];
}

function readDot(dot: Dot | undefined, label: string): string {
  if (dot === undefined) return "";
  const { stream, y, open } = dot;
  const figure = y === null ? words.noToken : `${label} ${atLeast(y, open)}`;
  const model = page.models.length > 1 ? ` · ${isolated(modelOf(stream))}` : "";
  const number = fill(words.stream, { number: write.count(stream.stream) });
  return `${number}${model} · ${figure} · ${textAt(stream.verdict)}`;
}

function atLeast(ms: number, open: boolean): string {
  return open ? `> ${write.duration(ms)}` : write.duration(ms);
}

/** Streams without the figure stand on the axis, those beyond it at its end. */
function placeOf(plot: uPlot, y: number | null, ofCanvas: boolean): number {
  return plot.valToPos(Math.min(y ?? 0, plot.scales["y"]?.max ?? Infinity), "y", ofCanvas);
}

function nearestDot(plot: uPlot, dots: readonly Dot[], left: number, top: number): number | null {
  let best: number | null = null;
  let distance = 40 ** 2;
  for (const [index, { x, y }] of dots.entries()) {
    const away = (plot.valToPos(x, "x") - left) ** 2 + (placeOf(plot, y, false) - top) ** 2;
    if (away < distance) [best, distance] = [index, away];
  }
  return best;
}

function drawDots(plot: uPlot, dots: readonly Dot[]): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const paths = new Map<number | "open" | null, Path2D>();
  const { min = 0, max = 0 } = plot.scales["x"] ?? {};
  for (const { stream, x, y, open } of dots) {
    if (x < min || x > max) continue;
    if (y === null && !isFailed(stream)) continue;
    const key = isFailed(stream) ? null : open ? "open" : stream.model;
    const path = paths.get(key) ?? new Path2D();
    paths.set(key, path);
    const size = px(typeof key === "number" ? 5 : 7) * ratio;
    addMark(path, key, plot.valToPos(x, "x", true), placeOf(plot, y, true), size);
  }
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left - 6, bbox.top - 6, bbox.width + 12, bbox.height + 12);
  ctx.clip();
  // Many marks overlap: what lies under them stays visible.
  ctx.globalAlpha = dots.length > 400 ? 0.55 : 0.75;
  for (const [key, path] of paths) {
    if (typeof key !== "number") continue;
    ctx.fillStyle = modelInk(key);
    ctx.fill(path);
  }
  ctx.globalAlpha = 1;
  ctx.lineWidth = px(1.75) * ratio;
  for (const [key, color] of [
    ["open", "--soft"],
    [null, "--bad"],
  ] as const) {
    ctx.strokeStyle = ink(color);
    const path = paths.get(key);
    if (path !== undefined) ctx.stroke(path);
  }
  ctx.restore();
}

/** Throughput and streams at once over the window: two charts. */
export function drawSeries(): void {
  createChart("tokens", () => {
    const step = currentStep();
    return step === null || step.series.tokens.length === 0 ? null : tokens(step.series);
  });
  createChart("concurrency", () => {
    const step = currentStep();
    return step === null || step.series.concurrency.length === 0 ? null : concurrency(step.series, step.asked);
  });
}

function timesOf({ bucket_ms }: PageSeries, values: readonly number[]): number[] {
  return values.map((_, index) => (index * bucket_ms) / 1000);
}

function frame(
  xs: readonly number[],
  series: PageSeries,
  limits: readonly PageLimit[] = [],
): Pick<Drawing, "scales" | "axes" | "limits"> {
  const end = (xs.length * series.bucket_ms) / 1000;
  return {
    scales: {
      x: {
        time: false,
        range: (_plot, min, max) => (xs.length === 1 ? [0, end] : [min, max === xs.at(-1) ? end : max]),
      },
      y: { range: fromZero(limits) },
    },
    limits,
    axes: [axis(words.sinceWindow, plainValues, { space: px(56) }), upright("", plainValues)],
  };
}

function tokens(series: PageSeries): Drawing {
  const xs = timesOf(series, series.tokens);
  const { tokens: rates, requests } = series;
  return {
    ...frame(xs, series, limitsOn("output_tokens_per_second")),
    data: [xs, rates],
    series: [
      { stroke: ink("--m0"), fill: ink("--m0-soft"), width: px(1.75), paths: stepped(), points: { show: false } },
    ],
    legend: [],
    read: (index) =>
      `${at(xs[index])} · ${write.rate(rates[index] ?? 0)} · ` +
      `${write.number(requests[index] ?? 0)} ${words.requestsPerSecond.toLowerCase()}`,
    numbers: () => ({
      head: [words.sinceWindow, words.throughput, words.requestsPerSecond],
      rows: xs.map((x, index) => [plain(x), write.number(rates[index] ?? 0), write.number(requests[index] ?? 0)]),
    }),
  };
}

function concurrency(series: PageSeries, asked: number | null): Drawing {
  const xs = timesOf(series, series.concurrency);
  const wanted: uPlot.Series = {
    stroke: ink("--soft"),
    width: px(1.5),
    dash: [px(6), px(4)],
    paths: stepped(),
    points: { show: false },
  };
  return {
    ...frame(xs, series),
    data: [xs, series.concurrency, ...(asked === null ? [] : [xs.map(() => asked)])],
    series: [
      { stroke: ink("--m2"), fill: ink("--m2-soft"), width: px(1.75), paths: stepped(), points: { show: false } },
      ...(asked === null ? [] : [wanted]),
    ],
    legend:
      asked === null
        ? []
        : [{ key: "dash", text: `${write.count(asked)} ${asked === 1 ? words.asked.one : words.asked.many}` }],
    read: (index) =>
      `${at(xs[index])} · ${write.number(series.concurrency[index] ?? 0)} ${words.streamsAtOnce.toLowerCase()}`,
    numbers: () => ({
      head: [words.sinceWindow, words.streamsAtOnce],
      rows: xs.map((x, index) => [plain(x), write.number(series.concurrency[index] ?? 0)]),
    }),
  };
}

function stepped(): uPlot.Series.PathBuilder {
  const build = uPlot.paths.stepped?.({ align: 1, extend: true });
  if (build === undefined) throw new Error("this uPlot draws no steps");
  return build;
}

function at(x = 0): string {
  return fill(words.seconds, { value: plain(x) });
}

function plain(x: number): string {
  return write.fixed(x, Number.isInteger(x) ? 0 : 1);
}
