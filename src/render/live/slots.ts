import type { Pane } from "./pane.ts";

/**
 * Which stream stands where. Who has a seat keeps it, also ended, until somebody who runs needs it: nothing jumps.
 * `running` in the order of starting, `ended` the latest first.
 */
export type Slots = (count: number, running: readonly Pane[], ended: readonly Pane[]) => readonly (Pane | null)[];

export function createSlots(): Slots {
  let seats: (Pane | null)[] = [];

  function reseat(count: number, running: readonly Pane[], ended: readonly Pane[]): void {
    const seated = [...running, ...ended].slice(0, count).toSorted((one, other) => one.stream - other.stream);
    seats = Array.from({ length: count }, (_, seat) => seated[seat] ?? null);
  }

  function place(pane: Pane, isFree: (seated: Pane | null) => boolean): void {
    if (seats.includes(pane)) return;
    const seat = seats.findIndex(isFree);
    if (seat >= 0) seats[seat] = pane;
  }

  return (count, running, ended) => {
    if (count !== seats.length) reseat(count, running, ended);
    // More of them cannot be seated: a thousand streams are not looked through in each frame.
    for (const pane of running.slice(0, 2 * count)) place(pane, (seated) => seated === null || seated.over());
    for (const pane of ended.slice(0, count)) place(pane, (seated) => seated === null);
    return seats;
  };
}
