import { CURVE_MARKS, type Curve, type PageResult } from "./data.ts";
import { addMark, dashOf, font, ink, modelInk, pen, px } from "./ink.ts";
import { limitsOn, writeOn } from "./limits.ts";
import { axis, createChart, fromZero, plainValues, timeValues, upright, type Drawing } from "./plot.ts";
import { resultLabel, currentStep, isolated, page, repaint, words, write } from "./state.ts";

/** The marks of a percentile axis, as 1/(1 − p). */
const STOPS: readonly (readonly [x: number, percent: number, digits: number])[] = [
  [1, 0, 0],
  [2, 50, 0],
  [4, 75, 0],
  [10, 90, 0],
  [20, 95, 0],
  [100, 99, 0],
  [1000, 99.9, 1],
  [10_000, 99.99, 2],
  [100_000, 99.999, 3],
  [1_000_000, 99.9999, 4],
];

/** One of CURVE_MARKS that has no mark on the lines: there would be too many. */
const UNMARKED = 75;

type Line = { result: PageResult; curve: Curve };

/** The distributions of the chosen step on a percentile axis. */
export function drawCurves(): void {
  const choice = document.getElementById("pick-curves");
  if (!(choice instanceof HTMLSelectElement)) return;
  choice.addEventListener("change", repaint);
  createChart("curves", () => build(choice.value));
}

function build(name: string): Drawing | null {
  const lines: Line[] = (currentStep()?.results ?? []).flatMap((result) => {
    const curve = result.curves[name];
    return curve === undefined ? [] : [{ result, curve }];
  });
  if (lines.length === 0) return null;
  const most = Math.max(2, ...lines.map(({ curve }) => curve.count));
  const xs = [...new Set(lines.flatMap(({ curve }) => curve.values.map((_, index) => placeOf(curve, index))))].toSorted(
    (a, b) => a - b,
  );
  const isTime = name.endsWith("_ms");
  const limits = limitsOn(name);
  const side: Side = isTime ? "upper" : "lower";
  const say = isTime ? write.duration : write.number;
  const values = isTime ? timeValues : plainValues;
  const several = page.models.length > 1;
  return {
    data: [xs, ...lines.map(({ curve }) => valuesAt(curve, xs))],
    scales: { x: { time: false, distr: 3, range: [1, most] }, y: { range: fromZero(limits) } },
    limits,
    axes: [percentAxis(most, side), upright("", values)],
    series: lines.map(({ result }) => ({
      stroke: several ? modelInk(result.model) : ink("--m0"),
      width: px(2),
      dash: several ? dashOf(result.model, px(1)) : [],
      spanGaps: true,
      points: { show: xs.length === 1, size: px(6), fill: several ? modelInk(result.model) : ink("--m0") },
    })),
    legend: several ? lines.map(({ result }) => ({ key: lineKey(result), text: resultLabel(result) })) : [],
    read: (index) => {
      const x = xs[index] ?? 1;
      const figures = lines.map(({ result, curve }) => {
        const value = say(valueAt(curve, x));
        return several ? `${isolated(resultLabel(result))} ${value}` : value;
      });
      return `${percentText(x, side)} – ${figures.join(" · ")}`;
    },
    draw: (plot) => drawMarks(plot, lines, side, say),
    numbers: () => ({
      head: [words.percentile, ...lines.map(({ result }) => resultLabel(result))],
      rows: CURVE_MARKS.map((percent, index) => [
        nameOf(percent, side),
        ...lines.map(({ curve }) => {
          const value = curve.exact[index];
          return value === undefined ? "–" : say(value);
        }),
      ]),
    }),
  };
}

/** The class of a line's sign in a legend. */
function lineKey({ model }: PageResult): string {
  return model === null ? "all" : `line m${model % 6}`;
}

/** Times are judged from their greatest values, speeds from their least. */
type Side = "upper" | "lower";

/** What a percentile is called: p95 of a time is p5 of a speed. */
function nameOf(percent: number, side: Side): string {
  const shown = side === "upper" ? percent : 100 - percent;
  return `p${write.fixed(shown, decimalsOf(percent))}`;
}

function decimalsOf(percent: number): number {
  return percent < 99.5 ? 0 : percent < 99.95 ? 1 : percent < 99.995 ? 2 : 3;
}

/** Marks on the lines, as far as there are values enough for them; words on the last, which stands for all. */
function drawMarks(plot: uPlot, lines: readonly Line[], side: Side, say: (value: number) => string): void {
  const { ctx, bbox } = plot;
  const unit = px(1) * devicePixelRatio;
  ctx.save();
  ctx.font = font(11 * devicePixelRatio);
  ctx.textBaseline = "bottom";
  ctx.textAlign = "center";
  for (const [index, { result, curve }] of lines.entries()) {
    ctx.fillStyle = page.models.length > 1 ? modelInk(result.model) : ink("--m0");
    let free = -Infinity;
    for (const [mark, value] of curve.exact.entries()) {
      const percent = CURVE_MARKS[mark] ?? UNMARKED;
      const place = 1 / (1 - percent / 100);
      // At the end of a line stands its greatest value.
      if (percent === UNMARKED || place > curve.count * 0.999) continue;
      const [x, y] = [plot.valToPos(place, "x", true), plot.valToPos(value, "y", true)];
      ctx.fill(dotAt(x, y, 6 * unit));
      const text = `${nameOf(percent, side)} ${say(value)}`;
      const half = ctx.measureText(text).width / 2;
      const middle = Math.min(Math.max(x, bbox.left + half), bbox.left + bbox.width - half);
      if (index < lines.length - 1 || middle - half < free) continue;
      free = middle + half + 10 * unit;
      writeOn(ctx, text, middle, y - 6 * unit);
    }
  }
  ctx.restore();
}

function dotAt(x: number, y: number, size: number): Path2D {
  const dot = new Path2D();
  addMark(dot, 0, x, y, size);
  return dot;
}

function percentAxis(most: number, side: Side): uPlot.Axis {
  // Where the screen is narrow, four values a decade are too many.
  const narrow = innerWidth < 560 && !pen.printing;
  const stops = STOPS.filter(([x]) => x <= most && !(narrow && (x === 4 || x === 20)));
  return axis(
    side === "upper" ? words.percentile : words.percentileDown,
    (splits) =>
      splits.map((split) => {
        const stop = stops.find(([x]) => x === split);
        return stop === undefined ? "" : percentOf(side === "upper" ? stop[1] : 100 - stop[1], stop[2]);
      }),
    { splits: () => stops.map(([x]) => x), filter: (_plot, splits) => splits },
  );
}

function percentOf(percent: number, digits: number): string {
  return fillPercent(write.fixed(percent, digits));
}

function fillPercent(text: string): string {
  return page.lang === "fr" ? `${text}\u202F%` : `${text}%`;
}

function percentText(x: number, side: Side): string {
  const percent = 100 * (1 - 1 / x);
  return percentOf(
    side === "upper" ? percent : 100 - percent,
    percent < 90 ? 0 : percent < 99 ? 1 : percent < 99.9 ? 2 : 3,
  );
}

/** 1/(1 − p) of a value of a curve: the last stands at the number of values. */
function placeOf({ count, values }: Curve, index: number): number {
  return index === values.length - 1 ? Math.max(1, count) : 10 ** (index / page.per_decade);
}

function valuesAt(curve: Curve, xs: readonly number[]): (number | null)[] {
  const known = new Map(curve.values.map((value, index) => [placeOf(curve, index), value]));
  return xs.map((x) => known.get(x) ?? null);
}

/** The value at a percentile: the next that is known to its right. */
function valueAt(curve: Curve, x: number): number {
  const index = Math.min(curve.values.length - 1, Math.ceil(Math.log10(x) * page.per_decade - 1e-6));
  return curve.values[Math.max(0, index)] ?? 0;
}
