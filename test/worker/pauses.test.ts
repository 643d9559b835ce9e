import { describe, expect, test } from "bun:test";
import { createPauses } from "../../src/worker/lag.ts";

describe("the watch on pauses", () => {
  function begin() {
    let now = 1_000_000;
    const pauses = createPauses(() => now);
    pauses.start();
    return { pauses, total: () => pauses.total(now), pass: (ms: number) => void (now += ms) };
  }

  test("counts what no look fell into, less the time between two looks", () => {
    const { pauses, total, pass } = begin();
    pass(5000);
    expect(total()).toBe(4900);
    expect(total()).toBe(4900);
    pass(2000);
    expect(total()).toBe(6800);
    pauses.stop();
  });

  test("counts nothing of a machine that is merely busy", () => {
    const { pauses, total, pass } = begin();
    for (let look = 0; look < 100; look++) {
      pass(500);
      expect(total()).toBe(0);
    }
    pauses.stop();
  });

  test("counts nothing while nobody streams, nor the time before it begins again", () => {
    const { pauses, total, pass } = begin();
    pauses.stop();
    pass(60_000);
    expect(total()).toBe(0);
    pass(60_000);
    pauses.start();
    pass(100);
    expect(total()).toBe(0);
    pauses.stop();
  });
});
