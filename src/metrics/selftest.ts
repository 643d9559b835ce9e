import type { ArrivalFigures } from "./arrival-error.ts";
import type { ClientReport, RunReport } from "./report.ts";

/** One load as it was run: so many streams at once, in the report of `llmaas selftest`. */
export type SelftestLoad = ArrivalFigures & {
  concurrency: number;
  /** Asked of each stream. */
  tokens_per_second: number;
  tokens_per_stream: number;
  client: ClientReport;
};

/** The figures of a run while the main thread is busy, beside those of a quiet one. */
type BusyReport = {
  /** The thread is blocked for `blocked_ms`, then free for one. */
  blocked_ms: number;
  quiet: SelftestLoad;
  busy: SelftestLoad;
  /** `held` when no error grew by as much as these, in ms. */
  limits_ms: { p50: number; p90: number };
  held: boolean;
};

/** A run that asks more than this machine can do; `said` when the client's verdict is that it was limited. */
type SaturatedReport = {
  concurrency: number;
  /** Asked of each stream; 0 is as fast as the connection takes them. */
  tokens_per_second: number;
  client: ClientReport;
  said: boolean;
};

/** What `llmaas selftest` found, as its JSON; durations in ms. */
export type SelftestReport = {
  v: 1;
  type: "selftest";
  tool: RunReport["tool"];
  machine: RunReport["machine"];
  started_at: string;
  ended_at: string;
  /** What each stream of a load is: the first token after `ttft_ms`, then one every 1000 / `tokens_per_second` ms, early or late by up to half of that. */
  schedule: { ttft_ms: number; tokens_per_second: number };
  loads: SelftestLoad[];
  /** The largest load up to which p99 of the TTFT error stays under so much; `null` where no load does. */
  limits: { under_1_ms_up_to: number | null; under_5_ms_up_to: number | null };
  busy_main: BusyReport;
  saturated: SaturatedReport;
  /** Every stream complete, every token paired, and both trials passed. */
  passed: boolean;
};

/** What of a run is compared with that of another. */
const COMPARED_ERRORS = ["ttft_ms", "gap_ms", "arrival_ms"] as const;

/** Whether all that was injected came out. */
export function cameThrough({ streams, tokens }: ArrivalFigures): boolean {
  return streams.complete === streams.measured && tokens.paired === tokens.expected;
}

/** The largest load up to which p99 of the TTFT error stays under `limit` ms. */
export function holdsUpTo(loads: readonly SelftestLoad[], limit: number): number | null {
  let reached: number | null = null;
  for (const load of loads.toSorted((a, b) => a.concurrency - b.concurrency)) {
    const { ttft_ms: error } = load.error;
    if (!cameThrough(load) || error === null || error.p99 >= limit) break;
    reached = load.concurrency;
  }
  return reached;
}

/** By how many ms the clocks of the two processes may be apart at most, in any of the loads. */
export function clocksApart(loads: readonly SelftestLoad[]): number | null {
  const bounds = loads.flatMap(({ clock_ahead_ms: ahead }) => (ahead === null ? [] : [ahead.max, -ahead.min]));
  return bounds.length === 0 ? null : Math.max(...bounds.map(Math.abs));
}

/** Whether no error of the busy run is larger than in the quiet one by `limits` or more. */
export function errorsHeld(quiet: SelftestLoad, busy: SelftestLoad, limits: BusyReport["limits_ms"]): boolean {
  return COMPARED_ERRORS.every((name) => {
    const [was, is] = [quiet.error[name], busy.error[name]];
    if (was === null || is === null) return false;
    return is.p50 - was.p50 < limits.p50 && is.p90 - was.p90 < limits.p90;
  });
}
