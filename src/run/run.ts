import type { CancelReason, Ms } from "../stream/event.ts";
import type { WorkerClient } from "../worker/client.ts";
import type { StreamId } from "../worker/protocol.ts";
import type { Job, RunEvent, Watcher } from "./event.ts";
import type { Pace } from "./pace.ts";

export type RunOptions = {
  jobs: Iterable<Job> | AsyncIterable<Job>;
  /** Most streams at once. */
  concurrency: number;
  /** When the next stream may start. */
  pace: Pace;
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

/** Runs jobs in a closed loop: a stream that ends gives its place to the next. */
export function startRun({ jobs, concurrency, pace, failFast, worker, watchers }: RunOptions): Run {
  const open = new Map<number, StreamId>();
  const guests = new Set(watchers);
  let broken: unknown = null;
  let interrupted = false;
  let wake: (() => void) | null = null;
  const stopped = Promise.withResolvers<undefined>();

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
    stopped.resolve(undefined);
    for (const id of open.values()) worker.cancel(id, why);
    wake?.();
  }

  function start(job: Job, due: Ms): Promise<void> | void {
    const settling = tell({ type: "started", job, due });
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

  /** Settles at the next end of a stream, or at an interruption. */
  function change(): Promise<void> {
    return new Promise((resolve) => {
      wake = resolve;
    });
  }

  /** Starts job after job, each in its turn, until there are no more or the run is interrupted. */
  async function startAll(): Promise<{ cut: boolean }> {
    const source = Symbol.asyncIterator in jobs ? jobs[Symbol.asyncIterator]() : jobs[Symbol.iterator]();
    while (!interrupted) {
      // Jobs may come from a standard input that keeps silent: an interruption does not wait for it.
      const next = await Promise.race([source.next(), stopped.promise]);
      if (next === undefined) break;
      if (next.done === true) return { cut: false };
      while (open.size >= concurrency && !interrupted) await change();
      const due = await pace.next();
      // Guests that cannot write any more hold back nothing once the run is interrupted.
      if (!interrupted) await Promise.race([start(next.value, due), stopped.promise]);
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

  async function run(): Promise<{ broken: unknown; cut: boolean }> {
    let ending: { cut: boolean };
    try {
      ending = await startAll();
    } finally {
      while (open.size > 0) await change();
      await tell({ type: "finished" });
      await closeAll();
    }
    return { ...ending, broken };
  }

  return { done: run(), interrupt };
}
