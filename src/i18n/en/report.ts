import { enPage } from "./report-page.ts";
import { enNumbers } from "../numbers.ts";
import type { ReportWords } from "../report.ts";

const { count } = enNumbers;

function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** The HTML report in English. */
export const enReport: ReportWords = {
  kicker: "Load report",
  title: (endpoint) => `llmaas bench: ${endpoint}`,
  theme: "Theme",
  verdict: {
    allPassed: (total) =>
      total > 2
        ? `All ${count(total)} thresholds passed`
        : total === 2
          ? "Both thresholds passed"
          : "The threshold passed",
    someFailed: (failed, total) =>
      total === 1 ? "The threshold failed" : `${count(failed)} of ${count(total)} thresholds failed`,
    thresholds: (passed, total) => `${count(passed)} of ${counted(total, "threshold")} passed`,
    noThresholds: "No threshold was set",
    goodput: (share) => `Goodput ${share}, no threshold on it`,
    streams: (ok, failed) => `${counted(ok, "stream")} ok, ${count(failed)} failed`,
    nothing: "No stream ended well",
    butLimited: (headline) => `${headline}, but limited by the client`,
    butPartial: (headline) => `${headline}, in a partial run`,
    unfinished: (number) => `${counted(number, "stream")} unfinished`,
    missedStarts: (number) => `${counted(number, "start")} missed: as many streams as allowed were under way`,
    healthy: "Client healthy",
    limited: (by) => `Limited by the client: ${by}`,
    partial: {
      signal: "Partial: the run was interrupted",
      threshold: "Partial: stopped by a threshold that failed",
      crash: "Partial: the measuring thread died",
      output: "Partial: the output could not be written",
      prompts: "Partial: the prompts could not be read on",
      refused: "Partial: stopped, as every request was refused",
    },
    windowTooShort: "Window too short: its end cut more than 5% of the streams",
    demo: "Demonstration: the built-in server answered",
    good: "good",
    bad: "bad",
    warn: "careful",
    note: "note",
  },
  check: {
    worker_lag_p99_ms: "event loop lag p99 (ms)",
    dispatch_delay_p99_ms: "dispatch delay p99 (ms)",
    cpu_per_thread: "processor use per thread",
    concurrency: "streams at once",
    held_ms: "output held (ms)",
    too_many_files: "streams refused: too many open files",
  },
  facts: {
    title: "The run",
    endpoint: "Endpoint",
    models: "Models",
    load: "Load",
    window: "Window",
    windowValue: (length, drain) => (drain === null ? length : `${length}, then ${drain} for the last streams`),
    warmup: "Warm-up",
    warmupValue: (streams, length) => `${counted(streams, "stream")}, ${length}, left out`,
    started: "Started",
    version: "Version",
    versionValue: (name, version, bun) => `${name} ${version}, Bun ${bun}`,
    machine: "Machine",
    machineValue: (cpu, cores, memory, system) => `${cpu}, ${counted(cores, "core")}, ${memory}, ${system}`,
    arguments: "Arguments",
    objectives: "Thresholds and objectives",
    seed: "Seed",
    exit: "Exit code",
  },
  load: {
    closed: (concurrency) => `${counted(concurrency, "stream")} at once`,
    rate: (rate) => `${rate} requests/s`,
    arrival: (rate, poisson, most) =>
      `${rate} requests/s (${poisson ? "Poisson" : "constant"}), at most ${most} at once`,
  },
  notRun: (loads) => `Steps not run: ${loads}`,
  noKnee: {
    none: "No knee among these steps.",
    few_rounds: "No knee can be told: that takes three times as many requests as streams at once.",
    nothing_whole: "No knee can be told: no stream ended well.",
  },
  instant: (iso) => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`,
  gibibytes: (number) => `${number} GiB`,
  percent: (number) => `${number}%`,
  step: {
    choose: "Step",
    name: (number, load) => `${number}: ${load}`,
    heading: (load) => `Figures with ${load}`,
    knee: "knee",
    elsewhere:
      "So many steps and models have no room on one page: the tables of this one are in the .json and .csv reports.",
  },
  table: {
    figures: "Percentiles",
    figuresWhat: "Times in milliseconds. A figure that does not exist is –, never 0, and enters no distribution.",
    distribution: "Distribution",
    model: "Model",
    all: "all models",
    count: "Count",
    leftOut: "Left out",
    mean: "Mean",
    max: "Max",
    throughput: "Throughput",
    requestsPerSecond: "Requests/s",
    tokensPerSecond: "Output tokens/s",
    peak: "Best second (tokens)",
    errorRate: "Error rate",
    goodput: "Goodput",
    goodputValue: (share, perSecond) => `${share} · ${perSecond}/s`,
    ok: "Streams ok",
    failed: "Failed",
    unfinished: "Unfinished",
    warmup: "Warm-up",
    outputTokens: "Output tokens",
    promptTokens: "Prompt tokens",
    reasoningTokens: "Reasoning tokens",
    cost: "Cost",
    costValue: (cost, streams) => `${cost} (${counted(streams, "stream")})`,
    verdicts: "Verdicts",
    thresholds: "Thresholds",
    threshold: "Threshold",
    value: "Value",
    limit: "Limit",
    samples: "Samples",
    result: "Result",
    passed: "passed",
    notPassed: "failed",
    errors: "Errors",
    kind: "Kind",
    example: "First example",
    first: "Stream",
    noErrors: "No stream failed.",
    sweep: "The steps",
    step: "Step",
    client: "Client",
    healthy: "healthy",
    limited: "limited",
  },
  distribution: {
    ttft_ms: "First token (TTFT)",
    ttfo_ms: "First visible token (TTFO)",
    gap_ms: "Gap between tokens (ITL)",
    tpot_ms: "Time per token (TPOT)",
    duration_ms: "Duration",
    tokens_per_second: "Tokens/s of a stream",
    decode_tokens_per_second: "Steady tokens/s",
    latency_from_due_ms: "Latency from due",
    dispatch_delay_ms: "Dispatch delay",
  },
  trust: {
    title: "How far to trust this",
    what: "What the figures rest on, whether the client kept up, and which streams they leave out.",
    source: "Tokens counted",
    sourceValue: (usage, events) => `${counted(usage, "stream")} by usage, ${count(events)} by events`,
    perEvent: "Tokens per event",
    coalesced: "Token events that shared a read",
    retries: "Retries",
    retriesValue: (number, wait) => (number === 0 ? "none" : `${count(number)} (${wait} waited)`),
    ttftFrom: "TTFT counts from",
    firstAttempt: "the first attempt",
    lastAttempt: "the last attempt",
    stalls: "Stalls",
    malformed: "Malformed events",
    held: "Reading held by our own output",
    notices: "Notices",
    client: "Client",
    kept: "kept",
    broken: "not kept",
    observed: "Streams at once",
    observedValue: (asked, mean, max) =>
      `${asked === null ? "" : `${asked} asked, `}${mean} on average, ${max} at most`,
    missed: "Missed starts",
    leftOut: "Left out",
    noValue: "No value",
    none: "none",
  },
  charts: {
    title: "Charts",
    drawn: (drawn, left) =>
      drawn === 0
        ? "There is no stream to draw."
        : left === 0
          ? drawn === 1
            ? "The one stream is drawn."
            : `All ${count(drawn)} streams are drawn.`
          : `${counted(drawn, "stream")} drawn of ${count(drawn + left)}: the slowest 200, up to 200 failures and a ` +
            "seeded sample of the rest. The tables and distributions count them all.",
    keys: "Drag to zoom. With the keyboard: arrows move, Enter opens, + and − zoom, 0 shows all.",
    table: "As a table",
    show: "Show",
    latency: {
      ttft_p50: "TTFT p50",
      ttft_p95: "TTFT p95",
      duration_p50: "Duration p50",
      duration_p95: "Duration p95",
    },
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    reset: "Show all",
    noScript: "The charts need JavaScript; the tables do without.",
    ttft: {
      title: "Time to first token over time",
      what: "One mark a stream, at the time it was sent. A cross is a stream that failed; on the axis, before its first token.",
    },
    duration: {
      title: "Duration over time",
      what: "One mark a stream. A cross is a stream that failed, at the time it took to fail.",
    },
    curves: {
      title: "Distribution",
      what: "Every measured value, not a sample: the further right, the rarer. A steep end is a long tail.",
    },
    tokens: { title: "Tokens per second over time", what: "Output of all streams together, bucket by bucket." },
    concurrency: { title: "Streams at once over time", what: "As observed, with what was asked for." },
    sweep: {
      title: "Throughput against latency",
      what: "One point a step: right is more work done, down is quicker. Past the knee, more load brings only waiting.",
    },
    waterfall: {
      title: "Waterfall of the streams",
      what: "One line a stream, from sent to ended, in the order of sending. A cross is a failure.",
    },
  },
  footer: "One file, no network: everything shown here is in it.",
  page: enPage,
};
