import type { ReportWords } from "../i18n/load.ts";
import { CURVES } from "./html-curves.ts";
import type { Page } from "./html-cells.ts";
import { markup, NOTHING, type Markup } from "./html-markup.ts";

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
