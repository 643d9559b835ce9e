import { enNumbers } from "../numbers.ts";
import { enShards } from "./shards.ts";
import { enTerms } from "./terms.ts";

const { count, counted } = enNumbers;

const plan = {
  title: "About to send: ",
  requests: (number: number) => counted(number, "request"),
  lasting: (time: string, only: boolean) => (only ? `requests for ${time}` : `for ${time} at most`),
  steps: (number: number, each: string) => `${each} in each of ${number} steps`,
  loads: { closed: (values: string) => `${values} at once`, arrival: (values: string) => `${values} requests/s` },
  arrival: { constant: "evenly spaced", poisson: "Poisson arrivals" },
  inFlight: (number: string) => `at most ${number} at once`,
  warmupStreams: (number: number) => `warm-up of ${counted(number, "stream")}`,
  warmupTime: (time: string) => `warm-up of ${time}`,
  retries: (number: number) => `up to ${counted(number, "retry", "retries")}`,
  to: (models: string, endpoint: string) => `To ${models}, at ${endpoint}`,
  demo: "the built-in server (demonstration), without a key",
  builtIn: "built-in server (demonstration)",
  prompts: (number: number) => (number === 1 ? "The same prompt each time" : `${count(number)} prompts in turn`),
  uncounted: "Your prompts in turn",
  synthetic: (tokens: string) => `Synthetic prompts of about ${tokens} tokens, all different`,
  atMost: (tokens: string) => `at most ${tokens} output tokens in all`,
  thresholds: (first: string) => `Thresholds: ${first}`,
  forGoodput: (objective: string) => `${objective} (counts for goodput)`,
};

const live = {
  phase: { warmup: "warm-up", measuring: "measuring", draining: "draining", done: "done" },
  step: (step: number, steps: number) => `step ${step} of ${steps}`,
  left: (time: string) => `~${time} left`,
  leftInAll: (time: string) => `~${time} left in all`,
  earlier: (marks: string) => `earlier steps ${marks}`,
  done: (number: number, of: string | null) => `${count(number)}${of === null ? "" : `/${of}`} done`,
  warmed: (number: number) => counted(number, "warm-up stream"),
  ok: (number: number) => `${count(number)} ok`,
  failed: (number: string) => `${number} failed`,
  missed: (number: number) => counted(number, "missed start"),
  asked: (number: string) => `${number} asked`,
  now: (number: string) => `${number} now`,
  mean: (number: string) => `${number} on average`,
  requests: (perSecond: string) => `${perSecond} requests/s`,
  tokens: (perSecond: string) => `${perSecond} tokens/s`,
  label: {
    streams: "Streams",
    atOnce: "At once",
    rate: "Rate",
    ttft: enTerms.figure.ttft_ms.name,
    gap: "Gap",
    errors: "Errors",
    client: "Client",
  },
};

const verdict = {
  thresholds: (passed: number, total: number) =>
    total === 0 ? "no thresholds given" : `${passed}/${counted(total, "threshold")} passed`,
  undecided: (number: number) => `${count(number)} not decided`,
  takenAs: {
    pass: (number: number) => `${count(number)} not decided, taken as passed (--if-disturbed)`,
    fail: (number: number) => `${count(number)} not decided, taken as failed (--if-disturbed)`,
  },
  streams: (ok: number, failed: number) => `${counted(ok, "stream")} ok, ${count(failed)} failed`,
  allFailed: (failed: number, of: number) => `${count(failed)} of ${count(of)} failed`,
  nothing: "no stream ended well",
  cause: (what: string, why: string) => `${what}: ${why}`,
  causeOfSome: (what: string, some: number, why: string) => `${what}, ${count(some)} of them: ${why}`,
  unfinished: (number: number) => `${count(number)} unfinished`,
  missed: (number: number) => counted(number, "missed start"),
  partial: (why: string) => `${why}: these figures are partial`,
  tooShort: "window too short: over 5% of the streams were cut by its end, or most ended after it",
  inLumps: "answers in lumps",
};

const row = {
  label: {
    streams: "Streams",
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
    answeredBy: "Answered by",
  },
  all: "all",
  measured: (time: string) => `${time} measured`,
  warmup: (streams: number, time: string) => `after a warm-up of ${counted(streams, "stream")} (${time})`,
  drain: (time: string) => `drained in ${time}`,
  cutAfter: (time: string) => `last streams cut after ${time}`,
  peak: (perSecond: string) => `(${perSecond} in the best second)`,
  ofCounted: (failed: string, all: string) => `${failed} of ${all}`,
  goodput: (met: string, share: string | null, perSecond: string | null) =>
    [
      `${share ?? "–"} of the streams met every objective (${met})`,
      ...(perSecond === null ? [] : [`${perSecond}/s`]),
    ].join(", "),
  tokens: (output: string, prompt: string | null, reasoning: string | null) =>
    [
      `${output} out`,
      ...(reasoning === null ? [] : [`${reasoning} of them reasoning`]),
      ...(prompt === null ? [] : [`${prompt} in`]),
    ].join(", "),
  costOf: (streams: number) => `for ${counted(streams, "stream")}`,
  source: {
    usage: (number: number) => `by the server's usage (${counted(number, "stream")})`,
    events: (number: number) => `by events, marked ~ (${counted(number, "stream")})`,
    none: "–",
  },
  coalesced: (share: string) => `${share} came in one read with an earlier one`,
  retries: (number: string, wait: string) => `${number} (${wait} waited)`,
  noRetries: "none",
  ttftFrom: {
    first_attempt: "TTFT and TTFO count from the first attempt",
    last_attempt: "TTFT counts from the last attempt",
  },
  atOnce: {
    asked: (number: string) => `${number} asked`,
    max: (number: string) => `${number} at most`,
    mean: (number: string) => `${number} on average`,
    short: "fewer than asked for over 1 s",
  },
  healthy: "healthy",
  checkValue: (name: string, value: string, limit: string | null) =>
    `${name} ${value}${limit === null ? "" : ` (limit ${limit})`}`,
  stale: (number: number) => `${counted(number, "kept connection")} closed by the server, asked again on new ones`,
  stalls: (number: number) => counted(number, "stall"),
  malformed: (number: number) => counted(number, "malformed event"),
  held: (time: string) => `reading held for ${time}`,
  lumps: (share: string, wait: string) =>
    `answers in lumps (${share} of the token events, after waits of ${wait}): something on the way (a proxy, compression) holds them back, and TTFT, gaps and TPOT are its, not the model's`,
  notice: (code: string, number: string) => `${code} ×${number}`,
  nothingLeftOut: "nothing",
  leftOut: {
    failed: (number: number) => `${count(number)} failed`,
    unfinished: (number: number) => `${count(number)} unfinished`,
    noValue: (number: number) => `${count(number)} without a value`,
  },
  answeredBy: (models: string) => `answered by ${models}`,
  undecided: (value: string) => `${value}, not decided`,
  moreErrors: (kinds: number) => `… and ${counted(kinds, "kind")} more`,
};

const sweep = {
  load: { closed: "at once", arrival: "rate" },
  title: {
    requests: "req/s",
    tokens: "tok/s",
    ttft50: `${enTerms.figure.ttft_ms.name} p50`,
    ttft95: "p95",
    queue: "queue",
    gap99: "gap p99",
    errors: "errors",
    goodput: "goodput",
    thresholds: "SLO",
    client: "client",
  },
  limited: "limited",
  knee: (load: string) => `Knee: up to ${load}, more load still brought more; beyond it, mostly waiting (◀).`,
  notRun: (loads: string) => `Not run: ${loads}.`,
  tooShort: "window too short",
};

/** What a measured load says on a terminal; a count comes as a number where the words bend to it. */
export const enBench = {
  load: { closed: (value: string) => `${value} at once`, arrival: (value: string) => `${value} requests/s` },
  terms: enTerms,
  plan,
  live,
  verdict,
  row,
  sweep,
  shard: enShards,
  /** Where each file went. */
  wrote: {
    report: (path: string, size: string) => `Report: ${path} (${size})`,
    records: (path: string, size: string) => `Records: ${path} (${size})`,
  },
};

const streamsOf = (streams: string): string => (streams === "1" ? "1 stream" : `${streams} streams`);

/** What the self-test says; numbers come written out, times with their unit. */
export const enSelftest = {
  verdict: {
    under: (limit: string, streams: string | null) =>
      streams === null ? `never under ${limit}` : `under ${limit} up to ${streamsOf(streams)}`,
    error: (parts: readonly string[]) => `TTFT error, p99: ${parts.join(", ")}`,
    failed: (problems: readonly string[]) => `Self-test failed: ${problems.join("; ")}`,
  },
  problem: {
    lost: "not everything that was injected came out",
    moved: "a busy main thread moves the figures",
    silent: "a saturated client calls itself healthy",
  },
  machine: (cores: string, cpu: string) => `${cores} × ${cpu}`,
  title: "Error in ms: what is reported less what the server wrote",
  column: {
    streams: "Streams",
    ttft: enTerms.figure.ttft_ms.short,
    gap: enTerms.figure.gap_ms.short,
    duration: enTerms.figure.duration_ms.short,
    request: "request",
  },
  legend:
    "The server stamps the instant before each of its writes. request: from our sent until the server has read it; not an error: TTFT includes it.",
  whole: (streams: string, tokens: string) =>
    `What was injected came out: ${streams} streams complete, with all ${tokens} tokens.`,
  lost: (load: string, streams: readonly [is: string, of: string], tokens: readonly [is: string, of: string]) =>
    `At ${load} at once, ${streams.join(" of ")} streams came out complete, and ${tokens.join(" of ")} tokens.`,
  clocks: (time: string) => `Clocks of the two processes: at most ${time} apart.`,
  client: (healthy: string, limited: string) => {
    const parts = [
      ...(healthy === "" ? [] : [`healthy at ${streamsOf(healthy)}`]),
      ...(limited === "" ? [] : [`limited at ${streamsOf(limited)}`]),
    ];
    return `The client's own verdict: ${parts.join("; ")}.`;
  },
  busy: {
    title: (blocked: string, streams: string) =>
      `Busy main thread (blocked for ${blocked} at a time), ${streams} streams`,
    figure: (p50: readonly [string, string], p90: readonly [string, string]) =>
      `error p50 ${p50.join(" → ")}, p90 ${p90.join(" → ")} ms`,
    arrival: "arrival",
    held: "The figures did not move, as it should be.",
    moved: (p50: string, p90: string) => `The figures moved by more than ${p50} (p50) or ${p90} (p90): they must not.`,
  },
  saturated: {
    title: (streams: string) => `Saturated client (${streams} streams as fast as they come)`,
    limited: (by: string) => `It calls itself limited, as it must: ${by}.`,
    healthy: "It calls itself healthy: it must not.",
  },
  progress: {
    load: (streams: string, rate: string) => `${streamsOf(streams)} × ${rate} tokens/s`,
    quiet: "quiet main thread",
    busy: "busy main thread",
    saturated: "saturated client",
    error: (p99: string) => `TTFT error p99 ${p99}`,
    lost: "not all came out",
    done: "done",
  },
};
