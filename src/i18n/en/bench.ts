import type {
  BenchLiveWords,
  BenchPlanWords,
  BenchRowWords,
  BenchSweepWords,
  BenchVerdictWords,
  BenchWords,
} from "../bench.ts";
import { enNumbers } from "../numbers.ts";

const { count } = enNumbers;

function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** Whole where it is: 5, but 2.50. */
function percentOf(share: number): string {
  const percent = share * 100;
  return Math.abs(percent - Math.round(percent)) < 1e-9 ? count(percent) : enNumbers.number(percent);
}

const plan: BenchPlanWords = {
  title: "About to send: ",
  requests: (number) => counted(number, "request"),
  lasting: (time, only) => (only ? `requests for ${time}` : `for ${time} at most`),
  steps: (number, each) => `${each} in each of ${number} steps`,
  loads: { closed: (values) => `${values} at once`, arrival: (values) => `${values} requests/s` },
  arrival: { constant: "evenly spaced", poisson: "Poisson arrivals" },
  inFlight: (number) => `at most ${number} at once`,
  warmupStreams: (number) => `warm-up of ${counted(number, "stream")}`,
  warmupTime: (time) => `warm-up of ${time}`,
  retries: (number) => `up to ${counted(number, "retry", "retries")}`,
  to: (models, endpoint) => `To ${models}, at ${endpoint}`,
  demo: "the built-in server (demonstration), without a key",
  builtIn: "built-in server (demonstration)",
  prompts: (number) => (number === 1 ? "The same prompt each time" : `${count(number)} prompts in turn`),
  uncounted: "Your prompts in turn",
  synthetic: (tokens) => `Synthetic prompts of about ${tokens} tokens, all different`,
  atMost: (tokens) => `at most ${tokens} output tokens in all`,
};

const live: BenchLiveWords = {
  phase: { warmup: "warm-up", measuring: "measuring", draining: "draining", done: "done" },
  step: (step, steps) => `step ${step} of ${steps}`,
  left: (time) => `~${time} left`,
  done: (number, of) => `${count(number)}${of === null ? "" : `/${of}`} done`,
  warmed: (number) => counted(number, "warm-up stream"),
  ok: (number) => `${count(number)} ok`,
  failed: (number) => `${number} failed`,
  missed: (number) => counted(number, "missed start"),
  asked: (number) => `${number} asked`,
  now: (number) => `${number} now`,
  mean: (number) => `${number} on average`,
  requests: (perSecond) => `${perSecond} requests/s`,
  tokens: (perSecond) => `${perSecond} tokens/s`,
  label: {
    streams: "Streams",
    atOnce: "At once",
    rate: "Rate",
    ttft: "TTFT",
    gap: "Gap",
    errors: "Errors",
    client: "Client",
  },
};

const verdict: BenchVerdictWords = {
  thresholds: (passed, total) =>
    total === 0 ? "no thresholds given" : `${passed}/${counted(total, "threshold")} passed`,
  goodput: (share) => `goodput ${share}, no threshold on it`,
  streams: (ok, failed) => `${counted(ok, "stream")} ok, ${count(failed)} failed`,
  healthy: "client healthy",
  limited: "limited by the client",
  limitedBy: (names) => `limited by the client: ${names}`,
  by: (names) => `by its ${names}`,
  cause: {
    worker_lag_p99_ms: "event loop",
    dispatch_delay_p99_ms: "dispatch delay",
    cpu_per_thread: "CPU",
    concurrency: "concurrency",
    held_ms: "blocked output",
    too_many_files: "limit of open files",
  },
  unfinished: (number) => `${count(number)} unfinished`,
  missed: (number) => counted(number, "missed start"),
  partial: {
    signal: "interrupted: these figures are partial",
    threshold: "stopped at a failed threshold: these figures are partial",
    crash: "the measuring thread died: these figures are partial",
    output: "the output could not be written: these figures are partial",
    prompts: "the prompts could not be read on: these figures are partial",
    refused: "stopped, as every request was refused: these figures are partial",
  },
  tooShort: "window too short: over 5% of the streams were cut by its end",
};

const row: BenchRowWords = {
  label: {
    streams: "Streams",
    requests: "Requests/s",
    output: "Output tokens/s",
    errorRate: "Error rate",
    goodput: "Goodput",
    tokens: "Tokens",
    cost: "Cost",
    source: "Tokens counted",
    perEvent: "Tokens per event",
    coalesced: "Coalesced",
    retries: "Retries",
    atOnce: "Streams at once",
    client: "Client",
    besides: "Of note",
    leftOut: "Left out",
    thresholds: "Thresholds",
    errors: "Errors",
  },
  distribution: {
    ttft_ms: "First token (TTFT)",
    ttfo_ms: "First visible (TTFO)",
    gap_ms: "Gap (ITL)",
    tpot_ms: "Time/token (TPOT)",
    duration_ms: "Duration",
    tokens_per_second: "Tokens/s",
    decode_tokens_per_second: "Steady tokens/s",
    latency_from_due_ms: "Latency from due",
    dispatch_delay_ms: "Dispatch delay",
  },
  short: {
    ttft_ms: "TTFT",
    ttfo_ms: "TTFO",
    gap_ms: "gap",
    tpot_ms: "TPOT",
    duration_ms: "duration",
    tokens_per_second: "tokens/s",
    decode_tokens_per_second: "steady tokens/s",
    latency_from_due_ms: "latency from due",
    dispatch_delay_ms: "dispatch delay",
  },
  all: "all",
  measured: (time) => `${time} measured`,
  warmup: (streams, time) => `after a warm-up of ${counted(streams, "stream")} (${time})`,
  drain: (time) => `drained in ${time}`,
  cutAfter: (time) => `last streams cut after ${time}`,
  peak: (perSecond) => `(${perSecond} in the best second)`,
  ofCounted: (failed, all) => `${failed} of ${all}`,
  goodput: (met, share, perSecond) =>
    [
      `${share ?? "–"} of the streams met every objective (${met})`,
      ...(perSecond === null ? [] : [`${perSecond}/s`]),
    ].join(", "),
  tokens: (output, prompt, reasoning) =>
    [
      `${output} out`,
      ...(reasoning === null ? [] : [`${reasoning} of them reasoning`]),
      ...(prompt === null ? [] : [`${prompt} in`]),
    ].join(", "),
  costOf: (streams) => `for ${counted(streams, "stream")}`,
  source: {
    usage: (number) => `by the server's usage (${counted(number, "stream")})`,
    events: (number) => `by events, marked ~ (${counted(number, "stream")})`,
    none: "–",
  },
  coalesced: (share) => `${share} came in one read with an earlier one`,
  retries: (number, wait) => `${number} (${wait} waited)`,
  noRetries: "none",
  ttftFrom: {
    first_attempt: "TTFT and TTFO count from the first attempt",
    last_attempt: "TTFT counts from the last attempt",
  },
  atOnce: {
    asked: (number) => `${number} asked`,
    max: (number) => `${number} at most`,
    mean: (number) => `${number} on average`,
    short: "fewer than asked for over 1 s",
  },
  healthy: "healthy",
  check: {
    worker_lag_p99_ms: "event loop p99",
    dispatch_delay_p99_ms: "dispatch delay p99",
    cpu_per_thread: "CPU per thread",
    concurrency: "concurrency",
    held_ms: "blocked output",
    too_many_files: "too many open files",
  },
  checkValue: (name, value, limit) => `${name} ${value}${limit === null ? "" : ` (limit ${limit})`}`,
  stalls: (number) => counted(number, "stall"),
  malformed: (number) => counted(number, "malformed event"),
  held: (time) => `reading held for ${time}`,
  notice: (code, number) => `${code} ×${number}`,
  nothingLeftOut: "nothing",
  leftOut: {
    failed: (number) => `${count(number)} failed`,
    unfinished: (number) => `${count(number)} unfinished`,
    noValue: (number) => `${count(number)} without a value`,
  },
  noSamples: "no samples",
  moreErrors: (kinds) => `… and ${counted(kinds, "kind")} more`,
};

const sweep: BenchSweepWords = {
  load: { closed: "at once", arrival: "rate" },
  title: {
    requests: "req/s",
    tokens: "tok/s",
    ttft50: "TTFT p50",
    ttft95: "p95",
    gap99: "gap p99",
    errors: "errors",
    goodput: "goodput",
    thresholds: "SLO",
    client: "client",
  },
  limited: "limited",
  knee: (load) => `Knee: up to ${load}, more load still brought more; beyond it, mostly waiting (◀).`,
  notRun: (loads) => `Not run: ${loads}.`,
  noKnee: {
    none: "No knee among these steps.",
    few_rounds: "No knee can be told: that takes three times as many requests as streams at once.",
    nothing_whole: "No knee can be told: no stream ended well.",
  },
  tooShort: "window too short",
};

export const enBench: BenchWords = {
  percent: (share) => `${percentOf(share)}%`,
  seconds: (number) => `${number} s`,
  milliseconds: (number) => `${number} ms`,
  load: { closed: (value) => `${value} at once`, arrival: (value) => `${value} requests/s` },
  plan,
  live,
  verdict,
  row,
  sweep,
};
