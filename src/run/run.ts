import { isComplete, now, type CancelReason, type Ms, type EndedEvent, type StreamEvent } from "../stream/event.ts";
import type { WorkerClient } from "../worker/client.ts";
import type { StreamId } from "../worker/protocol.ts";
import { createBroadcast, guard, type Stage, type Tell } from "./broadcast.ts";
import type { Job, RunEvent, Watcher } from "./event.ts";
import type { Pace } from "./pace.ts";
import { createOpenWindow, type Window } from "./window.ts";

export type RunOptions<E> = {
  jobs: Iterable<Job> | AsyncIterable<Job>;
  /** Most streams at once. */
  concurrency: number;
  /** When streams are due. */
  pace: Pace;
  /** A stream that is due and finds no place waits for one (a closed loop), or is missed. */
  full?: "wait" | "miss";
  /** When the window, or its warm-up, begins; where nothing is given, at once. */
  begin?: Ms | null;
  /** Which streams are measured, and until when they start; everything unless given. */
  window?: Window;
  /** Ms that running streams get after a window that time has closed. */
  drain?: Ms;
  /** The first stream that is neither complete nor cut by `max_tokens` ends the run. */
  failFast: boolean;
  worker: WorkerClient;
  /** Makes of what happens what the watchers are told. */
  stage: Stage<E>;
  /** Told in this order. */
  watchers: readonly Watcher<E>[];
};

export type Run = {
  /**
   * Settles when every stream has ended and every watcher is closed; rejects where jobs or the stage threw. `broken`: what
   * a watcher threw, if one did.
   * `cut`: an interruption came before every job was started.
   */
  done: Promise<{ broken: unknown; cut: boolean }>;
  /** Starts nothing more and ends what runs. */
  interrupt(why: CancelReason): void;
};

/** Runs jobs, each when it is due and has a place. */
export function startRun<E>(options: RunOptions<E>): Run {
  const { jobs, concurrency, pace, failFast, worker, full = "wait", drain = 0 } = options;
  const window = options.window ?? createOpenWindow();
  const waits = createWaits();
  const broadcast = createBroadcast(options.watchers, () => interrupt("reader_gone"));
  let bug: { error: unknown } | null = null;
  const tell = guard(options.stage(broadcast.tell), (error) => {
    bug ??= { error };
    interrupt("abort");
  });
  const streams = createStreams(worker, tell, (end) => {
    if (failFast && !isComplete(end)) interrupt("fail_fast");
    pace.freed?.();
    waits.wake();
  });

  function interrupt(why: CancelReason): void {
    waits.interrupt();
    streams.cancelAll(why);
  }

  function start(job: Job, { due, warmup }: Start): void | Promise<void> {
    const settling = tell({ type: "started", job, due, warmup });
    window.started(due);
    streams.open(job);
    // Only a watcher that was lost at "started", or the stage, can have interrupted since the last look.
    if (waits.isInterrupted()) streams.cancelAll("reader_gone");
    return settling;
  }

  function miss(start: Start): void | Promise<void> {
    window.missed(start.due);
    return tell({ type: "missed", ...start });
  }

  async function run(): Promise<{ broken: unknown; cut: boolean }> {
    let cut = false;
    try {
      const isFree = (): boolean => streams.count() < concurrency;
      const { begin = full === "miss" ? now() : null } = options;
      if (begin !== null) window.begin(begin);
      await startAll({ jobs, window, pace, waits, isFree, start, miss }, full);
      cut = waits.isInterrupted();
    } finally {
      await endAll(streams, waits, window.closes(), drain);
      await tell({ type: "finished" });
      await broadcast.close();
    }
    if (bug !== null) throw bug.error;
    return { broken: broadcast.failure(), cut };
  }

  return { done: run(), interrupt };
}

/** What runs may end; after a window that closes by time, for `drain` ms. */
async function endAll(streams: Streams, waits: Waits, closes: Ms | null, drain: Ms): Promise<void> {
  let limit = closes === null ? null : closes + drain;
  while (streams.count() > 0) {
    await waits.change(limit);
    if (limit === null || now() < limit) continue;
    limit = null;
    streams.cancelAll("window");
  }
}

type Streams = { open(job: Job): void; count(): number; cancelAll(why: CancelReason): void };

/** The streams under way; `onEnd` is called when one is so no longer. */
function createStreams(worker: WorkerClient, tell: Tell<RunEvent>, onEnd: (end: EndedEvent) => void): Streams {
  const ids = new Map<number, StreamId>();
  return {
    open({ stream, request, own }) {
      const onEvent = (event: StreamEvent): void | Promise<void> => {
        const settling = tell({ type: "stream", stream, event });
        if (event.type === "ended") {
          ids.delete(stream);
          onEnd(event);
        }
        return settling;
      };
      ids.set(stream, worker.start(request, onEvent, own));
    },
    count: () => ids.size,
    cancelAll(why) {
      for (const id of ids.values()) worker.cancel(id, why);
    },
  };
}

/** When a stream is to start, and whether it is measured. */
type Start = { due: Ms; warmup: boolean };

/** What the watchers have not taken yet. */
type Settling = { settling: void | Promise<void> };

/** What a loop starts streams with. */
type Loop = {
  jobs: Iterable<Job> | AsyncIterable<Job>;
  window: Window;
  pace: Pace;
  waits: Waits;
  /** There is a place for one more. */
  isFree(): boolean;
  start(job: Job, start: Start): void | Promise<void>;
  miss(start: Start): void | Promise<void>;
};

type Next = () => Promise<Job | null>;

/**
 * Starts job after job, each in its turn, until there are no more, the window closes, or the run is interrupted.
 * `full`: what becomes of a stream that is due and finds no place.
 */
async function startAll(loop: Loop, full: "wait" | "miss"): Promise<void> {
  const { waits } = loop;
  const next = createNext(loop);
  while (!waits.isInterrupted()) {
    const started = await (full === "wait" ? startWhenFree(loop, next) : startWhenDue(loop, next));
    if (started === null) return;
    // Watchers that cannot write any more hold back nothing once the run is interrupted.
    if (started.settling !== undefined) await waits.unlessStopped(started.settling, null);
  }
}

/** The next job; jobs may come from a standard input that keeps silent: neither an interruption nor the window waits for it. */
function createNext({ jobs, waits, window }: Loop): Next {
  const source = Symbol.asyncIterator in jobs ? jobs[Symbol.asyncIterator]() : jobs[Symbol.iterator]();
  return async () => {
    const taken = await waits.unlessStopped(source.next(), window.closes());
    return taken === undefined || taken.done === true ? null : taken.value;
  };
}

/** A closed loop: a place, then the job, then its time. */
async function startWhenFree(loop: Loop, next: Next): Promise<Settling | null> {
  const { waits, window, isFree } = loop;
  while (!isFree() && !waits.isInterrupted() && now() < (window.closes() ?? Infinity)) {
    await waits.change(window.closes());
  }
  const job = waits.isInterrupted() || window.at(now()) === "closed" ? null : await next();
  const start = job === null ? null : await nextDue(loop);
  return job === null || start === null ? null : { settling: loop.start(job, start) };
}

/** An arrival rate: the time, then the place, or the start is missed. */
async function startWhenDue(loop: Loop, next: Next): Promise<Settling | null> {
  const start = await nextDue(loop);
  if (start === null) return null;
  if (!loop.isFree()) return { settling: loop.miss(start) };
  const job = await next();
  return job === null ? null : { settling: loop.start(job, start) };
}

/** The next instant at which a stream is due, once it has come; `null`: no stream starts any more. */
async function nextDue({ pace, window, waits }: Loop): Promise<Start | null> {
  const due = pace.next(now());
  const part = window.at(due);
  // Not waited for: at a low rate the next one may be due long after the window.
  if (part === "closed") return null;
  while (!waits.isInterrupted() && due - now() > pace.early) await waits.change(due);
  return waits.isInterrupted() ? null : { due, warmup: part === "warmup" };
}

/** The waits of one run, each of which an interruption ends. One at a time: a run does one thing after the other. */
type Waits = {
  /** Settles at the next `wake`, at an interruption, or at that time. */
  change(until: Ms | null): Promise<void>;
  /** What this brings, or `undefined` at an interruption, or at that time. */
  unlessStopped<T>(work: T | Promise<T>, until: Ms | null): Promise<T | undefined>;
  /** Something changed. */
  wake(): void;
  /** From now on nothing is waited for but `change`. */
  interrupt(): void;
  isInterrupted(): boolean;
};

function createWaits(): Waits {
  let interrupted = false;
  let wake: (() => void) | null = null;
  let stop: (() => void) | null = null;

  return {
    change(until) {
      return new Promise((resolve) => {
        const timer = startTimer(resolve, until);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
    // No race against one promise for the whole run: what waits for it would pile up, a kilobyte a stream.
    unlessStopped(work, until) {
      return new Promise((resolve, reject) => {
        const timer = startTimer(end, until);
        function end(): void {
          clearTimeout(timer);
          stop = null;
          resolve(undefined);
        }
        stop = end;
        Promise.resolve(work)
          .finally(() => clearTimeout(timer))
          .then(resolve, reject);
        if (interrupted) end();
      });
    },
    wake: () => wake?.(),
    interrupt() {
      interrupted = true;
      stop?.();
      wake?.();
    },
    isInterrupted: () => interrupted,
  };
}

function startTimer(done: () => void, until: Ms | null): Timer | undefined {
  return until === null ? undefined : setTimeout(done, Math.max(0, Math.ceil(until - now())));
}
