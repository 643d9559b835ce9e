import type { Span } from "../metrics/concurrency.ts";
import { createTotal, round, roundShare } from "../metrics/distribution.ts";
import { DISTRIBUTIONS, mapNames, type ScalarName } from "../metrics/figures.ts";
import { percentilesOf } from "../metrics/histogram.ts";
import { createLengths } from "../metrics/lengths.ts";
import { isUnfinished, type LoadRecord } from "../metrics/load-record.ts";
import type { ProgressFigures, ThresholdState } from "../metrics/progress.ts";
import type { StreamRecord } from "../metrics/record.ts";
import {
  BLOCKS,
  type BlockReport,
  type ErrorReport,
  type ObjectiveReport,
  type ThresholdReport,
  type ResultReport,
} from "../metrics/result-report.ts";
import { createServerMeans } from "../metrics/server-report.ts";
import type { TokenSlotsReport } from "../metrics/shard-report.ts";
import type { TrustReport } from "../metrics/trust-report.ts";
import { checkObjective, checkThreshold, createObjectiveTally, isBroken, type Slo } from "../metrics/thresholds.ts";
import { isComplete, type Ms } from "../stream/event.ts";
import { thresholdSoFar } from "./threshold-state.ts";
import { createDistributionSet } from "./distributions.ts";
import { createThroughput, type Throughput } from "./throughput.ts";
import { createTrust, type TokenEvents } from "./trust.ts";

/** Most kinds of errors that are kept apart; a status or a timer makes a kind of its own. */
const MOST_ERRORS = 50;
const OTHERS = "others";

/** Token events of one stream, and when they came. */
type Arrivals = TokenEvents & { slots: readonly { at: Ms; events: number }[] };

/** The figures of one model under one load, or of all models together; memory does not grow with the streams. */
export type Result = {
  started(warmup: boolean): void;
  gap(block: number, ms: number): void;
  /** A stream ended, in the warm-up or after it. */
  add(record: LoadRecord, block: number, ended: Ms, arrivals: Arrivals): void;
  counts(): ResultReport["streams"];
  errors(): Record<string, number>;
  gaps(): ProgressFigures | null;
  tokens: Throughput;
  requests: Throughput;
  /** Whether what has ended so far breaks a threshold; cheap enough to be asked while streams run. */
  isBroken(): boolean;
  /** How each threshold stands; cheap as well. */
  thresholds(now: Ms): ThresholdState[];
  /** `end`: of the measured time. `starts`: when the first stream of each block began. */
  report(end: Ms, starts: readonly (Ms | null)[]): ResultReport;
};

type ResultOptions = {
  model: string | null;
  slo: Slo;
  span: Span;
  /** So many requests may end the window, and not time alone. */
  counted: boolean;
  ttftFrom: TrustReport["ttft_from"];
  /** It is one of several parts: nothing is judged, and what the whole is made of is kept. */
  parted: boolean;
};

export function createResult({ model, slo, span, counted, ttftFrom, parted }: ResultOptions): Result {
  const distributions = createDistributionSet();
  const groups = createErrorGroups();
  const tokens = createThroughput(span);
  const requests = createThroughput(span);
  const good = createThroughput(span);
  const streams = { warmup: 0, started: 0, ok: 0, failed: 0, unfinished: 0 };
  const verdicts: ResultReport["verdicts"] = {};
  const trust = createTrust(ttftFrom, parted);
  const lengths = createLengths(parted);
  const server = createServerMeans();
  const tallies = slo.everyStream ? slo.objectives.map(createObjectiveTally) : [];
  const told = { prompt: createTotal(), reasoning: createTotal(), cost: createTotal() };
  const blocks = Array.from({ length: BLOCKS }, () => ({ counted: 0, failed: 0, good: 0 }));
  let currency: string | null = null;
  let output = 0;
  let met = 0;

  function isGood(record: LoadRecord): boolean {
    return slo.objectives.length > 0 && slo.objectives.every((objective) => objective.meets(record));
  }

  function addThroughput(record: LoadRecord, ended: Ms, { events, slots }: Arrivals): void {
    if (isComplete(record)) requests.add(ended, 1);
    if (isGood(record)) good.add(ended, 1);
    const worth = events > 0 ? record.tokens / events : 0;
    for (const slot of slots) tokens.add(slot.at, slot.events * worth);
  }

  function addSums(record: LoadRecord): void {
    output += record.tokens;
    told.prompt.add(record.prompt_tokens);
    told.reasoning.add(record.reasoning_tokens);
    told.cost.add(record.cost);
    currency ??= record.currency;
  }

  function addVerdict(record: LoadRecord, block: number): void {
    verdicts[record.verdict] = (verdicts[record.verdict] ?? 0) + 1;
    if (isUnfinished(record)) {
      streams.unfinished++;
      return;
    }
    for (const tally of tallies) tally.add(record);
    const [complete, good] = [isComplete(record), isGood(record)];
    streams[complete ? "ok" : "failed"]++;
    if (!complete) groups.add(record);
    if (good) met++;
    const tenth = blocks[block];
    if (tenth === undefined) return;
    tenth.counted++;
    if (!complete) tenth.failed++;
    if (good) tenth.good++;
  }

  function blocksUntil(end: Ms, starts: readonly (Ms | null)[]): BlockReport[] {
    // What ran before the first measured stream is in the first block: the sum of all is the whole.
    const first = starts.findIndex((start) => start !== null);
    return blocks.map(({ counted, failed, good }, index) => {
      const begin = index === first ? span.opens() : (starts[index] ?? null);
      const until = starts.slice(index + 1).find((start) => start !== null) ?? end;
      return {
        length_ms: begin === null ? 0 : round(Math.max(0, until - begin)),
        counted,
        failed,
        good: slo.objectives.length === 0 ? null : good,
        requests: begin === null ? 0 : round(requests.between(begin, until)),
        tokens: begin === null ? 0 : round(tokens.between(begin, until)),
        hdr: distributions.block(index),
      };
    });
  }

  function thresholds(now: Ms): ThresholdState[] {
    if (parted) return [];
    const end = Math.min(now, span.closes() ?? now);
    const seconds = Math.max(0, end - (span.opens() ?? end)) / 1000;
    const rates: Partial<Record<ScalarName, () => number | null>> = {
      requests_per_second: () => requests.total() / seconds,
      output_tokens_per_second: () => tokens.total() / seconds,
      goodput_per_second: () => good.total() / seconds,
      peak_tokens_per_second: () => tokens.peak(end),
    };
    const soFar = { ...streams, met, values: distributions.values, rates: seconds > 0 ? rates : {} };
    return [...slo.thresholds.map((one) => thresholdSoFar(one, soFar)), ...tallies.map((tally) => tally.soFar())];
  }

  function report(end: Ms, starts: readonly (Ms | null)[]): ResultReport {
    const seconds = Math.max(0, end - (span.opens() ?? end)) / 1000;
    const ended = streams.ok + streams.failed;
    const perSecond = (amount: number): number | null => (seconds > 0 ? round(amount / seconds) : null);
    const share = (part: number): number | null => (ended > 0 ? roundShare(part / ended) : null);
    const peak = tokens.peak(end);
    const bill = told.cost.total();
    const result: ResultReport = {
      model,
      streams: { ...streams },
      verdicts: { ...verdicts },
      error_rate: share(streams.failed),
      goodput: slo.objectives.length === 0 ? null : { met, share: share(met), per_second: perSecond(good.total()) },
      requests_per_second: perSecond(requests.total()),
      output_tokens_per_second: perSecond(tokens.total()),
      peak_tokens_per_second: peak === null ? null : round(peak),
      tokens: { output, prompt: told.prompt.total(), reasoning: told.reasoning.total() },
      lengths: lengths.report(),
      server: server.report(),
      cost: bill === null ? null : { amount: bill, currency, streams: told.cost.count() },
      distributions: mapNames(DISTRIBUTIONS, distributions.report),
      thresholds: [],
      errors: groups.report(),
      trust: trust.report(),
      blocks: blocksUntil(end, starts),
    };
    const objectives = tallies.map((tally) => tally.report());
    if (parted) return { ...result, objectives, token_slots: slotsOf(tokens, end) };
    return { ...result, thresholds: thresholdsOf(result, objectives, slo) };
  }

  return {
    started(warmup) {
      if (warmup) streams.warmup++;
      else streams.started++;
    },
    gap: distributions.gap,
    add(record, block, ended, arrivals) {
      // In a window of time what the warm-up leaves in it makes up for what its end cuts off; one that ends with its last
      // stream cuts nothing off.
      if (!record.warmup || !counted) addThroughput(record, ended, arrivals);
      if (record.warmup) return;
      distributions.add(block, record);
      addSums(record);
      lengths.add(record);
      server.add(record);
      trust.add(record, arrivals);
      addVerdict(record, block);
    },
    counts: () => streams,
    errors: groups.counts,
    gaps: () => percentilesOf(distributions.values("gap_ms")),
    tokens,
    requests,
    isBroken: () =>
      tallies.some((tally) => tally.isBroken()) ||
      slo.thresholds.some((each) => isBroken(each, { ...streams, met, values: distributions.values })),
    thresholds,
    report,
  };
}

function slotsOf(tokens: Throughput, end: Ms): TokenSlotsReport {
  const { length, sums } = tokens.slots(end);
  return { slot_ms: length, tokens: sums.map(round) };
}

/** Every threshold of a result, checked. */
export function thresholdsOf(
  result: ResultReport,
  objectives: readonly ObjectiveReport[],
  slo: Slo,
): ThresholdReport[] {
  const each = slo.objectives.flatMap((objective, index) => {
    const kept = objectives[index];
    return kept === undefined ? [] : [checkObjective(kept, objective)];
  });
  return [...slo.thresholds.map((threshold) => checkThreshold(threshold, result)), ...each];
}

/** Errors by kind, each with the first of its kind as the example. */
function createErrorGroups() {
  const groups = new Map<string, ErrorReport>();
  return {
    add({ error, verdict, stream }: Pick<StreamRecord, "error" | "verdict" | "stream">): void {
      const named = error === null ? verdict : [error.kind, error.status ?? error.phase].filter(isKnown).join(" ");
      const kind = groups.has(named) || groups.size < MOST_ERRORS ? named : OTHERS;
      const group = groups.get(kind) ?? { kind, count: 0, example: error?.message ?? verdict, stream };
      group.count++;
      groups.set(kind, group);
    },
    counts: (): Record<string, number> =>
      Object.fromEntries([...groups.values()].map(({ kind, count }) => [kind, count])),
    /** The most frequent first. */
    report: (): ErrorReport[] =>
      [...groups.values()].toSorted((a, b) => b.count - a.count).map((group) => ({ ...group })),
  };
}

function isKnown(part: string | number | undefined): part is string | number {
  return part !== undefined;
}
