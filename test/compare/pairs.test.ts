import { describe, expect, test } from "bun:test";
import type { RunReport } from "../../src/metrics/report.ts";
import { compare, figureOf, notesOf, run, withStep } from "../report/comparisons.ts";

describe("what has a partner", () => {
  const usual = run({}, 1);
  const arrival = { kind: "arrival", rate: 2, arrival: "poisson", max_in_flight: 50 } as const;

  test("is each model, and all together", () => {
    const result = (report: RunReport, model: string | null) =>
      report.steps.flatMap(({ results }) => results).map((each) => ({ ...each, model }));
    const both = (models: (string | null)[]) =>
      withStep(usual, { results: models.flatMap((model) => result(usual, model)) });
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
    const report = compare([usual], [withStep(run({}, 2), { load: arrival })], { failIf: ["p95(ttft) +10%"] });
    expect(report).toMatchObject({ verdict: "not_enough", pairs: [], exit_code: 5 });
    expect(report.fail_if).toEqual([
      expect.objectContaining({ passed: false, why: "no_data", load: usual.steps[0]?.load }),
    ]);
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
      loads: [arrival],
      requests: 100,
      prompt_tokens: 500,
      max_tokens: 50,
      retries: 2,
      slo: ["ttft < 1s", "p95(gap) < 1s"],
    };
    const verdict = { ...usual.verdict, client: "limited" as const, limited_by: ["cpu_per_thread" as const] };
    const other = {
      ...usual,
      plan,
      verdict,
      partial: "signal" as const,
      endpoint: "http://b/v1",
      api: "responses" as const,
      machine: { ...usual.machine, cpu: "other" },
      tool: { ...usual.tool, version: "9.0.0" },
    };
    const { notes } = compare([usual], [other]);
    const differing = notes.flatMap((note) =>
      note.code === "plan_differs" ? [`${note.what} ${note.a} ${note.b}`] : [],
    );
    expect(differing).toEqual([
      "endpoint https://api.ai.cloud-temple.com/v1 http://b/v1",
      "api chat responses",
      "requests 200 100",
      "max_tokens 300 50",
      "prompt_tokens - 500",
      "retries 0 2",
      "arrival - poisson",
      "max_in_flight - 50",
      "objectives - ttft < 1s",
      "machine 2 × AMD EPYC 7763 (linux x64) 2 × other (linux x64)",
      "version 0.1.0 9.0.0",
    ]);
    expect(notes).toContainEqual({ code: "partial", side: "b", why: "signal" });
    expect(notes).toContainEqual({ code: "client_limited", side: "b", by: ["cpu_per_thread"] });
  });

  test("may have missed starts or a window that was too short, which is said", () => {
    const due = { ...usual, plan: { ...usual.plan, loads: [arrival] } };
    const { streams } = usual.verdict;
    const verdict = { ...usual.verdict, streams: { ...streams, missed_starts: 12 }, window_too_short: true };
    const { notes } = compare([due], [{ ...due, verdict }]);
    expect(notes).toContainEqual({ code: "missed_starts", side: "b", count: 12 });
    expect(notes).toContainEqual({ code: "window_too_short", side: "b" });
    expect(notes.filter((note) => "side" in note && note.side === "a")).toEqual([]);
  });

  test("has the same arrivals however many loads a sweep has", () => {
    const loads = [1, 2, 3].map((rate) => ({ ...arrival, rate }));
    const [long, short] = [loads, loads.slice(1)].map((some) => ({ ...usual, plan: { ...usual.plan, loads: some } }));
    expect(notesOf(compare(long ? [long] : [], short ? [short] : []))).toEqual(["same_run", "one_run"]);
  });
});

describe("goodput", () => {
  const usual = run({}, 1);

  /** As if so many of 200 streams had met these objectives. */
  function meeting(report: RunReport, slo: string[], met: number): RunReport {
    const results = report.steps
      .flatMap((step) => step.results)
      .map((result) => ({
        ...result,
        goodput: { met, share: met / 200, per_second: met / 100 },
        blocks: result.blocks.map((block) => ({ ...block, good: Math.round((block.counted * met) / 200) })),
      }));
    return { ...withStep(report, { results }), plan: { ...report.plan, slo } };
  }

  test("is compared where the objectives are the same, however they are spelt", () => {
    const a = meeting(usual, ["ttft < 1s", "p95(gap) < 1s", "tokens_per_second > 30"], 190);
    const b = meeting(run({}, 2), ["TOKENS_PER_SECOND>30/s", "ttft_ms<1000ms", "ttft < 1s"], 100);
    const report = compare([a], [b], { failIf: ["goodput -5%", "goodput_per_second -5%"] });
    expect(figureOf(report, "goodput")).toMatchObject({ word: "worse", stands: true });
    expect(report.fail_if.map(({ why }) => why)).toEqual(["worse", "worse"]);
    expect(notesOf(report)).toEqual(["one_run"]);
  });

  test.each(["ttft < 300ms", "ttft <= 1s", "ttfo < 1s", "ttft < 1 fortnight"])(
    "by ttft < 1s and by %s is not the same thing",
    (other) => {
      const [a, b] = [meeting(usual, ["ttft < 1s"], 190), meeting(run({}, 2), [other], 100)];
      for (const strict of [false, true]) {
        const report = compare([a], [b], { failIf: ["goodput -5%", "goodput_per_second -5%"], strict });
        expect(report.pairs[0]?.figures.map(({ figure }) => figure)).not.toContain("goodput");
        expect(report.fail_if.map(({ why }) => why)).toEqual(["no_data", "no_data"]);
        expect(report.notes).toContainEqual({ code: "plan_differs", what: "objectives", a: "ttft < 1s", b: other });
      }
    },
  );
});

describe("tokens", () => {
  const usual = run({}, 1);
  const OF_TOKENS = [
    "p50(tpot)",
    "p50(tokens_per_second)",
    "p50(decode_tokens_per_second)",
    "output_tokens_per_second",
  ];

  /** As if this share of the whole answers had no usage. */
  function byEvents(report: RunReport, share: number): RunReport {
    const results = report.steps
      .flatMap((step) => step.results)
      .map((result) => {
        const events = Math.round(result.streams.ok * share);
        const source = { usage: result.streams.started - events, events, whole_by_events: events };
        return { ...result, trust: { ...result.trust, tokens_source: source } };
      });
    return withStep(report, { results });
  }

  test("counted by usage and by events are not judged, and it is said", () => {
    const report = compare([usual], [byEvents(run({ tokens: 75, tpot: 40, reads: 4, errors: 0 }, 2), 1)]);
    for (const name of OF_TOKENS) expect(figureOf(report, name)).toMatchObject({ word: "not_judged", p_value: null });
    expect(figureOf(report, "peak_tokens_per_second").word).toBe("not_judged");
    expect(figureOf(report, "p50(gap)").word).toBe("worse");
    expect(report.verdict).toBe("no_difference");
    expect(report.notes).toContainEqual({ code: "tokens_source", by_events: { a: 0, b: 1 } });
  });

  test("keep no limit then, not even by the estimate", () => {
    const failIf = ["p50(tokens_per_second) -90%", "p50(tpot) +900%", "output_tokens_per_second -90%"];
    const report = compare([usual], [byEvents(run({}, 2), 1)], { failIf, strict: true });
    expect(report.fail_if.map(({ why }) => why)).toEqual(["no_data", "no_data", "no_data"]);
  });

  test("are part of goodput where an objective counts them", () => {
    const wished = (report: RunReport, slo: string[]) => {
      const results = report.steps.flatMap((step) => step.results);
      const goodput = { met: 100, share: 0.5, per_second: 1 };
      return {
        ...withStep(report, { results: results.map((each) => ({ ...each, goodput })) }),
        plan: { ...report.plan, slo },
      };
    };
    const why = (slo: string[]) => {
      const b = byEvents(wished(run({}, 2), slo), 1);
      return compare([wished(usual, slo)], [b], { failIf: ["goodput -5%"], strict: true }).fail_if.map(
        (gate) => gate.why,
      );
    };
    expect(why(["ttft < 1s"])).toEqual([null]);
    expect(why(["ttft < 1s", "tokens_per_second > 30"])).toEqual(["no_data"]);
  });

  test("are judged where both sides count alike, or but few answers otherwise", () => {
    for (const [a, b] of [
      [1, 1],
      [0.4, 0.41],
      [0, 0.01],
    ] as const) {
      const report = compare([byEvents(usual, a)], [byEvents(run({ tpot: 40 }, 2), b)]);
      expect(figureOf(report, "p50(tokens_per_second)").word).toBe("worse");
      expect(notesOf(report)).toEqual(["one_run"]);
    }
    const apart = compare([byEvents(usual, 0.2)], [byEvents(run({ tpot: 40 }, 2), 0.4)]);
    expect(figureOf(apart, "p50(tokens_per_second)").word).toBe("not_judged");
  });
});

describe("a side whose answers were held back on the way", () => {
  const OF_READS = ["p50(ttft)", "p95(ttft)", "p50(ttfo)", "p99(gap)", "mean(tpot)", "p50(decode_tokens_per_second)"];
  const direct = run({ errors: 0 }, 1);
  const behind = run({ errors: 0, ttft: 900, tpot: 40, lumps: true }, 2);

  test.each<[string, RunReport, RunReport, string[]]>([
    ["B", direct, behind, ["b"]],
    ["A", behind, direct, ["a"]],
    ["A and B", behind, run({ errors: 0, lumps: true }, 3), ["a", "b"]],
  ])("has no first token, gap or TPOT to compare: %s", (_, a, b, sides) => {
    const report = compare([a], [b]);
    for (const name of OF_READS) expect(figureOf(report, name)).toMatchObject({ word: "not_judged", p_value: null });
    expect(figureOf(report, "p50(duration)").word).not.toBe("not_judged");
    expect(report.notes.filter(({ code }) => code === "in_lumps")).toEqual(
      sides.map((side) => expect.objectContaining({ side })),
    );
  });

  test("keeps no limit on them, and those on others as ever", () => {
    const failIf = ["p95(ttft) +900%", "p95(gap) +900%", "p50(duration) +900%"];
    const { fail_if: gates } = compare([direct], [behind], { failIf, strict: true });
    expect(gates.map(({ why }) => why)).toEqual(["no_data", "no_data", null]);
  });

  test("has no goodput to compare where an objective is about them", () => {
    const wished = (slo: string[]) => compare([run({ slo }, 1)], [run({ slo, lumps: true }, 2)]);
    const goodput = (slo: string[]) => wished(slo).pairs[0]?.figures.find(({ figure }) => figure === "goodput");
    expect(goodput(["ttft < 1s"])).toBeUndefined();
    expect(goodput(["duration < 10s"])).toBeDefined();
  });
});

test("a model that answered in the place of another is said beside the models, on its side", () => {
  const named = compare([run({}, 1)], [run({ answeredBy: "llama3:8b" }, 2)]);
  const note = { code: "other_model", side: "b", asked: "granite3.3:2b", answered: ["llama3:8b"] };
  expect(named.notes.filter(({ code }) => code === "other_model")).toEqual([expect.objectContaining(note)]);
  const models = compare([run({ model: "a", answeredBy: "x" }, 1)], [run({ model: "b", answeredBy: "x" }, 2)]);
  expect(notesOf(models).filter((code) => code === "other_model")).toHaveLength(2);
});
