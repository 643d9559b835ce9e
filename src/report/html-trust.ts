import { allModels, type ClientCheck, type StepReport } from "../metrics/report.ts";
import { tildeOf, type ResultReport } from "../metrics/result-report.ts";
import { distributionsOf } from "../metrics/figures.ts";
import {
  columnName,
  figure,
  heads,
  type Markup,
  markup,
  NOTHING,
  type Page,
  percent,
  sign,
  table,
} from "./html-markup.ts";

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
    [say.retries, ({ retries, retry_wait_ms }) => say.retriesValue(retries, messages.duration(retry_wait_ms))],
    [say.ttftFrom, ({ ttft_from }) => (ttft_from === "first_attempt" ? say.firstAttempt : say.lastAttempt)],
    [say.stalls, ({ stalls }) => messages.count(stalls)],
    [say.malformed, ({ malformed }) => messages.count(malformed)],
    [say.held, ({ held_ms }) => messages.duration(held_ms)],
    [say.notices, ({ notices }) => noticesOf(page, notices)],
  ];
  const head =
    step.results.length > 1
      ? markup`<tr><td></td>${step.results.map((column) => markup`<th scope="col">${columnName(page, column)}</th>`)}</tr>`
      : NOTHING;
  const body = rows.map(
    ([name, value]) =>
      markup`<tr><th scope="row">${name}</th>${step.results.map((column) => markup`<td>${value(column.trust, tildeOf(column))}</td>`)}</tr>`,
  );
  return table(say.title, head, markup`<tbody>${body}</tbody>`);
}

/** Codes, which are never translated. */
function noticesOf({ messages, words }: Page, notices: ResultReport["trust"]["notices"]): string {
  const some = Object.entries(notices).map(([code, count]) => `${code} × ${messages.count(count)}`);
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
