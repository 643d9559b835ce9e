import type { Ms } from "../stream/event.ts";
import type { Job } from "./event.ts";
import type { Pace } from "./pace.ts";
import { now, type Waits } from "./waits.ts";
import type { Window } from "./window.ts";

/** When a stream is to start, and whether it is measured. */
export type Start = { due: Ms; warmup: boolean };

/** What the watchers have not taken yet. */
type Settling = { settling: void | Promise<void> };

/** What a loop starts streams with. */
export type Loop = {
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
export async function startAll(loop: Loop, full: "wait" | "miss"): Promise<void> {
  const { waits, window } = loop;
  const next = createNext(loop);
  if (full === "miss") window.begin(now());
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
