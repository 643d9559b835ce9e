import { allModels, type ClientCheck, type RunReport, type StepReport } from "../metrics/report.ts";
import {
  clip,
  resultName,
  figure,
  foreign,
  heads,
  isSweep,
  markup,
  type Markup,
  NOTHING,
  type Page,
  sayValue,
  sign,
  table,
  term,
} from "./html-markup.ts";
import { tildeOf, type ResultReport, type ThresholdReport } from "../metrics/result-report.ts";
import { headlineOf, moodOf, pointsOf, SIGNS, type Point } from "./headline.ts";
import { limitsIn } from "../metrics/verdict.ts";
import { noticesIn } from "../metrics/trust-report.ts";
import { distributionsOf } from "../metrics/figures.ts";

/** The head of the page: the verdict in one sentence, and what it is made of. */
export function verdictPart(page: Page): Markup {
  const { report, words } = page;
  const models = report.models.length > 3 ? [] : report.models.map((model) => markup` · ${foreign(model, 60)}`);
  const lead = leadOf(page);
  return markup`<header class="top">
<div class="bar"><p class="kicker"><b>llmaas</b> ${words.kicker}</p><button type="button" id="theme" hidden>${words.theme}</button></div>
<h1 class="${moodOf(report)}">${headlineOf(page)}</h1>
${lead === null ? NOTHING : markup`<p class="lead">${lead}</p>`}
<p class="where">${foreign(report.endpoint)}${models} · ${words.instant(report.started_at)}</p>
<ul class="verdict">${pointsBeside(page).map((point) => pointOf(page, point))}</ul>
</header>`;
}

/** What neither the sentence nor a tile says. */
function pointsBeside(page: Page): Point[] {
  const { streams } = page.report.verdict;
  const { passed, total } = limitsIn(page.report);
  const say = page.words.verdict;
  const said = new Set([say.noThresholds, say.thresholds(passed, total), say.streams(streams.ok, streams.failed)]);
  return pointsOf(page).filter(({ text }) => !said.has(text));
}

/** Of a sweep, up to which load all is well: what it was made for. */
function leadOf(page: Page): string | null {
  const { report, messages, words } = page;
  if (!isSweep(page)) return null;
  const say = words.lead;
  const steps = report.steps.toSorted((one, other) => sizeOf(one) - sizeOf(other));
  const load = (step: StepReport | undefined): string => (step === undefined ? "" : sayValue(page, step.load));
  const failed = (step: StepReport): ThresholdReport | undefined => {
    const open = step.results.flatMap(({ thresholds }) => thresholds).filter(({ passed }) => !passed);
    return open.find(({ undecided }) => undecided !== true) ?? open[0];
  };
  const worst = steps.findIndex((step) => failed(step) !== undefined);
  const broken = steps[worst];
  if (broken !== undefined) {
    const threshold = failed(broken);
    const text = clip(threshold?.text ?? "", 80);
    const isDecided = threshold?.undecided !== true;
    return worst === 0
      ? say.never(load(broken), text, isDecided)
      : say.upTo(load(steps[worst - 1]), load(broken), text, isDecided);
  }
  if (report.verdict.thresholds.total > 0) return say.always(load(steps.at(-1)));
  const knee = report.knee === null ? undefined : report.steps[report.knee];
  const rate = knee === undefined ? null : (allModels(knee)?.output_tokens_per_second ?? null);
  return rate === null ? null : say.knee(load(knee), messages.rate(rate));
}

function sizeOf({ load }: StepReport): number {
  return load.kind === "closed" ? load.concurrency : load.rate;
}

function pointOf({ words }: Page, { mood, text }: Point): Markup {
  return markup`<li class="${mood}"><span class="mark" role="img" aria-label="${words.verdict[mood]}">${SIGNS[mood]}</span> ${text}</li>`;
}

/** The title of the window: the endpoint alone. */
export function titleOf({ endpoint }: RunReport): string {
  return clip(endpoint.replace(/^https?:\/\//, ""), 80);
}

/** How far the figures of one step can be trusted: their source, the client, and what they leave out. */
export function trustPart(page: Page, step: StepReport): Markup {
  const say = page.words.trust;
  return markup`<div class="part"><h3>${say.title}</h3><p class="what">${say.what}</p>
${sourceTable(page, step)}</div><div class="pair"><div class="part"><h4>${say.client}</h4>${clientTable(page, step)}</div>
<div class="part"><h4>${say.leftOut}</h4>${leftOutTable(page, step)}</div></div>`;
}

function sourceTable(page: Page, step: StepReport): Markup {
  const { messages, words } = page;
  const say = words.trust;
  type Row = readonly [string | Markup, (trust: ResultReport["trust"], tilde: string) => string];
  const rows: readonly Row[] = [
    [say.source, ({ tokens_source }) => say.sourceValue(tokens_source.usage, tokens_source.events)],
    [
      term(page, say.perEvent, "tokens_per_event"),
      ({ tokens_per_event: rate }, tilde) => (rate === null ? "–" : tilde + messages.plain(rate)),
    ],
    [
      term(page, say.coalesced, "coalesced"),
      ({ coalesced }) => (coalesced === null ? "–" : page.messages.percent(coalesced)),
    ],
    [term(page, say.lumped, "lumped"), ({ lumped = null }) => (lumped === null ? "–" : page.messages.percent(lumped))],
    [say.retries, ({ retries, retry_wait_ms }) => say.retriesValue(retries, messages.duration(retry_wait_ms))],
    [say.ttftFrom, ({ ttft_from }) => (ttft_from === "first_attempt" ? say.firstAttempt : say.lastAttempt)],
    [say.stale, ({ stale_connections }) => messages.count(stale_connections)],
    [term(page, say.stalls, "stalls"), ({ stalls }) => messages.count(stalls)],
    [say.malformed, ({ malformed }) => messages.count(malformed)],
    [term(page, say.held, "held_ms"), ({ held_ms }) => messages.asked(held_ms)],
    [say.notices, (trust) => noticesOf(page, trust)],
  ];
  const head =
    step.results.length > 1
      ? markup`<tr><td></td>${step.results.map((result) => markup`<th scope="col">${resultName(page, result)}</th>`)}</tr>`
      : NOTHING;
  const body = rows.map(
    ([name, value]) =>
      markup`<tr><th scope="row">${name}</th>${step.results.map((result) => markup`<td>${value(result.trust, tildeOf(result))}</td>`)}</tr>`,
  );
  return table(say.title, head, markup`<tbody>${body}</tbody>`);
}

/** What answers are worth in words; the others are codes, which are never translated. */
function noticesOf({ messages, words }: Page, trust: ResultReport["trust"]): string {
  const { doubts, others } = noticesIn(trust);
  const some = [
    ...doubts.map(({ code, streams }) => words.terms.doubt[code](streams)),
    ...others.map(({ code, streams }) => `${code} × ${messages.count(streams)}`),
  ];
  return some.length === 0 ? words.trust.none : some.join(", ");
}

function clientTable(page: Page, step: StepReport): Markup {
  const { messages, words } = page;
  const say = words.trust;
  const checks = step.client.checks.map((check) => checkRow(page, check));
  const { asked, mean, max } = step.concurrency;
  const observed = say.observedValue(
    asked === null ? null : messages.count(asked),
    mean === null ? "–" : messages.number(mean),
    messages.count(max),
  );
  const rest = [
    [term(page, say.observed, "concurrency"), observed],
    [term(page, say.missed, "missed_starts"), messages.count(step.missed_starts)],
  ] as const;
  const head = heads([say.client], [words.table.value, words.table.limit], [words.table.result]);
  const rows = rest.map(([name, value]) => markup`<tr><th scope="row">${name}</th><td colspan="3">${value}</td></tr>`);
  return table(say.client, head, markup`<tbody>${checks}${rows}</tbody>`);
}

function checkRow(page: Page, { name, value, limit, passed }: ClientCheck): Markup {
  const { messages, words } = page;
  const verdict = sign(passed ? "good" : "warn", passed ? words.trust.kept : words.trust.broken);
  const write = name === "cpu_per_thread" ? messages.percent : messages.plain;
  return markup`<tr><th scope="row">${term(page, words.terms.check[name].long, name)}</th>${figure(value, write)}${figure(limit, write)}<td>${verdict}</td></tr>`;
}

function leftOutTable({ messages, words }: Page, step: StepReport): Markup {
  const say = words.table;
  const whole = allModels(step);
  if (whole === undefined) return NOTHING;
  const rows = distributionsOf(step.load).map((name) => {
    const { left_out: why } = whole.distributions[name];
    const cells = [why.unfinished, why.failed, why.no_value].map((value) => figure(value, messages.count));
    return markup`<tr><th scope="row">${words.terms.figure[name].long}</th>${cells}</tr>`;
  });
  const head = heads([say.distribution], [say.unfinished, say.failed, words.trust.noValue]);
  return table(words.trust.leftOut, head, markup`<tbody>${rows}</tbody>`);
}
