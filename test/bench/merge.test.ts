import { describe, expect, test } from "bun:test";
import { mergeParts } from "../../src/bench/merge/run.ts";
import { partsOf } from "../../src/bench/merge/shards.ts";
import { shareOfLoad } from "../../src/bench/shard.ts";
import type { Run } from "../../src/compare/run-notes.ts";
import { UserError, type MergeDifference } from "../../src/config/user-error.ts";
import { DISTRIBUTIONS } from "../../src/metrics/figures.ts";
import { allModels, type LoadReport, type PlanReport, type RunReport } from "../../src/metrics/report.ts";
import type { ResultReport } from "../../src/metrics/result-report.ts";
import { readReport, toJson } from "../../src/report/json.ts";
import { arriving, closed, playStep, PLAN, reportOf, scriptsOf, START, type Wish } from "../fixtures/report.ts";

const SLO = ["p95(ttft) < 10s", "error_rate < 50%", "peak_tokens_per_second > 1", "ttft < 10s"];
const TIMED: PlanReport = { ...PLAN, requests: null, duration_ms: 20_000, drain_ms: 30_000, slo: SLO };

type Played = { whole: RunReport; runs: Run[] };

const played = new Map<string, Played>();

/** The same, which nobody changes: played once. */
function playOnce(wish: Wish, load: LoadReport): Played {
  const key = JSON.stringify([wish, load]);
  const known = played.get(key) ?? play(wish, load);
  played.set(key, known);
  return known;
}

/** One load by one machine, and the same streams by `of` of them. */
function play(wish: Wish = {}, load: LoadReport = arriving(12), of = 3, change: Partial<PlanReport> = {}): Played {
  const plan = { ...TIMED, ...change, loads: [load] };
  const models = wish.models ?? ["granite3.3:2b"];
  const scripts = scriptsOf({ streams: 200, ...wish, models }, load);
  const started = { started_at: new Date(START).toISOString() };
  const whole = playStep(scripts, plan, { load, models, parted: false });
  const runs = Array.from({ length: of }, (_, index): Run => {
    const own = scripts.filter((_, number) => number % of === index);
    const share = shareOfLoad(load, { index, of });
    const { report } = playStep(own, plan, { load: share, models, parted: true });
    const shard = { index, of, start_at: started.started_at, models: [...models] };
    const clock = { offset_ms: null, error_ms: null, source: "unknown" as const };
    const made = reportOf([report], plan, { ...started, models: [...models], shard, clock });
    // As it would be read from its file.
    return { path: `shard-${index}.json`, report: readReport(toJson(made), `shard-${index}.json`) };
  });
  return { whole: reportOf([whole.report], plan, { ...started, models: [...models] }), runs };
}

function merge(runs: readonly Run[], mayLack = false): RunReport {
  return mergeParts(partsOf(runs, mayLack), "undecided", () => 0);
}

function problemOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error.problem;
    throw error;
  }
  return null;
}

function only({ steps }: RunReport): ResultReport {
  const [step] = steps;
  const result = step === undefined ? undefined : allModels(step);
  if (result === undefined) throw new Error("nothing was measured");
  return result;
}

const WISHES: readonly (readonly [what: string, wish: Wish, load: LoadReport])[] = [
  ["at a rate", {}, arriving(12)],
  ["in a closed loop", {}, closed(30)],
  [
    "with failures, stalls and answers that the window cut",
    { failed: 0.2, stalled: 0.1, unfinished: 0.1 },
    arriving(11),
  ],
  ["of several models", { models: ["a", "b"], failed: 0.1 }, arriving(12)],
  ["in lumps", { reads: 12, lumps: true }, arriving(10)],
  ["of a server that tells of its own work", { serverTells: true }, arriving(12)],
  ["of which every stream failed", { failed: 2 }, arriving(12)],
];

describe("three shards beside one run of the same load", () => {
  test.each(WISHES)("%s agree in every count", (_, wish, load) => {
    const { whole, runs } = playOnce(wish, load);
    const merged = merge(runs);
    expect(merged.steps.map(({ results }) => results.map(({ model }) => model))).toEqual(
      whole.steps.map(({ results }) => results.map(({ model }) => model)),
    );
    for (const [index, result] of (merged.steps[0]?.results ?? []).entries()) {
      const other = whole.steps[0]?.results[index];
      expect(result.streams).toEqual(other?.streams ?? result.streams);
      expect(result.verdicts).toEqual(other?.verdicts ?? {});
      expect(result.error_rate).toBe(other?.error_rate ?? null);
      expect(result.goodput?.met).toBe(other?.goodput?.met);
      expect(result.errors.map(({ kind, count }) => [kind, count]).toSorted()).toEqual(
        (other?.errors ?? []).map(({ kind, count }) => [kind, count]).toSorted(),
      );
      expect(result.tokens).toEqual(other?.tokens ?? result.tokens);
      expect(result.trust.tokens_source).toEqual(other?.trust.tokens_source ?? result.trust.tokens_source);
      expect(result.trust.in_lumps).toBe(other?.trust.in_lumps);
      expect(result.lengths?.answer_tokens?.p50).toBe(other?.lengths?.answer_tokens?.p50);
      expect(result.lengths?.different_prompts).toBe(other?.lengths?.different_prompts ?? -1);
      expect(result.cost?.streams).toBe(other?.cost?.streams);
    }
    expect(merged.verdict.streams).toEqual(whole.verdict.streams);
    expect(merged.verdict.thresholds).toEqual(whole.verdict.thresholds);
    expect(merged.steps[0]?.window_too_short).toBe(whole.steps[0]?.window_too_short ?? true);
  });

  test.each(WISHES)("%s agree in every percentile, mean and deviation", (_, wish, load) => {
    const { whole, runs } = playOnce(wish, load);
    const [all, one] = [only(merge(runs)), only(whole)];
    for (const name of DISTRIBUTIONS) {
      const [of, beside] = [all.distributions[name], one.distributions[name]];
      expect([name, { ...of, mean: null, stdev: null }]).toEqual([name, { ...beside, mean: null, stdev: null }]);
      // Means of parts are written to the microsecond.
      if (beside.mean !== null) expect(Math.abs((of.mean ?? 0) - beside.mean)).toBeLessThan(0.002);
      if (beside.stdev !== null)
        expect(Math.abs((of.stdev ?? 0) - beside.stdev)).toBeLessThan(0.01 * beside.stdev + 0.01);
    }
  });

  test.each(WISHES)("%s agree in rates, best second and thresholds", (_, wish, load) => {
    const { whole, runs } = playOnce(wish, load);
    const [all, one] = [only(merge(runs)), only(whole)];
    for (const name of ["requests_per_second", "output_tokens_per_second", "peak_tokens_per_second"] as const)
      expect([name, Math.abs((all[name] ?? 0) - (one[name] ?? 0)) < 0.02]).toEqual([name, true]);
    expect(
      all.thresholds.map(({ text, samples, passed, met, without }) => ({ text, samples, passed, met, without })),
    ).toEqual(
      one.thresholds.map(({ text, samples, passed, met, without }) => ({ text, samples, passed, met, without })),
    );
  });

  test("bound the most streams at once from below and from above", () => {
    const { whole, runs } = play({}, arriving(12));
    const merged = merge(runs);
    const true_max = whole.steps[0]?.concurrency.max ?? 0;
    const bounds = merged.steps[0]?.bounds?.concurrency_max;
    const { least, most } = bounds ?? {
      least: merged.steps[0]?.concurrency.max,
      most: merged.steps[0]?.concurrency.max,
    };
    expect(least).toBeLessThanOrEqual(true_max);
    expect(most).toBeGreaterThanOrEqual(true_max);
    expect((most ?? 0) - (least ?? 0)).toBeLessThan(0.3 * true_max);
  });

  test("however many there are, and in whatever order they are named", () => {
    for (const of of [1, 2, 7]) {
      const { whole, runs } = play({ failed: 0.1 }, arriving(12), of);
      const merged = merge(runs.toReversed());
      expect(only(merged).streams).toEqual(only(whole).streams);
      expect(merged.merged_from?.map(({ index }) => index)).toEqual(Array.from({ length: of }, (_, index) => index));
    }
  });

  test("begin by the clock of a time server, where all were compared with one", () => {
    const { runs } = playOnce({}, arriving(12));
    const withClocks = (offsets: readonly (number | null)[]): Run[] =>
      runs.map(({ path, report }, index) => {
        const offset_ms = offsets[index] ?? null;
        const known = { offset_ms, error_ms: 2, source: "ntp" as const };
        const unknown = { offset_ms, error_ms: null, source: "unknown" as const };
        return { path, report: { ...report, clock: offset_ms === null ? unknown : known } };
      });
    const own = merge(withClocks([null, null, null])).merged;
    const apart = merge(withClocks([0, 5000, 0])).merged;
    expect(apart?.start_spread_ms).toBeGreaterThan(4000);
    expect(apart?.common_window).toBeLessThan(own?.common_window ?? 0);
    expect(merge(withClocks([5000, 5000, 5000])).merged).toEqual(own);
    expect(merge(withClocks([0, 5000, null])).merged).toEqual(own);
  });

  test("judge nothing by themselves", () => {
    const { runs } = play();
    for (const { report } of runs) {
      expect(report.verdict.thresholds.total).toBe(0);
      expect(only(report).objectives?.map(({ text }) => text)).toEqual(["ttft < 10s"]);
    }
  });

  test("leave their charts over time added, slot by slot", () => {
    const { whole, runs } = play();
    const [all, one] = [merge(runs).steps[0]?.series, whole.steps[0]?.series];
    expect(all?.tokens.length).toBe(one?.tokens.length ?? -1);
    for (const [index, tokens] of (one?.tokens ?? []).entries())
      expect(Math.abs((all?.tokens[index] ?? 0) - tokens)).toBeLessThan(0.01);
  });
});

describe("what the parts do not tell", () => {
  test("is given within bounds where they were not measured at the same time", () => {
    const { runs } = play();
    const moved = runs.map(({ path, report }, index) => ({
      path,
      report: {
        ...report,
        steps: report.steps.map((step) => ({
          ...step,
          window: { ...step.window, start_ms: step.window.start_ms + (index === 2 ? 10_000 : 0) },
        })),
      },
    }));
    const merged = merge(moved);
    const { bounds, requests_per_second: rate, peak_tokens_per_second: peak } = only(merged);
    expect([rate, peak]).toEqual([null, null]);
    expect(bounds?.requests_per_second?.least).toBeLessThanOrEqual(bounds?.requests_per_second?.most ?? 0);
    expect(bounds?.peak_tokens_per_second?.least).toBeGreaterThan(0);
    expect(merged.merged?.common_window).toBeCloseTo(1 / 3, 1);
    expect(only(merged).thresholds.find(({ text }) => text.startsWith("peak"))).toMatchObject({ undecided: true });
    expect(merged.verdict.thresholds).toMatchObject({ undecided: 1 });
  });

  test("is given within bounds where a part has no slots of its own", () => {
    const { runs } = play();
    const bare = runs.map(({ path, report }) => {
      const copy: RunReport = structuredClone(report);
      for (const step of copy.steps) {
        delete step.at_once;
        for (const result of step.results) delete result.token_slots;
      }
      return { path, report: copy };
    });
    const merged = merge(bare);
    const alone = runs.map(({ report }) => only(report).peak_tokens_per_second ?? 0);
    expect(only(merged).bounds?.peak_tokens_per_second).toEqual({
      least: Math.max(...alone),
      most: expect.closeTo(
        alone.reduce((sum, one) => sum + one, 0),
        2,
      ),
    });
  });

  test("counts a prompt that several asked once, as far as it is named", () => {
    const { runs } = play();
    expect(only(merge(runs)).bounds?.different_prompts).toBeUndefined();
    const unnamed = runs.map(({ path, report }) => {
      const copy: RunReport = structuredClone(report);
      for (const { results } of copy.steps) for (const { lengths } of results) delete lengths?.prompts;
      return { path, report: copy };
    });
    const { least, most } = only(merge(unnamed)).bounds?.different_prompts ?? { least: 0, most: 0 };
    expect(least).toBeLessThan(most);
  });

  test("says of the client the worst, and which shard it was", () => {
    const { runs } = play();
    const [, second] = runs;
    const checks = second?.report.steps[0]?.client.checks ?? [];
    const lag = checks.find(({ name }) => name === "worker_lag_p99_ms");
    if (lag === undefined || second?.report.steps[0] === undefined) throw new Error("no lag");
    Object.assign(lag, { value: 300, passed: false });
    second.report.steps[0].client.healthy = false;
    const merged = merge(runs);
    expect(merged.verdict).toMatchObject({ client: "limited", limited_by: ["worker_lag_p99_ms"] });
    const worst = merged.steps[0]?.client.checks.find(({ name }) => name === "worker_lag_p99_ms");
    expect(worst).toMatchObject({ value: 300, passed: false, shard: 1 });
    expect(merged.merged_from?.map(({ healthy }) => healthy)).toEqual([true, false, true]);
  });
});

describe("parts that do not belong together are refused:", () => {
  const { runs } = play();

  function changed(change: (report: RunReport) => void): Run[] {
    return runs.map(({ path, report }, index) => {
      const copy: RunReport = structuredClone(report);
      if (index === 1) change(copy);
      return { path, report: copy };
    });
  }

  const changes: readonly (readonly [MergeDifference, (report: RunReport) => void])[] = [
    ["version", (report: RunReport) => void (report.tool.version = "9.9.9")],
    ["slo", (report: RunReport) => void (report.plan.slo = ["p95(ttft) < 1s"])],
    ["load", (report: RunReport) => void (report.plan.loads = [arriving(13)])],
    ["load", (report: RunReport) => void (report.plan.duration_ms = 10_000)],
    ["load", (report: RunReport) => void (report.plan.max_tokens = 10)],
    ["load", (report: RunReport) => void (report.plan.seed = 2)],
    ["endpoint", (report: RunReport) => void (report.endpoint = "http://127.0.0.1:1/v1")],
    ["endpoint", (report: RunReport) => void (report.api = "messages")],
    ["models", (report: RunReport) => void (report.shard = { ...shardOf(report), models: ["other"] })],
    [
      "start",
      (report: RunReport) => void (report.shard = { ...shardOf(report), start_at: "2026-11-22T11:00:00.000Z" }),
    ],
    ["shards", (report: RunReport) => void (report.shard = { ...shardOf(report), of: 4 })],
  ];

  test.each(changes)("another %s", (what, change) => {
    expect(problemOf(() => merge(changed(change)))).toMatchObject({ code: "merge_differs", what });
  });

  test("the same shard twice", () => {
    const [first, second] = runs;
    if (first === undefined || second === undefined) throw new Error("no shards");
    expect(problemOf(() => merge([...runs, { ...second, path: "copy.json" }]))).toEqual({
      code: "merge_repeated",
      index: 1,
      first: "shard-1.json",
      second: "copy.json",
    });
  });

  test("none, a whole run, and a report that is merged already", () => {
    const { whole } = play();
    expect(problemOf(() => merge([]))).toEqual({ code: "merge_nothing" });
    expect(problemOf(() => merge([{ path: "a.json", report: whole }]))).toMatchObject({ code: "merge_no_shard" });
    expect(problemOf(() => merge([{ path: "a.json", report: merge(runs) }]))).toMatchObject({ merged: true });
  });

  test("one that is missing, unless that is allowed; then the load is what was there", () => {
    const some = runs.slice(0, 2);
    expect(problemOf(() => merge(some))).toEqual({ code: "merge_missing", missing: [2], of: 3 });
    const merged = merge(some, true);
    expect(merged.merged?.missing).toEqual([2]);
    expect(merged.plan.loads).toMatchObject([{ kind: "arrival", rate: 8 }]);
    expect(merged.steps[0]?.load).toMatchObject({ kind: "arrival", rate: 8 });
  });
});

function shardOf({ shard }: RunReport): NonNullable<RunReport["shard"]> {
  if (shard === undefined) throw new Error("no shard");
  return shard;
}

test("a report from elsewhere that says anything takes neither memory nor time", () => {
  const { runs } = play();
  const wild = runs.map(({ path, report }) => {
    const copy: RunReport = structuredClone(report);
    for (const step of copy.steps) {
      step.window.length_ms = 1e15;
      for (const result of step.results) result.token_slots = { slot_ms: 1e14, tokens: [1, 2, 3] };
    }
    return { path, report: copy };
  });
  expect(only(merge(wild)).bounds?.peak_tokens_per_second?.least).toBeGreaterThan(0);
  const [first] = runs;
  if (first === undefined) throw new Error("no shard");
  const many = { ...first.report, shard: { ...shardOf(first.report), of: 2 ** 50 } };
  expect(problemOf(() => readReport(toJson(many), "many.json"))).toMatchObject({ code: "report_invalid" });
});

test("a merged report is one that can be read again", () => {
  const { runs } = play({ models: ["a", "b"] });
  const merged = merge(runs);
  expect(readReport(toJson(merged), "all.json")).toEqual(merged);
});
