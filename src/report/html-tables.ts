import { sayIn } from "../i18n/say.ts";
import type { LatencyName } from "./page/data.ts";
import { chartPart, firstShown } from "./html-charts.ts";
import {
  resultName,
  figure,
  heads,
  isSweep,
  type Markup,
  markup,
  NOTHING,
  outcomeSign,
  type Page,
  sayValue,
  shortLoad,
  sign,
  table,
  term,
} from "./html-markup.ts";
import { disturbanceOf, isClientJudged } from "../metrics/disturbance.ts";
import { whyNoKnee } from "../metrics/knee.ts";
import { cachedShareIn } from "../metrics/lengths.ts";
import { knownPercentile, tildeIn, tildeOf, type ResultReport } from "../metrics/result-report.ts";
import { distributionsOf, FIGURES, SHOWN_SCALARS, type DistributionName, type ScalarName } from "../metrics/figures.ts";
import { allModels, type StepReport } from "../metrics/report.ts";
import { outcomeOf, worstOf } from "../metrics/verdict.ts";

/** Of times the slow side is the upper one, of speeds the lower. */
const SIDES = { less: [50, 90, 95, 99], more: [50, 10, 5, 1] } as const;

/** The percentiles of one step, times and speeds apart: a row a distribution, and one a model in it. */
export function percentilePart(page: Page, step: StepReport): Markup {
  const say = page.words.table;
  const names = distributionsOf(step.load);
  const some = (side: Side): DistributionName[] => names.filter((name) => FIGURES[name].better === side);
  return markup`${sidePart(page, step, "less", some("less"), say.times, say.timesWhat)}${sidePart(page, step, "more", some("more"), say.speeds, say.speedsWhat)}`;
}

type Side = keyof typeof SIDES;

function sidePart(
  page: Page,
  step: StepReport,
  side: Side,
  names: readonly DistributionName[],
  title: string,
  what: string,
): Markup {
  const say = page.words.table;
  const several = step.results.length > 1;
  const head = heads(
    [say.distribution, ...(several ? [say.model] : [])],
    [
      ...SIDES[side].map((percent) => `p${percent}`),
      side === "less" ? say.max : say.min,
      say.mean,
      say.count,
      say.leftOut,
    ],
  );
  const groups = names.map((name) => {
    const rows = step.results.map((result, index) => percentileRow(page, name, result, index === 0 ? step : null));
    return markup`<tbody${several ? markup` class="group"` : NOTHING}>${rows}</tbody>`;
  });
  return markup`<div class="part"><h3>${title}</h3><p class="what">${what}</p>${table(title, head, groups)}</div>`;
}

/** `step`: in the first row of a distribution, whose name spans all of them. */
function percentileRow(page: Page, name: DistributionName, result: ResultReport, step: StepReport | null): Markup {
  const { messages, words } = page;
  const values = result.distributions[name];
  const several = step === null || step.results.length > 1;
  const title =
    step === null
      ? NOTHING
      : markup`<th scope="rowgroup" rowspan="${step.results.length}">${term(page, words.terms.figure[name].long, name)}</th>`;
  const model = several ? markup`<th scope="row">${resultName(page, result)}</th>` : NOTHING;
  const side = FIGURES[name].better;
  const percentiles = SIDES[side].map((percent) => knownPercentile(result, name, percent));
  const cells = [...percentiles, side === "less" ? values.max : values.min, values.mean];
  return markup`<tr${result.model === null && several ? markup` class="whole"` : NOTHING}>${title}${model}${cells.map((value) => figure(value, (number) => tildeIn(name, result) + messages.number(number)))}${figure(values.count, messages.count)}${figure(values.missing, messages.count)}</tr>`;
}

/** `some`: it has a row only where some model has it. */
type ScalarRow = { name: string; key?: string; value(result: ResultReport): string | null; some?: boolean };

function scalarRow(page: Page, name: ScalarName): ScalarRow {
  const { unit, value, ofObjectives } = FIGURES[name];
  const write = (result: ResultReport): string | null =>
    map(value(result), (number) => tildeIn(name, result) + sayIn(unit, number, page.messages));
  const own = name === "goodput" ? (result: ResultReport): string | null => goodput(page, result) : write;
  return { name: page.words.terms.figure[name].long, key: name, value: own, some: ofObjectives };
}

/** The figures of one step that are no distribution: a column a model. */
export function scalarPart(page: Page, step: StepReport): Markup {
  const { messages, words } = page;
  const say = words.table;
  const { count } = messages;
  const rows: readonly ScalarRow[] = [
    { name: say.ok, value: ({ streams }) => count(streams.ok) },
    { name: say.failed, value: ({ streams }) => count(streams.failed) },
    { name: say.unfinished, key: "unfinished", value: ({ streams }) => count(streams.unfinished) },
    ...SHOWN_SCALARS.filter((name) => FIGURES[name].unit === "share").map((name) => scalarRow(page, name)),
    { name: say.verdicts, value: (result) => verdictsOf(page, result), some: true },
    ...SHOWN_SCALARS.filter((name) => FIGURES[name].unit !== "share").map((name) => scalarRow(page, name)),
    { name: say.outputTokens, value: (result) => tildeOf(result) + count(result.tokens.output) },
    { name: say.promptTokens, value: ({ tokens }) => map(tokens.prompt, count) },
    { name: say.reasoningTokens, value: ({ tokens }) => map(tokens.reasoning, count) },
    ...serverRows(page),
    {
      name: say.cost,
      value: ({ cost }) =>
        map(cost, ({ amount, currency, streams }) => say.costValue(messages.cost(amount, currency), streams)),
      some: true,
    },
  ];
  const shown = rows.filter(({ some, value }) => !some || step.results.some((result) => value(result) !== null));
  const named = (name: string, key?: string): Markup => (key === undefined ? markup`${name}` : term(page, name, key));
  const [only] = step.results;
  if (step.results.length === 1 && only !== undefined) {
    const figures = shown.map(
      ({ name, key, value }) => markup`<div><dt>${named(name, key)}</dt><dd>${value(only) ?? "–"}</dd></div>`,
    );
    return markup`<div class="part"><h3>${say.throughput}</h3><dl class="facts figures">${figures}</dl></div>`;
  }
  const head = markup`<tr><td></td>${step.results.map((result) => markup`<th scope="col" class="n">${resultName(page, result)}</th>`)}</tr>`;
  const body = shown.map(
    ({ name, key, value }) =>
      markup`<tr${name === say.verdicts ? markup` class="wrap"` : NOTHING}><th scope="row">${named(name, key)}</th>${step.results.map((result) => markup`<td class="n">${value(result) ?? "–"}</td>`)}</tr>`,
  );
  return markup`<div class="part"><h3>${say.throughput}</h3>${table(say.throughput, head, markup`<tbody>${body}</tbody>`)}</div>`;
}

/** What the server says of its own work, and of its cache. */
function serverRows({ messages, words: { terms } }: Page): ScalarRow[] {
  const { server: say, cache } = terms;
  const { duration } = messages;
  type Server = NonNullable<ResultReport["server"]>;
  const mean = (name: keyof Server) => {
    return ({ server = null }: ResultReport) => map(server?.[name] ?? null, (told) => duration(told.mean));
  };
  const ttft = ({ server = null }: ResultReport): string | null => {
    const here = server?.observed_ttft_ms ?? null;
    if (here === null) return null;
    return say.here(map(server?.ttft_ms ?? null, (told) => duration(told.mean)) ?? "–", duration(here.mean));
  };
  return [
    {
      name: cache.long,
      key: "cached_prompt_tokens",
      value: (result) => map(cachedShareIn([result]), messages.percent),
      some: true,
    },
    { name: say.long.queue, key: "server", value: mean("queue_ms"), some: true },
    { name: say.long.prefill, key: "server", value: mean("prefill_ms"), some: true },
    { name: say.long.ttft, key: "server", value: ttft, some: true },
    { name: say.longBetween, key: "network_and_client", value: mean("network_and_client_ms"), some: true },
  ];
}

/** Codes, which are never translated. */
function verdictsOf({ messages }: Page, { verdicts }: ResultReport): string | null {
  const some = Object.entries(verdicts).map(([code, count]) => `${code} ${messages.count(count)}`);
  return some.length === 0 ? null : some.join(" · ");
}

function goodput(page: Page, { goodput: value }: ResultReport): string | null {
  const { messages, words } = page;
  if (value === null) return null;
  const share = value.share === null ? "–" : page.messages.percent(value.share);
  return words.table.goodputValue(share, value.per_second === null ? "–" : messages.number(value.per_second));
}

function map<T>(value: T | null, write: (value: T) => string): string | null {
  return value === null ? null : write(value);
}

const LATENCIES: readonly LatencyName[] = ["ttft_p95", "ttft_p50", "duration_p95", "duration_p50"];

/** The steps of a sweep against each other, and the choice of the one shown below; nothing without a sweep. */
export function sweepPart(page: Page): Markup {
  const { report, words } = page;
  if (!isSweep(page)) return NOTHING;
  const say = words.table;
  const good = report.steps.some((step) => (allModels(step)?.goodput ?? null) !== null);
  const head = heads(
    [say.step, say.thresholds],
    [
      say.ok,
      say.failed,
      words.terms.figure.requests_per_second.long,
      words.page.throughput,
      "TTFT p50",
      "TTFT p95",
      words.charts.latency.duration_p95,
      words.facts.window,
      ...(good ? [words.terms.figure.goodput.long] : []),
    ],
    [say.client],
  );
  const rows = report.steps.map((step, index) => stepRow(page, step, index, good));
  const noKnee =
    report.knee === null ? markup`<p class="what">${words.terms.noKnee[whyNoKnee(report.steps)]}</p>` : NOTHING;
  const choice = LATENCIES.map((name) => ({ value: name, text: words.charts.latency[name] }));
  return markup`<section class="sweep" aria-labelledby="sweep"><h2 id="sweep">${say.sweep}</h2>
${chartPart(page, "sweep", choice)}
<div class="steps">${noKnee}${table(say.sweep, head, markup`<tbody>${rows}</tbody>`)}</div></section>`;
}

function stepRow(page: Page, step: StepReport, index: number, good: boolean): Markup {
  const { report, messages, words } = page;
  const all = allModels(step);
  const { number, count } = messages;
  const knee = report.knee === index ? markup` <span class="tag">${words.step.knee}</span>` : NOTHING;
  const name = markup`<th scope="row">${sayValue(page, step.load)}${knee}</th><td>${thresholdsOf(page, step)}</td>`;
  const kept = disturbanceOf(step) === null;
  const client = isClientJudged(step)
    ? sign(kept ? "good" : "warn", kept ? words.table.healthy : words.table.limited)
    : markup`–`;
  if (all === undefined) return markup`<tr>${name}<td colspan="${good ? 9 : 8}"></td><td>${client}</td></tr>`;
  const time = (of: DistributionName, percent: number): Markup =>
    figure(knownPercentile(all, of, percent), messages.duration);
  const cells = [
    figure(all.streams.ok, count),
    figure(all.streams.failed, count),
    figure(all.requests_per_second, number),
    figure(all.output_tokens_per_second, (value) => tildeOf(all) + number(value)),
    time("ttft_ms", 50),
    time("ttft_ms", 95),
    time("duration_ms", 95),
    figure(step.window.length_ms, messages.duration),
    ...(good ? [figure(all.goodput?.share ?? null, (share) => page.messages.percent(share))] : []),
  ];
  return markup`<tr>${name}${cells}<td>${client}</td></tr>`;
}

function thresholdsOf({ messages }: Page, step: StepReport): Markup {
  const outcomes = step.results.flatMap(({ thresholds }) => thresholds).map(outcomeOf);
  const passed = outcomes.filter((outcome) => outcome === "passed").length;
  const worst = worstOf(new Set(outcomes));
  if (worst === undefined) return markup`–`;
  return outcomeSign(worst, `${messages.count(passed)}/${messages.count(outcomes.length)}`);
}

/** What tells the steps from each other. */
function choiceOf({ report, words }: Page): string {
  const closed = report.steps.every(({ load }) => load.kind === "closed");
  return closed ? words.page.streamsAtOnce : words.step.choose;
}

/** The choice of the step whose figures are shown, worked by the page's code; nothing without a sweep. */
export function stepChoice(page: Page): Markup {
  const { report, words } = page;
  if (!isSweep(page)) return NOTHING;
  const options = report.steps.map((step, index) => {
    const checked = index === firstShown(report) ? markup` checked` : NOTHING;
    const knee = report.knee === index ? markup` <span class="tag">${words.step.knee}</span>` : NOTHING;
    return markup`<label><input type="radio" name="step" value="${index}"${checked}><span>${shortLoad(step.load, page.messages)}${knee}</span></label>`;
  });
  return markup`<fieldset class="choice" id="steps" hidden><legend>${choiceOf(page)}</legend>${options}</fieldset>`;
}
