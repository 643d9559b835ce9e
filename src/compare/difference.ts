import type { DifferenceWord, FigureDifference, PairReport, Side } from "../metrics/comparison.ts";
import { rankOf } from "../metrics/distribution.ts";
import { shiftOf, type Disturbance } from "../metrics/disturbance.ts";
import { canBeKnown } from "../metrics/distribution.ts";
import { figureIn, hitsIn, type ResultReport } from "../metrics/result-report.ts";
import type { LoadReport } from "../metrics/report.ts";
import { betterOf, FIGURES, figureText, isOfObjectives, type Figure } from "../metrics/figures.ts";
import { bootstrapVariance, openBlocks, type FigureBlocks } from "./bootstrap.ts";
import type { Objectives } from "./run-notes.ts";
import { meanOf, relativeInterval, welch, type Difference, type Estimate } from "../metrics/welch.ts";

/** Streams a side (ok and failed; those that have the figure) under which nothing is said. */
const ENOUGH = 30;
/** Runs a side from which they tell by themselves how runs differ. */
const RUNS = 3;
/** Times its streams' usual duration that a run must last for blocks of its time to be more than parts of one burst. */
const ROUNDS = 5;
/** So few answers that are counted otherwise move no figure by much. */
const ALIKE = 0.02;
/** A change that is certain and smaller is of no interest. */
const WORTH = 0.02;

/** Of the whole answers of both sides, the share whose tokens are events and not those that usage says. */
type ByEvents = { a: number; b: number };

/** One load and one model on both sides, ready to be asked for figures. */
export type Pair = Omit<PairReport, "figures"> & {
  /** Where tokens are not counted alike on both sides; else `null`. */
  apart: ByEvents | null;
  /** The sides whose answers something on the way held back. */
  inLumps: readonly Side[];
  /** Whether the figure counts the same thing on both sides. */
  alike(figure: Figure): boolean;
  /** By how much the clients may have shifted a change, in its terms; 0 where they kept up. */
  shift(change: Pick<FigureDifference, "a" | "b">, figure: Figure): number;
  /** `null` where one side lacks the figure, and where objectives make it another thing. */
  compare(figure: Figure): FigureDifference | null;
};

type Results = readonly ResultReport[];

/** What a pair is opened with besides its results. */
type Between = { objectives: Objectives; disturbed: Readonly<Record<Side, Disturbance | null>> };

/** Puts the results of both sides opposite each other, one of each run. */
export function openPair(load: LoadReport, a: Results, b: Results, { objectives, disturbed }: Between): Pair {
  const streams = { a: streamsOf(a), b: streamsOf(b) };
  const method = a.length >= RUNS && b.length >= RUNS ? "welch" : "bootstrap";
  const enough = Math.min(streams.a, streams.b) >= ENOUGH;
  const apart = countedApart(a, b);
  const inLumps = sidesInLumps(a, b);
  const isTold = method === "welch" || [...a, ...b].every(isLongEnough);
  const [blocksA, blocksB] = [a, b].map((results) => openBlocks(results.flatMap(({ blocks }) => blocks)));

  function alike(figure: Figure): boolean {
    const { ofTokens, ofReads } = isOfObjectives(figure) ? objectives : FIGURES[figure.of];
    if (isOfObjectives(figure) && !objectives.same) return false;
    return (apart === null || !ofTokens) && (inLumps.length === 0 || !ofReads);
  }

  /** The values of a percentile that is none are kept, and marked. */
  function compare(figure: Figure): FigureDifference | null {
    const found = difference(figure);
    const holders = Math.min(holdersOf(a, figure), holdersOf(b, figure));
    return found === null || isKnown(figure, holders) ? found : { ...found, known: false };
  }

  function difference(figure: Figure): FigureDifference | null {
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
    inLumps,
    alike,
    shift: (change, figure) => shiftBetween(figure, change, disturbed),
    compare,
  };
}

function shiftBetween(
  figure: Figure,
  { a, b }: Pick<FigureDifference, "a" | "b">,
  disturbed: Readonly<Record<Side, Disturbance | null>>,
): number {
  const shift = (side: Side, value: number): number => {
    const disturbance = disturbed[side];
    return disturbance === null ? 0 : shiftOf(figure, value, disturbance);
  };
  const [before, after] = [shift("a", a), shift("b", b)];
  if (before + after === 0 || FIGURES[figure.of].unit === "share") return before + after;
  // Of (b − a) ÷ a: what A is off by weighs as much more as B is larger.
  return a === 0 ? Infinity : (after + (before * b) / a) / a;
}

/** Whether so few values have such a percentile. */
function isKnown(figure: Figure, holders: number): boolean {
  if (figure.kind !== "statistic" || figure.statistic.name !== "percentile") return true;
  const { percent } = figure.statistic;
  return percent === 100 || canBeKnown(percent, holders);
}

/** Whether what one block of time holds says little of what the next one does. */
function isLongEnough({ blocks, distributions }: ResultReport): boolean {
  const length = blocks.reduce((sum, block) => sum + block.length_ms, 0);
  return length >= ROUNDS * (distributions.duration_ms.p50 ?? 0);
}

function total(results: Results, amount: (result: ResultReport) => number): number {
  return results.reduce((sum, result) => sum + amount(result), 0);
}

function streamsOf(results: Results): number {
  return total(results, ({ streams }) => streams.ok + streams.failed);
}

/** The shares where they are too far apart for tokens to be compared, an event holding any number of them; else `null`. */
function countedApart(a: Results, b: Results): ByEvents | null {
  const shares = { a: shareOf(a), b: shareOf(b) };
  return Math.abs(shares.a - shares.b) > ALIKE ? shares : null;
}

/** 0 where no answer was complete. */
function shareOf(results: Results): number {
  const complete = total(results, ({ streams }) => streams.ok);
  const events = total(results, ({ trust }) => trust.tokens_source.whole_by_events);
  return complete === 0 ? 0 : Math.min(1, events / complete);
}

function sidesInLumps(a: Results, b: Results): Side[] {
  const isIn = (results: Results): boolean => results.some(({ trust }) => trust.in_lumps === true);
  return [...(isIn(a) ? (["a"] as const) : []), ...(isIn(b) ? (["b"] as const) : [])];
}

/** The streams that have the figure; of gaps, one stream has many. */
function holdersOf(results: Results, figure: Figure): number {
  if (figure.kind === "scalar") return streamsOf(results);
  return total(results, ({ streams, distributions }) => {
    const { count, missing } = distributions[figure.of];
    return Math.min(count, streams.started - missing);
  });
}

/** The mean of the runs that have the figure. */
function valueOf(results: Results, figure: Figure): number | null {
  const values = valuesOf(results, figure);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function valuesOf(results: Results, figure: Figure): number[] {
  return results.flatMap((result) => {
    const { value, samples } = figureIn(result, figure);
    return value === null || samples === 0 ? [] : [value];
  });
}

/** `blocks` where they must tell how far the figure strays; `null` where the runs do. */
function estimate(
  results: Results,
  figure: Figure,
  value: number,
  blocks: FigureBlocks | null | undefined,
): Estimate | null {
  const found = blocks ? ofBlocks(results, blocks, figure, value) : ofRuns(results, figure);
  const least = leastVariance(results, figure);
  return found !== null && least !== null && least.variance > found.variance ? { value, ...least } : found;
}

function ofRuns(results: Results, figure: Figure): Estimate | null {
  const values = valuesOf(results, figure);
  return values.length < RUNS ? null : meanOf(values);
}

function ofBlocks(results: Results, blocks: FigureBlocks, figure: Figure, value: number): Estimate | null {
  if (isExtreme(figure, results)) return null;
  const drawable = blocks(figure);
  const strays = drawable && bootstrapVariance(drawable);
  return strays && { value, ...strays };
}

/** The draws of a sample tell nothing of its extremes (Bickel & Freedman 1981), and p99 of 60 values is one. */
function isExtreme(figure: Figure, results: Results): boolean {
  if (figure.kind === "scalar") return false;
  const { statistic } = figure;
  if (statistic.name !== "percentile") return statistic.name === "min" || statistic.name === "max";
  const count = total(results, ({ distributions }) => distributions[figure.of].count);
  const rank = rankOf(statistic.percent, count);
  return rank === 1 || rank === count;
}

/**
 * Failures are rare: ten blocks, or three runs, that happen to hold as many tell nothing of how their number strays.
 * A share strays at least as one of independent streams, one hit and one miss added (Agresti & Caffo 2000).
 */
function leastVariance(results: Results, { of }: Figure): { variance: number; df: number } | null {
  const row = FIGURES[of];
  if (row.unit !== "share") return null;
  const count = streamsOf(results);
  const hits = total(results, (result) => hitsIn(result, row.part));
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
