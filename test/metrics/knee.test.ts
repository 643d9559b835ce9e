import { describe, expect, test } from "bun:test";
import { kneeOf, whyNoKnee } from "../../src/metrics/knee.ts";
import type { StepReport } from "../../src/metrics/report.ts";
import { playRun } from "../fixtures/report.ts";

/** A step with so many streams at once, that ran so many and brought so many tokens per second. */
function step(concurrency: number, streams: number, tokens: number, ok = streams): StepReport {
  const [made] = playRun({ streams: 4 }).report.steps;
  const [result] = made?.results ?? [];
  if (made === undefined || result === undefined) throw new Error("a sample without a step");
  const counts = { ...result.streams, started: streams, ok, failed: streams - ok, unfinished: 0 };
  return {
    ...made,
    load: { kind: "closed", concurrency },
    results: [{ ...result, streams: counts, output_tokens_per_second: tokens }],
  };
}

describe("the knee of a sweep", () => {
  test("is the last step from which more load still brought at least half as much more", () => {
    expect(kneeOf([step(1, 20, 40), step(4, 40, 150), step(16, 100, 500), step(64, 400, 520)])).toBe(2);
  });

  test("is none where throughput grows with the load", () => {
    const steps = [step(1, 20, 40), step(4, 40, 160), step(16, 100, 640)];
    expect(kneeOf(steps)).toBeNull();
    expect(whyNoKnee(steps)).toBe("none");
  });

  test("is not seen in a step that ran out of requests before all its places were taken three times", () => {
    const steps = [step(1, 20, 40), step(4, 20, 160), step(16, 20, 400), step(64, 20, 480)];
    expect(kneeOf(steps)).toBeNull();
    expect(whyNoKnee(steps)).toBe("few_rounds");
  });

  test("is before the step in which no stream ends well, whatever tokens came of those that failed", () => {
    expect(kneeOf([step(1, 20, 40), step(4, 40, 160), step(16, 100, 640, 0)])).toBe(1);
  });

  test("cannot be told where no stream of any step ends well", () => {
    const steps = [step(1, 20, 40, 0), step(4, 40, 20, 0)];
    expect(kneeOf(steps)).toBeNull();
    expect(whyNoKnee(steps)).toBe("nothing_whole");
  });
});
