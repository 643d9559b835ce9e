import { createHealth } from "../bench/health.ts";
import { parseDuration } from "../config/kinds.ts";
import { UserError } from "../config/user-error.ts";
import { createArrivalError } from "../metrics/arrival-error.ts";
import { createConcurrency } from "../metrics/concurrency.ts";
import { createRecorder } from "../metrics/recorder.ts";
import type { SelftestLoad, SelftestReport } from "../metrics/selftest.ts";
import type { Job } from "../run/event.ts";
import { createClosedLoop, spacingFor } from "../run/pace.ts";
import { startRun } from "../run/run.ts";
import { createWindow, type WindowOptions } from "../run/window.ts";
import { READ_AT, readStamps } from "../simulator/stamp.ts";
import { badOption, type Args } from "./args.ts";
import type { Context } from "./context.ts";
import { createCpuClock } from "./machine.ts";
import { startSimulatorProcess } from "./own-process.ts";

/** One load; times in ms. */
export type Load = {
  streams: number;
  /** Tokens a second of each; 0 is as fast as the connection takes them, without stamps. */
  rate: number;
  /** Of each stream but those of the warm-up. */
  tokens: number;
  /** How many streams come first and are not measured. */
  warmup: number;
  window: WindowOptions;
  /** The main thread is blocked meanwhile. */
  busy: boolean;
};

export type SelftestPlan = {
  loads: readonly Load[];
  quiet: Load;
  busy: Load;
  /** Each asks for more than the one before. */
  saturated: readonly Load[];
  schedule: SelftestReport["schedule"];
};

const MOST_STREAMS = 10_000;
const DURATION = 2500;
const SHORTEST = 200;
/** Every token is kept until its load ends: a minute of a thousand streams is some 100 MB. */
const LONGEST = 60_000;

const TTFT = 100;
const RATE = 50;
/**
 * Most streams that start in a second: each costs as much as some fifty tokens, and it is tokens that make a load. So
 * streams are the longer the more there are at once, from SHORTEST_STREAM to the whole time.
 */
const STARTS = 200;
const SHORTEST_STREAM = 700;
/**
 * Ms of the shortest stream of a warm-up. Until then connections are opened and code is compiled, which takes the cores
 * from everything else: 100 streams settle after 2 s, 500 after 3 s (Bun 1.4.5, two cores).
 */
const warmupFor = (streams: number): number => Math.min(3000, 1000 + 10 * streams);

const BUSY_STREAMS = 20;
const BUSY_MS = 1400;
/** What is written as fast as it is taken saturates any machine; its memory is about 10 MB a stream. */
const SATURATED_STREAMS: readonly number[] = [20, 80];
const SATURATED_MS = 2000;
const ENDLESS = 100_000_000;

const MODEL = "qwen3:8b";
/** All timers are far away: nothing here leaves the machine. */
const TIMERS = { open: 60_000, firstToken: 60_000, idle: 60_000, total: 0 };
const HEADERS = {
  "content-type": "application/json",
  accept: "text/event-stream",
  "accept-encoding": "identity",
};

/** What is going to be run, from `--concurrency` and `--duration`. */
export function readPlan(args: Args): SelftestPlan {
  const [extra] = args.positionals;
  if (extra !== undefined) throw new UserError({ code: "unexpected_argument", argument: extra, verb: "selftest" });
  const duration = durationOf(args.one("duration"));
  const paced = (streams: number, time: number, busy: boolean): Load => {
    const length = Math.min(time, Math.max(SHORTEST_STREAM, (1000 * streams) / STARTS));
    const window = { warmup: { streams }, requests: streams * Math.round(time / length), duration: null };
    return { streams, rate: RATE, tokens: tokensIn(length), warmup: streams, window, busy };
  };
  const saturating = (streams: number): Load => {
    const window = { warmup: null, requests: null, duration: SATURATED_MS };
    return { streams, rate: 0, tokens: ENDLESS, warmup: 0, window, busy: false };
  };
  return {
    loads: loadsOf(args.value("concurrency")).map((streams) => paced(streams, duration, false)),
    quiet: paced(BUSY_STREAMS, Math.min(duration, BUSY_MS), false),
    busy: paced(BUSY_STREAMS, Math.min(duration, BUSY_MS), true),
    saturated: SATURATED_STREAMS.map(saturating),
    schedule: { ttft_ms: TTFT, tokens_per_second: RATE },
  };
}

/** Requests of a load, without an end; every one has its own prompt. */
function* loadJobs(endpoint: string, { rate, tokens: whole, warmup }: Load): Generator<Job> {
  const about = {
    endpoint,
    api: "chat" as const,
    key: null,
    headers: HEADERS,
    timers: TIMERS,
    retries: 0,
    maxWait: 0,
    trustDone: false,
    secrets: [],
    observe: false,
  };
  for (let stream = 0; ; stream++) {
    // Those of the warm-up end one after the other, so that those after them begin at every instant and not together.
    const tokens = stream < warmup ? tokensIn(warmupFor(warmup)) + Math.floor((whole * stream) / warmup) : whole;
    const simulate = { stamp: rate > 0, rate, ttft_ms: TTFT, tokens, jitter: 1 };
    const prompt = `selftest ${stream}`;
    const messages = [{ role: "user" as const, content: prompt }];
    const body = { model: MODEL, messages, max_tokens: tokens, stream: true as const, simulate };
    yield { stream, promptIndex: stream, repeat: 0, prompt, endpoint, demo: true, request: { ...about, body } };
  }
}

/** Tokens of a stream that lasts so many ms. */
function tokensIn(length: number): number {
  return 1 + Math.round(((length - TTFT) * RATE) / 1000);
}

/** `1,100`: rising, each once. */
function loadsOf(given: string): number[] {
  const loads = given.split(",").map((text) => (/^\s*\d+\s*$/.test(text) ? Number(text) : 0));
  if (loads.every((load) => load >= 1 && load <= MOST_STREAMS)) return [...new Set(loads)].toSorted((a, b) => a - b);
  throw badOption("concurrency", given, { kind: "integer", min: 1, max: MOST_STREAMS, list: true });
}

function durationOf(given: string | undefined): number {
  const duration = given === undefined ? DURATION : parseDuration(given);
  if (duration !== null && duration >= SHORTEST && duration <= LONGEST) return duration;
  throw badOption("duration", given ?? "", { kind: "like", example: "200ms, 5s, 1m" });
}

/** Where loads are run. */
export type Lab = {
  context: Context;
  cores: number;
  /** Settles when a signal comes: nothing is waited for any more. */
  stopped: Promise<void>;
};

/** Ms from which a gap is a stall; nothing of it is shown. */
const STALL = 1000;

/**
 * One load on the path that every command takes, against a server in another process. Server and worker are new for each
 * load: both set their clocks when they start, and what the system corrects afterwards would part them. `null`: a signal
 * came.
 */
export async function runLoad({ context, cores, stopped }: Lab, load: Load): Promise<SelftestLoad | null> {
  const { streams, rate, tokens, window, busy } = load;
  const other = await startSimulatorProcess(context, []);
  const worker = context.openWorker();
  let release = (): void => undefined;
  try {
    const errors = createArrivalError({ tokens, stampsIn: rate > 0 ? readStamps : () => [], readAt });
    const concurrency = createConcurrency(streams);
    const health = createHealth({ cores });
    worker.watch(health.lags);
    const clock = createCpuClock();
    const run = startRun({
      jobs: loadJobs(other.url, load),
      concurrency: streams,
      pace: createClosedLoop(spacingFor(streams)),
      window: createWindow(window),
      failFast: false,
      worker,
      stage: (tell) => createRecorder({ stall: STALL, keepText: 0, say: ({ kind }) => kind }, tell),
      watchers: [errors, concurrency, health],
    });
    if (busy) release = occupyThread();
    const ended = await Promise.race([run.done, stopped]);
    if (ended === undefined) return null;
    if (ended.broken !== null) throw ended.broken;
    const { used, wall } = clock();
    health.cpu(used, wall);
    const client = health.report(concurrency.observed());
    return { concurrency: streams, tokens_per_second: rate, tokens_per_stream: tokens, ...errors.figures(), client };
  } finally {
    release();
    worker.close();
    await other.stop();
  }
}

function readAt(headers: Readonly<Record<string, string>>): number | null {
  const said = headers[READ_AT];
  return said === undefined ? null : Number(said);
}

/** Ms for which the thread is blocked at a time; between two times it is free for one. */
export const BLOCKED_MS = 50;

/** Blocks this thread almost all of the time, until what is returned is called. */
function occupyThread(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  function block(): void {
    const until = performance.now() + BLOCKED_MS;
    while (performance.now() < until);
    timer = setTimeout(block, 1);
  }
  timer = setTimeout(block, 1);
  return () => clearTimeout(timer);
}
