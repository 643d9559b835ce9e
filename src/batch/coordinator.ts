import type { StreamRecord } from "../metrics/record.ts";
import type { RunWatcher } from "../metrics/watched.ts";
import { settled } from "../run/broadcast.ts";
import type { Job } from "../run/event.ts";
import type { JobSource } from "../run/run.ts";
import type { Failure, Ms } from "../stream/event.ts";
import { isOverload } from "../stream/retry.ts";
import { createAdmission, type Admitted, type Asking } from "./admission.ts";
import type { Breaker, Refusal, Tripped } from "./breaker.ts";
import { createChange } from "./change.ts";
import { createContact, type Waiting } from "./contact.ts";
import { createEnds } from "./ends.ts";
import { isWorthAgain, refusalOf, stopOf } from "./failures.ts";
import type { BatchRequest } from "./input.ts";
import { exhaustedFor } from "./rate-headers.ts";
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
  | { why: "interrupted" }
  /** In all, in tokens or in the currency of the prices. */
  | { why: "max_cost" | "max_tokens"; spent: number }
  /** Of some kinds all were refused, and the rest was not sent; all others were asked. */
  | { why: "refused"; kinds: readonly Tripped[] }
  /** Somebody else said so, and why. */
  | { why: "told" };

type CoordinatorOptions = {
  /** So many at a time as come together. */
  requests: AsyncIterable<readonly BatchRequest[]>;
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
  jobs: JobSource;
  watcher: RunWatcher;
  /** Requests in the hands of the server. */
  running(): number;
  /** What may run has changed, by somebody else. */
  changed(): void;
  stop(stop: Stop): void;
  stopped(): Stop | null;
};

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
  const contact = createContact(now, options.waiting ?? null);
  const ends = createEnds(breaker ?? null, contact.replied);
  let stopped: Stop | null = null;
  let answers = 0;
  let streams = 0;
  const isFree = (): boolean => running.size < concurrency.limit();
  const isStopped = (): boolean => stopped !== null;
  const admission = createAdmission({ ...options, again, change, running, isFree, isStopped, finish });

  function stop(reason: Stop): void {
    stopped ??= reason;
    change.wake();
  }

  /** All is asked that was to be: what is still held of it is a result, or was never heard. */
  async function finish(): Promise<void> {
    const failure = ends.unheard()?.failure ?? null;
    if (failure !== null) stop({ why: "unreachable", failure });
    else for (const end of ends.rest()) await onAnswer(end);
    const kinds = breaker?.tripped() ?? [];
    if (kinds.length > 0) stop({ why: "refused", kinds });
  }

  function jobOf(admitted: Admitted | null): IteratorResult<Job> {
    if (admitted === null) return { done: true, value: undefined };
    const { asked, reserved } = admitted;
    const { request, attempts, misfits, refused, before } = asked;
    const stream = streams++;
    running.set(stream, { request, attempts: attempts + 1, misfits, refused, before, reserved, end: UNKNOWN });
    return { done: false, value: options.jobOf(request, stream) };
  }

  function nextJob(): ReturnType<JobSource["next"]> {
    const admitted = admission.next();
    return admitted instanceof Promise ? admitted.then(jobOf) : jobOf(admitted);
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
    // What this machine has no room for says nothing of the request, either.
    if (isOverload(failure) || failure.kind === "too_many_files") return overloaded(taken, failure, wait);
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

  function ended(stream: number, record: StreamRecord): void | Promise<void> {
    const taken = running.get(stream);
    if (taken === undefined) return;
    options.onSpent(record);
    limiter.settle(taken.reserved - (options.used(record) ?? taken.reserved));
    const { failure } = taken.end;
    if (failure === null) {
      contact.came(null, taken.request.line);
      refusals.over();
      answers++;
      concurrency.succeeded(record.duration_ms ?? 0, !isFree());
    }
    const end =
      failure === null ? fitOf(taken, record) : failure.kind === "cancelled" ? "left" : failed(taken, failure);
    const free = (): void => {
      running.delete(stream);
      change.wake();
    };
    const results = typeof end === "object" ? ends.add(answeredOf(taken, record, end.problem)) : [];
    const kept = settled(...results.map(onAnswer));
    // Its place is free once the answer is kept: a death at any instant costs no more answers than may run at once.
    return kept === undefined ? free() : kept.then(free);
  }

  return {
    jobs: { next: nextJob },
    running: () => running.size,
    changed: () => change.wake(),
    stop,
    stopped: () => stopped,
    watcher: createWatcher(options, running, ended),
  };
}

const UNKNOWN: End = { failure: null, body: null, requestId: null };

function answeredOf(taken: Running, record: StreamRecord, invalid: string | null): Answered {
  const { request, end, attempts, refused } = taken;
  const { failure, body, requestId } = end;
  const refusal = refusalOf(failure, record.error?.message ?? "");
  return { request, record, attempts: attempts + refused, body, requestId, invalid, failure, refusal };
}

/** Hears what of the streams is news here: that an answer came, of how many more may be asked; how one ended. */
function createWatcher(
  { limiter, now }: Pick<CoordinatorOptions, "limiter" | "now">,
  running: ReadonlyMap<number, Running>,
  onRecord: (stream: number, record: StreamRecord) => void | Promise<void>,
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
