import type { StreamRecord } from "../metrics/record.ts";
import type { RunWatcher } from "../metrics/watched.ts";
import type { Job } from "../run/event.ts";
import type { Failure, Ms } from "../stream/event.ts";
import { backoff, isNoCredit, isOverload, isRetriable } from "../stream/retry.ts";
import { createChange } from "./change.ts";
import type { BatchRequest } from "./input.ts";
import { exhaustedFor } from "./rate-headers.ts";
import { createRefusals, type AdaptiveConcurrency, type Limiter } from "./limits.ts";

/** A request with its final answer, good or not. */
export type Answered = {
  request: BatchRequest;
  record: StreamRecord;
  attempts: number;
  /** Why an answer that came in full is none: what in it does not fit. */
  invalid: string | null;
};

/** An answer fits, or not: then it is asked for again, or not any more. */
export type Fit = { fits: true } | { fits: false; problem: string; again: BatchRequest | null };

/** Why a batch ends before all is asked: going on would answer nothing. The requests under way stay unanswered. */
export type Stop =
  | { why: "quota" | "unreachable" | "refused_key"; failure: Failure }
  | { why: "long_wait"; failure: Failure; ms: Ms }
  | { why: "max_cost" | "max_tokens" | "interrupted" }
  /** Somebody else said so, and why. */
  | { why: "told" };

type CoordinatorOptions = {
  requests: AsyncIterable<BatchRequest>;
  jobOf(request: BatchRequest, stream: number): Job;
  /** Tokens that a request will take of the limits, as far as one can tell before. */
  estimate(request: BatchRequest): number;
  /** What it took; `null` where nobody knows. */
  used(record: StreamRecord): number | null;
  limiter: Limiter;
  concurrency: AdaptiveConcurrency;
  /** How often a request is asked again that failed. */
  retries: number;
  /** Whether an answer is one, of a request that was asked so many times for want of one; all are unless given. */
  fit?(request: BatchRequest, record: StreamRecord, misfits: number): Fit;
  now: () => Ms;
  startTimer: (run: () => void, ms: number) => () => void;
  random: () => number;
  onAnswer(answered: Answered): void | Promise<void>;
  /** Told of every answer, whole or not, and whether or not it is asked for again: it was paid for. */
  onSpent(record: StreamRecord): void;
  /** It is not over with a request: it will be asked again in so many ms. */
  onRetry(failure: Failure | null, ms: Ms): void;
};

export type Coordinator = {
  /** What is to run, one after the other as the limits allow. */
  jobs: AsyncIterable<Job>;
  watcher: RunWatcher;
  /** Requests in the hands of the server. */
  running(): number;
  /** What may run has changed, by somebody else. */
  changed(): void;
  stop(stop: Stop): void;
  stopped(): Stop | null;
};

/**
 * A request that is to be asked: how often it was, and `misfits`: how often its answer did not fit. `refused`: how often
 * the server had too much to do, which is no attempt; `before`: answers to others that had come when it first was.
 */
type Asking = { request: BatchRequest; attempts: number; misfits: number; refused: number; before: number };

/** A request in the hands of the server; `reserved`: tokens taken from the limits for it. */
type Running = Asking & { reserved: number; failure: Failure | null };

/** A request that waits to be asked again. */
type Again = Asking & { due: Ms };

/** Failures one after the other, without one answer between them, that mean that nobody is there. */
const UNREACHABLE = 20;
/** Refused connections in a row that may be chance, where requests are asked once. */
const FEW = 3;
/** Refusals for want of room of one request, while others are answered, that mean that there will never be room for it. */
const NO_ROOM = 20;
/** Longest wait in ms that a server may ask of everybody. */
const LONGEST_WAIT = 3_600_000;

/** Asks each request until it has its answer: within the limits, less at a time where a server has too much, and again. */
export function createCoordinator(options: CoordinatorOptions): Coordinator {
  const { limiter, concurrency, now, onAnswer, onRetry } = options;
  const running = new Map<number, Running>();
  /** Those that wait to be asked again, the first that is due first. */
  const again: Again[] = [];
  const refusals = createRefusals(options.random);
  const change = createChange(options.startTimer);
  const source = createSource(options.requests, () => change.wake());
  let stopped: Stop | null = null;
  let failuresInARow = 0;
  let answers = 0;
  let streams = 0;

  function stop(reason: Stop): void {
    stopped ??= reason;
    change.wake();
  }

  /** The next request that is due; `null`: there is none any more. */
  async function next(): Promise<Asking | null> {
    while (stopped === null) {
      const [first] = again;
      if (first !== undefined && first.due <= now()) return again.shift() ?? null;
      const request = source.take();
      if (request !== null) return { request, attempts: 0, misfits: 0, refused: 0, before: 0 };
      if (first !== undefined) await change.wait(first.due - now());
      else if (running.size > 0 || !source.exhausted()) await change.wait(null);
      else return null;
    }
    return null;
  }

  /** Settles when one more may run; `false`: the batch was stopped. */
  async function admitted(tokens: number): Promise<boolean> {
    while (stopped === null) {
      const ms = running.size < concurrency.limit() ? await limiter.take(tokens) : null;
      if (ms === 0) return true;
      await change.wait(ms);
    }
    return false;
  }

  async function* jobs(): AsyncGenerator<Job> {
    for (let asked = await next(); asked !== null; asked = await next()) {
      const reserved = options.estimate(asked.request);
      if (!(await admitted(reserved))) return;
      const stream = streams++;
      running.set(stream, { ...asked, attempts: asked.attempts + 1, reserved, failure: null });
      yield options.jobOf(asked.request, stream);
    }
  }

  function askAgain(asking: Asking, failure: Failure | null, ms: Ms): void {
    const due = now() + ms;
    again.splice(again.findLastIndex((one) => one.due <= due) + 1, 0, { ...asking, due });
    onRetry(failure, ms);
  }

  function retry(asked: Asking, failure: Failure, wait: Ms | null): "again" {
    const times = isOverload(failure) ? Math.min(asked.refused - 2, 4) : Math.min(asked.attempts - 1, 6);
    askAgain(asked, failure, wait ?? backoff(times, options.random));
    return "again";
  }

  /** It has too much to do: a request that it refuses while it answers others is too much by itself. */
  function overloaded(taken: Running, failure: Failure, wait: Ms | null): { problem: null } | "again" | "left" {
    concurrency.overloaded();
    if (wait !== null && wait > LONGEST_WAIT) {
      stop({ why: "long_wait", failure, ms: wait });
      return "left";
    }
    const pause = wait ?? refusals.pause();
    if (pause > 0) limiter.pause(pause);
    const refused = taken.refused + 1;
    const before = taken.refused === 0 ? answers : taken.before;
    if (refused >= NO_ROOM && answers > before) return { problem: null };
    return retry({ ...taken, attempts: taken.attempts - 1, refused, before }, failure, wait);
  }

  /** What a failure means for this request, and for all. */
  function failed(taken: Running, failure: Failure): { problem: null } | "again" | "left" {
    const wait = failure.kind === "http" ? (failure.wait ?? null) : null;
    if (isOverload(failure)) return overloaded(taken, failure, wait);
    const hopeless = stopOf(failure, ++failuresInARow);
    if (hopeless !== null) {
      stop({ why: hopeless, failure });
      return "left";
    }
    const attempts = taken.attempts - taken.misfits;
    if (attempts > options.retries || !isWorthAgain(failure)) {
      if (failure.kind !== "refused" || failuresInARow < Math.max(attempts, FEW)) return { problem: null };
      // Where nobody listens, and nobody has answered in between, it is not the request that has failed.
      stop({ why: "unreachable", failure });
      return "left";
    }
    return retry(taken, failure, wait);
  }

  /** What does not fit in a whole answer; "again": the request is asked once more, with that told. */
  function fitOf(taken: Running, record: StreamRecord): { problem: string | null } | "again" {
    const fit = options.fit?.(taken.request, record, taken.misfits) ?? { fits: true };
    if (fit.fits) return { problem: null };
    if (fit.again === null) return fit;
    askAgain({ ...taken, request: fit.again, misfits: taken.misfits + 1 }, null, 0);
    return "again";
  }

  async function ended(stream: number, record: StreamRecord): Promise<void> {
    const taken = running.get(stream);
    if (taken === undefined) return;
    options.onSpent(record);
    limiter.settle(taken.reserved - (options.used(record) ?? taken.reserved));
    const { failure, request } = taken;
    if (failure === null) {
      failuresInARow = 0;
      refusals.over();
      answers++;
      concurrency.succeeded(record.duration_ms ?? 0, running.size >= concurrency.limit());
    }
    const end =
      failure === null ? fitOf(taken, record) : failure.kind === "cancelled" ? "left" : failed(taken, failure);
    // Its place is free once the answer is kept: a death at any instant costs no more answers than may run at once.
    if (typeof end === "object")
      await onAnswer({ request, record, attempts: taken.attempts + taken.refused, invalid: end.problem });
    running.delete(stream);
    change.wake();
  }

  return {
    jobs: { [Symbol.asyncIterator]: jobs },
    running: () => running.size,
    changed: () => change.wake(),
    stop,
    stopped: () => stopped,
    watcher: {
      on(event) {
        if (event.type === "stream" && event.event.type === "opened") {
          const wait = exhaustedFor(event.event.headers, now());
          if (wait > 0) limiter.pause(wait);
        }
        if (event.type === "stream" && event.event.type === "ended") {
          const taken = running.get(event.stream);
          if (taken !== undefined) taken.failure = event.event.failure;
        }
        return event.type === "record" ? ended(event.stream, event.record) : undefined;
      },
    },
  };
}

/** Requests as they come: who waits for the next one may wait for other things too. */
function createSource(requests: AsyncIterable<BatchRequest>, onArrival: () => void) {
  const iterator = requests[Symbol.asyncIterator]();
  let asking = false;
  let arrived: BatchRequest | null = null;
  let exhausted = false;
  let failure: { error: unknown } | null = null;

  async function ask(): Promise<void> {
    asking = true;
    try {
      const { done, value } = await iterator.next();
      if (done === true) exhausted = true;
      else arrived = value;
    } catch (error) {
      failure = { error };
    }
    asking = false;
    onArrival();
  }

  return {
    exhausted: () => exhausted,
    /** The next request, if it is here. */
    take(): BatchRequest | null {
      if (failure !== null) throw failure.error;
      const request = arrived;
      arrived = null;
      if (request === null && !asking && !exhausted) void ask();
      return request;
    },
  };
}

/** Why no other request would fare better; `null` where one may. */
function stopOf(failure: Failure, inARow: number): "quota" | "unreachable" | "refused_key" | null {
  switch (failure.kind) {
    case "http":
      if (failure.lasting === "quota") return "quota";
      return failure.status === 401 || failure.status === 407 ? "refused_key" : null;
    case "server_error":
      return isNoCredit(failure.code ?? "", failure.message) ? "quota" : null;
    case "dns":
    case "tls":
    case "proxy":
    case "redirect":
      return "unreachable";
    case "refused":
    case "reset":
    case "network":
      return inARow >= UNREACHABLE ? "unreachable" : null;
    default:
      return null;
  }
}

/** An answer that broke off is paid for again: half an answer is none. */
function isWorthAgain(failure: Failure): boolean {
  return (
    isRetriable(failure) || ["truncated", "timeout", "network", "server_error", "malformed"].includes(failure.kind)
  );
}
