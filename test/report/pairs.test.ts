import { describe, expect, test } from "bun:test";
import type { RunReport } from "../../src/metrics/summary.ts";
import { compare, figureOf, notesOf, withStep } from "./comparisons.ts";
import { run } from "./runs.ts";

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
    const report = compare([usual], [withStep(run({}, 2), { load: arrival })], { failIf: ["p95(ttft) +10%"] });
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
