import type { NoKnee } from "../metrics/knee.ts";
import type { ClientCheckName, DistributionName, PartialReason } from "../metrics/summary.ts";
import type { Lang } from "./messages.ts";
import type { PageWords } from "./report-page.ts";

/** Titles and sentences that stand around one chart. */
export type ChartWords = { title: string; what: string };

export type ChartName = "ttft" | "duration" | "curves" | "tokens" | "concurrency" | "sweep" | "waterfall";

/** All that the HTML report says, in one language; a count comes as a number where the sentence bends to it. */
export type ReportWords = {
  kicker: string;
  title(endpoint: string): string;
  theme: string;
  verdict: {
    allPassed(total: number): string;
    someFailed(failed: number, total: number): string;
    thresholds(passed: number, total: number): string;
    noThresholds: string;
    goodput(share: string): string;
    streams(ok: number, failed: number): string;
    nothing: string;
    /** The headline of a run whose figures are the client's rather than the server's. */
    butLimited(headline: string): string;
    /** The headline of a run that ended before its plan. */
    butPartial(headline: string): string;
    unfinished(count: number): string;
    missedStarts(count: number): string;
    healthy: string;
    limited(by: string): string;
    partial: Record<PartialReason, string>;
    windowTooShort: string;
    demo: string;
    good: string;
    bad: string;
    warn: string;
    note: string;
  };
  check: Record<ClientCheckName, string>;
  facts: {
    title: string;
    endpoint: string;
    models: string;
    load: string;
    window: string;
    /** `drain`: what running streams took after it; `null` where none did. */
    windowValue(length: string, drain: string | null): string;
    warmup: string;
    warmupValue(streams: number, length: string): string;
    started: string;
    version: string;
    versionValue(name: string, version: string, bun: string): string;
    machine: string;
    machineValue(cpu: string, cores: number, memory: string, system: string): string;
    arguments: string;
    objectives: string;
    seed: string;
    exit: string;
  };
  load: {
    closed(concurrency: number): string;
    rate(rate: string): string;
    arrival(rate: string, poisson: boolean, most: string): string;
  };
  noKnee: Record<NoKnee, string>;
  notRun(loads: string): string;
  /** An instant such as 2026-11-22T10:00:00.000Z. */
  instant(iso: string): string;
  gibibytes(count: string): string;
  /** A share written out of 100, such as 2.5. */
  percent(hundredths: string): string;
  step: {
    choose: string;
    name(number: number, load: string): string;
    heading(load: string): string;
    knee: string;
    /** In place of the tables of a step for which the page has no room. */
    elsewhere: string;
  };
  table: {
    figures: string;
    figuresWhat: string;
    distribution: string;
    model: string;
    all: string;
    count: string;
    leftOut: string;
    mean: string;
    max: string;
    throughput: string;
    requestsPerSecond: string;
    tokensPerSecond: string;
    peak: string;
    errorRate: string;
    goodput: string;
    goodputValue(share: string, perSecond: string): string;
    ok: string;
    failed: string;
    unfinished: string;
    warmup: string;
    outputTokens: string;
    promptTokens: string;
    reasoningTokens: string;
    cost: string;
    costValue(cost: string, streams: number): string;
    verdicts: string;
    thresholds: string;
    threshold: string;
    value: string;
    limit: string;
    samples: string;
    result: string;
    passed: string;
    notPassed: string;
    errors: string;
    kind: string;
    example: string;
    /** The first stream that failed in this way. */
    first: string;
    noErrors: string;
    sweep: string;
    step: string;
    client: string;
    healthy: string;
    limited: string;
  };
  distribution: Record<DistributionName, string>;
  trust: {
    title: string;
    what: string;
    source: string;
    sourceValue(usage: number, events: number): string;
    perEvent: string;
    coalesced: string;
    retries: string;
    retriesValue(count: number, wait: string): string;
    ttftFrom: string;
    firstAttempt: string;
    lastAttempt: string;
    stalls: string;
    malformed: string;
    held: string;
    notices: string;
    client: string;
    kept: string;
    broken: string;
    observed: string;
    observedValue(asked: string | null, mean: string, max: string): string;
    missed: string;
    leftOut: string;
    noValue: string;
    none: string;
  };
  charts: {
    title: string;
    /** Streams drawn, and those that are not. */
    drawn(drawn: number, left: number): string;
    keys: string;
    table: string;
    show: string;
    latency: Record<"ttft_p50" | "ttft_p95" | "duration_p50" | "duration_p95", string>;
    zoomIn: string;
    zoomOut: string;
    reset: string;
    noScript: string;
  } & Record<ChartName, ChartWords>;
  footer: string;
  page: PageWords;
};

/** The words of one language; only that language's module is loaded. */
export async function loadReport(lang: Lang): Promise<ReportWords> {
  return lang === "fr" ? (await import("./fr/report.ts")).frReport : (await import("./en/report.ts")).enReport;
}
