import { isComplete, now, type CancelReason, type Ms, type EndedEvent, type StreamEvent } from "../stream/event.ts";
import type { WorkerClient } from "../worker/client.ts";
import type { StreamId } from "../worker/protocol.ts";
import { createBroadcast, guard, type Stage, type Tell } from "./broadcast.ts";
import type { Job, RunEvent, Watcher } from "./event.ts";
import type { Pace } from "./pace.ts";
import { createOpenWindow, type Window } from "./window.ts";

/** Where jobs come from one after the other, be the next one here at once or not. */
export type JobSource = { next(): IteratorResult<Job> | Promise<IteratorResult<Job>> };

export type RunOptions<E> = {
  jobs: Iterable<Job> | AsyncIterable<Job> | JobSource;
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
      const loop = { jobs, window, pace, waits, isFree, start, miss };
      await (full === "wait" ? startWhenFree(loop) : startWhenDue(loop));
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

/** What a loop starts streams with. */
type Loop = {
  jobs: RunOptions<never>["jobs"];
  window: Window;
  pace: Pace;
  waits: Waits;
  /** There is a place for one more. */
  isFree(): boolean;
  start(job: Job, start: Start): void | Promise<void>;
  miss(start: Start): void | Promise<void>;
};

/** A closed loop: a place, then the job, then its time, until there are no more, the window closes, or it is interrupted. */
async function startWhenFree(loop: Loop): Promise<void> {
  const { waits, window, isFree } = loop;
  const next = createNext(loop);
  for (;;) {
    while (!isFree() && !waits.isInterrupted() && now() < (window.closes() ?? Infinity)) {
      await waits.change(window.closes());
    }
    if (waits.isInterrupted() || window.at(now()) === "closed") return;
    // What is here is not waited for: promises are half of what the start of a short request takes (Bun 1.4.5).
    const asked = next();
    const job = asked instanceof Promise ? await asked : asked;
    if (job === null) return;
    const awaited = nextDue(loop);
    const start = awaited instanceof Promise ? await awaited : awaited;
    if (start === null) return;
    const settling = loop.start(job, start);
    if (settling !== undefined) await waits.unlessStopped(settling, null);
  }
}

/** An arrival rate: the time, then the place, or the start is missed. */
async function startWhenDue(loop: Loop): Promise<void> {
  const { waits } = loop;
  const next = createNext(loop);
  while (!waits.isInterrupted()) {
    const start = await nextDue(loop);
    if (start === null) return;
    const isFree = loop.isFree();
    const job = isFree ? await next() : null;
    if (isFree && job === null) return;
    const settling = job === null ? loop.miss(start) : loop.start(job, start);
    // Watchers that cannot write any more hold back nothing once the run is interrupted.
    if (settling !== undefined) await waits.unlessStopped(settling, null);
  }
}

/** The next job; jobs may come from a standard input that keeps silent: neither an interruption nor the window waits for it. */
function createNext({ jobs, waits, window }: Loop): () => Job | null | Promise<Job | null> {
  const source: JobSource =
    "next" in jobs ? jobs : Symbol.asyncIterator in jobs ? jobs[Symbol.asyncIterator]() : jobs[Symbol.iterator]();
  const later = async (work: Promise<IteratorResult<Job>>): Promise<Job | null> => {
    const taken = await waits.unlessStopped(work, window.closes());
    return taken === undefined || taken.done === true ? null : taken.value;
  };
  return () => {
    const taken = source.next();
    return taken instanceof Promise ? later(taken) : taken.done === true ? null : taken.value;
  };
}

/** The next instant at which a stream is due, once it has come; `null`: no stream starts any more. */
function nextDue({ pace, window, waits }: Loop): Start | null | Promise<Start | null> {
  const due = pace.next(now());
  const part = window.at(due);
  // Not waited for: at a low rate the next one may be due long after the window.
  if (part === "closed" || waits.isInterrupted()) return null;
  const start: Start = { due, warmup: part === "warmup" };
  return due - now() > pace.early ? whenDue(start, pace.early, waits) : start;
}

async function whenDue(start: Start, early: Ms, waits: Waits): Promise<Start | null> {
  while (!waits.isInterrupted() && start.due - now() > early) await waits.change(start.due);
  return waits.isInterrupted() ? null : start;
}

/** The waits of one run, each of which an interruption ends. One at a time: a run does one thing after the other. */
type Waits = {
  /** Settles at the next `wake`, at an interruption, or at that time. */
  change(until: Ms | null): Promise<void>;
  /** What this brings, or `undefined` at an interruption, or at that time. */
  unlessStopped<T>(work: Promise<T>, until: Ms | null): Promise<T | undefined>;
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
        work.finally(() => clearTimeout(timer)).then(resolve, reject);
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
