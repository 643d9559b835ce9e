import { describe, expect, test } from "bun:test";
import { UserError } from "../../src/config/user-error.ts";
import type { ComparisonReport, FigureDifference } from "../../src/metrics/comparison.ts";
import type { RunReport } from "../../src/metrics/summary.ts";
import { compareRuns } from "../../src/report/compare.ts";
import { parseFailIf } from "../../src/report/fail-if.ts";
import { run, type Process } from "./runs.ts";

type Wishes = { failIf?: string[]; strict?: boolean };

function compare(a: RunReport[], b: RunReport[], { failIf = [], strict = false }: Wishes = {}): ComparisonReport {
  const named = (reports: RunReport[], side: string) =>
    reports.map((report, at) => ({ path: `${side}${at}.json`, report }));
  return compareRuns(named(a, "a"), named(b, "b"), { failIf: failIf.map(parseFailIf), strict, failed: 5 });
}

function figureOf({ pairs }: ComparisonReport, name: string): FigureDifference {
  const found = pairs[0]?.figures.find(({ figure }) => figure === name);
  if (found === undefined) throw new Error(`no figure ${name}`);
  return found;
}

function notesOf({ notes }: ComparisonReport): string[] {
  return notes.map(({ code }) => code);
}

/** The run with something else in its one step. */
function withStep(report: RunReport, change: Partial<RunReport["steps"][number]>): RunReport {
  return { ...report, steps: report.steps.map((step) => ({ ...step, ...change })) };
}

/** Whether a comparison says that something changed. */
function found({ verdict }: ComparisonReport): boolean {
  return verdict === "better" || verdict === "worse" || verdict === "mixed";
}

describe("200 comparisons of runs of the same process", () => {
  const processes: Partial<Process>[] = [
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
    expect(compare([run({ streams: 30 }, 1)], [run({ streams: 30, ttft: 3000 }, 2)]).verdict).toBe("worse");
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

  test("have the interval that the formula gives by hand", () => {
    const rate = (values: number[]) =>
      values.map((value) => {
        const report = run({ streams: 40 }, 1);
        const [step] = report.steps;
        const columns = (step?.columns ?? []).map((column) => ({ ...column, requests_per_second: value }));
        return withStep(report, { columns });
      });
    const figure = figureOf(compare(rate([10, 11, 12]), rate([13, 15, 17])), "requests_per_second");
    // Means 11 and 15; variances 1 and 4; t of 2.9412 degrees of freedom at 97.5 %: 3.2218 (R: qt).
    expect(figure.change).toBeCloseTo(4 / 11, 9);
    expect(figure.interval?.[0]).toBeCloseTo((4 - 3.2218 * Math.sqrt(5 / 3)) / 11, 3);
    expect(figure.interval?.[1]).toBeCloseTo((4 + 3.2218 * Math.sqrt(5 / 3)) / 11, 3);
    // R: t.test(c(13, 15, 17), c(10, 11, 12)).
    expect(figure.p_value).toBeCloseTo(0.0546, 3);
  });

  test("under three take their blocks together, and it is said", () => {
    const two = compare(runs(300, 1, 2), runs(450, 11, 2));
    expect(two.pairs[0]).toMatchObject({ method: "bootstrap", streams: { a: 120, b: 120 } });
    expect(two.notes).toContainEqual({ code: "few_runs", a: 2, b: 2 });
    expect(two.verdict).toBe("worse");
    expect(notesOf(compare(runs(300, 1, 1), runs(450, 11, 1)))).toEqual(["one_run"]);
  });
});

describe("what has a partner", () => {
  const usual = run({}, 1);
  const arrival = { kind: "arrival", rate: 2, arrival: "poisson", max_in_flight: 50 } as const;

  test("is each model, and all together", () => {
    const column = (report: RunReport, model: string | null) =>
      report.steps.flatMap(({ columns }) => columns).map((each) => ({ ...each, model }));
    const both = (models: (string | null)[]) =>
      withStep(usual, { columns: models.flatMap((model) => column(usual, model)) });
    const report = compare([both(["x", "y", null])], [both(["y", "z", null])]);
    expect(report.pairs.map(({ model }) => model.a)).toEqual(["y", null]);
    expect(report.notes).toContainEqual(expect.objectContaining({ code: "model_alone", side: "a", model: "x" }));
    expect(report.notes).toContainEqual(expect.objectContaining({ code: "model_alone", side: "b", model: "z" }));
  });

  test("are the two models of two runs with one each, and it is said", () => {
    const report = compare([usual], [run({ model: "gemma3:4b" }, 2)]);
    expect(report.pairs[0]?.model).toEqual({ a: "granite3.3:2b", b: "gemma3:4b" });
    expect(report.notes).toContainEqual({ code: "models_differ", a: "granite3.3:2b", b: "gemma3:4b" });
  });

  test("is each load; the others are named, and nothing is concluded from them", () => {
    const report = compare([usual], [withStep(usual, { load: arrival })], { failIf: ["p95(ttft) +10%"] });
    expect(report).toMatchObject({ verdict: "not_enough", pairs: [], exit_code: 5 });
    expect(report.fail_if).toEqual([expect.objectContaining({ passed: false, why: "no_data", load: null })]);
    expect(notesOf(report)).toEqual(["load_alone", "load_alone"]);
  });

  test("is one run even where its sweep has a load several times", () => {
    const thrice = { ...usual, steps: [...usual.steps, ...usual.steps, ...usual.steps] };
    const { pairs } = compare([thrice], [thrice]);
    expect(pairs).toMatchObject([{ runs: { a: 1, b: 1 }, method: "bootstrap" }]);
  });

  test("is judged by what users wait for where arrivals are due", () => {
    const due = withStep(usual, { load: arrival });
    const report = compare([due], [due]);
    expect(figureOf(report, "p95(latency_from_due)").primary).toBe(true);
    expect(figureOf(report, "p95(duration)").primary).toBe(false);
  });

  test("may have another plan, an early end or a limited client, which is said", () => {
    const plan = {
      ...usual.plan,
      requests: 100,
      prompt_tokens: 500,
      max_tokens: 50,
      retries: 2,
      slo: ["ttft < 1s", "p95(gap) < 1s"],
    };
    const verdict = { ...usual.verdict, client: "limited" as const, limited_by: ["cpu_per_thread" as const] };
    const other = { ...usual, plan, verdict, partial: "signal" as const, endpoint: "http://b/v1" };
    const { notes } = compare([usual], [other]);
    const differing = notes.flatMap((note) =>
      note.code === "plan_differs" ? [`${note.what} ${note.a} ${note.b}`] : [],
    );
    expect(differing).toEqual([
      "endpoint https://api.example.com/v1 http://b/v1",
      "requests 200 100",
      "max_tokens 300 50",
      "prompt_tokens - 500",
      "retries 0 2",
      "objectives - ttft < 1s",
    ]);
    expect(notes).toContainEqual({ code: "partial", side: "b", why: "signal" });
    expect(notes).toContainEqual({ code: "client_limited", side: "b", by: ["cpu_per_thread"] });
  });
});

describe("--fail-if", () => {
  const usual = run({}, 1);
  const slow = run({ ttft: 450, errors: 0.2 }, 2);

  test.each([
    ["p95(ttft) +10%", "p95", 0.1],
    ["  MEAN(gap)+5.5 %", "mean", 0.055],
    ["error_rate +1%", "error_rate", 0.01],
    ["p50(tokens_per_second) -10%", "p50", 0.1],
    ["goodput -5%", "goodput", 0.05],
    ["p50(tokens_per_second) −10%", "p50", 0.1],
  ])("%s can be read", (text, name, limit) => {
    const { figure, limit: read } = parseFailIf(text);
    expect(JSON.stringify(figure)).toContain(name === "p50" ? "50" : name === "p95" ? "95" : name);
    expect(read).toBeCloseTo(limit, 9);
  });

  test.each([
    ["", "p95(ttft) +10%"],
    ["p95(ttft)", "p95(ttft) +10%"],
    ["p95(ttft) 10%", "error_rate +1% (2% → 3%)"],
    ["p95(ttft) +10", "p95(ttft) +10%"],
    ["p95(ttft) +10ms", "p95(ttft) +10%"],
    ["ttft +10%", "p95(ttft) +10%"],
    ["p95(nothing) +10%", "ttft, ttfo"],
    ["q(ttft) +10%", "p99.9"],
    ["p95(ttft) -10%", "p95(ttft) +10%"],
    ["p50(tokens_per_second) +10%", "p50(tokens_per_second) -10%"],
    ["error_rate -1%", "error_rate +1% (2% → 3%)"],
  ])("%p is refused, with what is accepted", (text, accepted) => {
    try {
      parseFailIf(text);
      throw new Error("accepted");
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      expect(error.problem).toMatchObject({ code: "bad_fail_if", value: text });
      expect("accepted" in error.problem && error.problem.accepted).toContain(accepted);
    }
  });

  test("fails when what is certain of the worsening exceeds the limit, --strict when the estimate does", () => {
    const { change, interval } = figureOf(compare([usual], [slow]), "p95(ttft)");
    const between = Math.round(100 * (((change ?? 0) + (interval?.[0] ?? 0)) / 2));
    const wishes = { failIf: [`p95(ttft) +${between}%`] };
    expect(compare([usual], [slow], wishes)).toMatchObject({ exit_code: 0, fail_if: [{ passed: true, why: null }] });
    expect(compare([usual], [slow], { ...wishes, strict: true })).toMatchObject({
      exit_code: 5,
      fail_if: [{ passed: false, why: "worse" }],
    });
    const below = Math.floor(100 * (interval?.[0] ?? 0)) - 1;
    expect(compare([usual], [slow], { failIf: [`p95(ttft) +${below}%`] }).exit_code).toBe(5);
  });

  test("counts points of an error rate", () => {
    const { exit_code: code, fail_if: gates } = compare([usual], [slow], {
      failIf: ["error_rate +5%", "error_rate +50%"],
    });
    expect(code).toBe(5);
    expect(gates.map(({ passed }) => passed)).toEqual([false, true]);
    expect(gates[0]?.worsening).toBeCloseTo(figureOf(compare([usual], [slow]), "error_rate").change ?? NaN, 9);
  });

  test("never fails by an improvement", () => {
    const failIf = ["p95(ttft) +0%", "p50(tokens_per_second) -0%", "error_rate +0%"];
    expect(compare([slow], [run({ tpot: 12 }, 3)], { failIf, strict: true }).exit_code).toBe(0);
  });

  test.each([
    ["no_data", "goodput -5%", {}],
    ["not_enough", "p95(ttft) +500%", { streams: 20 }],
    ["no_interval", "max(ttft) +500%", {}],
  ] as const)("fails where there is %s", (why, text, process) => {
    const report = compare([usual], [run(process, 2)], { failIf: [text] });
    expect(report).toMatchObject({ exit_code: 5, fail_if: [{ passed: false, why }] });
  });

  test("can be asked of a figure that no table shows", () => {
    expect(compare([usual], [slow], { failIf: ["p75(ttft) +10%"] }).exit_code).toBe(5);
    expect(compare([usual], [usual], { failIf: ["p75(ttft) +10%"] }).exit_code).toBe(0);
  });
});
