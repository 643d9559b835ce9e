import type { PageWords } from "../../i18n/en/report-page.ts";
import { enNumbers, frNumbers } from "../../i18n/numbers.ts";
import type { PageResult, PageData, PageStep, PageStream, StreamColumns } from "./data.ts";
import { byId } from "./dom.ts";

/** All figures of the page. */
export const page: PageData<PageWords> = JSON.parse(byId("data").textContent ?? "");

/** What the page's code says. */
export const words: PageWords = page.words;

/** How numbers are written. */
export const write = page.lang === "fr" ? frNumbers : enNumbers;

/** The drawn streams of all steps, in the order of sending. */
const allStreams: readonly PageStream[] = rowsOf(page.streams);

/** What is shown: one step. */
export const shown = { step: page.first };

const painters: (() => void)[] = [];

/** Has a chart drawn now and whenever what it shows, or how, has changed. */
export function onPaint(paint: () => void): void {
  painters.push(paint);
}

/** Draws everything anew. */
export function repaint(): void {
  for (const paint of painters) paint();
}

/** The step that is shown; a run that was stopped early may have none. */
export function currentStep(): PageStep | null {
  return page.steps[shown.step] ?? null;
}

/** The streams of the step that is shown. */
export function currentStreams(): PageStream[] {
  return allStreams.filter(({ step }) => step === shown.step);
}

/** A text of the data block. */
export function textAt(index: number | null): string {
  return index === null ? "" : (page.texts[index] ?? "");
}

/** Foreign text in a line of ours: what turns the direction in it ends with it. */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

/** A sentence with its `{names}` filled in. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

/** The model of a stream. */
export function modelOf({ model }: PageStream): string {
  return page.models[model] ?? "";
}

/** What a result is called. */
export function resultLabel({ model }: PageResult): string {
  return model === null ? words.allModels : (page.models[model] ?? "");
}

/** Neither whole nor cut by ourselves: what counts as an error. */
export function isFailed(stream: PageStream): boolean {
  return !isWhole(stream) && !isUnfinished(stream);
}

/** What ran on when its window, or the whole run, ended: nobody's failure, and nobody knows how long it would have been. */
export function isUnfinished(stream: PageStream): boolean {
  return textAt(stream.verdict) === "cancelled";
}

function isWhole(stream: PageStream): boolean {
  return ["complete", "length"].includes(textAt(stream.verdict));
}

/** Whether its duration is in the distribution. */
export function isCounted(stream: PageStream): boolean {
  return isWhole(stream) && stream.warmup === 0;
}

function rowsOf(columns: StreamColumns): PageStream[] {
  const keys = Object.keys(columns);
  // The keys are those of a stream, all of the same length: the report has written them so.
  return columns.stream.map(
    (_, index) =>
      Object.fromEntries(keys.map((key) => [key, columns[key as keyof StreamColumns][index]])) as PageStream,
  );
}
