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
  if (at < 0) return 1;
  if (most <= workers.length) return at < most ? 1 : 0;
  // One for each, and the rest by the places that are left: the first are rounded up.
  const weight = places - workers.length;
  const upTo = (end: number): number =>
    Math.ceil(
      ((most - workers.length) * workers.slice(0, end).reduce((sum, each) => sum + each.concurrency - 1, 0)) / weight,
    );
  return 1 + upTo(at + 1) - upTo(at);
}
