import type { RunEvent, Watcher } from "./event.ts";

/** Takes an event; what it returns is awaited before the event is acknowledged. */
export type Tell<E> = (event: E) => void | Promise<void>;

/** Stands between a run and its watchers: takes what happens, and tells them what it makes of it. */
export type Stage<E> = (tell: Tell<E>) => Tell<RunEvent>;

type Broadcast<E> = {
  tell: Tell<E>;
  /** Closes every watcher, also one that was lost. */
  close(): Promise<void>;
  /** What the first watcher threw that threw; `null` when none did. */
  failure(): unknown;
};

/**
 * Tells every watcher, in their order. One that cannot take an event gets no more, and `onLost` is called: somebody
 * would miss what is measured.
 */
export function createBroadcast<E>(watchers: readonly Watcher<E>[], onLost: () => void): Broadcast<E> {
  const listening = new Set(watchers);
  let failure: unknown = null;

  function lose(watcher: Watcher<E>, error: unknown): void {
    listening.delete(watcher);
    failure ??= error;
    onLost();
  }

  // Apart: a closure in the loop would take 25 ns a watcher and a token, also where it is never made (Bun 1.4.5).
  function unlessLost(watcher: Watcher<E>, settling: Promise<void>): Promise<void> {
    return settling.catch((error: unknown) => lose(watcher, error));
  }

  return {
    tell(event) {
      let pending: Promise<void>[] | null = null;
      for (const watcher of listening) {
        try {
          const settling = watcher.on(event);
          if (settling !== undefined) (pending ??= []).push(unlessLost(watcher, settling));
        } catch (error) {
          lose(watcher, error);
        }
      }
      if (pending === null) return;
      return pending.length === 1 ? pending[0] : settled(...pending);
    },
    async close() {
      for (const watcher of watchers) {
        try {
          await watcher.close?.();
        } catch (error) {
          failure ??= error;
        }
      }
    },
    failure: () => failure,
  };
}

/** Tells of an error of the stage itself, a bug, in place of passing it on: whoever brings events could do nothing about it. */
export function guard<E>(tell: Tell<E>, onBug: (error: unknown) => void): Tell<E> {
  const caught = (settling: Promise<void>): Promise<void> => settling.catch(onBug);
  return (event) => {
    try {
      const settling = tell(event);
      return settling === undefined ? undefined : caught(settling);
    } catch (error) {
      return void onBug(error);
    }
  };
}

/** Settles when all of them did; nothing to wait for is `undefined`. */
export function settled(...all: (void | Promise<void>)[]): void | Promise<void> {
  let first: Promise<void> | undefined;
  let more: Promise<void>[] | null = null;
  for (const one of all) {
    if (one === undefined) continue;
    if (first === undefined) first = one;
    else (more ??= [first]).push(one);
  }
  return more === null ? first : Promise.all(more).then(() => undefined);
}
