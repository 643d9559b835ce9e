import { now, type Ms } from "../stream/event.ts";

/** The waits of one run, each of which an interruption ends. One at a time: a run does one thing after the other. */
export type Waits = {
  /** Settles at the next `wake`, at an interruption, or at that time. */
  change(until: Ms | null): Promise<void>;
  /** What this brings, or `undefined` at an interruption, or at that time. */
  unlessStopped<T>(work: T | Promise<T>, until: Ms | null): Promise<T | undefined>;
  /** Something changed. */
  wake(): void;
  /** From now on nothing is waited for but `change`. */
  interrupt(): void;
  isInterrupted(): boolean;
};

export function createWaits(): Waits {
  let interrupted = false;
  let wake: (() => void) | null = null;
  let stop: (() => void) | null = null;

  return {
    change(until) {
      return new Promise((resolve) => {
        const timer = startTimer(resolve, until);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
    // No race against one promise for the whole run: what waits for it would pile up, a kilobyte a stream.
    unlessStopped(work, until) {
      return new Promise((resolve, reject) => {
        const timer = startTimer(end, until);
        function end(): void {
          clearTimeout(timer);
          stop = null;
          resolve(undefined);
        }
        stop = end;
        Promise.resolve(work)
          .finally(() => clearTimeout(timer))
          .then(resolve, reject);
        if (interrupted) end();
      });
    },
    wake: () => wake?.(),
    interrupt() {
      interrupted = true;
      stop?.();
      wake?.();
    },
    isInterrupted: () => interrupted,
  };
}

function startTimer(done: () => void, until: Ms | null): Timer | undefined {
  return until === null ? undefined : setTimeout(done, Math.max(0, Math.ceil(until - now())));
}
