import { HEALTH_MS, LOOK_MS } from "./protocol.ts";

const LONGEST_PAUSE = 60_000;

/** Looks at the event loop every LOOK_MS and tells twice a second how late each look came, in ms. */
export function createLagWatch(tell: (lags: readonly number[]) => void): { start(): void; stop(): void } {
  let lags: number[] = [];
  let due = 0;
  let toldAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function look(): void {
    const now = performance.now();
    // A thread that was blocked would have been late at each look it missed, too: once only, a pause would hardly count.
    // Of a longer pause, as of a machine that slept, the last minute says all.
    let late = Math.min(LONGEST_PAUSE, Math.max(0, now - due));
    do lags.push(late);
    while ((late -= LOOK_MS) > 0);
    if (now - toldAt >= HEALTH_MS) {
      tell(lags);
      lags = [];
      toldAt = now;
    }
    next(now);
  }

  function next(now: number): void {
    due = now + LOOK_MS;
    timer = setTimeout(look, LOOK_MS);
  }

  return {
    start() {
      // Whoever waits for the thread to be there, or for the last of it, learns it now.
      tell(lags);
      lags = [];
      toldAt = performance.now();
      if (timer === undefined) next(toldAt);
    },
    stop: () => clearTimeout(timer),
  };
}
