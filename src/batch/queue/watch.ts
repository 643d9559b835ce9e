import { UserError } from "../../config/user-error.ts";
import type { Ms } from "../../stream/event.ts";
import type { BatchRequest } from "../input.ts";
import type { InFlight, Item } from "./in-flight.ts";
import type { Noticed, Queue, RunNotice, WorkerNotice } from "./queue.ts";
import type { Replies } from "./replies.ts";

type WatchOptions = {
  queue: Queue;
  notice(): RunNotice;
  /** Who feeds it. */
  owner: string;
  flight: InFlight;
  replies: Replies;
  /** When the last reply came. */
  repliedAt(): Ms;
  ended(): boolean;
  wait(ms: Ms): Promise<void>;
  onWorkers(workers: readonly Noticed<WorkerNotice>[]): void;
  /** So many requests the workers can run. */
  onWindow(places: number): void;
  onDeadly(request: BatchRequest, deaths: number): void;
  /** It was put there, and neither is there nor was answered. */
  onMissing(item: Item): void;
  /** What was forgotten is there again. */
  onForgotten(): void;
  now: () => Ms;
};

/** Ms between two signs of life. */
const BEAT = 1000;
/** A sign of life that takes longer is one of an engine, or of a machine, that stood still. */
const CALM = 1000;
/** Times that a request goes down with its worker before nobody gets it any more. */
const DEADLY = 3;
/** Ms for which one machine has a batch without a further sign of it. */
export const OWNED = 15_000;
/** Idle requests that are looked at in one step. */
const MANY = 100;

/**
 * Gives signs of life, gives the work of workers that give none to others, and finds what the engine has forgotten. Nothing
 * is taken from a worker before the engine has answered at once for a whole lease: after a pause the living come first.
 */
export async function watchOver(options: WatchOptions): Promise<void> {
  const { queue, flight, owner, now } = options;
  const { name, lease, endpoint } = options.notice();
  let calmSince = now();
  let beatAt = now();
  let sweptAt = now();
  let forgot = false;
  while (!options.ended()) {
    const from = now();
    // This machine stood still, not the workers.
    if (from - beatAt > BEAT + 2 * CALM) calmSince = from;
    const { known } = await queue.tellRun(options.notice());
    if ((await queue.own(name, owner, OWNED)) > 0) throw new UserError({ code: "queue_owned", name });
    const workers = await queue.workers();
    beatAt = now();
    if (beatAt - from > CALM) calmSince = beatAt;
    forgot ||= !known;
    const ours = workers.filter((worker) => worker.endpoint === endpoint && worker.state === "working");
    options.onWindow(ours.reduce((sum, { concurrency }) => sum + concurrency, 0));
    options.onWorkers(workers);
    if (options.ended()) return;
    if (forgot || (flight.count() > 0 && beatAt - options.repliedAt() >= 2 * lease)) {
      await flight.inTurn(() => findForgotten(options));
      forgot = false;
    }
    if (beatAt - calmSince >= lease && beatAt - sweptAt >= lease / 3) {
      sweptAt = beatAt;
      await flight.inTurn(() => sweep(options, name, lease));
    }
    await pause(options, Math.min(BEAT, lease / 3));
  }
}

/** Changes wake who waits: those of others are no reason to give a sign. */
async function pause({ wait, ended, now }: WatchOptions, ms: Ms): Promise<void> {
  for (const until = now() + ms; now() < until && !ended();) await wait(until - now());
}

/** Work that nobody gives a sign of goes to another worker; three times, and it is what ends them. */
async function sweep({ queue, flight, onDeadly, ended }: WatchOptions, name: string, lease: Ms): Promise<void> {
  for (let full = true; full && !ended();) {
    const entries = await queue.idle(name, lease);
    full = entries.length >= MANY;
    const items: Item[] = [];
    const unknown: string[] = [];
    for (const entry of entries) {
      const item = flight.byEntry(entry);
      if (item === null) unknown.push(entry);
      else items.push(item);
    }
    // Of answered requests, and of lines that the input has no more.
    await queue.drop(name, unknown);
    for (const item of items.toSorted((one, two) => one.request.line - two.request.line)) {
      if (item.given + 1 < DEADLY) await flight.retake(item, lease);
      else {
        await queue.drop(name, [item.entry]);
        onDeadly(item.request, item.given + 1);
        flight.remove(item);
      }
    }
  }
}

/** What was put there, and neither is there nor was answered, the engine has forgotten, or nobody could read the answer. */
async function findForgotten({ queue, flight, replies, notice, onMissing, onForgotten }: WatchOptions): Promise<void> {
  const put = flight.there();
  const there = new Set((await queue.held(notice().name)).map(({ id }) => id));
  await replies.drain();
  onForgotten();
  for (const item of put)
    if (flight.byId(item.request.id) === item && item.entry !== "" && !there.has(item.request.id)) onMissing(item);
}
