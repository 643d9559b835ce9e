import type { PageWords } from "../i18n/en/report-page.ts";
import type { Messages, ReportWords } from "../i18n/load.ts";
import type { Exemplar } from "../metrics/exemplars.ts";
import type { ResultReport } from "../metrics/result-report.ts";
import type { RunReport, SeriesReport, StepReport } from "../metrics/report.ts";
import { curveOf, CURVES } from "./html-curves.ts";
import { clip, scriptJson } from "./html-markup.ts";
import { packStreams } from "./html-streams.ts";
import type { PageColumn, PageData, PageSeries, PageStep } from "./page/data.ts";

/** UTF-16 units of a prompt or an error that are kept; the next where the data would be too much. */
const TEXT_LENGTHS = [400, 160, 60, 20] as const;
/** UTF-16 units of a model's name. */
const LONGEST_NAME = 200;
/** Most buckets of a step's series: what a screen can show. */
const MOST_BUCKETS = 600;
/** Values of all curves together; and of one, a decade of 1/(1 − p). */
const MOST_VALUES = 60_000;
const PER_DECADE = [40, 20, 10, 5] as const;

export type DataInput = {
  report: RunReport;
  streams: readonly Exemplar[];
  messages: Messages;
  words: ReportWords;
};

/** The data block of the page as JSON for a script element: texts are cut shorter until it has no more than `most` bytes. */
export function pageJson(input: DataInput, most: number): string {
  const steps = stepsOf(input);
  let json = "";
  for (const length of TEXT_LENGTHS) {
    json = scriptJson(dataOf(input, steps, length));
    if (Buffer.byteLength(json) <= most) break;
  }
  return json;
}

type Steps = { per_decade: number; steps: PageStep[] };

function dataOf({ report, streams, messages, words }: DataInput, steps: Steps, length: number): PageData<PageWords> {
  // Of many models some streams are drawn that have no column.
  const models = [...new Set([...report.models, ...streams.map(({ model }) => model)])];
  return {
    lang: messages.lang,
    words: words.page,
    models: models.map((model) => clip(model, LONGEST_NAME)),
    ...steps,
    ...packStreams(streams, models, length),
  };
}

function stepsOf({ report, messages }: DataInput): Steps {
  const columns = report.steps.reduce((sum, { results }) => sum + results.length, 0);
  // A curve of a million values has six decades.
  const fits = (density: number): boolean => columns * CURVES.length * 6 * density <= MOST_VALUES;
  const per_decade = PER_DECADE.find(fits) ?? 5;
  const steps = report.steps.map((step, index) => ({
    label: shortLoad(step, messages),
    knee: report.knee === index,
    asked: step.concurrency.asked,
    series: seriesOf(step.series),
    columns: step.results.map((column) => columnOf(column, report.models, per_decade)),
  }));
  return { per_decade, steps };
}

/** The number that tells a step from the others: streams at once, or requests a second. */
function shortLoad({ load }: StepReport, messages: Messages): string {
  return load.kind === "closed" ? messages.count(load.concurrency) : `${messages.number(load.rate)}/s`;
}

function columnOf(column: ResultReport, models: readonly string[], perDecade: number): PageColumn {
  const { ttft_ms, duration_ms } = column.distributions;
  const curves: PageColumn["curves"] = {};
  for (const name of CURVES) {
    const curve = curveOf(column.distributions[name], perDecade);
    if (curve !== null) curves[name] = curve;
  }
  const model = column.model === null ? -1 : models.indexOf(column.model);
  return {
    model: model === -1 ? null : model,
    curves,
    throughput: column.output_tokens_per_second,
    latency: {
      ttft_p50: ttft_ms.p50,
      ttft_p95: ttft_ms.p95,
      duration_p50: duration_ms.p50,
      duration_p95: duration_ms.p95,
    },
  };
}

function seriesOf({ bucket_ms, tokens, requests, concurrency }: SeriesReport): PageSeries {
  const joined = Math.max(1, Math.ceil(tokens.length / MOST_BUCKETS));
  return {
    bucket_ms: bucket_ms * joined,
    tokens: join(tokens, joined),
    requests: join(requests, joined),
    concurrency: join(concurrency, joined),
  };
}

/** Means of `size` neighbours. */
function join(values: readonly number[], size: number): number[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, group) => {
    const some = values.slice(group * size, (group + 1) * size);
    return Math.round((100 * some.reduce((total, value) => total + value, 0)) / some.length) / 100;
  });
}
