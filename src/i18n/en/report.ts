import type { Outcome } from "../../metrics/verdict.ts";
import { enPage } from "./report-page.ts";
import { enShards } from "./shards.ts";
import { enTerms } from "./terms.ts";
import { enNumbers } from "../numbers.ts";

const { count, counted } = enNumbers;

/** The HTML report in English. */
export const enReport = {
  terms: enTerms,
  shard: enShards,
  kicker: "Load report",
  title: (endpoint: string) => `llmaas bench: ${endpoint}`,
  theme: "Theme",
  verdict: {
    allPassed: (total: number) =>
      total > 2
        ? `All ${count(total)} thresholds passed`
        : total === 2
          ? "Both thresholds passed"
          : "The threshold passed",
    someFailed: (failed: number, total: number) =>
      total === 1 ? "The threshold failed" : `${count(failed)} of ${count(total)} thresholds failed`,
    thresholds: (passed: number, total: number) => `${count(passed)} of ${counted(total, "threshold")} passed`,
    noThresholds: "No threshold was set",
    streams: (ok: number, failed: number) => `${counted(ok, "stream")} ok, ${count(failed)} failed`,
    nothing: "No stream ended well",
    nothingAs: (failed: number, of: number, cause: string) =>
      `${count(failed)} of ${counted(of, "stream")} failed: ${cause}`,
    undecided: (number: number) => `${counted(number, "threshold")} not decided`,
    butLimited: (headline: string) => `${headline}, in a measurement disturbed by the client`,
    butPartial: (headline: string) => `${headline}, in a partial run`,
    unfinished: (number: number) => `${counted(number, "stream")} unfinished`,
    missedStarts: (number: number) => `${counted(number, "start")} missed: as many streams as allowed were under way`,
    healthy: "Client healthy",
    partial: (why: string) => `Partial: ${why}`,
    windowTooShort: "Window too short: its end cut more than 5% of the streams, or most ended after it",
    inLumps:
      "Answers in lumps: something on the way (a proxy, compression) holds them back, and TTFT, gaps and TPOT are its, not the model's",
    demo: "Demonstration: the built-in server answered",
    good: "good",
    bad: "bad",
    warn: "careful",
    note: "note",
  },
  lead: {
    always: (load: string) => `Every threshold holds up to ${load}.`,
    upTo: (good: string, bad: string, threshold: string, isDecided: boolean) =>
      `Every threshold holds up to ${good}; with ${bad}, ${threshold} ${isDecided ? "fails" : "is not decided"}.`,
    never: (load: string, threshold: string, isDecided: boolean) =>
      `With as little as ${load}, ${threshold} ${isDecided ? "fails" : "is not decided"}.`,
    knee: (load: string, rate: string) => `Throughput is exhausted at ${load}: ${rate}.`,
  },
  tile: {
    title: "At a glance",
    /** `null`: the median. */
    within: (percent: number | null) => (percent === null ? "median (p50)" : `${percent}% within (p${percent})`),
    atLeast: (percent: number | null) =>
      percent === null ? "median (p50)" : `${100 - percent}% at least (p${percent})`,
    tokens: "tokens/s, all answers together",
    requests: "requests/s",
    failed: (failed: number, total: number) => `${count(failed)} of ${counted(total, "stream")}`,
    unfinished: (streams: number): string => (streams === 1 ? "unfinished stream" : "unfinished streams"),
    passed: (_passed: number): string => "passed",
    noThresholds: "none was set",
    closest: "smallest margin",
    points: (hundredths: string) => `${hundredths} pt`,
    byModel: "By model",
  },
  facts: {
    title: "The measurement",
    endpoint: "Endpoint",
    api: "API",
    models: "Models",
    load: "Load",
    window: "Window",
    windowValue: (length: string, drain: string | null) =>
      drain === null ? length : `${length}, then ${drain} for the last streams`,
    warmup: "Warm-up",
    warmupValue: (streams: number, length: string) => `${counted(streams, "stream")}, ${length}, left out`,
    started: "Started",
    version: "Version",
    versionValue: (name: string, version: string, bun: string) => `${name} ${version}, Bun ${bun}`,
    machine: "Machine",
    machineValue: (cpu: string, cores: number, memory: string, system: string) =>
      `${cpu}, ${counted(cores, "core")}, ${memory}, ${system}`,
    prompts: "Prompts",
    samePrompt: "the same prompt each time",
    different: (prompts: number) => (prompts === 1 ? "one prompt" : `${count(prompts)} different`),
    made: (tokens: number) => `made up, each different, about ${counted(tokens, "token")}`,
    cached: (share: string) => `${share} of the prompt tokens came from the server's cache: they were answered sooner.`,
    mayBeCached: "A cache may have answered: users who ask other things may wait longer.",
    answers: "Answers",
    tokens: (tokens: number) => counted(tokens, "token"),
    tokensAround: (median: number, least: string, most: string) => `${counted(median, "token")} (${least} to ${most})`,
    tokensBetween: (least: string, most: string) => `${least} to ${most} tokens`,
    maxTokens: "max_tokens",
    noLimit: "no limit",
    temperature: "Temperature",
    ofServer: "left to the server",
    arguments: "To measure again",
    copy: "Copy",
    objectives: "Thresholds and objectives",
    seed: "Seed",
    exit: "Exit code",
  },
  arrival: (rate: string, poisson: boolean, most: string) =>
    `${rate} requests/s (${poisson ? "Poisson" : "constant"}), at most ${most} at once`,
  notRun: (loads: string) => `Steps not run: ${loads}`,
  instant: (iso: string) => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`,
  gibibytes: (number: string) => `${number} GiB`,
  step: {
    choose: "Step",
    heading: (load: string) => `Figures with ${load}`,
    knee: "knee",
    elsewhere:
      "So many steps and models have no room on one page: the tables of this one are in the .json and .csv reports.",
  },
  table: {
    times: "Times",
    timesWhat:
      "In milliseconds; p95: 95 of 100 values are at most this. A figure that does not exist, or that too few values tell, is –.",
    speeds: "Speeds",
    speedsWhat: "In tokens per second; p5: 95 of 100 answers were at least this fast.",
    distribution: "Distribution",
    model: "Model",
    answeredBy: (models: string) => `answered by ${models}`,
    all: enTerms.allModels,
    count: "Count",
    leftOut: "Left out",
    mean: "Mean",
    max: "Max",
    min: "Min",
    throughput: "Throughput",
    goodputValue: (share: string, perSecond: string) => `${share} · ${perSecond}/s`,
    ok: "Streams ok",
    failed: "Failed",
    unfinished: "Unfinished",
    outputTokens: "Output tokens",
    promptTokens: "Prompt tokens",
    reasoningTokens: "Reasoning tokens",
    cost: "Cost",
    costValue: (cost: string, streams: number) => `${cost} (${counted(streams, "stream")})`,
    verdicts: "Verdicts",
    thresholds: "Thresholds",
    threshold: "Threshold",
    value: "Value",
    limit: "Limit",
    margin: "Margin",
    place: "Where",
    gates: "Against the baseline",
    samples: "Samples",
    result: "Result",
    outcome: { passed: "passed", failed: "failed", undecided: "not decided", unjudged: "not judged" } satisfies Record<
      Outcome,
      string
    >,
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
  trust: {
    title: "How far to trust this",
    what: "What the figures rest on, whether the client kept up, and which streams they leave out.",
    source: "Tokens counted",
    sourceValue: (usage: number, events: number) => `${counted(usage, "stream")} by usage, ${count(events)} by events`,
    perEvent: "Tokens per event",
    coalesced: "Token events that shared a read",
    lumped: "Of these, in lumps after a wait",
    retries: "Retries",
    retriesValue: (number: number, wait: string) => (number === 0 ? "none" : `${count(number)} (${wait} waited)`),
    ttftFrom: "TTFT counts from",
    firstAttempt: "the first attempt",
    lastAttempt: "the last attempt",
    stale: "Kept connections that the server had closed",
    stalls: "Stalls",
    malformed: "Malformed events",
    held: "Reading held on this side",
    notices: "Notices",
    client: "Client",
    kept: "kept",
    broken: "not kept",
    observed: "Streams at once",
    observedValue: (asked: string | null, mean: string, max: string) =>
      `${asked === null ? "" : `${asked} asked, `}${mean} on average, ${max} at most`,
    missed: "Missed starts",
    leftOut: "Left out",
    noValue: "No value",
    none: "none",
  },
  charts: {
    title: "Charts",
    drawn: (drawn: number, left: number) =>
      drawn === 0
        ? left === 0
          ? "There is no stream to draw."
          : "Made from a .json report, which holds no single streams: bench --report run.html draws them."
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
      ttft_p50: `${enTerms.figure.ttft_ms.name} p50`,
      ttft_p95: `${enTerms.figure.ttft_ms.name} p95`,
      duration_p50: `${enTerms.figure.duration_ms.name} p50`,
      duration_p95: `${enTerms.figure.duration_ms.name} p95`,
    },
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    reset: "Show all",
    noScript: "The charts need JavaScript; the tables do without.",
  },
  chart: {
    ttft: {
      title: "Time to first token over time",
      what: "One mark a stream, at the time it was sent. A cross is a stream that failed; on the axis, before its first token. An open triangle was cut at the end: its true value is higher.",
    },
    duration: {
      title: "Duration over time",
      what: "One mark a stream. A cross is a stream that failed, an open triangle one that was cut at the end. The axis is made for whole answers: what took longer is at its top.",
    },
    curves: {
      title: "Distribution",
      what: "Every measured value, not a sample: the further right, the rarer. A steep end is a long tail. Dashed lines are the thresholds.",
    },
    tokens: { title: "Tokens per second over time", what: "Output of all streams together, bucket by bucket." },
    concurrency: { title: "Streams at once over time", what: "As observed, with what was asked for." },
    sweep: {
      title: "Throughput against latency",
      what: "One point a step: right is more work done, down is quicker. Past the knee, more load brings only waiting.",
    },
    waterfall: {
      title: "Waterfall of the streams",
      what: "One line a stream, from sent to ended, in the order of sending. A cross is a failure, an open end a stream that was cut.",
    },
  },
  footer: "One file, no network: everything shown here is in it.",
  page: enPage({
    ttft: enTerms.figure.ttft_ms.name,
    duration: enTerms.figure.duration_ms.name,
    tokensPerSecond: enTerms.figure.tokens_per_second.name,
    throughput: enTerms.figure.output_tokens_per_second.long,
    requestsPerSecond: enTerms.figure.requests_per_second.name,
    dispatch: enTerms.figure.dispatch_delay_ms.name,
    allModels: enTerms.allModels,
  }),
};
