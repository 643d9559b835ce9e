/** The latencies that can stand against throughput. */
export type LatencyName = "ttft_p50" | "ttft_p95" | "duration_p50" | "duration_p95";

/**
 * A distribution on a percentile axis: `values[k]` is the value at the percentile p with 1/(1 − p) = 10^(k / per_decade);
 * the last is the greatest value, at 1/(1 − p) = `count`. Of a speed, which is judged from its slow side, at 1 − p, down
 * to the least.
 */
export type Curve = {
  count: number;
  values: number[];
  /** At `CURVE_MARKS`, as far as there are values enough. */ exact: number[];
};

/** The percentiles that a curve has exactly; of a speed they are 100 − p. */
export const CURVE_MARKS = [50, 75, 90, 95, 99, 99.9, 99.99] as const;

/** One model under one load, or all of them. */
export type PageResult = {
  /** Index into `models`; `null`: all of them. */
  model: number | null;
  /** By the name of the distribution, as in the report. */
  curves: Partial<Record<string, Curve>>;
  throughput: number | null;
  latency: Record<LatencyName, number | null>;
};

/** Tokens and requests a second, and streams at once: the mean of each bucket of `bucket_ms`. */
export type PageSeries = { bucket_ms: number; tokens: number[]; requests: number[]; concurrency: number[] };

/** A limit that a figure had to keep, as a line in the charts of that figure. */
export type PageLimit = {
  /** The figure, by its name in the report. */
  of: string;
  /** Of which percentile; 100: of the greatest; `null`: of the mean, of a rate, or of every stream. */
  percent: number | null;
  text: string;
  limit: number;
  /** The worst of all models; `null`: not judged by itself. */
  outcome: "passed" | "failed" | "undecided" | "unjudged" | null;
};

/** One step of a sweep. */
export type PageStep = {
  /** The load in few words, such as 16. */
  label: string;
  knee: boolean;
  asked: number | null;
  series: PageSeries;
  results: PageResult[];
  limits: PageLimit[];
};

/** A stream as it is drawn; instants in ms since the run's first request, texts as indices into `texts`. */
export type PageStream = {
  stream: number;
  step: number;
  model: number;
  prompt: number;
  warmup: 0 | 1;
  verdict: number;
  due: number;
  sent: number;
  first_token: number | null;
  first_output: number | null;
  last_token: number | null;
  ended: number;
  tokens: number;
  /** 1: tokens counted by events. */
  estimated: 0 | 1;
  ttft_ms: number | null;
  duration_ms: number;
  tpot_ms: number | null;
  tokens_per_second: number | null;
  gap_p50_ms: number | null;
  gap_p99_ms: number | null;
  gap_max_ms: number | null;
  stalls: number;
  attempts: number;
  error_kind: number | null;
  error: number | null;
  kept: number;
};

/** The streams as columns: what would be a key in each of them stands once. */
export type StreamColumns = { [K in keyof PageStream]: PageStream[K][] };

/** All that the page's code draws from: the content of its data block. `W`: the words it says. */
export type PageData<W> = {
  lang: "fr" | "en";
  words: W;
  /** What figures of a stream mean, by their names. */
  meanings: Partial<Record<string, string>>;
  models: string[];
  /** The step that is shown first. */
  first: number;
  per_decade: number;
  steps: PageStep[];
  texts: string[];
  streams: StreamColumns;
};
