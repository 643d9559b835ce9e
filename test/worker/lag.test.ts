import { describe, expect, test } from "bun:test";
import { createLagWatch } from "../../src/worker/lag.ts";
import { LOOK_MS } from "../../src/worker/protocol.ts";

describe("the watch on the event loop", () => {
  test("counts a pause once for each look that it swallowed: who is blocked looks less often", async () => {
    const lags: number[] = [];
    const watch = createLagWatch((values) => lags.push(...values));
    watch.start();
    await Bun.sleep(5 * LOOK_MS);
    const until = performance.now() + 20 * LOOK_MS;
    while (performance.now() < until);
    await Bun.sleep(5 * LOOK_MS);
    watch.start();
    watch.stop();
    const late = lags.filter((lag) => lag > LOOK_MS).length;
    expect(late).toBeGreaterThanOrEqual(18);
    expect(Math.max(...lags)).toBeGreaterThan(18 * LOOK_MS);
  });
});
