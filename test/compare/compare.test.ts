import { describe, expect, test } from "bun:test";
import { UserError } from "../../src/config/user-error.ts";
import type { ComparisonReport } from "../../src/metrics/comparison.ts";
import { compare, figureOf, notesOf, run, withStep, type Service } from "../report/comparisons.ts";

/** Whether a comparison says that something changed. */
function found({ verdict }: ComparisonReport): boolean {
  return verdict === "better" || verdict === "worse" || verdict === "mixed";
}

describe("200 comparisons of runs of the same process", () => {
  const processes: Service[] = [
    { streams: 30, concurrency: 4 },
    { streams: 60, spread: 0.6 },
    { streams: 40, concurrency: 16, errors: 0.1 },
    { streams: 100, spread: 0.1 },
    // Cut short, in the first tenth of the plan and in the second.
    { streams: 40, planned: 500, tokens: 30 },
    { streams: 40, planned: 200, tokens: 30 },
  ];

  test("one against one, whole or cut short, find a difference in at most 10 % of each kind", () => {
    const differing = processes.map(() => 0);
    for (let at = 0; at < 200; at++) {
      const kind = at % processes.length;
      const [a, b] = [1, 2].map((side) => run(processes[kind] ?? {}, 2 * at + side));
      if (a && b && found(compare([a], [b]))) differing[kind] = (differing[kind] ?? 0) + 1;
    }
    expect(differing.filter((count) => count > 200 / processes.length / 10)).toEqual([]);
  }, 60_000);

  test("three against three, find a difference in at most 10 %", () => {
    let differing = 0;
    // Each of 300 runs is used four times, each time beside others.
    const all = Array.from({ length: 300 }, (_, at) => run({ streams: 30 }, at + 1));
    const three = (at: number, step: number) => [0, step, 2 * step].flatMap((more) => all[(at + more) % 300] ?? []);
    for (let at = 0; at < 200; at++) {
      if (found(compare(three(at, 7), three(at + 100, 11)))) differing++;
    }
    expect(differing).toBeLessThanOrEqual(20);
  }, 60_000);

  test("leave each figure's own interval without 0 in about 5 %", () => {
    const missed = { count: 0, of: 0 };
    for (let at = 0; at < 60; at++) {
      const { pairs } = compare([run({ streams: 100 }, 9000 + 2 * at)], [run({ streams: 100 }, 9001 + 2 * at)]);
      for (const { interval } of pairs[0]?.figures ?? []) {
        if (interval === null) continue;
        missed.of++;
        if (interval[0] > 0 || interval[1] < 0) missed.count++;
      }
    }
    expect(missed.of).toBeGreaterThan(1500);
    expect(missed.count / missed.of).toBeLessThan(0.08);
  }, 60_000);
});

describe("a comparison", () => {
  const usual = run({}, 1);
  const slow = run({ ttft: 450 }, 2);

  test("finds what is worse, and says better from the other side", () => {
    const worse = compare([usual], [slow]);
    expect(worse.verdict).toBe("worse");
    expect(figureOf(worse, "p50(ttft)")).toMatchObject({ word: "worse", stands: true, primary: true, better: "less" });
    const better = compare([slow], [usual]);
    expect(better.verdict).toBe("better");
    expect(figureOf(better, "p50(ttft)").change).toBeLessThan(0);
  });

  test("knows that more tokens/s are better", () => {
    const report = compare([usual], [run({ tpot: 15 }, 3)]);
    expect(report.verdict).toBe("better");
    expect(figureOf(report, "p50(tokens_per_second)")).toMatchObject({ word: "better", better: "more" });
    expect(figureOf(report, "p50(tpot)")).toMatchObject({ word: "better", better: "less" });
  });

  test("says mixed when some of both is found", () => {
    expect(compare([usual], [run({ tpot: 12, ttft: 500 }, 3)]).verdict).toBe("mixed");
  });

  test("of a report with itself finds nothing, and gives the same intervals each time", () => {
    const report = compare([usual], [usual]);
    expect(report.verdict).toBe("no_difference");
    for (const { change, word } of report.pairs[0]?.figures ?? []) {
      expect(change).toBe(0);
      expect(["no_difference", "not_judged"]).toContain(word);
    }
    expect(compare([usual], [usual])).toEqual(report);
  });

  test("does not call a certain change of at most 2 % a difference", () => {
    const exact = { spread: 0.001, errors: 0, streams: 400 };
    const report = compare([run({ ...exact, ttft: 300 }, 1)], [run({ ...exact, ttft: 304 }, 2)]);
    const ttft = figureOf(report, "p50(ttft)");
    expect(ttft.interval?.[0]).toBeGreaterThan(0);
    expect(ttft.word).toBe("no_difference");
    const more = compare([run({ ...exact, ttft: 300 }, 1)], [run({ ...exact, ttft: 308 }, 2)]);
    expect(figureOf(more, "p50(ttft)").word).toBe("worse");
  });

  test("needs 30 streams a side", () => {
    const report = compare([usual], [run({ streams: 29, ttft: 3000 }, 2)]);
    expect(report.verdict).toBe("not_enough");
    expect(new Set(report.pairs[0]?.figures.map(({ word }) => word))).toEqual(new Set(["not_enough"]));
    const few = { streams: 30, concurrency: 4 };
    expect(compare([run(few, 1)], [run({ ...few, ttft: 3000 }, 2)]).verdict).toBe("worse");
  });

  test("needs runs that are more than one burst: tenths of that share its luck", () => {
    const burst = { streams: 60, concurrency: 30 };
    const report = compare([run(burst, 1)], [run({ ...burst, ttft: 3000 }, 2)]);
    expect(report.verdict).toBe("not_enough");
    expect(new Set(report.pairs[0]?.figures.map(({ word }) => word))).toEqual(new Set(["not_judged"]));
    const runs = (ttft: number, seed: number) => [0, 1, 2].map((at) => run({ ...burst, ttft }, seed + at));
    expect(compare(runs(300, 1), runs(3000, 11)).verdict).toBe("worse");
  });

  test("judges no rate by tenths of a run that are shorter than what a rate is counted in", () => {
    const quick = { ttft: 20, tpot: 0.2, spread: 0.1 };
    const report = compare([run(quick, 1)], [run({ ...quick, ttft: 60 }, 2)]);
    expect(figureOf(report, "output_tokens_per_second").word).toBe("not_judged");
    expect(figureOf(report, "p50(ttft)").word).toBe("worse");
  });

  test("needs 30 streams that have the figure, whatever else there is", () => {
    const report = compare([usual], [run({ errors: 0.9, tpot: 10 }, 2)]);
    expect(figureOf(report, "p50(tokens_per_second)").word).toBe("not_enough");
    expect(figureOf(report, "p50(ttft)").word).toBe("no_difference");
    expect(figureOf(report, "error_rate")).toMatchObject({ word: "worse", stands: true });
    // One stream has many gaps.
    expect(figureOf(report, "p50(gap)").word).toBe("better");
    const [step] = run({ tpot: 10 }, 2).steps;
    const results = (step?.results ?? []).map((result) => {
      const gaps = { ...result.distributions.gap_ms, missing: 180 };
      return { ...result, distributions: { ...result.distributions, gap_ms: gaps } };
    });
    expect(figureOf(compare([usual], [withStep(usual, { results })]), "p50(gap)").word).toBe("not_enough");
  });

  test("says error rates in points, and finds those that came from 0", () => {
    const report = compare([run({ errors: 0 }, 1)], [run({ errors: 0.15 }, 2)]);
    const errors = figureOf(report, "error_rate");
    expect(errors).toMatchObject({ a: 0, word: "worse", stands: true });
    expect(errors.change).toBeCloseTo(errors.b, 9);
    const none = figureOf(compare([run({ errors: 0 }, 1)], [run({ errors: 0 }, 2)]), "error_rate");
    expect(none.word).toBe("no_difference");
    // No failure in 200 does not mean that there will never be one.
    expect(none.interval?.[1]).toBeGreaterThan(0.001);
  });

  test("judges no percentile that is the maximum, and no best second, by one run", () => {
    const report = compare([run({ streams: 60 }, 1)], [run({ streams: 60 }, 2)]);
    expect(figureOf(report, "p99(ttft)")).toMatchObject({ interval: null, word: "not_judged" });
    expect(figureOf(report, "p99(gap)").interval).not.toBeNull();
    expect(figureOf(report, "peak_tokens_per_second")).toMatchObject({ interval: null, word: "not_judged" });
  });

  test("leaves out figures that one side does not have", () => {
    const { pairs } = compare([usual], [usual]);
    expect(pairs[0]?.figures.map(({ figure }) => figure)).not.toContain("goodput");
  });

  test("is fast enough not to be waited for", () => {
    const big = [1, 2].map((seed) => run({ streams: 2000, concurrency: 32 }, seed));
    const start = performance.now();
    compare(big.slice(0, 1), big.slice(1));
    // About 0.15 s on two cores; a bound that only another algorithm breaks.
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test("of the built-in server with a real one is refused", () => {
    const refused = () => compare([usual], [{ ...slow, demo: true }]);
    expect(refused).toThrow(UserError);
    expect(compare([{ ...usual, demo: true }], [{ ...slow, demo: true }]).verdict).toBe("worse");
  });
});

describe("several runs a side", () => {
  const runs = (ttft: number, seed: number, count: number) =>
    Array.from({ length: count }, (_, at) => run({ ttft, streams: 60 }, seed + at));

  test("from three on are compared by Welch's t over the runs", () => {
    const report = compare(runs(300, 1, 3), runs(450, 11, 4));
    expect(report.pairs[0]).toMatchObject({ method: "welch", runs: { a: 3, b: 4 }, streams: { a: 180, b: 240 } });
    expect(report.verdict).toBe("worse");
    expect(notesOf(report)).toEqual([]);
  });

  test("must not be one run several times, under whatever names", () => {
    const [one, two] = [run({}, 1), run({}, 2)];
    expect(() => compare([one, one, one], [two, two, two])).toThrow(
      expect.objectContaining({ problem: { code: "compare_repeated", first: "a0.json", second: "a1.json" } }),
    );
    expect(() => compare([one], [two, run({}, 3), run({}, 2)])).toThrow(
      expect.objectContaining({ problem: { code: "compare_repeated", first: "b0.json", second: "b2.json" } }),
    );
  });

  test("may have a run in common with the other side, and it is said", () => {
    const report = compare(runs(300, 1, 3), runs(300, 3, 3));
    expect(report.notes).toEqual([{ code: "same_run", a: "a2.json", b: "b0.json" }]);
  });

  test("under three take their blocks together, and it is said", () => {
    const two = compare(runs(300, 1, 2), runs(450, 11, 2));
    expect(two.pairs[0]).toMatchObject({ method: "bootstrap", streams: { a: 120, b: 120 } });
    expect(two.notes).toContainEqual({ code: "few_runs", a: 2, b: 2 });
    expect(two.verdict).toBe("worse");
    expect(notesOf(compare(runs(300, 1, 1), runs(450, 11, 1)))).toEqual(["one_run"]);
  });
});
