import type { Curve, PageResult } from "./data.ts";
import { byId } from "./dom.ts";
import { dashOf, ink, modelInk, pen, px } from "./ink.ts";
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

/** The percentiles of the table beside the chart. */
const ROWS = [50, 75, 90, 95, 99, 99.9, 99.99] as const;

type Line = { result: PageResult; curve: Curve };

/** The distributions of the chosen step on a percentile axis. */
export function drawCurves(): void {
  const choice = byId("pick-curves");
  choice.addEventListener("change", repaint);
  createChart("curves", () => (choice instanceof HTMLSelectElement ? build(choice.value) : null));
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
  const say = isTime ? write.duration : write.number;
  const values = isTime ? timeValues : plainValues;
  const several = page.models.length > 1;
  return {
    data: [xs, ...lines.map(({ curve }) => valuesAt(curve, xs))],
    scales: { x: { time: false, distr: 3, range: [1, most] }, y: { range: fromZero } },
    axes: [percentAxis(most), upright("", values)],
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
      return `${percentText(x)} – ${figures.join(" · ")}`;
    },
    numbers: () => ({
      head: [words.percentile, ...lines.map(({ result }) => resultLabel(result))],
      rows: ROWS.map((percent) => [
        percentOf(percent, percent < 99.5 ? 0 : percent < 99.95 ? 1 : 2),
        ...lines.map(({ curve }) => {
          const x = 1 / (1 - percent / 100);
          return x > curve.count ? "–" : say(valueAt(curve, x));
        }),
      ]),
    }),
  };
}

/** The class of a line's sign in a legend. */
function lineKey({ model }: PageResult): string {
  return model === null ? "all" : `line m${model % 6}`;
}

function percentAxis(most: number): uPlot.Axis {
  // Where the screen is narrow, four values a decade are too many.
  const narrow = innerWidth < 560 && !pen.printing;
  const stops = STOPS.filter(([x]) => x <= most && !(narrow && (x === 4 || x === 20)));
  return axis(
    words.percentile,
    (splits) =>
      splits.map((split) => {
        const stop = stops.find(([x]) => x === split);
        return stop === undefined ? "" : percentOf(stop[1], stop[2]);
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

function percentText(x: number): string {
  const percent = 100 * (1 - 1 / x);
  return percentOf(percent, percent < 90 ? 0 : percent < 99 ? 1 : percent < 99.9 ? 2 : 3);
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
