import type { Ms } from "../stream/event.ts";

/** Something that changes now and then, and those who wait for it. */
export function createChange(startTimer: (run: () => void, ms: number) => () => void) {
  const waiting = new Set<() => void>();
  return {
    wake(): void {
      for (const end of waiting) end();
    },
    /** Settles at the next change, or after so many ms. */
    wait(ms: Ms | null): Promise<void> {
      return new Promise((resolve) => {
        const off = ms === null ? null : startTimer(end, Math.max(0, ms));
        function end(): void {
          off?.();
          waiting.delete(end);
          resolve();
        }
        waiting.add(end);
      });
    },
  };
}
