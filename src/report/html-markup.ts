import type { Messages, ReportWords } from "../i18n/load.ts";
import { sayLoad } from "../i18n/say.ts";
import type { LoadReport, RunReport } from "../metrics/report.ts";
import type { ResultReport } from "../metrics/result-report.ts";
import { type Mood, SIGNS } from "./headline.ts";
import { MARKS, type Outcome } from "../metrics/verdict.ts";
import { visible } from "../text/visible.ts";

/** A piece of HTML that is safe to put into a page: made by `markup` alone. */
export type Markup = { readonly markup: string };

type Piece = Markup | readonly Markup[] | string | number;

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** HTML from a template: what stands in `${}` is text and is escaped, unless it is markup already. */
export function markup(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  const text = parts.map((part, index) => part + (index < pieces.length ? piece(pieces[index] ?? "") : "")).join("");
  return { markup: text };
}

function piece(value: Piece): string {
  if (typeof value === "string" || typeof value === "number") return escape(String(value));
  if ("markup" in value) return value.markup;
  return value.map(({ markup: text }) => text).join("");
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}

/** Nothing, where something may stand. */
export const NOTHING: Markup = { markup: "" };

/** Text from a server or a user, cut to `most` UTF-16 units, that turns the direction of nothing around it. */
export function foreign(text: string, most = 300): Markup {
  return markup`<bdi>${clip(text, most)}</bdi>`;
}

/**
 * At most `most` UTF-16 units of a text, cut between characters, with … where something was cut. What nobody sees is then
 * marked, by eight units for one: U+2069 in it would end what isolates it, and let an override turn the line.
 */
export function clip(text: string, most: number): string {
  if (text.length <= most) return visible(text);
  const cut = text.slice(0, Math.max(0, most - 1));
  return `${visible(/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut)}…`;
}

/** JSON that can stand in a script element: nothing in it ends the element, opens a comment, or ends a line of script. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** What every part of the page is made from. */
export type Page = { report: RunReport; messages: Messages; words: ReportWords };

/** What a figure means, in the words of --help-numbers. */
export function meaningOf({ terms }: ReportWords, key: string): string | undefined {
  return Object.values(terms.help.sections)
    .flatMap(({ figures }) => Object.entries(figures))
    .find(([known]) => known === key)?.[1];
}

/** A word of the field that says what it means where it stands: the text of --help-numbers. */
export function term({ words }: Page, name: string, key: string): Markup {
  const meaning = meaningOf(words, key);
  if (meaning === undefined) return markup`${name}`;
  return markup`<details class="term"><summary>${name}</summary><p>${meaning}</p></details>`;
}

/** A number of a table, – where there is none. */
export function figure(value: number | null, write: (value: number) => string): Markup {
  return markup`<td class="n">${value === null ? "–" : write(value)}</td>`;
}

/** A table that scrolls sideways where the screen is narrow; `label` says what it is to those who do not see it. */
export function table(label: string, head: Markup, body: readonly Markup[] | Markup): Markup {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table><thead>${head}</thead>${body}</table></div>`;
}

/** A row of column titles; those of figures stand to the right. */
export function heads(words: readonly string[], figures: readonly string[], last: readonly string[] = []): Markup {
  const left = (word: string): Markup => markup`<th scope="col">${word}</th>`;
  const right = (word: string): Markup => markup`<th scope="col" class="n">${word}</th>`;
  return markup`<tr>${words.map(left)}${figures.map(right)}${last.map(left)}</tr>`;
}

/** Name of a result with the mark that its series has in the charts; `index`: of the model, -1 for all. */
export function resultName(page: Page, result: ResultReport): Markup {
  const { report, words } = page;
  const index = result.model === null ? -1 : report.models.indexOf(result.model);
  const name = result.model === null ? markup`${words.table.all}` : foreign(result.model, 80);
  const others = result.model === null ? [] : (result.trust.other_models ?? []).map(({ model }) => model);
  const answered = answeredBy(page, others);
  return index === -1 || report.models.length < 2
    ? markup`<span class="name">${name}${answered}</span>`
    : markup`<span class="name"><span class="key m${index % 6}" aria-hidden="true"></span>${name}${answered}</span>`;
}

/** Who answered in the place of a model, after its name. */
export function answeredBy({ words }: Page, others: readonly string[] = []): Markup {
  if (others.length === 0) return NOTHING;
  return markup` (${foreign(words.table.answeredBy(others.map((model) => clip(model, 80)).join(", ")), 400)})`;
}

/** A load with all that was asked of it. */
export function sayLoadInFull({ messages, words }: Page, load: LoadReport): string {
  return load.kind === "closed"
    ? sayLoad(words.terms, load)
    : words.arrival(messages.number(load.rate), load.arrival === "poisson", messages.count(load.max_in_flight));
}

/** The number that tells a step from the others: streams at once, or requests a second. */
export function shortLoad(load: LoadReport, messages: Messages): string {
  return load.kind === "closed" ? messages.count(load.concurrency) : `${messages.number(load.rate)}/s`;
}

/** A load beside others of its kind: what differs. */
export function sayValue({ words }: Page, load: LoadReport): string {
  return sayLoad(words.terms, load);
}

/** A judgement in a word and a sign, so that it is read without its colour. */
export function sign(mood: Mood, word: string): Markup {
  return markup`<span class="sign ${mood}"><span aria-hidden="true">${SIGNS[mood]}</span> <span class="word">${word}</span></span>`;
}

const MOODS: Readonly<Record<Outcome, Mood>> = { passed: "good", failed: "bad", undecided: "warn", unjudged: "note" };

/** What became of a threshold, in a sign and a word. */
export function outcomeSign(outcome: Outcome, word: string): Markup {
  return markup`<span class="sign ${MOODS[outcome]}"><span aria-hidden="true">${MARKS[outcome]}</span> <span class="word">${word}</span></span>`;
}

/** A part of the page that belongs to one step; the page shows that of the step that was chosen. */
export function ofStep(index: number, content: Markup): Markup {
  return markup`<div class="of-step" data-step="${index}">${content}</div>`;
}

/** Whether the run has more than one step. */
export function isSweep({ report }: Page): boolean {
  return report.steps.length > 1;
}
