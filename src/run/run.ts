import type { CancelReason } from "../stream/event.ts";
import type { WorkerClient } from "../worker/client.ts";
import type { StreamId } from "../worker/protocol.ts";
import type { Job, RunEvent, Watcher } from "./event.ts";

export type RunOptions = {
  jobs: Iterable<Job> | AsyncIterable<Job>;
  /** Most streams at once. */
  concurrency: number;
  worker: WorkerClient;
  /** Called in this order for each event. */
  watchers: readonly Watcher[];
};

export type Run = {
  /** Settles when every stream has ended and every guest is closed; `broken` is what a guest threw, if one did. */
  done: Promise<{ broken: unknown }>;
  /** Starts nothing more and ends what runs. */
  interrupt(why: CancelReason): void;
};

/** Runs jobs in a closed loop: a stream that ends gives its place to the next. */
export function startRun({ jobs, concurrency, worker, watchers }: RunOptions): Run {
  const open = new Map<number, StreamId>();
  const guests = new Set(watchers);
  let broken: unknown = null;
  let interrupted = false;
  let wake: (() => void) | null = null;

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
    for (const id of open.values()) worker.cancel(id, why);
    wake?.();
  }

  function start(job: Job): Promise<void> | void {
    const settling = tell({ type: "started", job, due: performance.timeOrigin + performance.now() });
    const id = worker.start(job.request, (event) => {
      const settled = tell({ type: "stream", stream: job.stream, event });
      if (event.type === "ended") {
        open.delete(job.stream);
        wake?.();
      }
      return settled;
    });
    open.set(job.stream, id);
    return settling;
  }

  /** Settles at the next end of a stream, or at an interruption. */
  function change(): Promise<void> {
    return new Promise((resolve) => {
      wake = resolve;
    });
  }

  async function run(): Promise<{ broken: unknown }> {
    for await (const job of jobs) {
      while (open.size >= concurrency && !interrupted) await change();
      if (interrupted) break;
      await start(job);
    }
    while (open.size > 0) await change();
    await tell({ type: "finished" });
    for (const guest of guests) await guest.close?.();
    return { broken };
  }

  return { done: run(), interrupt };
}
