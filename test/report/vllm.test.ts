import { describe, expect, test } from "bun:test";
import { arriving, closed, playRun, sweep } from "../fixtures/report.ts";
import { inForm } from "./forms.ts";

const KEYS = [
  ..."date endpoint_type backend label model_id tokenizer_id num_prompts request_rate burstiness".split(" "),
  ..."max_concurrency duration completed failed total_input_tokens total_output_tokens".split(" "),
  ..."request_throughput request_goodput output_throughput total_token_throughput".split(" "),
  ..."max_output_tokens_per_s max_concurrent_requests".split(" "),
  ...["ttft", "tpot", "itl", "e2el"].flatMap((name) =>
    ["mean", "median", "std", "p90", "p95", "p99"].map((statistic) => `${statistic}_${name}_ms`),
  ),
];

describe("the report in vLLM's names", () => {
  test("has every field that its benchmark writes, of the same run", async () => {
    const run = playRun({ loads: [closed(8)], streams: 60 });
    const json = JSON.parse(await inForm("vllm", run));
    for (const key of KEYS) expect(json).toHaveProperty(key);
    const [result] = run.report.steps[0]?.results ?? [];
    expect(json).toMatchObject({
      date: "20261122-110000",
      model_id: "granite3.3:2b",
      max_concurrency: 8,
      request_rate: "inf",
      num_prompts: 60,
      completed: 60,
      failed: 0,
      median_ttft_ms: result?.distributions.ttft_ms.p50,
      p99_itl_ms: result?.distributions.gap_ms.p99,
      output_throughput: result?.output_tokens_per_second,
      total_output_tokens: result?.tokens.output,
      total_input_tokens: 60 * 24,
    });
    expect(json.total_token_throughput).toBeCloseTo(
      (json.total_input_tokens + json.total_output_tokens) / json.duration,
      6,
    );
  });

  test("takes the deviation of all values, as numpy does", async () => {
    const run = playRun({ loads: [closed(8)], streams: 10 });
    const stdev = run.report.steps[0]?.results[0]?.distributions.ttft_ms.stdev ?? NaN;
    expect(JSON.parse(await inForm("vllm", run)).std_ttft_ms).toBeCloseTo(stdev * Math.sqrt(9 / 10), 6);
    expect(JSON.parse(await inForm("vllm", playRun({ streams: 1 }))).std_ttft_ms).toBe(0);
  });

  test("is one object a line where there are several loads or models, and none of all models together", async () => {
    const text = await inForm("vllm", playRun({ models: ["a", "b"], loads: sweep(3), streams: 20 }));
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => [line.model_id, line.max_concurrency])).toEqual(
      [4, 8, 16].flatMap((concurrency) => ["a", "b"].map((model) => [model, concurrency])),
    );
  });

  test("says the rate of an open loop, and null where nothing was measured", async () => {
    expect(JSON.parse(await inForm("vllm", playRun({ loads: [arriving(5)] })))).toMatchObject({
      request_rate: 5,
    });
    const empty = JSON.parse(await inForm("vllm", playRun({ streams: 0, slo: [] })));
    expect(empty).toMatchObject({ median_ttft_ms: null, std_ttft_ms: null, completed: 0, request_goodput: null });
  });
});
