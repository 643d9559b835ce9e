import { describe, expect, test } from "bun:test";
import { UserError } from "../../src/config/user-error.ts";
import { parseFailIf } from "../../src/compare/fail-if.ts";
import type { RunReport } from "../../src/metrics/report.ts";
import { compare, figureOf, run, withStep } from "../report/comparisons.ts";

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

  test.each([
    ["p95(tttf) +10%", "metric", "p95(ttft) +10%"],
    ["tttf +10%", "metric", "p95(ttft) +10%"],
    ["eror_rate + 1 %", "metric", "error_rate +1%"],
    ["median(ttft) +10%", "function", "p50(ttft) +10%"],
    ["p95(error_rate) +1%", null, "error_rate +1%"],
    ["nothing +10%", "metric", null],
  ])("%p says what of it is unknown, and what was meant", (text, why, meant) => {
    expect(() => parseFailIf(text)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ why, meant }) }),
    );
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
    ["no_interval", "max(ttft) +500%", { ttft: 450 }],
  ] as const)("fails where there is %s", (why, text, process) => {
    const report = compare([usual], [run(process, 2)], { failIf: [text] });
    expect(report).toMatchObject({ exit_code: 5, fail_if: [{ passed: false, why }] });
  });

  test("passes what did not get worse, also where nothing tells how certain that is", () => {
    const { fail_if: gates } = compare([usual], [usual], { failIf: ["max(ttft) +0%", "p95(dispatch_delay) +5%"] });
    expect(gates.map(({ passed, worsening }) => [passed, worsening])).toEqual([
      [true, 0],
      [true, 0],
    ]);
  });

  test("fails for each load and model of A that B has not", () => {
    const load = { kind: "closed", concurrency: 64 } as const;
    const [step] = usual.steps;
    const [result] = step?.results ?? [];
    if (step === undefined || result === undefined) throw new Error("no result");
    const models = ["x", "granite3.3:2b"].map((model) => ({ ...result, model }));
    const a = {
      ...usual,
      steps: [
        { ...step, results: models },
        { ...step, load },
      ],
    };
    const { fail_if: gates, exit_code: code } = compare([a], [run({}, 2)], {
      failIf: ["p95(ttft) +50%"],
      strict: true,
    });
    expect(gates.map(({ load: asked, model, why }) => [asked, model, why])).toEqual([
      [step.load, "granite3.3:2b", null],
      [step.load, "x", "no_data"],
      [load, null, "no_data"],
    ]);
    expect(code).toBe(5);
    // What only B has cannot have got worse.
    expect(compare([run({}, 2)], [a], { failIf: ["p95(ttft) +50%"], strict: true }).exit_code).toBe(0);
  });

  test("passes what rose from 0 and is better, and fails what is worse", () => {
    const still = withStep(usual, {
      results: usual.steps
        .flatMap(({ results }) => results)
        .map((result) => ({
          ...result,
          output_tokens_per_second: 0,
          peak_tokens_per_second: 0,
          blocks: result.blocks.map((block) => ({ ...block, tokens: 0 })),
          distributions: { ...result.distributions, ttft_ms: { ...result.distributions.ttft_ms, p95: 0 } },
        })),
    });
    const better = ["output_tokens_per_second -5%", "peak_tokens_per_second -5%"];
    for (const strict of [false, true]) {
      const failIf = [...better, "p95(ttft) +1000%"];
      const { fail_if: gates } = compare([still], [run({}, 2)], { failIf, strict });
      expect(gates.map(({ why }) => why)).toEqual([null, null, "worse"]);
      expect(gates[0]).toMatchObject({ passed: true, worsening: null, lower_bound: null });
    }
    expect(compare([run({}, 2)], [still], { failIf: better.slice(0, 1) }).exit_code).toBe(5);
  });

  test("can be asked of a figure that no table shows", () => {
    expect(compare([usual], [slow], { failIf: ["p75(ttft) +10%"] }).exit_code).toBe(5);
    expect(compare([usual], [usual], { failIf: ["p75(ttft) +10%"] }).exit_code).toBe(0);
  });

  describe("of a run that its client disturbed", () => {
    const [a, b] = [run({ limited: true }, 1), run({ ttft: 450, limited: true }, 2)];
    const { worsening, lower_bound: bound } = compare([a], [b], { failIf: ["p95(ttft) +0%"] }).fail_if[0] ?? {};

    function judged(points: number, strict: boolean, sides: [RunReport, RunReport] = [a, b]) {
      const value = (strict ? worsening : bound) ?? 0;
      const limit = Math.max(0, Math.round(100 * value + points));
      const { exit_code, fail_if: gates } = compare([sides[0]], [sides[1]], {
        failIf: [`p95(ttft) +${limit}%`],
        strict,
      });
      return [exit_code, gates[0]?.why];
    }

    test.each([false, true])(
      "is undecided where the limit is nearer than that, on either side; strict: %p",
      (strict) => {
        expect(judged(2, strict)).toEqual([6, "undecided"]);
        expect(judged(-2, strict)).toEqual([6, "undecided"]);
        // Of 41 ms in some 500, on both sides: some 20 points at most.
        expect(judged(60, strict)).toEqual([0, null]);
        if (strict) expect(judged(-40, strict)).toEqual([5, "worse"]);
      },
    );

    test("is decided where the clients kept up", () => {
      const healthy = (report: RunReport): RunReport =>
        withStep(report, { client: { healthy: true, checks: report.steps[0]?.client.checks ?? [] } });
      expect(judged(2, true, [healthy(a), healthy(b)])).toEqual([0, null]);
      expect(judged(-2, true, [healthy(a), healthy(b)])).toEqual([5, "worse"]);
    });

    test("is enough on one side, and a failed one counts for more", () => {
      expect(judged(1, true, [run({}, 1), b])).toEqual([6, "undecided"]);
      const { exit_code, fail_if: gates } = compare([a], [b], {
        failIf: ["p95(ttft) +0%", `p95(ttft) +${Math.round(100 * (worsening ?? 0))}%`],
        strict: true,
      });
      expect([exit_code, gates.map(({ why }) => why)]).toEqual([5, ["worse", "undecided"]]);
    });

    test("says by how much in its note", () => {
      const noted = compare([a], [b]).notes.find(({ code }) => code === "client_limited");
      expect(noted).toMatchObject({ side: "a", disturbance: { time_ms: 41.2, refused: 0 } });
    });
  });
});
