import type { Progress } from "../../src/metrics/progress.ts";
import {
  CLIENT_CHECKS,
  type ClientCheckName,
  type ClientReport,
  type PlanReport,
  type RunReport,
  type StepReport,
} from "../../src/metrics/report.ts";
import {
  type DistributionReport,
  type ErrorReport,
  type ResultReport,
  type ThresholdReport,
} from "../../src/metrics/result-report.ts";
import { DISTRIBUTIONS, FIGURES, mapNames, type DistributionName } from "../../src/metrics/figures.ts";
import { arriving, closed, distribution, PLAN, reportOf, resultOf } from "../fixtures/report.ts";
import { createRandom } from "./random.ts";

/** Reports of measured loads, as plain as the program makes them. */

const TYPICAL: Readonly<Record<DistributionName, number>> = {
  ttft_ms: 212,
  ttfo_ms: 214,
  gap_ms: 20.2,
  tpot_ms: 20.4,
  duration_ms: 3420,
  tokens_per_second: 46.2,
  decode_tokens_per_second: 49,
  latency_from_due_ms: 3421,
  dispatch_delay_ms: 0.4,
};

/** `count` values around a middle one, with a long tail. */
export function around(middle: number, count = 200, missing = 0, seed = 1): DistributionReport {
  const random = createRandom(seed);
  const values = Array.from({ length: count }, () => {
    const tail = random() < 0.05 ? 1 + random() * 2 : 1;
    return middle * tail * (0.85 + 0.3 * random());
  });
  return distribution(values, missing);
}

/** How a column differs from the usual one; `slower` stretches all times. */
export type ColumnWish = Partial<Omit<ResultReport, "distributions" | "trust">> & {
  slower?: number;
  failures?: number;
  trust?: Partial<ResultReport["trust"]>;
  distributions?: Partial<ResultReport["distributions"]>;
};

export function column({ slower = 1, failures = 0, trust, distributions, ...rest }: ColumnWish = {}): ResultReport {
  const made = (name: DistributionName): DistributionReport => {
    const middle = TYPICAL[name] * (FIGURES[name].unit === "ms" ? slower : 1 / slower);
    const leaves = FIGURES[name].who === "complete";
    return around(middle, 200 - (leaves ? failures : 0), leaves ? failures : 0, DISTRIBUTIONS.indexOf(name) + 1);
  };
  const usual = resultOf(
    {},
    {
      model: "granite3.3:2b",
      streams: { warmup: 4, started: 200, ok: 200 - failures, failed: failures, unfinished: 0 },
      verdicts: { complete: 200 - failures, failed: failures },
      error_rate: failures / 200,
      requests_per_second: 4.62 / slower,
      output_tokens_per_second: 702 / slower,
      peak_tokens_per_second: 760 / slower,
      tokens: { output: 31_204, prompt: 2400, reasoning: null },
    },
  );
  return {
    ...usual,
    ...rest,
    distributions: { ...mapNames(DISTRIBUTIONS, made), ...distributions },
    trust: {
      ...usual.trust,
      tokens_source: { usage: 200, events: 0, whole_by_events: 0 },
      tokens_per_event: 1.01,
      coalesced: 0.004,
      ttft_from: "first_attempt",
      ...trust,
    },
  };
}

const KEPT: Readonly<Record<ClientCheckName, [value: number | null, limit: number | null]>> = {
  worker_lag_p99_ms: [0.4, 5],
  dispatch_delay_p99_ms: [0.8, 10],
  cpu_per_thread: [0.34, 0.8],
  concurrency: [15.8, 16],
  held_ms: [0, 0],
  too_many_files: [0, 0],
};

export function client(broken: Partial<Record<ClientCheckName, number>> = {}): ClientReport {
  const checks = CLIENT_CHECKS.map((name) => {
    const [value, limit] = KEPT[name];
    return { name, value: broken[name] ?? value, limit, passed: broken[name] === undefined };
  });
  return { healthy: checks.every(({ passed }) => passed), checks };
}

export function step(wish: Partial<StepReport> = {}): StepReport {
  return {
    load: closed(16),
    warmup: { streams: 4, length_ms: 2100 },
    window: { start_ms: Date.UTC(2026, 10, 22, 10), length_ms: 43_290, drain_ms: 0 },
    window_too_short: false,
    concurrency: { asked: 16, max: 16, mean: 15.83, short: false },
    missed_starts: 0,
    client: client(),
    results: [column()],
    series: { bucket_ms: 1000, tokens: [], requests: [], concurrency: [] },
    ...wish,
  };
}

export function threshold(text: string, value: number | null, limit: number, passed: boolean): ThresholdReport {
  return { text, value, limit, samples: value === null ? 0 : 200, passed };
}

export const ERRORS: ErrorReport[] = [
  { kind: "http 429", count: 12, example: "The server asked for fewer requests (HTTP 429): slow down.", stream: 17 },
  { kind: "timeout idle", count: 3, example: "No token came for 60 s (--timeout-idle).", stream: 90 },
];

export const USUAL_PLAN: PlanReport = { ...PLAN, loads: [closed(16)], warmup: { streams: 4 } };

/** A whole report around steps; its verdict follows from them. */
export function report(steps: readonly StepReport[] = [step()], wish: Partial<RunReport> = {}): RunReport {
  return reportOf(steps, { ...USUAL_PLAN, loads: steps.map(({ load }) => load) }, wish);
}

/** All that can go wrong in one step, and thresholds of each kind. */
export function troubled(): RunReport {
  const thresholds = [
    threshold("p95(ttft) < 800ms", 340, 800, true),
    threshold("error_rate < 1%", 0.075, 0.01, false),
    threshold("p50(tokens_per_second) > 30", 46.2, 30, true),
    threshold("p99(ttfo) < 2s", null, 2000, false),
  ];
  const bad = column({
    failures: 15,
    thresholds,
    errors: ERRORS,
    goodput: { met: 170, share: 0.872, per_second: 3.93 },
    cost: { amount: 0.0312, currency: "EUR", streams: 180 },
    streams: { warmup: 4, started: 210, ok: 180, failed: 15, unfinished: 15 },
    tokens: { output: 31_204, prompt: 2400, reasoning: 812 },
    trust: {
      tokens_source: { usage: 150, events: 60, whole_by_events: 60 },
      retries: 7,
      retry_wait_ms: 8421,
      stalls: 4,
      malformed: 2,
      held_ms: 120,
      notices: { content_type: 210, done_without_reason: 3 },
    },
  });
  const limited = client({ cpu_per_thread: 0.93, dispatch_delay_p99_ms: 14.2 });
  const steps = [
    step({
      results: [bad],
      client: limited,
      window_too_short: true,
      missed_starts: 12,
      load: arriving(4.5),
      window: { start_ms: 0, length_ms: 43_290, drain_ms: 30_000 },
      concurrency: { asked: null, max: 31, mean: 17.2, short: false },
    }),
  ];
  return report(steps, { partial: "signal" });
}

/** Models side by side, and all of them last. */
export function several(names: readonly string[]): RunReport {
  const slo = (ok: boolean, value: number): ThresholdReport[] => [threshold("p95(ttft) < 400ms", value, 400, ok)];
  const columns = names.map((model, at) =>
    column({
      model,
      slower: 1 + at * 0.7,
      failures: at === 1 ? 5 : 0,
      thresholds: slo(at === 0, 250 * (1 + at)),
      errors:
        at === 1 ? [{ kind: "http 503", count: 5, example: "The server is overloaded (HTTP 503).", stream: 3 }] : [],
      trust: at === 2 ? { tokens_source: { usage: 0, events: 200, whole_by_events: 200 } } : {},
    }),
  );
  const all = column({
    model: null,
    slower: 1.4,
    failures: 5,
    thresholds: slo(false, 480),
    errors: columns.flatMap(({ errors }) => errors),
  });
  return report([step({ results: [...columns, all] })]);
}

/** Five steps, of which the third is the last that brought more. */
export function swept(): RunReport {
  const steps = [1, 4, 16, 64, 256].map((concurrency, at) =>
    step({
      load: closed(concurrency),
      concurrency: { asked: concurrency, max: concurrency, mean: concurrency - 0.2, short: false },
      results: [
        column({
          slower: at < 3 ? 1 + at * 0.05 : 4 ** (at - 2),
          failures: at === 4 ? 15 : 0,
          errors: at === 4 ? ERRORS : [],
          thresholds: [threshold("p95(ttft) < 800ms", at < 3 ? 340 : 3100, 800, at < 3)],
        }),
      ],
      client: at === 4 ? client({ cpu_per_thread: 0.97 }) : client(),
      window_too_short: at === 4,
    }),
  );
  return report(steps, { knee: 2 });
}

export function progress(wish: Partial<Progress> = {}): Progress {
  const wave = (middle: number): number[] =>
    Array.from({ length: 24 }, (_, at) => middle * (1 + 0.4 * Math.sin(at / 3)));
  return {
    v: 1,
    type: "progress",
    step: 1,
    steps: 5,
    load: closed(16),
    phase: "measuring",
    elapsed_ms: 18_000,
    share: 0.42,
    left_ms: 24_900,
    streams: { warmup: 4, started: 100, ended: 84, ok: 81, failed: 3, requests: 200 },
    concurrency: { asked: 16, now: 16, mean: 15.83 },
    missed_starts: 0,
    thresholds: [],
    run: { share: 0.284, left_ms: 150_000 },
    requests_per_second: 4.62,
    events_per_second: 702,
    ttft_ms: { count: 200, p50: 212, p95: 340, p99: 1412 },
    gap_ms: { count: 200, p50: 20.2, p95: 25, p99: 31.2 },
    errors: { "http 429": 2, "timeout idle": 1 },
    client: client(),
    history: { ttft_ms: [null, null, ...wave(212)], gap_ms: wave(31), events: wave(702) },
    ...wish,
  };
}
