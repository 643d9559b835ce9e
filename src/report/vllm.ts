import type { DistributionName } from "../metrics/figures.ts";
import type { RunReport, StepReport } from "../metrics/report.ts";
import type { DistributionReport, ResultReport } from "../metrics/result-report.ts";

/** What vLLM calls them: time to first token, per output token, between tokens, and to the end of the answer. */
const NAMES = {
  ttft: "ttft_ms",
  tpot: "tpot_ms",
  itl: "gap_ms",
  e2el: "duration_ms",
} as const satisfies Record<string, DistributionName>;

/**
 * The report in the field names of `vllm bench serve`, which dashboards read. One model under one load is one object;
 * of a sweep, or of several models, each is one on a line of its own, as `--append-result` of vLLM writes them.
 */
export function toVllm(report: RunReport): string {
  const runs = report.steps.flatMap((step) =>
    step.results.filter(({ model }) => model !== null).map((result) => runOf(report, step, result)),
  );
  const indent = runs.length === 1 ? 2 : 0;
  return runs.map((run) => `${JSON.stringify(run, null, indent)}\n`).join("");
}

function runOf(report: RunReport, step: StepReport, result: ResultReport) {
  const { load, window, concurrency } = step;
  const { streams, tokens } = result;
  const seconds = window.length_ms / 1000;
  const all = tokens.prompt === null ? null : tokens.prompt + tokens.output;
  return {
    date: new Date(window.start_ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-"),
    endpoint_type: "openai-chat",
    backend: "openai-chat",
    label: null,
    model_id: result.model,
    tokenizer_id: result.model,
    num_prompts: streams.started,
    request_rate: load.kind === "arrival" ? load.rate : "inf",
    // Of vLLM's gamma distribution: 1 is Poisson, and evenly spaced its limit.
    burstiness: load.kind === "arrival" && load.arrival === "constant" ? "inf" : 1,
    max_concurrency: load.kind === "closed" ? load.concurrency : load.max_in_flight,
    duration: seconds,
    completed: streams.ok,
    failed: streams.failed,
    total_input_tokens: tokens.prompt,
    total_output_tokens: tokens.output,
    request_throughput: result.requests_per_second,
    request_goodput: result.goodput?.per_second ?? null,
    output_throughput: result.output_tokens_per_second,
    total_token_throughput: all === null || seconds === 0 ? null : all / seconds,
    max_output_tokens_per_s: result.peak_tokens_per_second,
    max_concurrent_requests: concurrency.max,
    ...Object.fromEntries(
      Object.entries(NAMES).flatMap(([name, figure]) => statisticsOf(name, result.distributions[figure])),
    ),
    tool: `${report.tool.name} ${report.tool.version}`,
  };
}

function statisticsOf(name: string, values: DistributionReport): [string, number | null][] {
  return [
    [`mean_${name}_ms`, values.mean],
    [`median_${name}_ms`, values.p50],
    [`std_${name}_ms`, ofAll(values)],
    [`p90_${name}_ms`, values.p90],
    [`p95_${name}_ms`, values.p95],
    [`p99_${name}_ms`, values.p99],
  ];
}

/** The deviation as numpy takes it: of all values, and not of a sample of them. */
function ofAll({ stdev, count }: DistributionReport): number | null {
  if (count === 1) return 0;
  return stdev === null ? null : stdev * Math.sqrt((count - 1) / count);
}
