import type { CancelReason, Ms } from "../stream/event.ts";
import type { WorkerClient } from "../worker/client.ts";
import type { StreamId } from "../worker/protocol.ts";
import type { Job, RunEvent, Watcher } from "./event.ts";
import type { Pace } from "./pace.ts";
import { createOpenWindow, type Window } from "./window.ts";

export type RunOptions = {
  jobs: Iterable<Job> | AsyncIterable<Job>;
  /** Most streams at once. */
  concurrency: number;
  /** When streams are due. */
  pace: Pace;
  /** A stream that is due and finds no place waits for one (a closed loop), or is missed. */
  full?: "wait" | "miss";
  /** Which streams are measured, and until when they start; everything unless given. */
  window?: Window;
  /** Ms that running streams get after a window that time has closed. */
  drain?: Ms;
  /** The first stream that is neither complete nor cut by `max_tokens` ends the run. */
  failFast: boolean;
  worker: WorkerClient;
  /** Called in this order for each event. */
  watchers: readonly Watcher[];
};

export type Run = {
  /**
   * Settles when every stream has ended and every guest is closed. `broken`: what a guest threw, if one did.
   * `cut`: an interruption came before every job was started.
   */
  done: Promise<{ broken: unknown; cut: boolean }>;
  /** Starts nothing more and ends what runs. */
  interrupt(why: CancelReason): void;
};

/** Runs jobs, each when it is due and has a place. */
export function startRun(options: RunOptions): Run {
  const { jobs, concurrency, pace, failFast, worker, watchers, full = "wait", drain = 0 } = options;
  const window = options.window ?? createOpenWindow();
  const open = new Map<number, StreamId>();
  const guests = new Set(watchers);
  let broken: unknown = null;
  let interrupted = false;
  let wake: (() => void) | null = null;
  let stop: (() => void) | null = null;

  function tell(event: RunEvent): void | Promise<void> {
    let pending: Promise<void>[] | null = null;
    for (const guest of guests) {
      try {
        const settling = guest.on(event);
        if (settling !== undefined) (pending ??= []).push(settling.catch((error: unknown) => lose(guest, error)));
      } catch (error) {
        lose(guest, error);
      }
    }
    if (pending === null) return;
    return pending.length === 1 ? pending[0] : Promise.all(pending).then(() => undefined);
  }

  /** A guest that cannot take an event gets no more, and the run ends: somebody would miss what is measured. */
  function lose(guest: Watcher, error: unknown): void {
    guests.delete(guest);
    broken ??= error;
    interrupt("reader_gone");
  }

  function interrupt(why: CancelReason): void {
    interrupted = true;
    stop?.();
    cancelAll(why);
  }

  function cancelAll(why: CancelReason): void {
    for (const id of open.values()) worker.cancel(id, why);
    wake?.();
  }

  function begin(job: Job, due: Ms, warmup: boolean): Promise<void> | void {
    const settling = tell({ type: "started", job, due, warmup });
    window.started(due);
    const id = worker.start(job.request, (event) => {
      const settled = tell({ type: "stream", stream: job.stream, event });
      if (event.type === "ended") {
        open.delete(job.stream);
        if (failFast && event.verdict !== "complete" && event.verdict !== "length") interrupt("fail_fast");
        wake?.();
      }
      return settled;
    });
    open.set(job.stream, id);
    // Only a guest that was lost at "started" can have interrupted between the check and here.
    if (interrupted) worker.cancel(id, "reader_gone");
    return settling;
  }

  /** Settles at the next end of a stream, at an interruption, or at that time; a timer that is not needed is cleared. */
  function change(until: Ms | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = until === null ? undefined : setTimeout(resolve, Math.max(0, Math.ceil(until - now())));
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /**
   * What this brings, or `undefined` at an interruption, or at that time. No race against one promise for the whole run:
   * what waits for it would pile up, a kilobyte a stream.
   */
  function unlessStopped<T>(work: T | Promise<T>, until: Ms | null): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const timer = until === null ? undefined : setTimeout(end, Math.max(0, Math.ceil(until - now())));
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
  }

  /** A place, or the end of the window, or an interruption. */
  async function waitForPlace(): Promise<void> {
    while (open.size >= concurrency && !interrupted && now() < (window.closes() ?? Infinity)) {
      await change(window.closes());
    }
  }

  /** The next instant at which a stream is due, once it has come; `null`: no stream starts any more. */
  async function nextDue(): Promise<{ due: Ms; warmup: boolean } | null> {
    const due = pace.next(now());
    const part = window.at(due);
    // Not waited for: at a low rate the next one may be due long after the window.
    if (part === "closed") return null;
    while (!interrupted && due - now() > pace.early) await change(due);
    return interrupted ? null : { due, warmup: part === "warmup" };
  }

  /** A closed loop: a place, then the job, then its time. */
  async function whenFree(next: () => Promise<Job | null>): Promise<{ settling: void | Promise<void> } | null> {
    await waitForPlace();
    const job = interrupted || window.at(now()) === "closed" ? null : await next();
    const start = job === null ? null : await nextDue();
    return job === null || start === null ? null : { settling: begin(job, start.due, start.warmup) };
  }

  /** An arrival rate: the time, then the place, or the start is missed. */
  async function whenDue(next: () => Promise<Job | null>): Promise<{ settling: void | Promise<void> } | null> {
    const start = await nextDue();
    if (start === null) return null;
    if (open.size >= concurrency) {
      window.missed(start.due);
      return { settling: tell({ type: "missed", ...start }) };
    }
    const job = await next();
    return job === null ? null : { settling: begin(job, start.due, start.warmup) };
  }

  /** Starts job after job, each in its turn, until there are no more, the window closes, or the run is interrupted. */
  async function startAll(): Promise<{ cut: boolean }> {
    const source = Symbol.asyncIterator in jobs ? jobs[Symbol.asyncIterator]() : jobs[Symbol.iterator]();
    async function next(): Promise<Job | null> {
      // Jobs may come from a standard input that keeps silent: neither an interruption nor the window waits for it.
      const taken = await unlessStopped(source.next(), window.closes());
      return taken === undefined || taken.done === true ? null : taken.value;
    }
    if (full === "miss") window.begin(now());
    while (!interrupted) {
      const started = await (full === "wait" ? whenFree(next) : whenDue(next));
      if (started === null) return { cut: interrupted };
      // Guests that cannot write any more hold back nothing once the run is interrupted.
      if (started.settling !== undefined) await unlessStopped(started.settling, null);
    }
    return { cut: true };
  }

  /** Every guest is closed, also one that was lost; the first error counts. */
  async function closeAll(): Promise<void> {
    for (const guest of watchers) {
      try {
        await guest.close?.();
      } catch (error) {
        broken ??= error;
      }
    }
  }

  /** What runs may end; after a window that time has closed, for `drain` ms. */
  async function endAll(): Promise<void> {
    const closes = window.closes();
    let limit = closes === null ? null : closes + drain;
    while (open.size > 0) {
      await change(limit);
      if (limit === null || now() < limit) continue;
      limit = null;
      cancelAll("window");
    }
  }

  async function run(): Promise<{ broken: unknown; cut: boolean }> {
    let ending: { cut: boolean };
    try {
      ending = await startAll();
    } finally {
      await endAll();
      await tell({ type: "finished" });
      await closeAll();
    }
    return { ...ending, broken };
  }

  return { done: run(), interrupt };
}

function now(): Ms {
  return performance.timeOrigin + performance.now();
}
