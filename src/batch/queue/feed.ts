import { UserError } from "../../config/user-error.ts";
import { startTimer, type Ms } from "../../stream/event.ts";
import { createBreaker, type Kind, type Tripped } from "../breaker.ts";
import { createChange } from "../change.ts";
import { keyOf, type Finished } from "../finished.ts";
import type { BatchRequest } from "../input.ts";
import { createInFlight, type InFlight, type Item } from "./in-flight.ts";
import type { Answer, Arrived, Halted, Held, Noticed, Queue, RunNotice, WorkerNotice } from "./queue.ts";
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
  /** What of a request the server may refuse altogether. */
  kindOf(request: BatchRequest): Kind;
  /** The request as a line of the Batch API. */
  textOf(request: BatchRequest): string | Promise<string>;
  /** Writes an answer into the results. `given`: how often the request was handed out again, whoever answered. */
  onAnswer(request: BatchRequest, answer: Answer, given: number): void;
  /** Writes that a request went down with each of so many workers. */
  onDeadly(request: BatchRequest, deaths: number): void;
  /** Settles when all that was written is on the disk. */
  durable(): Promise<void>;
  onHalt(halted: Halted): void;
  onWorkers(workers: readonly Noticed<WorkerNotice>[]): void;
  /** The engine is full, or another machine feeds this batch. */
  onWaiting(why: "full" | "owner"): void;
  now: () => Ms;
};

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

/** An answer, and the request that it is one of. */
type Came = { request: BatchRequest; answer: Answer; given: number };

/** Requests in the engine at once, at least; with workers, twice their places. */
const LEAST_WINDOW = 100;
/** Requests that are gathered before they are put there. */
const AT_ONCE = 50;
/** Ms in which replies are gathered. */
const GATHERING = 10;
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
  const replies: Replies = createReplies({ queue, name, onReply: take, durable: options.durable });
  const results = createResults(options);
  /** Answers to requests that were not read yet in this run: only then is it known whether they are what was asked. */
  const strays = new Map<string, Answer & { entry: string }>();
  let held = new Map<string, Held>();
  let window = LEAST_WINDOW;
  let over = false;
  let stopped = false;
  let repliedAt = now();

  function take(reply: Arrived): "taken" | "later" {
    if (reply.kind === "halt") {
      if (reply.begun === options.notice().begun) options.onHalt(reply);
      return "taken";
    }
    repliedAt = now();
    const item = flight.byId(reply.id);
    if (reply.kind === "back") {
      if (item?.request.hash === reply.hash && item.given <= reply.given) flight.resubmit(item, false);
    } else if (finished.requestOf(keyOf(reply.id)) === null) {
      // Neither what was refused in an earlier run nor an answer to a line that was changed since is one.
      if (item === undefined && reply.refusal === undefined) {
        strays.set(reply.id, reply);
        return "later";
      }
      if (item?.request.hash === reply.hash) answered(item, reply);
    }
    return "taken";
  }

  function answered(item: Item, answer: Answer): void {
    results.add({ request: item.request, answer, given: Math.max(item.given, answer.given) });
    // Of one that was slow: nobody else is to be given the request any more.
    if (answer.given < item.given && item.entry !== "") queue.drop(name, [item.entry]).catch(breakDown);
    flight.remove(item);
  }

  async function collect(): Promise<void> {
    while (!over) {
      const came = await replies.collect(READ);
      if (over) return;
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
    const stray = strays.get(request.id);
    const before = held.get(request.id);
    held.delete(request.id);
    strays.delete(request.id);
    if (stray !== undefined) replies.decided(stray.entry);
    if (finished.requestOf(request.key) !== null) return;
    const same = before?.hash === request.hash ? before : null;
    if (before !== undefined && same === null) await queue.drop(name, [before.entry]);
    const text = await options.textOf(request);
    const item: Item = { request, text, given: same?.given ?? 0, entry: same?.entry ?? "" };
    flight.add(item);
    if (stray?.hash === request.hash) answered(item, stray);
    else if (flight.waiting() >= AT_ONCE || flight.count() >= window) await flight.submit();
  }

  async function feed(): Promise<void> {
    for await (const request of results.without(options.requests)) {
      if (stopped) return;
      await feedOne(request);
      while (flight.count() >= window && !stopped) await change.wait(null);
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
      repliedAt: () => repliedAt,
      onWindow(places) {
        window = Math.max(LEAST_WINDOW, 2 * places);
        change.wake();
      },
      onForgotten: () => (repliedAt = now()),
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
    else results.addRest();
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
    counts: () => ({ inFlight: flight.count(), again: flight.again(), ...results.counts() }),
  };
}

/** Writes what is a result: the ends of requests that all like them were refused are none. */
function createResults({ kindOf, onAnswer }: Pick<FeedOptions, "kindOf" | "onAnswer">) {
  const breaker = createBreaker<Came>(kindOf);

  function write(results: readonly Came[]): void {
    for (const { request, answer, given } of results) onAnswer(request, answer, given);
  }

  return {
    add(came: Came): void {
      const { refusal, failed } = came.answer;
      if (refusal !== undefined) write(breaker.refused(came.request, refusal, came));
      else write(failed ? [came] : [...breaker.answered(came.request), came]);
    },
    /** No more will come. */
    addRest: () => write(breaker.releaseAll()),
    /** Those that would be refused are left out. */
    async *without(requests: AsyncIterable<BatchRequest>): AsyncGenerator<BatchRequest> {
      for await (const request of requests) if (!breaker.isOpen(request)) yield request;
    },
    counts: () => ({ refused: breaker.tripped() }),
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
