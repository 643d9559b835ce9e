import { describe, expect, test } from "bun:test";
import { enBench } from "../../src/i18n/en/bench.ts";
import { renderResult } from "../../src/render/bench/result.ts";
import type { StreamEvent } from "../../src/stream/event.ts";
import { createPaint } from "../../src/text/paint.ts";
import { delta, ended, sent } from "../contract/samples.ts";
import { arriving, closed, PLAN, playRun, playStep, reportOf, type Script } from "../fixtures/report.ts";
import { en } from "../render/words.ts";

/** A stream that takes `length` ms and brings a token in the middle of every 100 ms of them. */
function steady(due: number, length: number, model = "m", last: StreamEvent = ended()): Script {
  const tokens = Array.from({ length: length / 100 }, (_, n) => [due + 100 * n + 50, delta("a")] as const);
  return { due, model, events: [[due, sent()], ...tokens, [due + length, last]] };
}

/** Twenty events in one read, every half second. */
function lumpy(due: number): Script {
  const reads = [1, 2, 3, 4].map((n) => [due + 500 * n, delta("a", { events: 20, idle: 500 })] as const);
  return { due, model: "m", events: [[due, sent()], ...reads, [due + 2001, ended()]] };
}

describe("a meter", () => {
  test("has a result for each model, and the last one of all", () => {
    const { report } = playStep([steady(0, 1000, "a"), steady(0, 1000, "b"), steady(1000, 1000, "a")]);
    expect(report.results.map(({ model, streams: { ok } }) => [model, ok])).toEqual([
      ["a", 2],
      ["b", 1],
      [null, 3],
    ]);
  });

  test("holds thresholds against each model, and not against all of them again", () => {
    const { report } = playStep([steady(0, 1000, "a"), steady(0, 2000, "b")], { slo: ["p50(duration) < 1500ms"] });
    expect(report.results.map(({ thresholds }) => thresholds.map(({ passed }) => passed))).toEqual([
      [true],
      [false],
      [],
    ]);
  });

  test("says how much came each second, and the most in one", () => {
    const { report, result } = playStep([steady(0, 3000), steady(1000, 1000)], { requests: 2 });
    expect(report.window.length_ms).toBe(3000);
    expect(result.output_tokens_per_second).toBeCloseTo(40 / 3, 3);
    expect(result.peak_tokens_per_second).toBe(20);
    expect(report.series).toMatchObject({ bucket_ms: 1000, concurrency: [1, 2, 1] });
    expect(report.series.tokens.reduce((sum, tokens) => sum + tokens, 0)).toBe(40);
  });

  test("counts a stream into the tenth of the plan that it belongs to", () => {
    const scripts = Array.from({ length: 20 }, (_, n) => steady(1000 * n, 1000));
    const { blocks } = playStep(scripts, { requests: 20 }).result;
    expect(blocks.map(({ counted, tokens }) => [counted, tokens])).toEqual(Array.from({ length: 10 }, () => [2, 20]));
  });

  test("leaves the warm-up out, and opens its window with the first stream after it", () => {
    const { report, result } = playStep([steady(0, 500), steady(500, 1000)], { warmup: { streams: 1 }, requests: 1 });
    expect(report.warmup).toEqual({ streams: 1, length_ms: 500 });
    expect(result.streams).toMatchObject({ warmup: 1, started: 1, ok: 1 });
    expect(result.distributions.duration_ms.count).toBe(1);
  });

  test("groups errors by kind, the most frequent first, each with its first example", () => {
    const busy = { kind: "http", status: 503, code: null, message: "busy", html: false, refusedWait: null } as const;
    const idle = { kind: "timeout", phase: "idle", after: 1000, message: "silence" } as const;
    const { result } = playStep([
      steady(0, 100, "m", ended("timeout", { failure: idle })),
      steady(100, 100, "m", ended("failed", { failure: busy })),
      steady(200, 100, "m", ended("failed", { failure: { ...busy, message: "busy again" } })),
    ]);
    expect(result.errors).toEqual([
      { kind: "http 503", count: 2, example: "busy", stream: 1 },
      { kind: "timeout idle", count: 1, example: "silence", stream: 0 },
    ]);
  });

  test("asks no number of streams of an arrival rate", () => {
    const load = arriving(1);
    expect(playStep([steady(0, 1000)], { loads: [load] }).report.concurrency.asked).toBeNull();
    expect(playStep([steady(0, 1000)], { loads: [closed(3)] }).report.concurrency.asked).toBe(3);
  });

  test("names who answered in the place of a model, and how often", () => {
    const { report } = playRun({ models: ["a", "b"], answeredBy: "llama3:8b", failed: 0 });
    expect(report.steps[0]?.results.map(({ trust }) => trust.other_models)).toEqual([
      [{ model: "llama3:8b", streams: 100 }],
      [{ model: "llama3:8b", streams: 100 }],
      [{ model: "llama3:8b", streams: 200 }],
    ]);
  });

  test("keeps a few of such names, however many a server makes up", () => {
    const scripts = Array.from({ length: 20 }, (_, n): Script => {
      const model = `${n}`.repeat(1000);
      const notice: StreamEvent = { type: "notice", at: 0, code: "other_model", detail: model };
      const last = ended("complete", { response: { id: null, model, backend: null } });
      const { due, events } = steady(1000 * n, 1000, "m", last);
      return { due, model: "m", events: [...events.slice(0, -1), [due + 999, notice], ...events.slice(-1)] };
    });
    const { trust } = playStep(scripts, { requests: 20 }).result;
    expect(trust.other_models).toHaveLength(5);
    expect(trust.other_models?.every(({ model }) => model.length <= 200)).toBe(true);
    expect(trust.notices.other_model).toBe(20);
  });

  test("tells answers in lumps from those that this client read late", () => {
    const lump = (lag: number) => playStep([lumpy(0), lumpy(0)], { requests: 2 }, { lag }).result.trust;
    expect(lump(0.6)).toMatchObject({ in_lumps: true, coalesced: 0.95, lumped: 0.95, lump_wait_ms: 500 });
    expect(lump(200)).toMatchObject({ in_lumps: true });
    expect(lump(300)).toMatchObject({ in_lumps: false, lumped: 0.95 });
  });

  test("tells of which model the answers came in lumps, where those of all together mostly did not", () => {
    const plan = { ...PLAN, requests: 2 };
    const { report: step } = playStep([{ ...lumpy(0), model: "a" }, steady(0, 10_000, "b")], plan);
    expect(step.results.map(({ trust }) => trust.in_lumps)).toEqual([true, false, false]);
    const report = reportOf([step], plan);
    expect(report.verdict.in_lumps).toBe(true);
    const said = renderResult(report, { messages: en, words: enBench, paint: createPaint(false), terminal: true });
    expect(said.replaceAll(/\s+/g, " ")).toContain("a: answers in lumps (95% of the token events");
  });
});
