import { createHistogram } from "../../src/metrics/histogram.ts";
import { toDistribution, type DistributionReport, type ResultReport } from "../../src/metrics/result-report.ts";
import { DISTRIBUTIONS, mapNames, type DistributionName } from "../../src/metrics/figures.ts";

/** A distribution of these values, as a report holds it. */
export function distribution(values: readonly number[]): DistributionReport {
  const histogram = createHistogram();
  for (const value of values) histogram.record(value);
  return toDistribution(histogram, { unfinished: 0, failed: 0, no_value: 0 });
}

/** A result with the values of these distributions; the others are empty, and nothing failed unless said. */
export function result(
  values: Partial<Record<DistributionName, readonly number[]>> = {},
  rest: Partial<ResultReport> = {},
): ResultReport {
  const count = Math.max(0, ...Object.values(values).map(({ length }) => length));
  return {
    model: null,
    streams: { warmup: 0, started: count, ok: count, failed: 0, unfinished: 0 },
    verdicts: { complete: count },
    error_rate: count === 0 ? null : 0,
    goodput: null,
    requests_per_second: null,
    output_tokens_per_second: null,
    peak_tokens_per_second: null,
    tokens: { output: 0, prompt: null, reasoning: null },
    cost: null,
    distributions: mapNames(DISTRIBUTIONS, (name) => distribution(values[name] ?? [])),
    thresholds: [],
    errors: [],
    trust: {
      tokens_source: { usage: count, events: 0, whole_by_events: 0 },
      tokens_per_event: null,
      coalesced: null,
      retries: 0,
      retry_wait_ms: 0,
      ttft_from: "first_attempt",
      stalls: 0,
      malformed: 0,
      held_ms: 0,
      notices: {},
    },
    blocks: [],
    ...rest,
  };
}
