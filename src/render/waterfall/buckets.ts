import type { Ms } from "../../stream/event.ts";

/** How many, and what the narrowest spans at first: 1.28 s in all, and a quarter of a day after fourteen doublings. */
const COUNT = 64;
const FINEST: Ms = 20;

/** Amounts over time, from 0 on, in a memory that does not grow. */
export type Buckets = {
  /** Spreads an amount evenly; `to` is never before what was added already. */
  add(from: Ms, to: Ms, amount: number): void;
  /** What fell between two instants, taking each bucket for even. */
  between(from: Ms, to: Ms): number;
};

/** Buckets that merge by two and double their width as time goes on: no amount is lost, only where exactly it fell. */
export function createBuckets(): Buckets {
  const amounts = new Float64Array(COUNT);
  let width = FINEST;
  let end = 0;

  function widen(): void {
    for (let at = 0; at < COUNT; at++) {
      amounts[at] = at < COUNT / 2 ? (amounts[2 * at] ?? 0) + (amounts[2 * at + 1] ?? 0) : 0;
    }
    width *= 2;
  }

  function put(at: number, amount: number): void {
    amounts[at] = (amounts[at] ?? 0) + amount;
  }

  return {
    add(from, to, amount) {
      while (to >= width * COUNT) widen();
      end = Math.max(end, to);
      const first = Math.floor(from / width);
      const last = Math.floor(to / width);
      let rest = amount;
      for (let at = first; at < last; at++) {
        const share = (amount * ((at + 1) * width - Math.max(from, at * width))) / (to - from);
        put(at, share);
        rest -= share;
      }
      put(last, rest);
    },

    between(from, to) {
      let sum = 0;
      for (let at = Math.max(0, Math.floor(from / width)); at < COUNT && at * width <= to; at++) {
        const left = at * width;
        // The last bucket is filled as far as time went, not to its edge.
        const right = Math.min(left + width, end);
        const overlap = Math.min(to, right) - Math.max(from, left);
        if (right > left) sum += overlap > 0 ? ((amounts[at] ?? 0) * overlap) / (right - left) : 0;
        else if (from <= left) sum += amounts[at] ?? 0;
      }
      return sum;
    },
  };
}
