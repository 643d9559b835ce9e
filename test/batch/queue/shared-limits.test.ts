import { expect, test } from "bun:test";
import { QueueGone, type Queue, type RunNotice } from "../../../src/batch/queue/queue.ts";
import { createSharedLimits } from "../../../src/batch/queue/shared-limits.ts";
import { NOTICE } from "./notice.ts";

const RUN: RunNotice = {
  ...NOTICE,
  rates: { requestsPerMinute: 60, tokensPerMinute: 6000, tokensPerHour: null },
};

/** The limits of a worker, and how often the engine was told of an overload; `gone`: nothing reaches it any more. */
function open(adapted: () => Promise<void>, served: readonly RunNotice[] = [RUN]) {
  const engine = { gone: false };
  const errors: unknown[] = [];
  const lost = async (): Promise<void> => {
    if (engine.gone) throw new QueueGone();
  };
  const queue: Pick<Queue, "takeLimit" | "settleLimit" | "pauseLimit" | "adapt"> = {
    takeLimit: async () => 0,
    settleLimit: lost,
    pauseLimit: lost,
    async adapt() {
      await adapted();
      await lost();
      return { limit: 8, pause: 0 };
    },
  };
  const limits = createSharedLimits({
    queue,
    name: "w",
    account: "a",
    concurrency: 8,
    served: () => served,
    colleagues: () => [],
    holding: () => 0,
    onChange: () => undefined,
    onError: (error) => errors.push(error),
    now: () => 0,
  });
  return { limits, engine, errors };
}

test("what an engine that is gone cannot be told any more is no rejection that nobody meets", async () => {
  const { limits, engine, errors } = open(() => Promise.resolve());
  await limits.adapt();
  engine.gone = true;
  limits.limiter.pause(1000);
  limits.limiter.settle(10);
  limits.adaptive.overloaded();
  await Bun.sleep(0);
  expect(errors).toEqual([new QueueGone(), new QueueGone(), new QueueGone()]);
});

test("requests that are refused together are told of once", async () => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  let told = 0;
  const { limits } = open(() => {
    told++;
    return answered;
  });
  for (let refused = 0; refused < 1000; refused++) limits.adaptive.overloaded();
  answer();
  await Bun.sleep(0);
  limits.adaptive.overloaded();
  expect(told).toBe(2);
});

test.each<[string, RunNotice["rates"], boolean]>([
  ["requests", { requestsPerMinute: 60, tokensPerMinute: null, tokensPerHour: null }, false],
  ["nothing", { requestsPerMinute: null, tokensPerMinute: null, tokensPerHour: null }, false],
  ["tokens a minute", { requestsPerMinute: null, tokensPerMinute: 60, tokensPerHour: null }, true],
  ["tokens an hour", { requestsPerMinute: 1, tokensPerMinute: null, tokensPerHour: 60 }, true],
])("tokens are told of where they are limited: limits of %s", async (_, rates, reckoned) => {
  const { limits, engine, errors } = open(() => Promise.resolve(), [{ ...RUN, rates }]);
  await limits.adapt();
  expect(limits.limitsTokens()).toBe(reckoned);
  engine.gone = true;
  limits.limiter.settle(10);
  await Bun.sleep(0);
  expect(errors.length).toBe(reckoned ? 1 : 0);
});
