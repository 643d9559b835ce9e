import type { PageWords } from "../i18n/en/report-page.ts";
import type { ReportWords } from "../i18n/load.ts";
import { canBeKnown } from "../metrics/distribution.ts";
import { percentileIn, type DistributionReport, type ResultReport } from "../metrics/result-report.ts";
import type { RunReport, SeriesReport, StepReport } from "../metrics/report.ts";
import { clip, meaningOf, type Markup, markup, NOTHING, type Page, scriptJson, shortLoad } from "./html-markup.ts";
import { hasTokens, outcomeOf, worstOf } from "../metrics/verdict.ts";
import { CURVE_MARKS } from "./page/data.ts";
import type { Curve, PageLimit, PageResult, PageData, PageSeries, PageStep, StreamColumns } from "./page/data.ts";
import { rankOf } from "../metrics/distribution.ts";
import { DISTRIBUTIONS, FIGURES, readFigure } from "../metrics/figures.ts";
import { readObjective } from "../metrics/thresholds.ts";
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
  // A report that was read again has no streams of its own.
  const known = drawn > 0 || left === 0;
  const some = hasTokens(page.report.steps);
  return markup`<section id="drawn" aria-labelledby="charts"><h2 id="charts">${say.title}</h2>
<noscript><p>${say.noScript}</p></noscript>
<p class="what">${say.drawn(drawn, left)} <span id="keys">${say.keys}</span></p>
${some ? chartPart(page, "curves", curves) : NOTHING}
${known && some ? markup`<div class="pair">${chartPart(page, "ttft")}${chartPart(page, "duration")}</div>` : NOTHING}
${some ? markup`<div class="pair">${chartPart(page, "tokens")}${chartPart(page, "concurrency")}</div>` : NOTHING}
${known ? chartPart(page, "waterfall", [], zoom) : NOTHING}
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

/** The step that is shown before one is chosen: the knee, else the last that kept its thresholds, else the first. */
export function firstShown({ knee, steps }: RunReport): number {
  const kept = steps.findLastIndex(({ results }) => {
    const checked = results.flatMap(({ thresholds }) => thresholds);
    return checked.length > 0 && checked.every(({ passed }) => passed);
  });
  return knee ?? Math.max(0, kept);
}

/** What is explained of a stream that was opened. */
const EXPLAINED = [
  "dispatch_delay_ms",
  "ttft_ms",
  "ttfo_ms",
  "duration_ms",
  "tokens",
  "tokens_per_second",
  "tpot_ms",
  "gap_ms",
  "stalls",
  "attempts",
] as const;

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
    meanings: Object.fromEntries(EXPLAINED.map((name) => [name, meaningOf(words, name)])),
    models: models.map((model) => clip(model, LONGEST_NAME)),
    first: firstShown(report),
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
    limits: limitsOf(step, report.plan.slo),
    label: shortLoad(step.load, messages),
    knee: report.knee === index,
    asked: step.concurrency.asked,
    series: seriesOf(step.series),
    results: step.results.map((result) => resultOf(result, report.models, per_decade)),
  }));
  return { per_decade, steps };
}

function resultOf(result: ResultReport, models: readonly string[], perDecade: number): PageResult {
  const { ttft_ms, duration_ms } = result.distributions;
  const curves: PageResult["curves"] = {};
  for (const name of CURVES) {
    const curve = curveOf(result.distributions[name], perDecade, FIGURES[name].better === "more");
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

/**
 * A distribution over 1/(1 − p), `perDecade` values for each factor of ten, and its greatest value; `null` when empty.
 * `falling`: at 1 − p, down to the least.
 */
export function curveOf(report: DistributionReport, perDecade: number, falling = false): Curve | null {
  const { hdr, min, max } = report;
  if (hdr === null) return null;
  const histogram = decodeHistogram(hdr);
  const sorted = histogram.values();
  const count = histogram.count();
  const ranks: number[] = [];
  for (let step = 0; 10 ** (step / perDecade) < count; step++) {
    const beyond = 100 * 10 ** (-step / perDecade);
    ranks.push(rankOf(falling ? beyond : 100 - beyond, count));
  }
  const rising = valuesAt(sorted, falling ? ranks.toReversed() : ranks);
  const last = falling ? (min ?? sorted[0]?.value) : (max ?? sorted.at(-1)?.value);
  // Of so many curves that few values of each have room, none has marks.
  const known = perDecade === PER_DECADE.at(-1) ? [] : CURVE_MARKS.filter((percent) => canBeKnown(percent, count));
  const exact = known.map((percent) => percentileIn(report, falling ? 100 - percent : percent, histogram) ?? 0);
  return {
    count,
    values: [...(falling ? rising.toReversed() : rising), last ?? 0].map(digits),
    exact: exact.map(digits),
  };
}

/** The values at these ranks, which rise. */
function valuesAt(sorted: readonly { value: number; count: number }[], ranks: readonly number[]): number[] {
  let index = 0;
  let seen = sorted[0]?.count ?? 0;
  return ranks.map((rank) => {
    while (seen < rank && index < sorted.length - 1) seen += sorted[++index]?.count ?? 0;
    return sorted[index]?.value ?? 0;
  });
}

/** Limits of what is drawn, those of the objectives too. */
function limitsOf({ results }: StepReport, slo: readonly string[]): PageLimit[] {
  const checked = results.flatMap(({ thresholds }) => thresholds);
  const texts = new Set([...checked.map(({ text }) => text), ...slo]);
  return [...texts].flatMap((text) => {
    const own = checked.filter((threshold) => threshold.text === text);
    const outcome = worstOf(new Set(own.map(outcomeOf)));
    const line = lineOf(text, own[0]?.limit);
    return line === null ? [] : [{ ...line, text: clip(text, 60), outcome: outcome ?? null }];
  });
}

/** Where a limit is drawn: across a figure, or one percentile of it; `null` where it is none of what is drawn. */
function lineOf(text: string, checked: number | undefined): Pick<PageLimit, "of" | "percent" | "limit"> | null {
  const figure = readFigure(text.split(/[<>]/)[0] ?? "");
  const limit = checked ?? readObjective(text)?.limit;
  if (figure.kind === "misread" || limit === undefined) return null;
  if (figure.kind !== "statistic") return { of: figure.of, percent: null, limit };
  const { name } = figure.statistic;
  if (name === "stdev") return null;
  const percent = name === "percentile" ? figure.statistic.percent : name === "max" ? 100 : null;
  return { of: figure.of, percent, limit };
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
