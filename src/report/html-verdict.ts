import { allModels, replacedIn, type ClientCheck, type RunReport, type StepReport } from "../metrics/report.ts";
import {
  answeredBy,
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
  percent,
  sayLoadInFull,
  sayValue,
  sign,
  table,
} from "./html-markup.ts";
import { tildeOf, type ResultReport } from "../metrics/result-report.ts";
import { headlineOf, moodOf, pointsOf, SIGNS, type Point } from "./headline.ts";
import { noticesIn } from "../metrics/trust-report.ts";
import { distributionsOf } from "../metrics/figures.ts";

/** The head of the page: the verdict in one sentence, and what it is made of. */
export function verdictPart(page: Page): Markup {
  const { report, words } = page;
  return markup`<header class="top">
<div class="bar"><p class="kicker"><b>llmaas</b> ${words.kicker}</p><button type="button" id="theme" hidden>${words.theme}</button></div>
<h1 class="${moodOf(report)}">${headlineOf(page)}</h1>
<p class="where">${foreign(report.endpoint)} · ${words.instant(report.started_at)}</p>
<ul class="verdict">${pointsOf(page).map((point) => pointOf(page, point))}</ul>
</header>`;
}

function pointOf({ words }: Page, { mood, text }: Point): Markup {
  return markup`<li class="${mood}"><span class="mark" role="img" aria-label="${words.verdict[mood]}">${SIGNS[mood]}</span> ${text}</li>`;
}

/** What was measured, where, and with what. */
export function factsPart(page: Page): Markup {
  const { report, messages, words } = page;
  const say = words.facts;
  const { machine, tool, plan } = report;
  const memory = words.gibibytes(messages.number(machine.memory_bytes / 2 ** 30));
  // What they have in common is said of the last.
  const replaced = replacedIn(report.steps);
  const loads = plan.loads.map((load, at) => (at < plan.loads.length - 1 ? sayValue : sayLoadInFull)(page, load));
  const rows: (readonly [string, Markup])[] = [
    [say.endpoint, foreign(report.endpoint)],
    [
      say.models,
      list(report.models.map((model) => markup`${foreign(model, 80)}${answeredBy(page, replaced.get(model))}`)),
    ],
    [say.load, markup`${loads.join(" · ")}`],
    ...windowOf(page),
    [say.started, markup`${words.instant(report.started_at)}`],
    [say.version, foreign(say.versionValue(tool.name, tool.version, tool.bun))],
    [
      say.machine,
      markup`${say.machineValue(clip(machine.cpu, 100), machine.cores, memory, `${machine.os} ${machine.arch}`)}`,
    ],
    [say.seed, markup`${String(plan.seed)}`],
    [say.exit, markup`${String(report.verdict.exit_code)}`],
    ...(plan.slo.length === 0 ? [] : [[say.objectives, args(plan.slo)] as const]),
    [say.arguments, args(report.arguments)],
  ];
  return markup`<section aria-labelledby="run"><h2 id="run">${say.title}</h2>
<dl class="facts">${rows.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></section>`;
}

/** With a sweep each step has its window, in the table of the steps. */
function windowOf(page: Page): (readonly [string, Markup])[] {
  const { report, messages, words } = page;
  const [step] = report.steps;
  if (step === undefined || isSweep(page)) return [];
  const { window, warmup } = step;
  const drain = window.drain_ms === 0 ? null : messages.duration(window.drain_ms);
  const value = words.facts.windowValue(messages.duration(window.length_ms), drain);
  const before = words.facts.warmupValue(warmup.streams, messages.duration(warmup.length_ms));
  return [
    [words.facts.window, markup`${value}`],
    ...(warmup.streams === 0 ? [] : [[words.facts.warmup, markup`${before}`] as const]),
  ];
}

function args(texts: readonly string[]): Markup {
  return markup`<span class="args">${texts.map((text) => markup`<code>${foreign(text, 200)}</code> `)}</span>`;
}

function list(items: readonly Markup[]): Markup {
  return items.length === 0
    ? markup`–`
    : markup`${items.map((item, index) => (index === 0 ? item : markup`, ${item}`))}`;
}

/** The title of the window: the endpoint alone. */
export function titleOf({ endpoint }: RunReport): string {
  return clip(endpoint.replace(/^https?:\/\//, ""), 80);
}

/** How far the figures of one step can be trusted: their source, the client, and what they leave out. */
export function trustPart(page: Page, step: StepReport): Markup {
  const say = page.words.trust;
  return markup`<h3>${say.title}</h3><p class="what">${say.what}</p>
${sourceTable(page, step)}<div class="pair"><div><h4>${say.client}</h4>${clientTable(page, step)}</div>
<div><h4>${say.leftOut}</h4>${leftOutTable(page, step)}</div></div>`;
}

function sourceTable(page: Page, step: StepReport): Markup {
  const { messages, words } = page;
  const say = words.trust;
  type Row = readonly [string, (trust: ResultReport["trust"], tilde: string) => string];
  const rows: readonly Row[] = [
    [say.source, ({ tokens_source }) => say.sourceValue(tokens_source.usage, tokens_source.events)],
    [say.perEvent, ({ tokens_per_event: rate }, tilde) => (rate === null ? "–" : tilde + messages.number(rate))],
    [say.coalesced, ({ coalesced }) => (coalesced === null ? "–" : percent(page, coalesced))],
    [say.lumped, ({ lumped = null }) => (lumped === null ? "–" : percent(page, lumped))],
    [say.retries, ({ retries, retry_wait_ms }) => say.retriesValue(retries, messages.duration(retry_wait_ms))],
    [say.ttftFrom, ({ ttft_from }) => (ttft_from === "first_attempt" ? say.firstAttempt : say.lastAttempt)],
    [say.stale, ({ stale_connections }) => messages.count(stale_connections)],
    [say.stalls, ({ stalls }) => messages.count(stalls)],
    [say.malformed, ({ malformed }) => messages.count(malformed)],
    [say.held, ({ held_ms }) => messages.duration(held_ms)],
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
    [say.observed, observed],
    [say.missed, messages.count(step.missed_starts)],
  ] as const;
  const head = heads([say.client], [words.table.value, words.table.limit], [words.table.result]);
  const rows = rest.map(([name, value]) => markup`<tr><th scope="row">${name}</th><td colspan="3">${value}</td></tr>`);
  return table(say.client, head, markup`<tbody>${checks}${rows}</tbody>`);
}

function checkRow(page: Page, { name, value, limit, passed }: ClientCheck): Markup {
  const { messages, words } = page;
  const verdict = sign(passed, passed ? words.trust.kept : words.trust.broken);
  const write = name === "cpu_per_thread" ? (share: number): string => percent(page, share) : messages.number;
  return markup`<tr><th scope="row">${words.terms.check[name].long}</th>${figure(value, write)}${figure(limit, write)}<td>${verdict}</td></tr>`;
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
