import { round, roundShare } from "../../metrics/distribution.ts";
import { DISTRIBUTIONS, mapNames, type DistributionName } from "../../metrics/figures.ts";
import { createHistogram, decodeHistogram } from "../../metrics/histogram.ts";
import {
  toDistribution,
  type BlockReport,
  type DistributionReport,
  type ResultReport,
  type ThresholdReport,
} from "../../metrics/result-report.ts";
import type { BoundsRange, ResultBounds } from "../../metrics/shard-report.ts";
import { addObjectives, type Slo } from "../../metrics/thresholds.ts";
import { thresholdsOf } from "../result.ts";
import { createThroughput } from "../throughput.ts";
import { rateOf, sumOf, type Known, type Windows } from "./bounds.ts";
import { addCounts, addErrors, addLengths, addServers, addTrust } from "./sums.ts";

/** A result of one part, and the length of the window it was measured in. */
export type PartResult = { result: ResultReport; length: number };

/** What one model came to over all parts; `judged`: thresholds are held against it. */
export function mergeResults(
  parts: readonly [PartResult, ...PartResult[]],
  { windows, slo, judged }: { windows: Windows; slo: Slo; judged: boolean },
): ResultReport {
  const [first, ...others] = parts.map(({ result }) => result);
  if (first === undefined) throw new TypeError("no result to merge");
  const results: [ResultReport, ...ResultReport[]] = [first, ...others];
  const rate = (read: (result: ResultReport) => number | null): Known =>
    rateOf(
      parts.map(({ result, length }) => ({ rate: read(result), length })),
      windows,
    );
  const streams = addStreams(results);
  const ended = streams.ok + streams.failed;
  const [requests, tokens, good] = [
    rate((result) => result.requests_per_second),
    rate((result) => result.output_tokens_per_second),
    rate((result) => result.goodput?.per_second ?? null),
  ];
  const peak = peakOf(results, windows);
  const { lengths, different } = lengthsOf(results);
  const bounds = boundsOf({ requests, tokens, good, peak, different });
  const merged: ResultReport = {
    model: first.model,
    streams,
    verdicts: addCounts(results.map(({ verdicts }) => verdicts)),
    error_rate: ended > 0 ? roundShare(streams.failed / ended) : null,
    goodput: goodputOf(results, ended, good.value),
    requests_per_second: requests.value,
    output_tokens_per_second: tokens.value,
    peak_tokens_per_second: peak.value,
    tokens: {
      output: sumOf(results.map((each) => each.tokens.output)) ?? 0,
      prompt: sumOf(results.map((each) => each.tokens.prompt)),
      reasoning: sumOf(results.map((each) => each.tokens.reasoning)),
    },
    ...(lengths === null ? {} : { lengths }),
    cost: costOf(results),
    server: addServers(results.flatMap(({ server }) => server ?? [])),
    distributions: mapNames(DISTRIBUTIONS, (name) => addDistributions(results.map((each) => each.distributions[name]))),
    thresholds: [],
    errors: addErrors(results.map(({ errors }) => errors)),
    trust: addTrust([first.trust, ...others.map(({ trust }) => trust)]),
    ...(bounds === null ? {} : { bounds }),
    blocks: windows.coincide ? addBlocks(results) : [],
  };
  if (!judged) return merged;
  const kept = results.flatMap(({ objectives = [] }) => objectives);
  const objectives = slo.everyStream ? slo.objectives.map((objective) => addObjectives(kept, objective)) : [];
  return { ...merged, thresholds: thresholdsOf(merged, objectives, slo).map((each) => unknownIn(each, bounds)) };
}

/** A figure that is only known within bounds decides nothing. */
function unknownIn(threshold: ThresholdReport, bounds: ResultBounds | null): ThresholdReport {
  const isUnknown =
    bounds !== null && threshold.value === null && threshold.samples > 0 && threshold.needed === undefined;
  return isUnknown ? { ...threshold, undecided: true } : threshold;
}

function addStreams(results: readonly ResultReport[]): ResultReport["streams"] {
  const sum = (name: keyof ResultReport["streams"]): number =>
    results.reduce((total, { streams }) => total + streams[name], 0);
  return {
    warmup: sum("warmup"),
    started: sum("started"),
    ok: sum("ok"),
    failed: sum("failed"),
    unfinished: sum("unfinished"),
  };
}

function goodputOf(results: readonly ResultReport[], ended: number, rate: number | null): ResultReport["goodput"] {
  const met = sumOf(results.map(({ goodput }) => goodput?.met ?? null));
  return met === null ? null : { met, share: ended > 0 ? roundShare(met / ended) : null, per_second: rate };
}

/** Prices of several currencies make no sum. */
function costOf(results: readonly ResultReport[]): ResultReport["cost"] {
  const known = results.flatMap(({ cost }) => cost ?? []);
  const [first] = known;
  if (first === undefined || known.some(({ currency }) => currency !== first.currency)) return null;
  const amount = known.reduce((sum, each) => sum + each.amount, 0);
  const streams = known.reduce((sum, each) => sum + each.streams, 0);
  return { amount: Math.round(amount * 1e9) / 1e9, currency: first.currency, streams };
}

/** Histograms add; what they blur, count, extremes and moments have exactly. */
function addDistributions(parts: readonly DistributionReport[]): DistributionReport {
  const all = createHistogram();
  for (const { hdr, count, min, max, mean, stdev } of parts) {
    if (hdr === null || min === null || max === null || mean === null) continue;
    all.add(decodeHistogram(hdr, { count, min, max, mean, stdev: stdev ?? 0 }));
  }
  const left = (name: keyof DistributionReport["left_out"]): number =>
    parts.reduce((sum, part) => sum + part.left_out[name], 0);
  return toDistribution(all, { unfinished: left("unfinished"), failed: left("failed"), no_value: left("no_value") });
}

/** Ms of a window whose slots fit into memory, whatever a file says: a week. */
const LONGEST = 604_800_000;

/** The best second of all parts, from their slots; else it lies between the best of one and that of all together. */
function peakOf(results: readonly ResultReport[], windows: Windows): Known {
  const peaks = results.map((result) => result.peak_tokens_per_second ?? 0);
  const sum = sumOf(results.map((result) => result.peak_tokens_per_second));
  const slots = results.flatMap(({ token_slots: slots }) => slots ?? []);
  if (sum === null) return { value: null, bounds: null };
  if (!windows.coincide || slots.length < results.length || windows.length > LONGEST)
    return { value: null, bounds: { least: Math.max(...peaks), most: round(sum) } };
  const end = windows.length;
  const all = createThroughput({ opens: () => 0, closes: () => end });
  for (const { slot_ms: slot, tokens } of slots)
    for (const [index, amount] of tokens.entries())
      if (amount > 0) all.add(Math.min(end, (index + 0.5) * slot), amount);
  const peak = all.peak(end);
  return { value: peak === null ? null : round(peak), bounds: null };
}

function lengthsOf(results: readonly ResultReport[]) {
  const known = results.flatMap(({ lengths }) => lengths ?? []);
  return known.length === 0 ? { lengths: null, different: null } : addLengths(known);
}

type Bounded = Record<"requests" | "tokens" | "good" | "peak", Known> & { different: BoundsRange | null };

/** What is only known within bounds; `null` where nothing is. */
function boundsOf({ requests, tokens, good, peak, different }: Bounded): ResultBounds | null {
  const bounds: ResultBounds = {
    ...(requests.bounds === null ? {} : { requests_per_second: requests.bounds }),
    ...(tokens.bounds === null ? {} : { output_tokens_per_second: tokens.bounds }),
    ...(good.bounds === null ? {} : { goodput_per_second: good.bounds }),
    ...(peak.bounds === null ? {} : { peak_tokens_per_second: peak.bounds }),
    ...(different === null || different.least === different.most ? {} : { different_prompts: different }),
  };
  return Object.keys(bounds).length === 0 ? null : bounds;
}

/** Tenths of the same time; their lengths differ by no more than the time between two starts. */
function addBlocks(results: readonly ResultReport[]): BlockReport[] {
  const most = Math.max(...results.map(({ blocks }) => blocks.length));
  return Array.from({ length: most }, (_, index) => {
    const own = results.flatMap(({ blocks }) => blocks[index] ?? []);
    const lengths = own.map((block) => block.length_ms).filter((length) => length > 0);
    const sum = (read: (block: BlockReport) => number): number => own.reduce((total, block) => total + read(block), 0);
    return {
      length_ms: lengths.length === 0 ? 0 : round(sum(({ length_ms: length }) => length) / lengths.length),
      counted: sum(({ counted }) => counted),
      failed: sum(({ failed }) => failed),
      good: sumOf(own.map(({ good }) => good)),
      requests: round(sum(({ requests }) => requests)),
      tokens: round(sum(({ tokens }) => tokens)),
      hdr: mapNames(DISTRIBUTIONS, (name) => addEncoded(own, name)),
    };
  });
}

function addEncoded(blocks: readonly BlockReport[], name: DistributionName): string | null {
  const all = createHistogram();
  for (const { hdr } of blocks) {
    const text = hdr[name];
    if (text !== null) all.add(decodeHistogram(text));
  }
  return all.encode();
}
