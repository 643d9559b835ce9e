import type { FailIfReport } from "../metrics/comparison.ts";
import { gateOutcome, outcomeOf } from "../metrics/verdict.ts";
import { closestOf, sayMargin } from "./headline.ts";
import { sayIn } from "../i18n/say.ts";
import { FIGURES, unitOfLimit, type DistributionName } from "../metrics/figures.ts";
import { allModels, type StepReport } from "../metrics/report.ts";
import { knownPercentile, tildeIn, type ResultReport, type ThresholdReport } from "../metrics/result-report.ts";
import {
  clip,
  figure,
  foreign,
  heads,
  isSweep,
  type Markup,
  markup,
  NOTHING,
  type Page,
  outcomeSign,
  resultName,
  sayLoadInFull,
  table,
  term,
} from "./html-markup.ts";

/** What a step comes to, for whoever reads nothing else: five figures, and every threshold with its margin. */
export function summaryPart(page: Page, step: StepReport): Markup {
  const { words } = page;
  const all = allModels(step);
  const heading = words.step.heading(sayLoadInFull(page, step.load));
  const title = isSweep(page) ? markup`<h2>${heading}</h2>` : markup`<h2 class="unseen">${words.tile.title}</h2>`;
  if (all === undefined) return title;
  const last = [errorTile(page, all), thresholdTile(page, step)];
  // Where no token came there is nothing but the cause.
  if (all.distributions.ttft_ms.count === 0)
    return markup`${title}<div class="tiles few">${last}</div>
${thresholdPart(page, step)}${errorPart(page, step)}`;
  const tiles = [
    figuresTile(page, all, "ttft_ms", [50, 95]),
    figuresTile(page, all, "tokens_per_second", [50, 5]),
    throughputTile(page, all),
    ...last,
  ];
  return markup`${title}<div class="tiles">${tiles}</div>
${thresholdPart(page, step)}${step.results.length > 1 && !isSweep(page) ? modelPart(page, step) : NOTHING}`;
}

type Part = { value: string; caption: string; mood?: "good" | "warn" | "bad" };

function tile(label: Markup, [first, ...rest]: readonly [Part, ...Part[]]): Markup {
  const part = ({ value, caption, mood }: Part, name: string): Markup =>
    markup`<p class="${name}${mood === undefined ? "" : ` ${mood}`}"><b>${value}</b> <span>${caption}</span></p>`;
  return markup`<div class="tile"><div class="label">${label}</div>${part(first, "big")}${rest.map((other) => part(other, "small"))}</div>`;
}

/** Percentiles of a distribution; a speed is judged from its slow side. */
function figuresTile(
  page: Page,
  result: ResultReport,
  name: DistributionName,
  percents: readonly [number, number],
): Markup {
  const { words } = page;
  const captions = FIGURES[name].better === "more" ? words.tile.atLeast : words.tile.within;
  const part = (percent: number): Part => ({
    value: percentileText(page, result, name, percent),
    caption: captions(percent === 50 ? null : percent),
  });
  return tile(term(page, words.terms.figure[name].long, name), [part(percents[0]), part(percents[1])]);
}

function percentileText(page: Page, result: ResultReport, of: DistributionName, percent: number): string {
  const value = knownPercentile(result, of, percent);
  return value === null ? "–" : tildeIn(of, result) + sayIn(FIGURES[of].unit, value, page.messages);
}

function throughputTile(page: Page, result: ResultReport): Markup {
  const { messages, words } = page;
  const { output_tokens_per_second: tokens, requests_per_second: requests } = result;
  const name = "output_tokens_per_second";
  return tile(term(page, words.terms.figure[name].long, name), [
    { value: tokens === null ? "–" : tildeIn(name, result) + messages.plain(tokens), caption: words.tile.tokens },
    { value: requests === null ? "–" : messages.plain(requests), caption: words.tile.requests },
  ]);
}

function errorTile(page: Page, result: ResultReport): Markup {
  const { messages, words } = page;
  const { ok, failed, unfinished } = result.streams;
  const rate = result.error_rate;
  const label = term(page, words.terms.figure.error_rate.long, "error_rate");
  const share: Part = {
    value: rate === null ? "–" : page.messages.percent(rate),
    caption: words.tile.failed(failed, ok + failed),
    ...(failed > 0 && { mood: "bad" }),
  };
  const [most] = result.errors;
  const cause = most === undefined ? [] : [{ value: messages.count(most.count), caption: clip(most.kind, 40) }];
  const cut = { value: messages.count(unfinished), caption: words.tile.unfinished(unfinished) };
  return tile(label, [share, ...cause, ...(unfinished > 0 ? [cut] : [])]);
}

function thresholdTile(page: Page, step: StepReport): Markup {
  const { messages, words } = page;
  const all = thresholdsOf(step).map(({ threshold }) => threshold);
  const label = term(page, words.table.thresholds, "thresholds");
  const outcomes = [...all.map(outcomeOf), ...gatesOf(page, step).map(gateOutcome)];
  if (outcomes.length === 0) return tile(label, [{ value: "–", caption: words.tile.noThresholds }]);
  const passed = outcomes.filter((outcome) => outcome === "passed").length;
  const value = `${messages.count(passed)}/${messages.count(outcomes.length)}`;
  const open = outcomes.every((outcome) => outcome === "passed" || outcome === "undecided");
  const mood = passed === outcomes.length ? "good" : open ? "warn" : "bad";
  const closest = closestOf(all);
  const margin = closest === null ? [] : [{ value: sayMargin(page, closest), caption: words.tile.closest }];
  return tile(label, [{ value, caption: words.tile.passed(passed), mood }, ...margin]);
}

/** What this load was held to beside a baseline; of a run that has only this one, also what had no load to be held against. */
function gatesOf({ report }: Page, { load }: StepReport): FailIfReport[] {
  const isOurs = ({ load: of }: FailIfReport): boolean =>
    of === null ? report.steps.length === 1 : Bun.deepEquals(of, load);
  return (report.fail_if ?? []).filter(isOurs);
}

type Checked = { result: ResultReport; threshold: ThresholdReport };

/** Of every model, those that failed first. */
function thresholdsOf(step: StepReport): Checked[] {
  const all = step.results.flatMap((result) => result.thresholds.map((threshold) => ({ result, threshold })));
  return all.toSorted((one, other) => Number(one.threshold.passed) - Number(other.threshold.passed));
}

/** The thresholds of one step; nothing where there are none. */
function thresholdPart(page: Page, step: StepReport): Markup {
  const { messages, words } = page;
  const say = words.table;
  const several = step.results.length > 1;
  const rows = thresholdsOf(step).map(({ result, threshold }) => {
    const { text, value, samples, met } = threshold;
    const outcome = outcomeOf(threshold);
    const every = met === undefined ? NOTHING : markup` ${words.terms.everyStream("").trim()}`;
    const write = (number: number): string => sayIn(unitOfLimit(text), number, page.messages);
    const model = several ? markup`<td>${resultName(page, result)}</td>` : NOTHING;
    return markup`<tr><td>${outcomeSign(outcome, say.outcome[outcome])}</td><th scope="row"><code>${foreign(text, 120)}</code>${every}</th>${model}${figure(value, write)}<td class="n">${sayMargin(page, threshold)}</td>${figure(samples, messages.count)}</tr>`;
  });
  if (rows.length === 0) return NOTHING;
  const head = heads(
    [say.result, say.threshold, ...(several ? [say.model] : [])],
    [say.value, say.margin, say.samples],
  );
  return markup`<div class="part thresholds"><h3 class="unseen">${say.thresholds}</h3>${table(say.thresholds, head, markup`<tbody>${rows}</tbody>`)}</div>`;
}

/** The same figures of each model. */
function modelPart(page: Page, step: StepReport): Markup {
  const { messages, words } = page;
  const { figure: names } = words.terms;
  const rows = step.results.map((result) => {
    const text = (name: DistributionName, percent: number): Markup =>
      markup`<td class="n">${percentileText(page, result, name, percent)}</td>`;
    const { output_tokens_per_second: throughput, error_rate: errors } = result;
    const tilde = tildeIn("output_tokens_per_second", result);
    return markup`<tr${result.model === null ? markup` class="whole"` : NOTHING}><th scope="row">${resultName(page, result)}</th>${text("ttft_ms", 50)}${text("ttft_ms", 95)}${text("tokens_per_second", 50)}${text("tokens_per_second", 5)}${figure(throughput, (value) => tilde + messages.number(value))}${figure(errors, (value) => page.messages.percent(value))}</tr>`;
  });
  const [ttft, speed] = [names.ttft_ms.name, names.tokens_per_second.name];
  const head = heads(
    [words.table.model],
    [`${ttft} p50`, "p95", `${speed} p50`, "p5", names.output_tokens_per_second.name, names.error_rate.name],
  );
  return markup`<div class="part"><h3>${words.tile.byModel}</h3>${table(words.tile.byModel, head, markup`<tbody>${rows}</tbody>`)}</div>`;
}

/** How streams of one step failed, each kind with its first example. */
export function errorPart(page: Page, step: StepReport): Markup {
  const { messages, words } = page;
  const say = words.table;
  const errors = allModels(step)?.errors ?? [];
  if (errors.length === 0) return markup`<div class="part"><h3>${say.errors}</h3><p>${say.noErrors}</p></div>`;
  const rows = errors.map(
    ({ kind, count, example, stream }) =>
      markup`<tr><th scope="row"><code>${foreign(kind, 80)}</code></th>${figure(count, messages.count)}${figure(stream, messages.count)}<td class="text">${foreign(example, 500)}</td></tr>`,
  );
  const head = heads([say.kind], [say.count, say.first], [say.example]);
  return markup`<h3>${say.errors}</h3>${table(say.errors, head, markup`<tbody>${rows}</tbody>`)}`;
}
