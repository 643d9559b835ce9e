/** One of several machines that share a work; `index` counts from 0. */
export type Shard = { index: number; of: number };

/** What of a whole number falls to a shard: the shares of all add up to it, and no two differ by more than 1. */
export function shareOf(total: number, { index, of }: Shard): number {
  return Math.floor(((index + 1) * total) / of) - Math.floor((index * total) / of);
}

/** Every `of`-th of a list without end: together the shards take all of it, each in its turn. */
export async function* turnsOf<T>(all: Iterable<T> | AsyncIterable<T>, { index, of }: Shard): AsyncGenerator<T> {
  let number = 0;
  for await (const one of all) if (number++ % of === index) yield one;
}
