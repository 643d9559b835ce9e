import { UserError } from "../../config/user-error.ts";
import { startTimer, type Ms } from "../../stream/event.ts";
import type { Tripped } from "../breaker.ts";
import { createChange } from "../change.ts";
import type { Finished } from "../finished.ts";
import type { BatchRequest } from "../input.ts";
import { createArrivals } from "./arrivals.ts";
import { AT_ONCE, createInFlight, type InFlight, type Item } from "./in-flight.ts";
import type { Held, Noticed, Queue, RunNotice, WorkerNotice } from "./queue.ts";
import { createReplies, type Replies } from "./replies.ts";
import { OWNED, watchOver } from "./watch.ts";

type FeedOptions = {
  queue: Queue;
  /** How the batch stands now. */
  notice(): RunNotice;
  /** Who feeds it: the same for the same results on the same machine, whichever process it is. */
  owner: string;
  /** What is left, in the order of the input. */
  requests: AsyncIterable<BatchRequest>;
  finished: Finished;
  /** The request as a line of the Batch API. */
  textOf(request: BatchRequest): string | Promise<string>;
  /** Writes that a request went down with each of so many workers. */
  onDeadly(request: BatchRequest, deaths: number): void;
  /** Settles when all that was written is on the disk. */
  durable(): Promise<void>;
  onWorkers(workers: readonly Noticed<WorkerNotice>[]): void;
  /** The engine is full, or another machine feeds this batch. */
  onWaiting(why: "full" | "owner"): void;
  now: () => Ms;
} & Pick<Parameters<typeof createArrivals>[0], "kindOf" | "onAnswer" | "onUnreadable" | "onHalt">;

/**
 * What is in the engine or with a worker, how often a request was handed out again, and what was not put there, for all
 * like it was refused.
 */
type FeedCounts = { inFlight: number; again: number; refused: readonly Tripped[] };

type Feed = {
  /** Settles when every request has its answer, or the batch was stopped. */
  done: Promise<void>;
  /** Takes in what has come, and leaves the rest to the next run. */
  stop(): void;
  counts(): FeedCounts;
};

/** Requests in the engine at once, at least; with workers, twice their places. */
const LEAST_WINDOW = 100;
/** Where answers are quick, and requests short: what is answered in so many ms; so many times the window, at most. */
const AHEAD = 150;
const WIDEST = 5;
/** UTF-16 units of requests that are short. */
const SHORT = 4_000_000;
/** Ms in which replies are gathered. */
const GATHERING = 25;
/** Ms that a read of replies waits for the first. */
const READ = 500;

/**
 * Feeds a batch to the workers: a window of it is in the engine, whatever the length of the file. The results are the one
 * judge of what is done; the engine may forget, and may say things twice.
 */
export function createFeed(options: FeedOptions): Feed {
  const { queue, finished, now } = options;
  const { name } = options.notice();
  const change = createChange(startTimer);
  const { promise: broken, reject: breakDown } = Promise.withResolvers<never>();
  broken.catch(() => undefined);
  const flight: InFlight = createInFlight({
    queue,
    name,
    onFull: () => options.onWaiting("full"),
    stopped: () => stopped,
    onChange: () => change.wake(),
    onError: breakDown,
  });
  const { begun } = options.notice();
  const arrivals = createArrivals({ ...options, name, begun, flight, onError: breakDown });
  const replies: Replies = createReplies({ queue, name, onReply: arrivals.take, durable: options.durable });
  let held = new Map<string, Held>();
  let window = LEAST_WINDOW;
  /** Replies a ms, lately. */
  let speed = 0;
  let over = false;
  let stopped = false;

  function isFull(): boolean {
    const wide = flight.units() < SHORT ? Math.min(WIDEST * window, speed * AHEAD) : 0;
    return flight.count() >= Math.max(window, wide);
  }

  async function collect(): Promise<void> {
    for (let from = now(), at = from; !over; from = at) {
      const came = await replies.collect(READ);
      if (over) return;
      at = now();
      speed += (came / Math.max(1, at - from) - speed) / 4;
      if (flight.waiting() > 0) flight.submitBeside();
      // Replies that come one by one are taken in together: each read has its price, here and in the engine.
      if (came > 0) await Bun.sleep(GATHERING);
    }
  }

  /** What an earlier run has left there. Read before the replies are: an answer can be missed by neither then. */
  async function recall(): Promise<void> {
    flight.beginAfter(await queue.last(name));
    held = new Map((await queue.held(name)).map((each) => [each.id, each]));
    await replies.drain();
  }

  /** A request of the input: it waits there already, its answer has come meanwhile, or it is put there. */
  async function feedOne(request: BatchRequest): Promise<void> {
    const stray = arrivals.strayOf(request.id);
    const before = held.get(request.id);
    held.delete(request.id);
    if (stray !== null) replies.decided(stray.entry);
    if (finished.requestOf(request.key) !== null) return;
    const same = before?.hash === request.hash ? before : null;
    if (before !== undefined && same === null) await queue.drop(name, [before.entry]);
    const text = await options.textOf(request);
    const item: Item = { request, text, given: same?.given ?? 0, entry: same?.entry ?? "" };
    flight.add(item);
    if (stray?.hash === request.hash) arrivals.answered(item, stray);
    else if (flight.waiting() >= AT_ONCE || isFull()) await flight.submit();
  }

  async function feed(): Promise<void> {
    for await (const request of arrivals.results.without(options.requests)) {
      if (stopped) return;
      await feedOne(request);
      while (isFull() && !stopped) await change.wait(null);
    }
    // What is left there is of no line of the input any more.
    await queue.drop(
      name,
      [...held.values()].map(({ entry }) => entry),
    );
    while (flight.count() > 0 && !stopped) {
      if (flight.waiting() > 0) await flight.submit();
      else await change.wait(null);
    }
  }

  async function run(): Promise<void> {
    await own(options, () => stopped);
    if (stopped) return;
    await queue.tellRun(options.notice());
    await recall();
    const watching = watchOver({
      ...options,
      flight,
      replies,
      ended: () => over,
      wait: (ms) => change.wait(ms),
      repliedAt: arrivals.repliedAt,
      onMissing: arrivals.missing,
      onWindow(places) {
        window = Math.max(LEAST_WINDOW, 2 * places);
        change.wake();
      },
      onForgotten: arrivals.allThere,
    });
    const others = Promise.all([collect(), watching]);
    // A read that still waits when all is done has nothing to say any more.
    others.catch(() => undefined);
    try {
      await Promise.race([feed(), others, broken]);
    } finally {
      over = true;
      change.wake();
    }
    await end();
  }

  async function end(): Promise<void> {
    if (stopped) await replies.drain();
    else arrivals.results.addRest();
    await replies.acknowledge();
    if (!stopped) return queue.forget(name);
    await queue.tellRun(options.notice());
    await queue.disown(name);
  }

  return {
    done: run(),
    stop() {
      stopped = true;
      change.wake();
    },
    counts: () => ({ inFlight: flight.count(), again: flight.again(), refused: arrivals.results.refused() }),
  };
}

/** Signs of life of another machine that are enough: one may have been its last. */
const SIGNS = 2;

/** Another machine may have fed this batch until a moment ago; one that still gives signs of life keeps it. */
async function own({ queue, notice, owner, onWaiting }: FeedOptions, stopped: () => boolean): Promise<void> {
  const { name } = notice();
  let before = Infinity;
  let signs = 0;
  for (let ms = await queue.own(name, owner, OWNED); ms > 0 && !stopped(); ms = await queue.own(name, owner, OWNED)) {
    if (ms > before && ++signs === SIGNS) throw new UserError({ code: "queue_owned", name });
    before = ms;
    onWaiting("owner");
    await Bun.sleep(Math.min(ms, 300));
  }
}
