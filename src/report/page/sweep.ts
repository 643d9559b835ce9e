import type { LatencyName, PageLimit, PageResult } from "./data.ts";
import { addMark, dashOf, font, ink, modelInk, px } from "./ink.ts";
import { limitsOn, topOf } from "./limits.ts";
import { axis, createChart, plainValues, timeValues, upright, type Drawing } from "./plot.ts";
import { resultLabel, isolated, page, repaint, words, write } from "./state.ts";

type Point = { x: number; y: number; step: number };
type Line = { result: PageResult; points: Point[] };

/** Throughput against latency, a point a step; nothing without a sweep. */
export function drawSweep(): void {
  const choice = document.getElementById("pick-sweep");
  if (!(choice instanceof HTMLSelectElement)) return;
  choice.addEventListener("change", repaint);
  createChart("sweep", () => build(choice.value as LatencyName, choice.selectedOptions[0]?.textContent ?? ""));
}

const PERCENTILES = {
  ttft_p50: ["ttft_ms", 50],
  ttft_p95: ["ttft_ms", 95],
  duration_p50: ["duration_ms", 50],
  duration_p95: ["duration_ms", 95],
} as const satisfies Record<LatencyName, readonly [string, number]>;

function linesOf(latency: LatencyName): Line[] {
  const results = page.steps[0]?.results ?? [];
  const lines = results.map((result, index) => ({
    result,
    points: page.steps.flatMap(({ results }, step) => {
      const { throughput = null, latency: known } = results[index] ?? {};
      const y = known?.[latency] ?? null;
      return throughput === null || y === null ? [] : [{ x: throughput, y, step }];
    }),
  }));
  return lines.filter(({ points }) => points.length > 0);
}

function build(latency: LatencyName, title: string): Drawing | null {
  const lines = linesOf(latency);
  const all = lines.flatMap(({ result, points }) => points.map((point) => ({ ...point, result })));
  const sorted = all.toSorted((a, b) => a.x - b.x);
  if (sorted.length === 0) return null;
  const most = Math.max(...sorted.map(({ y }) => y));
  const right = sorted.at(-1)?.x ?? 1;
  const several = page.models.length > 1;
  const [of, percent] = PERCENTILES[latency];
  // It is one line through all steps.
  const limits = limitsOn(of, percent).map((limit) => ({ ...limit, outcome: worstOf(limit.text) }));
  return {
    data: [sorted.map(({ x }) => x), sorted.map(({ y }) => y)],
    scales: {
      x: { time: false, range: [0, right * 1.08] },
      y: { range: [0, Math.max(most * 1.12, topOf(most, limits))] },
    },
    limits,
    axes: [axis(words.throughput, plainValues, { space: px(60) }), upright(title, timeValues)],
    series: [{ stroke: ink("--ink"), paths: () => null, points: { show: false } }],
    legend: [
      ...(several
        ? lines.map(({ result }) => ({
            key: result.model === null ? "all" : `m${result.model % 6}`,
            text: resultLabel(result),
          }))
        : []),
      ...(page.steps.some(({ knee }) => knee) ? [{ key: "ring", text: words.knee }] : []),
    ],
    read: (index) => {
      const point = sorted[index];
      if (point === undefined) return "";
      const { label = "" } = page.steps[point.step] ?? {};
      const who = several ? `${isolated(resultLabel(point.result))} · ` : "";
      return `${who}${words.load} ${label} · ${write.rate(point.x)} · ${title} ${write.duration(point.y)}`;
    },
    numbers: () => ({
      head: [words.load, words.model, words.throughput, title],
      rows: all.map(({ result, step, x, y }) => [
        page.steps[step]?.label ?? "",
        resultLabel(result),
        write.number(x),
        write.duration(y),
      ]),
    }),
    nearest: (plot, left, top) => nearestPoint(plot, sorted, left, top),
    draw: (plot) => drawLines(plot, lines, several),
    height: 300,
  };
}

function worstOf(text: string): PageLimit["outcome"] {
  const all = page.steps.flatMap(({ limits }) => limits.filter((limit) => limit.text === text));
  const found = (["failed", "unjudged", "undecided", "passed"] as const).find((outcome) =>
    all.some((limit) => limit.outcome === outcome),
  );
  return found ?? null;
}

function nearestPoint(plot: uPlot, points: readonly Point[], left: number, top: number): number | null {
  const away = points.map(({ x, y }) => Math.hypot(plot.valToPos(x, "x") - left, plot.valToPos(y, "y") - top));
  const least = Math.min(...away);
  return least > 60 ? null : away.indexOf(least);
}

function drawLines(plot: uPlot, lines: readonly Line[], several: boolean): void {
  const { ctx } = plot;
  const ratio = devicePixelRatio;
  const unit = px(1) * ratio;
  ctx.save();
  for (const { result, points } of lines) {
    const color = several ? modelInk(result.model) : ink("--m0");
    const [line, dots, rings] = [new Path2D(), new Path2D(), new Path2D()];
    for (const [index, { x, y, step }] of points.entries()) {
      const [left, top] = [plot.valToPos(x, "x", true), plot.valToPos(y, "y", true)];
      if (index === 0) line.moveTo(left, top);
      else line.lineTo(left, top);
      addMark(dots, result.model ?? 0, left, top, 7 * unit);
      if (page.steps[step]?.knee === true) addMark(rings, 0, left, top, 17 * unit);
    }
    ctx.strokeStyle = color;
    ctx.lineWidth = 1.75 * unit;
    ctx.setLineDash(several ? dashOf(result.model, unit) : []);
    ctx.stroke(line);
    ctx.setLineDash([]);
    ctx.fillStyle = color;
    ctx.fill(dots);
    ctx.strokeStyle = ink("--ink");
    ctx.stroke(rings);
  }
  labelSteps(plot, lines.at(-1));
  ctx.restore();
}

/** The load beside each point of the line that stands for all. */
function labelSteps(plot: uPlot, line: Line | undefined): void {
  const { ctx } = plot;
  const ratio = devicePixelRatio;
  ctx.fillStyle = ink("--ink");
  ctx.font = font(12 * ratio);
  ctx.textAlign = "right";
  ctx.textBaseline = "bottom";
  for (const { x, y, step } of line?.points ?? []) {
    const { label = "", knee = false } = page.steps[step] ?? {};
    const text = knee ? `${label} · ${words.knee}` : label;
    ctx.fillText(text, plot.valToPos(x, "x", true) - px(8) * ratio, plot.valToPos(y, "y", true) - px(6) * ratio);
  }
}
