import type { LatencyName } from "./page/data.ts";
import { chartPart } from "./html-charts.ts";
import { figure, heads, isSweep, percent, sayValue, sign, table, type Page } from "./html-cells.ts";
import { markup, NOTHING, type Markup } from "./html-markup.ts";
import { whyNoKnee } from "../metrics/knee.ts";
import { allModels, type StepReport } from "../metrics/report.ts";
import { tildeOf } from "../metrics/result-report.ts";

const LATENCIES: readonly LatencyName[] = ["ttft_p95", "ttft_p50", "duration_p95", "duration_p50"];

/** The steps of a sweep against each other, and the choice of the one shown below; nothing without a sweep. */
export function sweepPart(page: Page): Markup {
  const { report, words } = page;
  if (!isSweep(page)) return NOTHING;
  const say = words.table;
  const good = report.steps.some((step) => (allModels(step)?.goodput ?? null) !== null);
  const head = heads(
    [say.step],
    [
      say.ok,
      say.failed,
      words.terms.figure.requests_per_second.long,
      words.page.tokensPerSecond,
      "TTFT p50",
      "TTFT p95",
      words.charts.latency.duration_p95,
      words.facts.window,
      ...(good ? [words.terms.figure.goodput.long] : []),
    ],
    [say.thresholds, say.client],
  );
  const rows = report.steps.map((step, index) => stepRow(page, step, index, good));
  const noKnee =
    report.knee === null ? markup`<p class="what">${words.terms.noKnee[whyNoKnee(report.steps)]}</p>` : NOTHING;
  const choice = LATENCIES.map((name) => ({ value: name, text: words.charts.latency[name] }));
  return markup`<section><h2>${say.sweep}</h2>
${chartPart(page, "sweep", choice)}${noKnee}${table(say.sweep, head, markup`<tbody>${rows}</tbody>`)}</section>`;
}

function stepRow(page: Page, step: StepReport, index: number, good: boolean): Markup {
  const { report, messages, words } = page;
  const whole = allModels(step);
  const { number, count } = messages;
  const knee = report.knee === index ? markup` <span class="tag">${words.step.knee}</span>` : NOTHING;
  const name = markup`<th scope="row">${sayValue(page, step.load)}${knee}</th>`;
  const client = sign(step.client.healthy, step.client.healthy ? words.table.healthy : words.table.limited);
  if (whole === undefined) return markup`<tr>${name}<td colspan="${good ? 10 : 9}"></td><td>${client}</td></tr>`;
  const { ttft_ms, duration_ms } = whole.distributions;
  const cells = [
    figure(whole.streams.ok, count),
    figure(whole.streams.failed, count),
    figure(whole.requests_per_second, number),
    figure(whole.output_tokens_per_second, (value) => tildeOf(whole) + number(value)),
    figure(ttft_ms.p50, messages.duration),
    figure(ttft_ms.p95, messages.duration),
    figure(duration_ms.p95, messages.duration),
    figure(step.window.length_ms, messages.duration),
    ...(good ? [figure(whole.goodput?.share ?? null, (share) => percent(page, share))] : []),
  ];
  return markup`<tr>${name}${cells}<td>${thresholdsOf(page, step)}</td><td>${client}</td></tr>`;
}

function thresholdsOf({ messages }: Page, step: StepReport): Markup {
  const checked = step.results.flatMap(({ thresholds }) => thresholds);
  const passed = checked.filter((threshold) => threshold.passed).length;
  if (checked.length === 0) return markup`–`;
  return sign(passed === checked.length, `${messages.count(passed)}/${messages.count(checked.length)}`);
}

/** The choice of the step whose figures are shown, worked by the page's code; nothing without a sweep. */
export function stepChoice(page: Page): Markup {
  const { report, words } = page;
  if (!isSweep(page)) return NOTHING;
  const options = report.steps.map((step, index) => {
    const checked = index === 0 ? markup` checked` : NOTHING;
    const knee = report.knee === index ? markup` <span class="tag">${words.step.knee}</span>` : NOTHING;
    return markup`<label><input type="radio" name="step" value="${index}"${checked}><span>${sayValue(page, step.load)}${knee}</span></label>`;
  });
  return markup`<fieldset class="choice" id="steps" hidden><legend>${words.step.choose}</legend>${options}</fieldset>`;
}
