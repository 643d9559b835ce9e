import type { Ms } from "../../stream/event.ts";
import { createBreaker, type Kind } from "../breaker.ts";
import { keyOf, type Finished } from "../finished.ts";
import type { BatchRequest } from "../input.ts";
import type { InFlight, Item } from "./in-flight.ts";
import type { Answer, Arrived, Halted, Queue, Unreadable } from "./queue.ts";

type ArrivalsOptions = {
  queue: Queue;
  /** What the batch is called there. */
  name: string;
  /** Names this run of it. */
  begun: number;
  finished: Finished;
  flight: InFlight;
  /** What of a request the server may refuse altogether. */
  kindOf(request: BatchRequest): Kind;
  /** Writes an answer into the results. `given`: how often the request was handed out again, whoever answered. */
  onAnswer(request: BatchRequest, answer: Answer, given: number): void;
  /** Nobody can read what that worker says of a request; so many `times`, and it is not handed out again, else `null`. */
  onUnreadable(request: BatchRequest, by: Unreadable, times: number | null): void;
  onHalt(halted: Halted): void;
  onError(error: unknown): void;
  now: () => Ms;
};

/** An answer, and the request that it is one of. */
type Came = { request: BatchRequest; answer: Answer; given: number };

/** Times that a request is asked whose answer cannot be read. */
const UNREADABLE = 3;
/** Who said what has no name on it. */
const NOBODY: Unreadable = { kind: "unreadable", id: null, given: null, worker: null, version: null };

/** What becomes of each reply: a result, a request that is handed out again, or nothing. */
export function createArrivals(options: ArrivalsOptions) {
  const { queue, name, finished, flight, now } = options;
  const results = createResults(options);
  /** Answers to requests that were not read yet in this run: only then is it known whether they are what was asked. */
  const strays = new Map<string, Answer & { entry: string }>();
  const unreadable = new WeakMap<Item, number>();
  /** Replies that cannot be read, and name no request. */
  let nameless = 0;
  let repliedAt = now();

  function take(reply: Arrived): "taken" | "later" {
    if (reply.kind === "halt") {
      if (reply.begun === options.begun) options.onHalt(reply);
      return "taken";
    }
    repliedAt = now();
    const item = reply.id === null ? undefined : flight.byId(reply.id);
    if (reply.kind === "unreadable") {
      if (reply.id === null) nameless++;
      else if (item !== undefined && item.given <= (reply.given ?? item.given)) askAgain(item, reply);
    } else if (reply.kind === "back") {
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
    if (answer.given < item.given && item.entry !== "") queue.drop(name, [item.entry]).catch(options.onError);
    flight.remove(item);
  }

  function askAgain(item: Item, by: Unreadable): void {
    const times = (unreadable.get(item) ?? 0) + 1;
    unreadable.set(item, times);
    const isLast = times >= UNREADABLE;
    options.onUnreadable(item.request, by, isLast ? times : null);
    if (isLast) flight.remove(item);
    else flight.resubmit(item, true);
  }

  return {
    take,
    answered,
    /** The answer to a request that is read only now. */
    strayOf(id: string): (Answer & { entry: string }) | null {
      const stray = strays.get(id) ?? null;
      strays.delete(id);
      return stray;
    },
    /** It was put there, and neither is there nor was answered: the engine has forgotten it, or nobody could read the answer. */
    missing(item: Item): void {
      if (nameless === 0) return flight.resubmit(item, true);
      nameless--;
      askAgain(item, NOBODY);
    },
    repliedAt: () => repliedAt,
    /** Nothing is missing now. */
    allThere: () => void (repliedAt = now()),
    results,
  };
}

/** Writes what is a result: the ends of requests that all like them were refused are none. */
function createResults({ kindOf, onAnswer }: Pick<ArrivalsOptions, "kindOf" | "onAnswer">) {
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
    refused: breaker.tripped,
  };
}
