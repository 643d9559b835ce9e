import type { Failure, Ms } from "../stream/event.ts";
import { backoff, isOverload } from "../stream/retry.ts";

type Retries = {
  now: () => Ms;
  random: () => number;
  /** It is not over with a request: it will be asked again in so many ms. */
  onRetry(failure: Failure | null, ms: Ms): void;
};

/** Requests that wait to be asked again, the first that is due first. */
export function createRetries<A extends { attempts: number; refused: number }>({ now, random, onRetry }: Retries) {
  const waiting: { asking: A; due: Ms }[] = [];

  function add(asking: A, failure: Failure | null, ms: Ms): void {
    const due = now() + ms;
    waiting.splice(waiting.findLastIndex((one) => one.due <= due) + 1, 0, { asking, due });
    onRetry(failure, ms);
  }

  return {
    /** The first that is due by now. */
    take: (): A | null =>
      waiting[0] !== undefined && waiting[0].due <= now() ? (waiting.shift()?.asking ?? null) : null,
    /** Ms until one is due; `null`: none waits. */
    until: (): Ms | null => (waiting[0] === undefined ? null : waiting[0].due - now()),
    add,
    /** After the wait that a server asks for, or one that grows with each time. */
    retry(asking: A, failure: Failure, wait: Ms | null): "again" {
      const times = isOverload(failure) ? Math.min(asking.refused - 2, 4) : Math.min(asking.attempts - 1, 6);
      add(asking, failure, wait ?? backoff(times, random));
      return "again";
    },
  };
}
