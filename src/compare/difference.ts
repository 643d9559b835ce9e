import type { DifferenceWord, FigureDifference } from "../metrics/comparison.ts";
import { rankOf } from "../metrics/distribution.ts";
import { figureIn, hitsIn, type ResultReport } from "../metrics/result-report.ts";
import type { LoadReport } from "../metrics/report.ts";
import { betterOf, FIGURES, figureText, isOfObjectives, type Figure } from "../metrics/figures.ts";
import { openBlocks, type FigureBlocks } from "./blocks.ts";
import { bootstrapVariance } from "./bootstrap.ts";
import type { Goodput } from "./run-notes.ts";
import { countedApart, type ByEvents } from "./token-count.ts";
import { meanOf, relativeInterval, welch, type Difference, type Estimate } from "./welch.ts";

/** Streams a side (ok and failed; those that have the figure) under which nothing is said. */
const ENOUGH = 30;
/** Runs a side from which they tell by themselves how runs differ. */
const RUNS = 3;
/** Times its streams' usual duration that a run must last for blocks of its time to be more than parts of one burst. */
const ROUNDS = 5;
/** A change that is certain and smaller is of no interest. */
const WORTH = 0.02;

/** One load and one model on both sides, ready to be asked for figures. */
export type Pair = {
  load: LoadReport;
  model: { a: string | null; b: string | null };
  runs: { a: number; b: number };
  streams: { a: number; b: number };
  method: "bootstrap" | "welch";
  enough: boolean;
  /** Where tokens are not counted alike on both sides; else `null`. */
  apart: ByEvents | null;
  /** Whether the figure counts the same thing on both sides. */
  alike(figure: Figure): boolean;
  /** `null` where one side lacks the figure, and for goodput that is not the same thing. */
  compare(figure: Figure): FigureDifference | null;
};

type Columns = readonly ResultReport[];

/** Puts the columns of both sides opposite each other, one of each run. */
export function openPair(load: LoadReport, a: Columns, b: Columns, goodput: Goodput): Pair {
  const streams = { a: streamsOf(a), b: streamsOf(b) };
  const method = a.length >= RUNS && b.length >= RUNS ? "welch" : "bootstrap";
  const enough = Math.min(streams.a, streams.b) >= ENOUGH;
  const apart = countedApart(a, b);
  const isTold = method === "welch" || [...a, ...b].every(isLongEnough);
  const [blocksA, blocksB] = [a, b].map((columns) => openBlocks(columns.flatMap(({ blocks }) => blocks)));

  function alike(figure: Figure): boolean {
    if (isOfObjectives(figure)) return goodput.same && (apart === null || !goodput.ofTokens);
    return apart === null || !FIGURES[figure.of].ofTokens;
  }

  function compare(figure: Figure): FigureDifference | null {
    if (isOfObjectives(figure) && !alike(figure)) return null;
    const [from, to] = [valueOf(a, figure), valueOf(b, figure)];
    if (from === null || to === null) return null;
    const holders = Math.min(holdersOf(a, figure), holdersOf(b, figure));
    if (!enough || holders < ENOUGH) return describe(figure, from, to, "not_enough");
    if (!alike(figure) || !isTold) return describe(figure, from, to, "not_judged");
    const before = estimate(a, figure, from, method === "welch" ? null : blocksA);
    const after = estimate(b, figure, to, method === "welch" ? null : blocksB);
    return describe(figure, from, to, judge(figure, before, after));
  }

  return {
    load,
    model: { a: a[0]?.model ?? null, b: b[0]?.model ?? null },
    runs: { a: a.length, b: b.length },
    streams,
    method,
    enough,
    apart,
    alike,
    compare,
  };
}

/** Whether what one block of time holds says little of what the next one does. */
function isLongEnough({ blocks, distributions }: ResultReport): boolean {
  const length = blocks.reduce((sum, block) => sum + block.length_ms, 0);
  return length >= ROUNDS * (distributions.duration_ms.p50 ?? 0);
}

function streamsOf(columns: Columns): number {
  return columns.reduce((sum, { streams }) => sum + streams.ok + streams.failed, 0);
}

/** The streams that have the figure; of gaps, one stream has many. */
function holdersOf(columns: Columns, figure: Figure): number {
  if (figure.kind === "scalar") return streamsOf(columns);
  return columns.reduce((sum, { streams, distributions }) => {
    const { count, missing } = distributions[figure.of];
    return sum + Math.min(count, streams.started - missing);
  }, 0);
}

/** The mean of the runs that have the figure. */
function valueOf(columns: Columns, figure: Figure): number | null {
  const values = valuesOf(columns, figure);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function valuesOf(columns: Columns, figure: Figure): number[] {
  return columns.flatMap((column) => {
    const { value, samples } = figureIn(column, figure);
    return value === null || samples === 0 ? [] : [value];
  });
}

/** `blocks` where they must tell how far the figure strays; `null` where the runs do. */
function estimate(
  columns: Columns,
  figure: Figure,
  value: number,
  blocks: FigureBlocks | null | undefined,
): Estimate | null {
  const found = blocks ? ofBlocks(columns, blocks, figure, value) : ofRuns(columns, figure);
  const least = leastVariance(columns, figure);
  return found !== null && least !== null && least.variance > found.variance ? { value, ...least } : found;
}

function ofRuns(columns: Columns, figure: Figure): Estimate | null {
  const values = valuesOf(columns, figure);
  return values.length < RUNS ? null : meanOf(values);
}

function ofBlocks(columns: Columns, blocks: FigureBlocks, figure: Figure, value: number): Estimate | null {
  if (isExtreme(figure, columns)) return null;
  const drawable = blocks(figure);
  const spread = drawable && bootstrapVariance(drawable);
  return spread && { value, ...spread };
}

/** The draws of a sample tell nothing of its extremes (Bickel & Freedman 1981), and p99 of 60 values is one. */
function isExtreme(figure: Figure, columns: Columns): boolean {
  if (figure.kind === "scalar") return false;
  const { statistic } = figure;
  if (statistic.name !== "percentile") return statistic.name === "min" || statistic.name === "max";
  const count = columns.reduce((sum, { distributions }) => sum + distributions[figure.of].count, 0);
  const rank = rankOf(statistic.percent, count);
  return rank === 1 || rank === count;
}

/**
 * Failures are rare: ten blocks, or three runs, that happen to hold as many tell nothing of how their number strays.
 * A share strays at least as one of independent streams, one hit and one miss added (Agresti & Caffo 2000).
 */
function leastVariance(columns: Columns, { of }: Figure): { variance: number; df: number } | null {
  const row = FIGURES[of];
  if (row.unit !== "share") return null;
  const count = streamsOf(columns);
  const hits = columns.reduce((sum, column) => sum + hitsIn(column, row.part), 0);
  const share = (hits + 1) / (count + 2);
  return { variance: (share * (1 - share)) / (count + 2), df: Math.max(1, count - 1) };
}

/** `interval`: in the terms of a change; `null` where nothing bounds it. */
type Judgement = { between: Difference; interval: [low: number, high: number] | null };

function judge(figure: Figure, a: Estimate | null, b: Estimate | null): Judgement | "not_judged" {
  if (a === null || b === null) return "not_judged";
  const between = welch(a, b);
  return { between, interval: inPoints(figure) ? pointsOf(a, between) : relativeInterval(a, b) };
}

/** No share is under 0 or over 1, so that neither is what it changes to. */
function pointsOf({ value }: Estimate, { low, high }: Difference): [low: number, high: number] {
  return [Math.max(low, -value), Math.min(high, 1 - value)];
}

/** Of shares points are said: a rate of 0 has no relative change. */
function inPoints({ of }: Figure): boolean {
  return FIGURES[of].unit === "share";
}

type Found = Judgement | "not_judged" | "not_enough";

function describe(figure: Figure, a: number, b: number, found: Found): FigureDifference {
  const better = betterOf(figure);
  const scale = inPoints(figure) ? 1 : a;
  const change = scale === 0 ? (b === 0 ? 0 : null) : (b - a) / scale;
  const judged = typeof found === "string" ? null : found;
  return {
    figure: figureText(figure),
    unit: FIGURES[figure.of].unit,
    better,
    primary: false,
    a,
    b,
    change,
    interval: judged && judged.interval,
    p_value: judged && judged.between.p,
    word: typeof found === "string" ? found : wordOf(a, b, better, found),
    stands: false,
  };
}

function wordOf(a: number, b: number, better: "less" | "more", { between, interval }: Judgement): DifferenceWord {
  const certain = between.low > 0 || between.high < 0;
  if (certain && Math.abs(b - a) > WORTH * Math.abs(a)) return b < a === (better === "less") ? "better" : "worse";
  return interval === null ? "not_judged" : "no_difference";
}
