import { describe, expect, test } from "bun:test";
import { createTimeline, thoughtUntil } from "../../src/metrics/timeline.ts";
import type { StreamEvent } from "../../src/stream/event.ts";
import { delta, ended, sent } from "../contract/samples.ts";

const think = (): StreamEvent => delta("", { reasoning: "hm" });

/** The timeline of these events at these ms, and what gap each of them ended. */
function follow(events: readonly (readonly [ms: number, event: StreamEvent])[], arrivals = false) {
  const timeline = createTimeline({ due: 5, stall: 1000, ttftFrom: "last_attempt", arrivals });
  const gaps = events.map(([at, event]) => timeline.on({ ...event, at }));
  return { ...timeline, gaps };
}

describe("a timeline", () => {
  test("says which gap a read of tokens ends, and none where we held reading", () => {
    const held = delta("c", { backpressure: 40 });
    const { gaps } = follow([
      [10, sent()],
      [100, delta("a")],
      [130, delta("b")],
      [200, held],
      [230, delta("d")],
    ]);
    expect(gaps).toEqual([null, null, 30, null, 30]);
  });

  test("has its state as far as it has come", () => {
    const { state, on } = follow([
      [10, sent()],
      [100, think()],
      [130, delta("b", { events: 3 })],
    ]);
    expect(state).toMatchObject({
      sent: 10,
      firstToken: 100,
      firstOutput: 130,
      lastToken: 130,
      tokenEvents: 4,
      coalesced: 2,
    });
    expect(state.ended).toBeNull();
    on({ ...ended("truncated"), at: 2000 });
    expect(state).toMatchObject({ ended: 2000, cutInStall: true });
  });

  test("counts from the first request where the second repeats one that a stale connection lost", () => {
    const { state, figures } = follow([
      [10, sent()],
      [40, { type: "notice", at: 0, code: "stale_connection", detail: "" }],
      [41, sent(2)],
      [100, delta("a")],
      [130, delta("b")],
    ]);
    expect(state).toMatchObject({ attempts: 2, sent: 10, lastSent: 10, firstTokenFrom: 10 });
    expect(figures(ended("complete"))).toMatchObject({ ttft_ms: 90, attempts: 2, retry_wait_ms: 0 });
  });

  test("was cut in no stall where the silence at its end was our own doing", () => {
    const begin = [
      [10, sent()],
      [100, delta("a", { backpressure: 5000 })],
    ] as const;
    const paused = { ...ended("cancelled"), backpressure: 7500 };
    expect(follow([...begin, [2700, paused]]).state.cutInStall).toBe(false);
    expect(follow([...begin, [5000, paused]]).state.cutInStall).toBe(true);
    expect(follow([...begin, [2700, { ...paused, backpressure: 5000 }]]).state.cutInStall).toBe(true);
  });

  test("is due when it was sent in a closed loop, and when the pace said so else", () => {
    expect(follow([[10, sent()]]).state.due).toBe(10);
    expect(follow([[10, sent()]], true).state.due).toBe(5);
  });

  test("waits for an attempt from its announcement to its request", () => {
    const failure = { kind: "ended_early", message: "" } as const;
    const { state, on } = follow([
      [10, sent()],
      [20, { type: "retrying", at: 0, attempt: 2, failure, delay: 500 }],
    ]);
    expect(state.waiting).toEqual({ at: 20, delay: 500, attempt: 2 });
    on({ ...sent(2), at: 520 });
    expect(state).toMatchObject({ waiting: null, attempts: 2, sent: 10, lastSent: 520 });
  });

  test("thought until its first visible text, else until its last token, where it reasoned at all", () => {
    const until = (...events: (readonly [number, StreamEvent])[]): number | null => thoughtUntil(follow(events).state);
    expect(until([100, think()], [200, think()])).toBe(200);
    expect(until([100, think()], [200, delta("a")], [300, think()])).toBe(200);
    expect(until([100, delta("a")], [200, think()])).toBeNull();
    expect(until([100, delta("a")], [200, delta("b")])).toBeNull();
    expect(until([100, think()])).toBeNull();
  });
});
