import type { BatchRequest } from "./input.ts";

/** Requests as they come: who waits for the next one may wait for other things too. */
export function createRequestSource(requests: AsyncIterable<readonly BatchRequest[]>, onArrival: () => void) {
  const iterator = requests[Symbol.asyncIterator]();
  let asking = false;
  let arrived: readonly BatchRequest[] = [];
  let taken = 0;
  let exhausted = false;
  let failure: { error: unknown } | null = null;

  async function ask(): Promise<void> {
    asking = true;
    try {
      const { done, value } = await iterator.next();
      if (done === true) exhausted = true;
      else {
        arrived = value;
        taken = 0;
      }
    } catch (error) {
      failure = { error };
    }
    asking = false;
    onArrival();
  }

  return {
    exhausted: () => exhausted,
    /** The next request, if it is here. */
    take(): BatchRequest | null {
      if (failure !== null) throw failure.error;
      const request = arrived[taken];
      if (request !== undefined) taken++;
      else if (!asking && !exhausted) void ask();
      return request ?? null;
    },
  };
}
