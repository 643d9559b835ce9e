import type { Breaker } from "./breaker.ts";
import type { createChange } from "./change.ts";
import type { BatchRequest } from "./input.ts";
import type { Limiter } from "./limits.ts";
import { createRequestSource } from "./request-source.ts";
import type { createRetries } from "./retries.ts";

/**
 * A request that is to be asked: how often it was, and `misfits`: how often its answer did not fit. `refused`: how often
 * the server had too much to do, which is no attempt; `before`: answers to others that had come when it first was.
 */
export type Asking = { request: BatchRequest; attempts: number; misfits: number; refused: number; before: number };

/** A request that may be asked now; `reserved`: tokens taken from the limits for it. */
export type Admitted = { asked: Asking; reserved: number };

type AdmissionOptions = {
  /** So many at a time as come together. */
  requests: AsyncIterable<readonly BatchRequest[]>;
  estimate(request: BatchRequest): number;
  limiter: Limiter;
  breaker?: Pick<Breaker<never>, "isOpen">;
  again: Pick<ReturnType<typeof createRetries<Asking>>, "take" | "until">;
  change: ReturnType<typeof createChange>;
  /** Requests in the hands of the server, which may have to be asked again. */
  running: { readonly size: number };
  /** One more of them may be. */
  isFree(): boolean;
  isStopped(): boolean;
  /** Told that none is left. */
  finish(): Promise<void>;
};

/** Which request is asked next, and when: what is here and may go is not waited for, which would cost as much as to start it. */
export function createAdmission(options: AdmissionOptions) {
  const { limiter, breaker, again, change, running, isFree, isStopped } = options;
  const source = createRequestSource(options.requests, () => change.wake());

  /** The next request that is due, if one is here. */
  function due(): Asking | null {
    const asked = again.take();
    if (asked !== null) return asked;
    for (let request = source.take(); request !== null; request = source.take()) {
      if (breaker?.isOpen(request) !== true) return { request, attempts: 0, misfits: 0, refused: 0, before: 0 };
    }
    return null;
  }

  /** The same, once one is due; `null`: there is none any more. */
  async function nextDue(): Promise<Asking | null> {
    while (!isStopped()) {
      const asked = due();
      if (asked !== null) return asked;
      const ms = again.until();
      if (ms !== null) await change.wait(ms);
      else if (running.size > 0 || !source.exhausted()) await change.wait(null);
      else {
        await options.finish();
        return null;
      }
    }
    return null;
  }

  /** 0 where one more may run, else in how many ms to ask again; `null`: when something has changed. */
  function place(tokens: number): number | null | Promise<number> {
    return isFree() ? limiter.take(tokens) : null;
  }

  /** Settles when it may run, for which there is a place or not. */
  async function admit(admitted: Admitted, found: ReturnType<typeof place>): Promise<Admitted | null> {
    for (let told = found; ; told = place(admitted.reserved)) {
      // Awaited only where it comes later: a change between a look for a place and the wait for one would be missed.
      const ms = told instanceof Promise ? await told : told;
      if (ms === 0) return admitted;
      if (!isStopped()) await change.wait(ms);
      if (isStopped()) return null;
    }
  }

  function admitWhenFree(asked: Asking): Admitted | Promise<Admitted | null> {
    const admitted = { asked, reserved: options.estimate(asked.request) };
    const found = place(admitted.reserved);
    return found === 0 ? admitted : admit(admitted, found);
  }

  async function whenDue(): Promise<Admitted | null> {
    const asked = await nextDue();
    return asked === null ? null : admitWhenFree(asked);
  }

  return {
    /** The next one; `null`: the batch was stopped, or there is none any more. */
    next(): Admitted | null | Promise<Admitted | null> {
      if (isStopped()) return null;
      const asked = due();
      return asked === null ? whenDue() : admitWhenFree(asked);
    },
  };
}
