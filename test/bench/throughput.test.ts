import { describe, expect, test } from "bun:test";
import { createThroughput } from "../../src/bench/throughput.ts";

const BEGUN = 1_000_000;
const throughput = () => createThroughput({ opens: () => BEGUN, closes: () => null });

describe("the best second", () => {
  test("may be the last one, which ends within a slot", () => {
    const tokens = throughput();
    for (let at = 0; at < 1990; at += 50) tokens.add(BEGUN + at, at < 1000 ? 1 : 2);
    tokens.add(BEGUN + 1990, 10);
    expect(tokens.peak(BEGUN + 1990)).toBeCloseTo(50, 0);
    expect(tokens.peak(BEGUN + 1990)).toBeGreaterThan((1000 * tokens.total()) / 1990);
  });

  test("is nothing where less than a second was measured", () => {
    const tokens = throughput();
    tokens.add(BEGUN + 990, 10);
    expect(tokens.peak(BEGUN + 990)).toBeNull();
  });
});
