import type { AtOnceReport } from "../metrics/shard-report.ts";
import type { RunWatcher } from "../metrics/watched.ts";
import { round } from "../metrics/distribution.ts";
import type { Ms } from "../stream/event.ts";

/** Ms of a slot, and of those of a step that is longer than an hour: a report stays small. */
const FINE = 100;
const COARSE = 1000;
const HOUR = 3_600_000;

/**
 * Counts streams at once over a step, slot by slot: from how many there are at the beginning of each slot, and how many
 * at most in it, what several machines had at once can be bounded.
 */
export function createAtOnce(begin: Ms, length: Ms): RunWatcher & { report(): AtOnceReport; firstSent(): Ms | null } {
  const slot = length > HOUR ? COARSE : FINE;
  const open = new Set<number>();
  const first = [0];
  const most = [0];
  let sentFirst: Ms | null = null;

  /** Slots in which nothing changed have what there was before them. */
  function reach(at: Ms): void {
    const index = Math.floor((at - begin) / slot);
    while (first.length <= index) {
      first.push(open.size);
      most.push(open.size);
    }
  }

  return {
    on(event) {
      if (event.type !== "stream") return;
      const { type, at } = event.event;
      if (type === "sent") {
        sentFirst = Math.min(sentFirst ?? at, at);
        reach(at);
        open.add(event.stream);
        const last = most.length - 1;
        most[last] = Math.max(most[last] ?? 0, open.size);
      } else if (type === "ended") {
        reach(at);
        open.delete(event.stream);
      }
    },
    firstSent: () => sentFirst,
    report: () => ({ start_ms: round(begin), slot_ms: slot, first: [...first], most: [...most] }),
  };
}
