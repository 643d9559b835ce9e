import { describe, expect, test } from "bun:test";
import { createDeadline } from "../../src/stream/deadline.ts";
import type { TimerName, Timers } from "../../src/stream/event.ts";
import { createVirtualClock } from "../fixtures/clocks.ts";

const OFF: Timers = { open: 0, firstToken: 0, idle: 0, total: 0 };

/** A deadline on a clock that goes as far as it is told to; `at` counts from now. */
function createStage(timers: Partial<Timers>) {
  const clock = createVirtualClock();
  const begun = clock.now();
  let stood = 0;
  const deadline = createDeadline({ ...OFF, ...timers }, { ...clock, stood: () => stood });
  let abortedAt: number | null = null;
  deadline.signal.addEventListener("abort", () => (abortedAt = clock.now() - begun));
  return {
    deadline,
    now: clock.now,
    pass: (ms: number) => clock.during(clock.sleep(ms)),
    /** The thread stands still: the time is over before anything runs again. */
    stand(ms: number) {
      stood += ms;
      return clock.during(clock.sleep(ms));
    },
    outcome: () => ({ failure: deadline.failure(), abortedAt }),
  };
}

const fired = (phase: TimerName, after: number, abortedAt: number) => ({
  failure: { kind: "timeout", phase, after, message: "" } as const,
  abortedAt,
});
const NOTHING = { failure: null, abortedAt: null };

describe("a deadline", () => {
  test("runs the timer of what is awaited, each from when it began to be", async () => {
    const { deadline, now, pass, outcome } = createStage({ open: 100, firstToken: 300, idle: 200 });
    deadline.sent(now());
    await pass(90);
    deadline.opened();
    await pass(200);
    deadline.token(now());
    await pass(190);
    deadline.token(now());
    await pass(190);
    expect(outcome()).toEqual(NOTHING);
    await pass(20);
    expect(outcome()).toEqual(fired("idle", 200, 680));
  });

  test("is over with the timer that is due first", async () => {
    const { deadline, now, pass, outcome } = createStage({ open: 300, firstToken: 100, total: 200 });
    deadline.sent(now());
    await pass(1000);
    expect(outcome()).toEqual(fired("first_token", 100, 100));
  });

  test("never fires a timer of 0", async () => {
    const { deadline, now, pass, outcome } = createStage({});
    deadline.sent(now());
    await pass(100_000);
    expect(outcome()).toEqual(NOTHING);
  });

  test("begins anew with each attempt, but for total", async () => {
    const { deadline, now, pass, outcome } = createStage({ open: 100, total: 500 });
    for (let attempt = 0; attempt < 3; attempt++) {
      deadline.sent(now());
      await pass(90);
      deadline.rest();
      await pass(60);
    }
    expect(outcome()).toEqual(NOTHING);
    await pass(60);
    expect(outcome()).toEqual(fired("total", 500, 500));
  });

  test("stands still while we hold reading, but for total", async () => {
    const { deadline, now, pass, outcome } = createStage({ idle: 100, total: 5000 });
    deadline.sent(now());
    deadline.token(now());
    await pass(60);
    deadline.hold();
    await pass(1000);
    deadline.resume();
    await pass(30);
    expect(outcome()).toEqual(NOTHING);
    await pass(20);
    expect(outcome()).toEqual(fired("idle", 100, 1100));

    const held = createStage({ total: 500 });
    held.deadline.sent(held.now());
    held.deadline.hold();
    await held.pass(600);
    expect(held.outcome()).toEqual(fired("total", 500, 500));
  });

  test("stands still while the thread does, but for total", async () => {
    const { deadline, now, pass, stand, outcome } = createStage({ open: 100, firstToken: 150, idle: 100, total: 5000 });
    deadline.sent(now());
    await stand(1000);
    await pass(90);
    expect(outcome()).toEqual(NOTHING);
    deadline.opened();
    await stand(1000);
    await pass(50);
    deadline.token(now());
    await pass(60);
    await stand(2000);
    await pass(30);
    expect(outcome()).toEqual(NOTHING);
    await pass(20);
    expect(outcome()).toEqual(fired("idle", 100, 4240));

    const total = createStage({ total: 500, idle: 100 });
    total.deadline.sent(total.now());
    await total.stand(600);
    expect(total.outcome()).toEqual(fired("total", 500, 500));
  });

  test("counts time for which it was held and stood still once", async () => {
    const { deadline, now, pass, stand, outcome } = createStage({ idle: 100 });
    deadline.sent(now());
    deadline.token(now());
    deadline.hold();
    await stand(1000);
    deadline.resume();
    await pass(90);
    expect(outcome()).toEqual(NOTHING);
    await pass(20);
    expect(outcome()).toEqual(fired("idle", 100, 1100));
  });

  test("keeps the first reason it had to end", async () => {
    const { deadline, now, pass, outcome } = createStage({ open: 100 });
    deadline.sent(now());
    await pass(50);
    deadline.cancel("signal");
    deadline.cancel("window");
    await pass(100);
    expect(outcome()).toEqual({ failure: { kind: "cancelled", reason: "signal", message: "" }, abortedAt: 50 });
  });

  test("fires no more once it is stopped", async () => {
    const { deadline, now, pass, outcome } = createStage({ open: 100 });
    deadline.sent(now());
    deadline.stop();
    await pass(200);
    expect(outcome()).toEqual(NOTHING);
  });
});
