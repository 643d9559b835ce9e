import { describe, expect, test } from "bun:test";
import { createConcurrency, type Concurrency } from "../../src/metrics/concurrency.ts";
import { ORIGIN, play, type Story } from "../render/several.ts";

function observe(asked: number | null, stories: readonly Story[]): Concurrency {
  const watcher = createConcurrency(asked);
  play(stories, { watchers: [watcher] });
  return watcher.observed();
}

/** A stream that lasts so many ms in all. */
function lasting(start: number, ms: number): Story {
  return { start, ttft: ms, tokens: 1, tail: 0 };
}

describe("the observed concurrency", () => {
  test("of streams one after another is 1", () => {
    const seen = observe(1, [lasting(0, 500), lasting(500, 500), lasting(1000, 500)]);
    expect(seen).toEqual({ asked: 1, max: 1, mean: 1, short: false });
  });

  test("of a window is a mean over all of it, also before its first stream and after its last", () => {
    const watcher = createConcurrency(null, { opens: () => ORIGIN, closes: () => ORIGIN + 60_000 });
    play([lasting(30_000, 10_000)], { watchers: [watcher] });
    expect(watcher.observed(ORIGIN + 60_000).mean).toBeCloseTo(10 / 60, 9);
  });

  test("is weighted by time", () => {
    expect(observe(2, [lasting(0, 1000), lasting(0, 500)])).toEqual({ asked: 2, max: 2, mean: 1.5, short: false });
  });

  test("counts a stream from its first request on, through its waits and retries", () => {
    const retried = { retries: [{ after: 100, wait: 2000 }], ttft: 400, tokens: 1, tail: 0 };
    expect(observe(2, [retried, lasting(0, 2500)])).toEqual({ asked: 2, max: 2, mean: 2, short: false });
  });

  test("is not short when fewer requests are left than were asked for", () => {
    expect(observe(8, [lasting(0, 5000), lasting(1, 9000)]).short).toBe(false);
    expect(observe(2, [lasting(0, 500), lasting(0, 9000), lasting(500, 400)]).short).toBe(false);
  });

  test("is short when a place stayed free for more than a second and somebody was still to come", () => {
    expect(observe(2, [lasting(0, 500), lasting(0, 9000), lasting(1501, 400)]).short).toBe(true);
    expect(observe(2, [lasting(0, 500), lasting(0, 9000), lasting(1499, 400)]).short).toBe(false);
    expect(observe(1, [lasting(0, 100), lasting(1101, 100)]).short).toBe(true);
  });

  test("is short when the places were never all taken, however often others took their turn", () => {
    const turns = Array.from({ length: 30 }, (_, at) => lasting(at * 100, 100));
    expect(observe(2, turns)).toMatchObject({ max: 1, short: true });
  });

  describe("within the measured time", () => {
    const span = { opens: () => ORIGIN + 2000, closes: () => ORIGIN + 10_000 };
    const within = (asked: number, requests: number | null, stories: readonly Story[], end: number): Concurrency => {
      const watcher = createConcurrency(asked, span, requests);
      play(stories, { watchers: [watcher] });
      return watcher.observed(ORIGIN + end);
    };

    test("is not short for what happened before it", () => {
      expect(within(2, null, [lasting(0, 9990), lasting(1900, 8090)], 10_000).short).toBe(false);
      expect(within(2, null, [lasting(0, 9990), lasting(3100, 6890)], 10_000).short).toBe(true);
    });

    test("is short when a place stayed free to its end and requests were left", () => {
      const stories = [lasting(0, 9990), lasting(0, 8000)];
      expect(within(2, null, stories, 10_000).short).toBe(true);
      expect(within(2, 2, stories, 10_000).short).toBe(false);
    });

    test("counts streams that still run up to now", () => {
      const watcher = createConcurrency(4, span);
      const sent = { type: "sent", at: ORIGIN, attempt: 1, request: null } as const;
      for (const stream of [0, 1, 2, 3]) void watcher.on({ type: "stream", stream, event: sent });
      expect(watcher.observed(ORIGIN + 3000)).toMatchObject({ mean: 4, short: false });
    });
  });

  test("is never short where no number was asked for", () => {
    expect(observe(null, [lasting(0, 100), lasting(5000, 100)])).toMatchObject({ asked: null, max: 1, short: false });
  });

  test("of nothing has no mean", () => {
    expect(observe(4, [])).toEqual({ asked: 4, max: 0, mean: null, short: false });
  });

  test("of a thousand at once is a thousand", () => {
    const seen = observe(
      1000,
      Array.from({ length: 1000 }, (_, at) => lasting(at * 0.5, 3000)),
    );
    expect(seen).toMatchObject({ max: 1000, short: false });
    expect(seen.mean).toBeGreaterThan(850);
  });
});
