import type { Ms } from "../stream/event.ts";

/** Something that changes now and then, and those who wait for it. */
export function createChange(startTimer: (run: () => void, ms: number) => () => void) {
  let waiting: (() => void)[] = [];
  return {
    wake(): void {
      const woken = waiting;
      waiting = [];
      for (const resolve of woken) resolve();
    },
    /** Settles at the next change, or after so many ms. */
    wait(ms: Ms | null): Promise<void> {
      return new Promise((resolve) => {
        const off = ms === null ? null : startTimer(resolve, Math.max(0, ms));
        waiting.push(() => {
          off?.();
          resolve();
        });
      });
    },
  };
}
