import type { PageWords } from "../i18n/en/report-page.ts";
import type { Messages, ReportWords } from "../i18n/load.ts";
import type { DistributionReport, ResultReport } from "../metrics/result-report.ts";
import type { SeriesReport, StepReport } from "../metrics/report.ts";
import { clip, type Markup, markup, NOTHING, type Page, scriptJson } from "./html-markup.ts";
import type { Curve, PageResult, PageData, PageSeries, PageStep, StreamColumns } from "./page/data.ts";
import { rankOf } from "../metrics/distribution.ts";
import { DISTRIBUTIONS, FIGURES } from "../metrics/figures.ts";
import { decodeHistogram } from "../metrics/histogram.ts";
import type { Exemplar } from "../metrics/exemplars.ts";

type Choice = { value: string; text: string };

/** A chart's place: title, what it shows, where it is drawn, what is read at the cursor, and its figures as a table. */
export function chartPart(
  { words }: Page,
  name: keyof ReportWords["chart"],
  choice: readonly Choice[] = [],
  more: Markup = NOTHING,
): Markup {
  const { title, what } = words.chart[name];
  const options = choice.map(({ value, text }) => markup`<option value="${value}">${text}</option>`);
  const select =
    choice.length === 0
      ? NOTHING
      : markup`<label class="pick"><span>${words.charts.show}</span> <select id="pick-${name}">${options}</select></label>`;
  return markup`<figure class="chart" id="chart-${name}" hidden>
<figcaption><h3 id="title-${name}">${title}</h3><p class="what">${what}</p></figcaption>
<div class="tools"><ul class="legend"></ul>${select}${more}</div>
<div class="plot" tabindex="0" role="group" aria-labelledby="title-${name}" aria-describedby="keys"></div>
<p class="readout" role="status"></p>
<details class="numbers"><summary>${words.charts.table}</summary></details></figure>`;
}

/** All charts of the chosen step. */
export function chartsPart(page: Page, drawn: number, left: number): Markup {
  const { words } = page;
  const curves = CURVES.map((name) => ({ value: name, text: words.terms.figure[name].long }));
  const say = words.charts;
  const zoom = markup`<span class="zoom"><button type="button" id="zoom-out" aria-label="${say.zoomOut}">−</button><button type="button" id="zoom-in" aria-label="${say.zoomIn}">+</button><button type="button" id="zoom-reset">${say.reset}</button></span>`;
  return markup`<section aria-labelledby="charts"><h2 id="charts">${say.title}</h2>
<noscript><p>${say.noScript}</p></noscript>
<p class="what">${say.drawn(drawn, left)} <span id="keys">${say.keys}</span></p>
${chartPart(page, "curves", curves)}
<div class="pair">${chartPart(page, "ttft")}${chartPart(page, "duration")}</div>
<div class="pair">${chartPart(page, "tokens")}${chartPart(page, "concurrency")}</div>
${chartPart(page, "waterfall", [], zoom)}
<div id="stream" class="stream" tabindex="-1" role="region" aria-live="polite" aria-label="${words.table.first}" hidden></div></section>`;
}

/** UTF-16 units of a prompt or an error that are kept; the next where the data would be too much. */
const TEXT_LENGTHS = [400, 160, 60, 20] as const;
/** UTF-16 units of a model's name. */
const LONGEST_NAME = 200;
/** Most buckets of a step's series: what a screen can show. */
const MOST_BUCKETS = 600;
/** Values of all curves together; and of one, a decade of 1/(1 − p). */
const MOST_VALUES = 60_000;
const PER_DECADE = [40, 20, 10, 5] as const;

/** The data block of the page as JSON for a script element: texts are cut shorter until it has no more than `most` bytes. */
export function pageJson(page: Page, streams: readonly Exemplar[], most: number): string {
  const steps = stepsOf(page);
  let json = "";
  for (const length of TEXT_LENGTHS) {
    json = scriptJson(dataOf(page, streams, steps, length));
    if (Buffer.byteLength(json) <= most) break;
  }
  return json;
}

type Steps = { per_decade: number; steps: PageStep[] };

function dataOf(
  { report, messages, words }: Page,
  streams: readonly Exemplar[],
  steps: Steps,
  length: number,
): PageData<PageWords> {
  // Of many models some streams are drawn that have no result.
  const models = [...new Set([...report.models, ...streams.map(({ model }) => model)])];
  return {
    lang: messages.lang,
    words: words.page,
    models: models.map((model) => clip(model, LONGEST_NAME)),
    ...steps,
    ...packStreams(streams, models, length),
  };
}

function stepsOf({ report, messages }: Page): Steps {
  const results = report.steps.reduce((sum, { results }) => sum + results.length, 0);
  // A curve of a million values has six decades.
  const fits = (density: number): boolean => results * CURVES.length * 6 * density <= MOST_VALUES;
  const per_decade = PER_DECADE.find(fits) ?? 5;
  const steps = report.steps.map((step, index) => ({
    label: shortLoad(step, messages),
    knee: report.knee === index,
    asked: step.concurrency.asked,
    series: seriesOf(step.series),
    results: step.results.map((result) => resultOf(result, report.models, per_decade)),
  }));
  return { per_decade, steps };
}

/** The number that tells a step from the others: streams at once, or requests a second. */
function shortLoad({ load }: StepReport, messages: Messages): string {
  return load.kind === "closed" ? messages.count(load.concurrency) : `${messages.number(load.rate)}/s`;
}

function resultOf(result: ResultReport, models: readonly string[], perDecade: number): PageResult {
  const { ttft_ms, duration_ms } = result.distributions;
  const curves: PageResult["curves"] = {};
  for (const name of CURVES) {
    const curve = curveOf(result.distributions[name], perDecade);
    if (curve !== null) curves[name] = curve;
  }
  const model = result.model === null ? -1 : models.indexOf(result.model);
  return {
    model: model === -1 ? null : model,
    curves,
    throughput: result.output_tokens_per_second,
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

/** The distributions that have a curve, in the order of the choice. */
const CURVES = DISTRIBUTIONS.filter((name) => FIGURES[name].curve);

/** A distribution over 1/(1 − p), `perDecade` values for each factor of ten, and its greatest value; `null` when empty. */
export function curveOf({ hdr, max }: DistributionReport, perDecade: number): Curve | null {
  if (hdr === null) return null;
  const sorted = decodeHistogram(hdr).values();
  const count = sorted.reduce((sum, entry) => sum + entry.count, 0);
  const values: number[] = [];
  let index = 0;
  let seen = sorted[0]?.count ?? 0;
  for (let step = 0; 10 ** (step / perDecade) < count; step++) {
    const rank = rankOf(100 * (1 - 10 ** (-step / perDecade)), count);
    while (seen < rank && index < sorted.length - 1) seen += sorted[++index]?.count ?? 0;
    values.push(digits(sorted[index]?.value ?? 0));
  }
  values.push(digits(max ?? sorted.at(-1)?.value ?? 0));
  return { count, values };
}

function digits(value: number): number {
  return Number(value.toPrecision(4));
}

/** The streams as columns and the texts they share, each of at most `length` UTF-16 units. */
function packStreams(
  streams: readonly Exemplar[],
  models: readonly string[],
  length: number,
): { texts: string[]; streams: StreamColumns } {
  const texts = new Map<string, number>();
  const intern = (text: string): number => {
    const short = clip(text, length);
    const known = texts.get(short);
    if (known !== undefined) return known;
    texts.set(short, texts.size);
    return texts.size - 1;
  };
  const sorted = streams.toSorted((a, b) => a.sent - b.sent);
  const column = <T>(value: (stream: Exemplar) => T): T[] => sorted.map(value);
  const columns: StreamColumns = {
    stream: column(({ stream }) => stream),
    step: column(({ step }) => step),
    model: column((stream) => models.indexOf(stream.model)),
    prompt: column((stream) => intern(stream.prompt)),
    warmup: column((stream) => (stream.warmup ? 1 : 0)),
    verdict: column((stream) => intern(stream.verdict)),
    due: column((stream) => tenth(stream.due)),
    sent: column((stream) => tenth(stream.sent)),
    first_token: column((stream) => tenthOrNull(stream.first_token)),
    first_output: column((stream) => tenthOrNull(stream.first_output)),
    last_token: column((stream) => tenthOrNull(stream.last_token)),
    ended: column((stream) => tenth(stream.ended)),
    tokens: column(({ tokens }) => tokens),
    estimated: column((stream) => (stream.tokens_source === "events" ? 1 : 0)),
    ttft_ms: column(({ ttft_ms }) => ttft_ms),
    duration_ms: column(({ duration_ms }) => duration_ms),
    tpot_ms: column(({ tpot_ms }) => tpot_ms),
    tokens_per_second: column(({ tokens_per_second }) => tokens_per_second),
    gap_p50_ms: column(({ gap_p50_ms }) => gap_p50_ms),
    gap_p99_ms: column(({ gap_p99_ms }) => gap_p99_ms),
    gap_max_ms: column(({ gap_max_ms }) => gap_max_ms),
    stalls: column(({ stalls }) => stalls),
    attempts: column(({ attempts }) => attempts),
    error_kind: column((stream) => (stream.error === null ? null : intern(stream.error.kind))),
    error: column((stream) => (stream.error === null ? null : intern(stream.error.message))),
    kept: column((stream) => intern(stream.kept)),
  };
  return { texts: [...texts.keys()], streams: columns };
}

/** Instants to a tenth of a ms: a pixel of the chart is far more. */
function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

function tenthOrNull(value: number | null): number | null {
  return value === null ? null : tenth(value);
}
