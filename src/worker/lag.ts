import { HEALTH_MS, LOOK_MS } from "./protocol.ts";

/** Looks at the event loop every LOOK_MS and tells twice a second how late each look came, in ms. */
export function createLagWatch(tell: (lags: readonly number[]) => void): { start(): void; stop(): void } {
  let lags: number[] = [];
  let due = 0;
  let toldAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function look(): void {
    const now = performance.now();
    lags.push(Math.max(0, now - due));
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
      if (timer !== undefined) return;
      toldAt = performance.now();
      // Whoever waits for the thread to be there learns it now.
      tell([]);
      next(toldAt);
    },
    stop: () => clearTimeout(timer),
  };
}
