import { describe, expect, test } from "bun:test";
import { createAdaptiveConcurrency, createLimiter } from "../../src/batch/limits.ts";

/** How many requests of so many tokens go in each second, asked as soon as they may. */
async function perSecond(
  limiter: ReturnType<typeof createLimiter>,
  clock: { at: number },
  seconds: number,
  tokens: number,
  use: (at: number) => void = () => undefined,
): Promise<number[]> {
  const counts = Array.from({ length: seconds }, () => 0);
  while (clock.at < seconds * 1000) {
    const wait = await limiter.take(tokens);
    if (wait > 0) {
      clock.at += wait;
      continue;
    }
    counts[Math.floor(clock.at / 1000)]!++;
    use(clock.at);
  }
  return counts;
}

const NONE = { requestsPerMinute: null, tokensPerMinute: null, tokensPerHour: null };

describe("the limits of a batch", () => {
  test("600 requests a minute are ten a second, not 600 at once", async () => {
    const clock = { at: 0 };
    const limiter = createLimiter({ ...NONE, requestsPerMinute: 600 }, () => clock.at);
    const counts = await perSecond(limiter, clock, 5, 100);
    expect(counts.slice(1).every((count) => count === 10 || count === 11)).toBe(true);
    expect(counts[0]).toBeLessThanOrEqual(20);
  });

  test("tokens an hour allow a minute's worth at once and no more than their rate after", async () => {
    const clock = { at: 0 };
    const limiter = createLimiter({ ...NONE, tokensPerHour: 72_000 }, () => clock.at);
    const counts = await perSecond(limiter, clock, 60, 100);
    const total = counts.reduce((sum, count) => sum + count, 0) * 100;
    expect(counts[0]).toBe(12);
    expect(total).toBeLessThanOrEqual(1200 + 60 * 20);
    expect(total).toBeGreaterThanOrEqual(1200 + 60 * 20 - 100);
  });

  test("what was reserved and not used is given back; what was used beyond it is owed", async () => {
    const clock = { at: 0 };
    const limiter = createLimiter({ ...NONE, tokensPerMinute: 60_000 }, () => clock.at);
    expect(await limiter.take(60_000)).toBe(0);
    expect(await limiter.take(1000)).toBeCloseTo(1000, 6);
    await limiter.settle(59_000);
    expect(await limiter.take(1000)).toBe(0);
    await limiter.settle(-120_000);
    expect(await limiter.take(1000)).toBeCloseTo(63_000, 6);
  });

  test("a request larger than all that may be saved up goes when the bucket is full, and not never", async () => {
    const clock = { at: 0 };
    const limiter = createLimiter({ ...NONE, tokensPerMinute: 1000 }, () => clock.at);
    expect(await limiter.take(5000)).toBe(0);
    expect(await limiter.take(1)).toBeCloseTo(4001 * 60, 3);
  });

  test("a pause is everybody's, and the longest one counts", async () => {
    const clock = { at: 0 };
    const limiter = createLimiter(NONE, () => clock.at);
    await limiter.pause(5000);
    await limiter.pause(1000);
    expect(await limiter.take(1)).toBe(5000);
    clock.at = 5000;
    expect(await limiter.take(1)).toBe(0);
  });

  test("no limits hold nothing back", async () => {
    const limiter = createLimiter(NONE, () => 0);
    for (let count = 0; count < 1000; count++) expect(await limiter.take(1e9)).toBe(0);
  });
});

describe("how many run at once", () => {
  test("is a fifth less after a refusal, once in a typical latency, and one more after as many successes", () => {
    const clock = { at: 0 };
    const adaptive = createAdaptiveConcurrency(40, () => clock.at);
    for (let count = 0; count < 40; count++) adaptive.overloaded();
    expect(adaptive.limit()).toBe(32);
    clock.at = 60_000;
    adaptive.overloaded();
    expect(adaptive.limit()).toBe(25);
    for (let count = 0; count < 26; count++) adaptive.succeeded(1000, true);
    expect(adaptive.limit()).toBe(26);
  });

  test("never grows where not as many ran as may, nor beyond what was asked, nor below one", () => {
    const clock = { at: 0 };
    const adaptive = createAdaptiveConcurrency(2, () => clock.at);
    for (let step = 0; step < 20; step++) {
      clock.at += 60_000;
      adaptive.overloaded();
    }
    expect(adaptive.limit()).toBe(1);
    for (let count = 0; count < 100; count++) adaptive.succeeded(1000, false);
    expect(adaptive.limit()).toBe(1);
    for (let count = 0; count < 100; count++) adaptive.succeeded(1000, true);
    expect(adaptive.limit()).toBe(2);
  });
});
