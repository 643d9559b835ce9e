import { describe, expect, test } from "bun:test";
import type { ResultReport } from "../../src/metrics/result-report.ts";
import type { RunReport, StepReport } from "../../src/metrics/report.ts";
import { bench } from "./bench-made.ts";
import { startKnownServer } from "./known-server.ts";
import { runProgram } from "./program.ts";

/** What the window holds, by its rates and by its tenths. */
function amounts({ window }: StepReport, { blocks, ...column }: ResultReport) {
  const seconds = window.length_ms / 1000;
  const sum = (of: (block: ResultReport["blocks"][number]) => number) =>
    blocks.reduce((total, block) => total + of(block), 0);
  return {
    requests: { whole: (column.requests_per_second ?? 0) * seconds, blocks: sum(({ requests }) => requests) },
    tokens: { whole: (column.output_tokens_per_second ?? 0) * seconds, blocks: sum(({ tokens }) => tokens) },
    length: { whole: window.length_ms, blocks: sum(({ length_ms: length }) => length) },
  };
}

describe("the window", () => {
  test("of a number of requests and a time ends with whichever comes first", async () => {
    await using server = startKnownServer({ tokens: 3, ttft: 20, gap: 10 });
    const { whole, step } = await bench(server, "-j", "2", "--requests", "8", "--duration", "10m");
    expect(whole.streams).toMatchObject({ started: 8, ok: 8 });
    const { first = 0 } = server.deeds[0] ?? {};
    const last = Math.max(...server.deeds.map((deed) => deed.last));
    expect(step.window.length_ms).toBeGreaterThan(last - first);
    expect(step.window.length_ms).toBeLessThan(60_000);
    expect(amounts(step, whole).requests.whole).toBeCloseTo(8, 1);
  });

  test("cuts streams that outlast it and the drain, also when all requests were sent in time", async () => {
    await using server = startKnownServer({ tokens: 2, ttft: 600_000, gap: 1 });
    const args = ["-j", "4", "--requests", "4", "--duration", "600ms", "--drain", "200ms"];
    const { whole, step, code } = await bench(server, ...args);
    const { started } = whole.streams;
    // A machine that stands still for the whole window starts fewer.
    expect(started).toBeGreaterThan(0);
    expect(whole.streams).toMatchObject({ ok: 0, failed: 0, unfinished: started });
    expect(step.window.length_ms).toBe(600);
    expect(step.window.drain_ms).toBeGreaterThanOrEqual(199);
    expect(code).toBe(1);
  });

  test("ends with its last measured stream, also where a stream of the warm-up lasts longer", async () => {
    const lines = [{ prompt: "long", max_tokens: 120 }, ...Array.from({ length: 20 }, () => ({ prompt: "short" }))];
    const files = { "p.jsonl": lines.map((line) => JSON.stringify(line)).join("\n") };
    const load = ["-j", "8", "--warmup", "1", "--requests", "20", "--max-tokens", "2"];
    const args = ["bench", "--demo", "--json", "--prompts", "p.jsonl", ...load];
    const { stdout } = await runProgram(args, { files });
    const report: RunReport = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
    const [step] = report.steps;
    const { streams, blocks } = step?.results.at(-1) ?? {};
    expect(streams).toMatchObject({ warmup: 1, started: 20, ok: 20 });
    expect(step?.window.drain_ms).toBeGreaterThan(0);
    expect(blocks?.reduce((sum, { length_ms: length }) => sum + length, 0)).toBeCloseTo(step?.window.length_ms ?? 0, 1);
  });

  test("after a warm-up by time is all in its tenths", async () => {
    await using server = startKnownServer({ tokens: 30, ttft: 20, gap: 15 });
    const { whole, step } = await bench(server, "-j", "3", "--warmup", "300ms", "--duration", "1500ms");
    const { requests, tokens, length } = amounts(step, whole);
    expect(length.blocks).toBeCloseTo(length.whole, 1);
    expect(requests.blocks).toBeCloseTo(requests.whole, 1);
    expect(tokens.blocks).toBeCloseTo(tokens.whole, 1);
  });

  test("counts no more good answers a second than answers", async () => {
    await using server = startKnownServer({ tokens: 2, ttft: 700, gap: 10 });
    const { whole } = await bench(server, "-j", "4", "--duration", "1s", "--slo", "duration < 10m");
    expect(whole.goodput?.share).toBe(1);
    expect(whole.goodput?.per_second).toBe(whole.requests_per_second);
    expect(whole.requests_per_second).toBeLessThan(whole.streams.ok);
  });

  test("that time ends is what observed concurrency is a mean of, also after its last stream", async () => {
    await using server = startKnownServer({ tokens: 2, ttft: 20, gap: 10 });
    const { step, records } = await bench(server, "--rate", "1", "--duration", "1900ms", "--drain", "20s");
    const busy = records.reduce((sum, { total_ms: total }) => sum + total, 0);
    expect(step.window.length_ms).toBe(1900);
    expect(step.concurrency.mean ?? 0).toBeLessThanOrEqual(busy / 1900 + 0.001);
  });
});

describe("what is about to be sent", () => {
  const own = ["a", "b"].map((model) => JSON.stringify({ prompt: "hi", model }));
  const any = JSON.stringify({ prompt: "hi" });
  test.each([
    ["their own alone", own, "To a, b, at"],
    ["their own or none", [...own, any], "To x, a, b, at"],
    [
      "many",
      Array.from({ length: 30 }, (_, at) => JSON.stringify({ prompt: "hi", model: `m${at}` })),
      "m7, … (30), at",
    ],
  ])("names the models where prompts name %s", async (_, lines, said) => {
    const files = { "p.jsonl": lines.join("\n") };
    const args = ["-m", "x", "--prompts", "p.jsonl", "--requests", "3", "--max-tokens", "2"];
    const { stdout, stderr } = await runProgram(["bench", "--demo", ...args], { files });
    expect(`${stderr}${stdout}`).toContain(said);
  });
});

test("beyond 20 models a threshold is judged of all of them together too", async () => {
  await using server = startKnownServer({ tokens: 2, ttft: 10, gap: 5 });
  const lines = Array.from({ length: 21 }, (_, at) => JSON.stringify({ prompt: "hi", model: `m${at}` }));
  for (const [count, together] of [
    [20, 0],
    [21, 1],
  ] as const) {
    const files = { "p.jsonl": lines.slice(0, count).join("\n") };
    const args = ["-m", "m0", "--prompts", "p.jsonl", "--slo", "p50(ttft) < 60s", "--requests", "21"];
    const { stdout } = await runProgram(["bench", "--json", "--endpoint", server.url, ...args], { files });
    const report: RunReport = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
    expect(report.verdict.thresholds).toEqual({ passed: 20 + together, total: 20 + together });
    expect(report.steps[0]?.results.at(-1)?.thresholds.length).toBe(together);
  }
});

describe("--abort-on-fail", () => {
  test("without a threshold that could fail sends nothing and says what to add", async () => {
    const { code, stderr } = await runProgram(["bench", "--demo", "--abort-on-fail", "hi"]);
    expect(stderr).toContain("--slo 'p95(ttft) < 1s'");
    expect(code).toBe(2);
  });

  test("waits for 30 streams of the model whose threshold is broken", async () => {
    await using server = startKnownServer({ tokens: 2, ttft: 10, gap: 5 });
    const args = ["-m", "a,b", "-j", "2", "--requests", "56", "--slo", "min(ttft) > 10m", "--abort-on-fail"];
    const { report, code } = await bench(server, ...args);
    expect(report.partial).toBeNull();
    expect(code).toBe(5);
  });
});
