import type { Lang } from "./messages.ts";

/** What `llmaas selftest` says; numbers come written out, times with their unit. */
export type SelftestWords = {
  /** The first line: p99 of the TTFT error. `streams`: up to which load it stays under it; `null`: no load does. */
  verdict: {
    error(parts: readonly string[]): string;
    under(limit: string, streams: string | null): string;
    failed(problems: readonly string[]): string;
  };
  /** What does not come out as it must. */
  problem: Record<"lost" | "moved" | "silent", string>;
  machine(cores: string, cpu: string): string;
  /** Of the table; `request` is as narrow as it can be. */
  title: string;
  column: Record<"streams" | "ttft" | "gap" | "duration" | "request", string>;
  legend: string;
  /** What was injected came out. */
  whole(streams: string, tokens: string): string;
  /** Of one load: how many of its streams are complete, and of their tokens paired with their stamp. */
  lost(load: string, streams: readonly [is: string, of: string], tokens: readonly [is: string, of: string]): string;
  clocks(time: string): string;
  /** What the client says of itself: the loads at which it is healthy and limited; either may be empty. */
  client(healthy: string, limited: string): string;
  busy: {
    title(blocked: string, streams: string): string;
    /** p50 and p90 of one error in ms, of the quiet run and of the busy one. */
    figure(p50: readonly [string, string], p90: readonly [string, string]): string;
    arrival: string;
    held: string;
    moved(p50: string, p90: string): string;
  };
  saturated: {
    title(streams: string): string;
    limited(by: string): string;
    healthy: string;
  };
  progress: {
    load(streams: string, rate: string): string;
    quiet: string;
    busy: string;
    saturated: string;
    error(p99: string): string;
    lost: string;
    done: string;
  };
};

/** The words of one language; only that language's module is loaded. */
export async function loadSelftest(lang: Lang): Promise<SelftestWords> {
  return lang === "fr" ? (await import("./fr/selftest.ts")).frSelftest : (await import("./en/selftest.ts")).enSelftest;
}
