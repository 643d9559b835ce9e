import { describe, expect, test } from "bun:test";
import type { Rates } from "../../../src/batch/limits.ts";
import { createRedisQueue } from "../../../src/batch/queue/redis.ts";
import { HAS_REDIS, startRedis } from "./redis-server.ts";

const NOTHING: Rates = { requestsPerMinute: null, tokensPerMinute: null, tokensPerHour: null };

describe.skipIf(!HAS_REDIS)("limits that the engine keeps", () => {
  test.each([
    ["requests", { ...NOTHING, requestsPerMinute: 6000 }, { ...NOTHING, tokensPerMinute: 60_000 }],
    ["tokens", { ...NOTHING, tokensPerHour: 60_000_000 }, { ...NOTHING, requestsPerMinute: 60 }],
  ])(
    "what a batch with a limit of %s takes is no debt where the next one limits other things",
    async (_, first, next) => {
      await using redis = await startRedis();
      const queue = createRedisQueue({
        url: redis.url,
        shown: "",
        patience: 1000,
        now: () => 0,
        onChange: () => undefined,
      });
      try {
        for (let count = 0; count < 20; count++) expect(await queue.takeLimit("a", first, 10_000)).toBe(0);
        expect(await queue.takeLimit("a", next, 100)).toBe(0);
      } finally {
        queue.close();
      }
    },
  );
});
