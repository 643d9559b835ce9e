/** A worker and how many requests it can run. */
export type Places = { name: string; concurrency: number };

/**
 * How many requests one of several workers may run where all together may run `limit`: each by its places, whole ones. Who
 * came first keeps what it has where there are more workers than requests. `workers` stand in the order in which they came.
 */
export function allot(workers: readonly Places[], name: string, limit: number): number {
  const places = workers.reduce((sum, { concurrency }) => sum + concurrency, 0);
  const most = Math.min(places, Math.max(1, Math.floor(limit)));
  const at = workers.findIndex((worker) => worker.name === name);
  const mine = workers[at];
  if (mine === undefined) return 1;
  if (most <= workers.length) return at < most ? 1 : 0;
  // One for each, and the rest by places; what is left of the division goes to the first.
  const spare = most - workers.length;
  const spares = workers.map(({ concurrency }) => Math.floor((spare * (concurrency - 1)) / (places - workers.length)));
  const rest = spare - spares.reduce((sum, share) => sum + share, 0);
  return Math.min(mine.concurrency, 1 + (spares[at] ?? 0) + (at < rest ? 1 : 0));
}
