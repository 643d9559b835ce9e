import type { NoKnee } from "../metrics/knee.ts";
import type { Progress } from "../metrics/progress.ts";
import type { ClientCheckName, DistributionName, LoadReport, PartialReason } from "../metrics/summary.ts";
import type { Lang } from "./messages.ts";

/** What is said before anything is sent. */
export type BenchPlanWords = {
  /** What the first line begins with. */
  title: string;
  requests(count: number): string;
  /** `only`: nothing else ends a step. */
  lasting(time: string, only: boolean): string;
  steps(count: number, each: string): string;
  loads: { closed(values: string): string; arrival(values: string): string };
  arrival: Record<"constant" | "poisson", string>;
  inFlight(count: string): string;
  warmupStreams(count: number): string;
  warmupTime(time: string): string;
  retries(count: number): string;
  to(models: string, endpoint: string): string;
  demo: string;
  builtIn: string;
  prompts(count: number): string;
  /** Of the user's, when nobody has counted them. */
  uncounted: string;
  synthetic(tokens: string): string;
  atMost(tokens: string): string;
};

/** What the live display says; a count comes written out where nothing agrees with it. */
export type BenchLiveWords = {
  phase: Record<Progress["phase"], string>;
  step(step: number, steps: number): string;
  left(time: string): string;
  done(count: number, of: string | null): string;
  warmed(count: number): string;
  ok(count: number): string;
  failed(count: string): string;
  missed(count: number): string;
  asked(count: string): string;
  now(count: string): string;
  mean(count: string): string;
  requests(perSecond: string): string;
  /** By their events: what a token is only usage tells, at the end. */
  tokens(perSecond: string): string;
  label: Record<"streams" | "atOnce" | "rate" | "ttft" | "gap" | "errors" | "client", string>;
};

/** The first lines of a result. */
export type BenchVerdictWords = {
  thresholds(passed: number, total: number): string;
  /** Objectives were given, and no threshold. */
  goodput(share: string): string;
  streams(ok: number, failed: number): string;
  healthy: string;
  limited: string;
  limitedBy(names: string): string;
  /** When the names stand on a line of their own. */
  by(names: string): string;
  cause: Record<ClientCheckName, string>;
  unfinished(count: number): string;
  missed(count: number): string;
  partial: Record<PartialReason, string>;
  tooShort: string;
};

/** The rows of a result; none of the labels may be wider than 22 cells. */
export type BenchRowWords = {
  label: Record<
    | "streams"
    | "requests"
    | "output"
    | "errorRate"
    | "goodput"
    | "tokens"
    | "cost"
    | "source"
    | "perEvent"
    | "coalesced"
    | "retries"
    | "atOnce"
    | "client"
    | "besides"
    | "leftOut"
    | "thresholds"
    | "errors",
    string
  >;
  distribution: Record<DistributionName, string>;
  /** The same in a list of names. */
  short: Record<DistributionName, string>;
  /** All models together. */
  all: string;
  measured(time: string): string;
  warmup(streams: number, time: string): string;
  drain(time: string): string;
  /** Streams that did not end by themselves. */
  cutAfter(time: string): string;
  peak(perSecond: string): string;
  ofCounted(failed: string, counted: string): string;
  goodput(met: string, share: string | null, perSecond: string | null): string;
  tokens(output: string, prompt: string | null, reasoning: string | null): string;
  costOf(streams: number): string;
  source: { usage(count: number): string; events(count: number): string; none: string };
  coalesced(share: string): string;
  retries(count: string, wait: string): string;
  noRetries: string;
  ttftFrom: Record<"first_attempt" | "last_attempt", string>;
  atOnce: { asked(count: string): string; max(count: string): string; mean(count: string): string; short: string };
  healthy: string;
  check: Record<ClientCheckName, string>;
  /** `limit`: `null` where there is none. */
  checkValue(name: string, value: string, limit: string | null): string;
  stalls(count: number): string;
  malformed(count: number): string;
  held(time: string): string;
  notice(code: string, count: string): string;
  nothingLeftOut: string;
  leftOut: { failed(count: number): string; unfinished(count: number): string; noValue(count: number): string };
  noSamples: string;
  moreErrors(kinds: number): string;
};

/** The table of a sweep; the titles as narrow as they can be. */
export type BenchSweepWords = {
  load: Record<LoadReport["kind"], string>;
  title: Record<
    "requests" | "tokens" | "ttft50" | "ttft95" | "gap99" | "errors" | "goodput" | "thresholds" | "client",
    string
  >;
  limited: string;
  knee(load: string): string;
  noKnee: Record<NoKnee, string>;
  /** Steps that were planned and did not come. */
  notRun(loads: string): string;
  tooShort: string;
};

/** What a measured load says on a terminal, in one language. */
export type BenchWords = {
  /** A share such as 0.025, with its sign of per cent. */
  percent(share: number): string;
  /** Times that somebody asked for, which are whole numbers. */
  seconds(count: string): string;
  milliseconds(count: string): string;
  /** So many streams at once, or so many requests a second; the number comes written out. */
  load: Record<LoadReport["kind"], (value: string) => string>;
  plan: BenchPlanWords;
  live: BenchLiveWords;
  verdict: BenchVerdictWords;
  row: BenchRowWords;
  sweep: BenchSweepWords;
};

/** The words of one language; only that language's module is loaded. */
export async function loadBench(lang: Lang): Promise<BenchWords> {
  return lang === "fr" ? (await import("./fr/bench.ts")).frBench : (await import("./en/bench.ts")).enBench;
}
