import type { Failure } from "../stream/event.ts";
import type { Breaker, Refusal } from "./breaker.ts";
import { isOfConnection, showsAnswer } from "./failures.ts";
import type { BatchRequest } from "./input.ts";

type End = { request: BatchRequest; failure: Failure | null; refusal: Refusal | null };

/**
 * Which ends of requests are results: not those of requests that nobody heard, and of such that would all be refused.
 * Whether they are shows later, and until then they are held.
 */
export function createEnds<T extends End>(breaker: Breaker<T> | null, replied: () => boolean) {
  /** Ended for want of a connection: nobody was there, unless somebody replies yet. */
  let unheard: T[] = [];

  function ofKind(end: T): readonly T[] {
    if (breaker === null) return [end];
    if (end.refusal !== null) return breaker.refused(end.request, end.refusal, end);
    return showsAnswer(end.failure) ? [...breaker.answered(end.request), end] : [end];
  }

  return {
    /** One more has ended for good: what is a result by now. */
    add(end: T): readonly T[] {
      if (end.failure !== null && isOfConnection(end.failure)) {
        unheard.push(end);
        return [];
      }
      const results = ofKind(end);
      if (unheard.length === 0) return results;
      const heard = unheard;
      unheard = [];
      return [...heard, ...results];
    },
    /** Whose request nobody was there to take, where nobody has replied to any. */
    unheard: (): T | null => (replied() ? null : (unheard.find(({ failure }) => failure?.kind === "refused") ?? null)),
    /** What is held when no more will come. */
    rest: (): readonly T[] => [...unheard, ...(breaker?.releaseAll() ?? [])],
  };
}
