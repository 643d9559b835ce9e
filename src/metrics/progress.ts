import type { ThresholdReport } from "./result-report.ts";
import type { Outcome } from "./verdict.ts";
import type { ClientReport, LoadReport } from "./report.ts";

/** Percentiles so far; `null` before there is a value. */
export type ProgressFigures = { count: number; p50: number; p95: number; p99: number };

/** How a threshold stands while streams still run; `passed` is `null` while nothing can be said. */
export type ThresholdState = Pick<ThresholdReport, "text" | "value" | "samples" | "met"> & { passed: boolean | null };

/** How a run stands; live throughput counts events, which is not yet tokens. */
export type Progress = {
  v: 1;
  type: "progress";
  step: number;
  steps: number;
  load: LoadReport;
  phase: "warmup" | "measuring" | "draining" | "done";
  elapsed_ms: number;
  /** Of the step's time or requests, whichever ends it; `null` while nobody knows. */
  share: number | null;
  left_ms: number | null;
  streams: { warmup: number; started: number; ended: number; ok: number; failed: number; requests: number | null };
  concurrency: { asked: number | null; now: number; mean: number | null };
  missed_starts: number;
  /** Whole answers of the last ten seconds, and token events of the last three; `null` before a second has passed. */
  requests_per_second: number | null;
  events_per_second: number | null;
  ttft_ms: ProgressFigures | null;
  gap_ms: ProgressFigures | null;
  errors: Record<string, number>;
  client: ClientReport;
  /** `earlier`: what became of it in each step before this one. */
  thresholds: (ThresholdState & { earlier: Outcome[] })[];
  /** Of all steps: that of their number, and the time that they take if all take as long. */
  run: { share: number | null; left_ms: number | null };
  /** One value a second, the newest last, at most 60: p50 of TTFT, p99 of gaps, token events; `null`: nothing came. */
  history: { ttft_ms: (number | null)[]; gap_ms: (number | null)[]; events: number[] };
};
