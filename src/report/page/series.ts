import type { PageSeries } from "./data.ts";
import { ink, px } from "./ink.ts";
import { axis, createChart, fromZero, plainValues, upright, type Drawing } from "./plot.ts";
import { currentStep, words, write } from "./state.ts";
import { fill } from "./text.ts";

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

function frame(xs: readonly number[], series: PageSeries): Pick<Drawing, "scales" | "axes"> {
  const end = (xs.length * series.bucket_ms) / 1000;
  return {
    scales: {
      x: {
        time: false,
        range: (_plot, min, max) => (xs.length === 1 ? [0, end] : [min, max === xs.at(-1) ? end : max]),
      },
      y: { range: fromZero },
    },
    axes: [axis(words.sinceWindow, plainValues, { space: px(56) }), upright("", plainValues)],
  };
}

function tokens(series: PageSeries): Drawing {
  const xs = timesOf(series, series.tokens);
  const { tokens: rates, requests } = series;
  return {
    ...frame(xs, series),
    data: [xs, rates],
    series: [
      { stroke: ink("--m0"), fill: ink("--m0-soft"), width: px(1.75), paths: stepped(), points: { show: false } },
    ],
    legend: [],
    read: (index) =>
      `${at(xs[index])} · ${write.number(rates[index] ?? 0)} ${words.tokensPerSecond.toLowerCase()} · ` +
      `${write.number(requests[index] ?? 0)} ${words.requestsPerSecond.toLowerCase()}`,
    numbers: () => ({
      head: [words.sinceWindow, words.tokensPerSecond, words.requestsPerSecond],
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
