import type { RunNotice } from "../../../src/batch/queue/queue.ts";

/** What a feeder says of a batch that has just begun, and that nothing limits. */
export const NOTICE: RunNotice = {
  name: "b",
  endpoint: "e",
  state: "running",
  begun: 0,
  lease: 1000,
  rates: { requestsPerMinute: null, tokensPerMinute: null, tokensPerHour: null },
  counts: "all",
  prices: null,
  concurrency: null,
  schema: null,
  host: "h",
  total: 1,
  done: 0,
  failed: 0,
  per_second: null,
};
