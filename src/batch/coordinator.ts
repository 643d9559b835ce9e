import type { StreamRecord } from "../metrics/record.ts";
import type { RunWatcher } from "../metrics/watched.ts";
import type { Job } from "../run/event.ts";
import type { Failure, Ms } from "../stream/event.ts";
import { isOverload } from "../stream/retry.ts";
import type { Breaker, Refusal, Tripped } from "./breaker.ts";
import { createChange } from "./change.ts";
import { createContact, type Waiting } from "./contact.ts";
import { createEnds } from "./ends.ts";
import { isWorthAgain, refusalOf, stopOf } from "./failures.ts";
import type { BatchRequest } from "./input.ts";
import { exhaustedFor } from "./rate-headers.ts";
import { createRequestSource } from "./request-source.ts";
import { createRetries } from "./retries.ts";
import { createRefusals, type AdaptiveConcurrency, type Limiter } from "./limits.ts";

/** A request with its final answer, good or not; `body`: a whole one, as JSON. */
export type Answered = {
  request: BatchRequest;
  record: StreamRecord;
  attempts: number;
  body: string | null;
  /** What the server calls the exchange in its headers; `null` where it does not. */
  requestId: string | null;
  /** Why an answer that came in full is none: what in it does not fit. */
  invalid: string | null;
  failure: Failure | null;
  /** What that says of all requests like it; `null`: nothing. */
  refusal: Refusal | null;
};

/** An answer fits, or not: then it is asked for again, or not any more. */
export type Fit = { fits: true } | { fits: false; problem: string; again: BatchRequest | null };

/** Why a batch ends before all is asked: going on would answer nothing. The requests under way stay unanswered. */
export type Stop =
  | { why: "quota" | "unreachable" | "refused_key"; failure: Failure }
  | { why: "long_wait"; failure: Failure; ms: Ms }
  | { why: "max_cost" | "max_tokens" | "interrupted" }
  /** Of some kinds all were refused, and the rest was not sent; all others were asked. */
  | { why: "refused"; kinds: readonly Tripped[] }
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
  /** Keeps requests back that would be refused like those before; somebody else does unless given. */
  breaker?: Breaker<Answered>;
  /** How often a request is asked again that failed. */
  retries: number;
  /** Somebody else waits for a server that is away unless given. */
  waiting?: Waiting;
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

/** How a stream ended. */
type End = Pick<Answered, "failure" | "body" | "requestId">;

/** A request in the hands of the server; `reserved`: tokens taken from the limits for it. */
type Running = Asking & { reserved: number; end: End };

/** Refusals for want of room of one request, while others are answered, that mean that there will never be room for it. */
const NO_ROOM = 20;
/** Longest wait in ms that a server may ask of everybody. */
const LONGEST_WAIT = 3_600_000;

/** Asks each request until it has its answer: within the limits, less at a time where a server has too much, and again. */
export function createCoordinator(options: CoordinatorOptions): Coordinator {
  const { limiter, concurrency, breaker, now, onAnswer } = options;
  const running = new Map<number, Running>();
  const again = createRetries<Asking>(options);
  const refusals = createRefusals(options.random);
  const change = createChange(options.startTimer);
  const source = createRequestSource(options.requests, () => change.wake());
  const contact = createContact(now, options.waiting ?? null);
  const ends = createEnds(breaker ?? null, contact.replied);
  let stopped: Stop | null = null;
  let answers = 0;
  let streams = 0;

  function stop(reason: Stop): void {
    stopped ??= reason;
    change.wake();
  }

  /** The next request that is due; `null`: there is none any more. */
  async function next(): Promise<Asking | null> {
    while (stopped === null) {
      const due = again.take();
      if (due !== null) return due;
      const request = source.take();
      if (request !== null && breaker?.isOpen(request) === true) continue;
      if (request !== null) return { request, attempts: 0, misfits: 0, refused: 0, before: 0 };
      const ms = again.until();
      if (ms !== null) await change.wait(ms);
      else if (running.size > 0 || !source.exhausted()) await change.wait(null);
      else return finish();
    }
    return null;
  }

  /** All is asked that was to be: what is still held of it is a result, or was never heard. */
  async function finish(): Promise<null> {
    const failure = ends.unheard()?.failure ?? null;
    if (failure !== null) stop({ why: "unreachable", failure });
    else for (const end of ends.rest()) await onAnswer(end);
    const kinds = breaker?.tripped() ?? [];
    if (kinds.length > 0) stop({ why: "refused", kinds });
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
      running.set(stream, { ...asked, attempts: asked.attempts + 1, reserved, end: UNKNOWN });
      yield options.jobOf(asked.request, stream);
    }
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
    return again.retry({ ...taken, attempts: taken.attempts - 1, refused, before }, failure, wait);
  }

  /** What a failure means for this request, and for all. */
  function failed(taken: Running, failure: Failure): { problem: null } | "again" | "left" {
    const wait = failure.kind === "http" ? (failure.wait ?? null) : null;
    const inARow = contact.came(failure, taken.request.line);
    if (isOverload(failure)) return overloaded(taken, failure, wait);
    const pause = contact.wait(failure);
    if (pause !== null && pause !== "gone") {
      // Nobody has heard it, and that was no attempt.
      limiter.pause(pause);
      return again.retry({ ...taken, attempts: taken.attempts - 1 }, failure, pause);
    }
    const attempts = taken.attempts - taken.misfits;
    const isLast = attempts > options.retries || !isWorthAgain(failure);
    const hopeless = pause === "gone" ? "unreachable" : stopOf(failure, inARow, isLast ? attempts : Infinity);
    if (hopeless !== null) {
      stop({ why: hopeless, failure });
      return "left";
    }
    return isLast ? { problem: null } : again.retry(taken, failure, wait);
  }

  /** What does not fit in a whole answer; "again": the request is asked once more, with that told. */
  function fitOf(taken: Running, record: StreamRecord): { problem: string | null } | "again" {
    const fit = options.fit?.(taken.request, record, taken.misfits) ?? { fits: true };
    if (fit.fits) return { problem: null };
    if (fit.again === null) return fit;
    again.add({ ...taken, request: fit.again, misfits: taken.misfits + 1 }, null, 0);
    return "again";
  }

  async function keep(taken: Running, record: StreamRecord, invalid: string | null): Promise<void> {
    const { request, end, attempts, refused } = taken;
    const refusal = refusalOf(end.failure, record.error?.message ?? "");
    const answered = { request, record, attempts: attempts + refused, invalid, ...end, refusal };
    for (const result of ends.add(answered)) await onAnswer(result);
  }

  async function ended(stream: number, record: StreamRecord): Promise<void> {
    const taken = running.get(stream);
    if (taken === undefined) return;
    options.onSpent(record);
    limiter.settle(taken.reserved - (options.used(record) ?? taken.reserved));
    const { failure } = taken.end;
    if (failure === null) {
      contact.came(null, taken.request.line);
      refusals.over();
      answers++;
      concurrency.succeeded(record.duration_ms ?? 0, running.size >= concurrency.limit());
    }
    const end =
      failure === null ? fitOf(taken, record) : failure.kind === "cancelled" ? "left" : failed(taken, failure);
    // Its place is free once the answer is kept: a death at any instant costs no more answers than may run at once.
    if (typeof end === "object") await keep(taken, record, end.problem);
    running.delete(stream);
    change.wake();
  }

  return {
    jobs: { [Symbol.asyncIterator]: jobs },
    running: () => running.size,
    changed: () => change.wake(),
    stop,
    stopped: () => stopped,
    watcher: createWatcher(options, running, ended),
  };
}

const UNKNOWN: End = { failure: null, body: null, requestId: null };

/** Hears what of the streams is news here: that an answer came, of how many more may be asked; how one ended. */
function createWatcher(
  { limiter, now }: Pick<CoordinatorOptions, "limiter" | "now">,
  running: ReadonlyMap<number, Running>,
  onRecord: (stream: number, record: StreamRecord) => Promise<void>,
): RunWatcher {
  return {
    on(event) {
      if (event.type === "record") return onRecord(event.stream, event.record);
      const taken = event.type === "stream" ? running.get(event.stream) : undefined;
      if (event.type !== "stream" || taken === undefined) return undefined;
      if (event.event.type === "opened") {
        const { headers } = event.event;
        const wait = exhaustedFor(headers, now());
        if (wait > 0) limiter.pause(wait);
        taken.end = { ...UNKNOWN, requestId: headers["x-request-id"] ?? headers["request-id"] ?? null };
      } else if (event.event.type === "ended") {
        const { failure, body = null } = event.event;
        taken.end = { failure, body, requestId: taken.end.requestId };
      }
      return undefined;
    },
  };
}
