import uplotLicence from "uplot/LICENSE" with { type: "text" };
import uplot from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import type { CompareWords } from "../i18n/load.ts";
import type { Exemplar } from "../metrics/exemplars.ts";
import type { StepReport } from "../metrics/report.ts";
import { type Markup, markup, NOTHING, ofStep, type Page, sayLoadInFull } from "./html-markup.ts";
import { chartsPart, pageJson } from "./html-charts.ts";
import { hasTokens } from "../metrics/verdict.ts";
import { gatesPart } from "./html-gates.ts";
import { measurementPart } from "./html-measurement.ts";
import { errorPart, summaryPart } from "./html-summary.ts";
import { percentilePart, scalarPart, stepChoice, sweepPart } from "./html-tables.ts";
import { titleOf, trustPart, verdictPart } from "./html-verdict.ts";
// `bun run page` bundles page/start.ts and what it imports.
import script from "./page/bundle.txt" with { type: "text" };
import style from "./page/page.css" with { type: "text" };

/** What a page is made from; `left`: how many streams are not among `streams`. */
type HtmlInput = Page & { compare: CompareWords; streams: readonly Exemplar[]; left: number };

const SCRIPTS = [uplot, script];
const STYLES = [uplotStyle, style];

/** Most bytes of the tables of all steps, and of these and the data of the charts together. */
const MOST_TABLES = 1_000_000;
const MOST_DATA = 2_000_000;

/** The report as one HTML file that needs nothing but itself: its scripts and styles are the only ones it allows. */
export function renderHtml(input: HtmlInput): string {
  const { report, messages, words } = input;
  const page: Page = { report, messages, words };
  const steps = stepsOf(page);
  const json = pageJson(page, input.streams, MOST_DATA - steps.bytes);
  const head = markup`<!doctype html>
<html lang="${messages.lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${words.title(titleOf(report))}</title>
${STYLES.map((style) => inline("style", style))}
</head>
<body>
<main>
${bodyOf(page, steps, input)}
</main>
<footer><p>${words.footer}</p></footer>
${raw(`<script type="application/json" id="data">${json}</script>`)}
${raw(`<!-- uPlot, https://github.com/leeoniya/uPlot\n\n${uplotLicence.trim()} -->`)}
${SCRIPTS.map((script) => inline("script", script))}
</body>
</html>
`;
  return head.markup;
}

/** What the page says of each step: what it comes to, before the charts, and all its tables, after them. */
type Steps = { summaries: Markup[]; details: Markup[]; bytes: number };

/** All steps, as far as there is room for their tables; of the others it says where they are. */
function stepsOf(page: Page): Steps {
  const steps: Steps = { summaries: [], details: [], bytes: 0 };
  for (const [index, step] of page.report.steps.entries()) {
    const parts =
      steps.bytes > MOST_TABLES ? null : { summary: summaryPart(page, step), details: detailsOf(page, step) };
    if (parts !== null) steps.bytes += Buffer.byteLength(parts.summary.markup + parts.details.markup);
    // Steps are about as long as each other: behind the first without room none is tried.
    const known = steps.bytes > MOST_TABLES ? null : parts;
    steps.summaries.push(ofStep(index, known?.summary ?? markup`<p>${page.words.step.elsewhere}</p>`));
    steps.details.push(ofStep(index, known?.details ?? NOTHING));
  }
  return { ...steps, bytes: Math.min(steps.bytes, MOST_TABLES) };
}

/** `paper`: where the page's code puts what a printed step has besides, when more than one is printed. */
function detailsOf(page: Page, step: StepReport): Markup {
  const title = markup`${headingOf(page, step)}<div class="paper"></div>`;
  if (!hasTokens([step])) return markup`${title}${scalarPart(page, step)}`;
  return markup`${title}${scalarPart(page, step)}${percentilePart(page, step)}${errorPart(page, step)}${trustPart(page, step)}`;
}

function headingOf(page: Page, step: StepReport): Markup {
  return markup`<h2>${page.words.step.heading(sayLoadInFull(page, step.load))}</h2>`;
}

function bodyOf(page: Page, { summaries, details }: Steps, { compare, streams, left }: HtmlInput): Markup {
  return markup`${verdictPart(page)}
${stepChoice(page)}
<section class="summary">${summaries}</section>
${gatesPart(page, compare)}
${sweepPart(page)}
${chartsPart(page, streams.length, left)}
${measurementPart(page)}
<section class="details">${details}</section>`;
}

/** Only these scripts and styles, and nothing from anywhere. */
function policy(): string {
  const hashes = (texts: readonly string[]): string => texts.map((text) => `'sha256-${hash(text)}'`).join(" ");
  return `default-src 'none'; script-src ${hashes(SCRIPTS)}; style-src ${hashes(STYLES)}; base-uri 'none'; form-action 'none'`;
}

function hash(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("base64");
}

/** Our own code as it is: escaped, its hash would be another. */
function inline(element: "script" | "style", text: string): Markup {
  if (/<\/(script|style)|<!--/i.test(text)) throw new TypeError(`a ${element} of the page would end itself`);
  return raw(`<${element}>${text}</${element}>`);
}

function raw(text: string): Markup {
  return { markup: text };
}
