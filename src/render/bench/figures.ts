import { load, type BenchWords, type Lang } from "../../i18n/load.ts";
import type { Numbers } from "../../i18n/numbers.ts";
import { sayCame, sayIn } from "../../i18n/say.ts";
import { FIGURES, unitOfLimit, type FigureName } from "../../metrics/figures.ts";
import { decodeHistogram } from "../../metrics/histogram.ts";
import type { ClientCheck, LoadReport } from "../../metrics/report.ts";
import type { ThresholdReport } from "../../metrics/result-report.ts";
import { sparkline } from "../../text/bars.ts";
import { blank, blocks, labelled, linesOf, piece, type Row } from "../../text/row.ts";
import { flat } from "../../text/visible.ts";
import { cellsOf } from "../../text/width.ts";
import { COLUMNS, wrap } from "../../text/wrap.ts";

/** What a result is written with; `show` makes a text from outside fit for one line. `columns`: most cells of a line. */
export type Texts = { messages: Numbers; words: BenchWords; show(text: string): string; columns: number };

/** On a terminal nothing is obeyed or hidden; elsewhere a text is only kept on its line. */
export function showFor(terminal: boolean): (text: string) => string {
  return terminal ? flat : (text) => text.replaceAll(/\s+/g, " ");
}

/** What stands for a figure that does not exist. */
export const NONE = "–";

/** A figure in its unit, where its name does not say it; or a dash. */
export function sayFigure(name: FigureName, value: number | null, texts: Texts): string {
  return value === null ? NONE : sayIn(FIGURES[name].unit, value, texts.messages);
}

/** A number, or a dash. */
export function sayNumber(value: number | null, { messages }: Texts): string {
  return value === null ? NONE : messages.number(value);
}

/**
 * How the values of a histogram lie between its smallest and its largest, one bar for each part: parts of equal ratio,
 * for what waits has a long tail. Empty where there is no spread.
 */
export function shapeOf(hdr: string | null, bars: number): string {
  if (hdr === null || bars <= 0) return "";
  const values = decodeHistogram(hdr).values();
  // A thousandth is the unit of the histogram; nought has no logarithm.
  const logs = values.map(({ value, count }) => ({ at: Math.log(Math.max(value, 0.001)), count }));
  const first = logs[0]?.at ?? 0;
  const last = logs.at(-1)?.at ?? 0;
  if (last <= first) return "";
  const heights = Array.from({ length: bars }, () => 0);
  for (const { at, count } of logs) {
    const bar = Math.min(bars - 1, Math.floor(((at - first) / (last - first)) * bars));
    heights[bar] = (heights[bar] ?? 0) + count;
  }
  return sparkline(heights, Math.max(...heights));
}

/** A number of token events, which is not yet one of tokens. */
export function sayRough(value: number | null, texts: Texts): string {
  return (value === null ? "" : "~") + sayNumber(value, texts);
}

/** A share in per cent, or a dash. */
export function sayShare(value: number | null, { messages }: Texts): string {
  return value === null ? NONE : messages.percent(value);
}

/** The name of a model, `null` for all, and who answered in its place. */
export function nameOf(model: string | null, others: readonly string[] | undefined, { words, show }: Texts): string {
  const name = model === null ? words.row.all : show(model);
  return others === undefined ? name : `${name} (${words.row.answeredBy(others.map(show).join(", "))})`;
}

/** The number that a load asks for. */
export function valueOf(load: LoadReport): number {
  return load.kind === "closed" ? load.concurrency : load.rate;
}

/** So many streams at once, or so many requests a second. */
export function sayLoad(load: LoadReport, texts: Pick<Texts, "messages" | "words">): string {
  return texts.words.load[load.kind](texts.messages.plain(valueOf(load)));
}

/** What the client must keep, with its limit unless it is nought. */
export function sayCheck({ name, value, limit }: ClientCheck, texts: Texts): string {
  const { row } = texts.words;
  const say = (number: number): string => {
    if (name === "cpu_per_thread") return texts.messages.percent(number);
    return name.endsWith("_ms") ? texts.messages.duration(number) : texts.messages.plain(number);
  };
  const sayLimit = name.endsWith("_ms") ? texts.messages.asked : say;
  const allowed = limit === null || limit === 0 ? null : sayLimit(limit);
  return row.checkValue(texts.words.terms.check[name].row, value === null ? NONE : say(value), allowed);
}

/** A threshold as it was written, and whether each stream must keep it. */
export function sayLimit({ text, met }: Pick<ThresholdReport, "text" | "met">, { words, show }: Texts): string {
  return met === undefined ? show(text) : words.terms.everyStream(show(text));
}

/** What a threshold came to, in the unit of its figure. */
export function sayThreshold(
  threshold: Pick<ThresholdReport, "text" | "value" | "samples" | "met" | "undecided" | "needed">,
  { words, messages }: Texts,
): string {
  const came = sayCame(words.terms, threshold, unitOfLimit(threshold.text), messages);
  return threshold.undecided === true ? words.row.undecided(came) : came;
}

/** What each figure means, in lines of at most 80 cells. */
export async function renderNumbers(lang: Lang): Promise<string> {
  const { title, about, sections } = (await load(lang, "terms")).help;
  const names = Object.values(sections).flatMap(({ figures }) => Object.keys(figures));
  const width = Math.max(...names.map(cellsOf)) + 2;
  const text = (said: string, columns = COLUMNS): Row[] => wrap(said, columns).lines.map((line) => [piece(line)]);
  const parts = Object.values(sections).map((section) => [
    [piece(section.title)],
    ...(section.about === "" ? [] : text(section.about)),
    ...Object.entries(section.figures).flatMap(([name, meaning]) =>
      labelled(piece(name), width, text(meaning, COLUMNS - 2 - width)).map((row) => [blank(2), ...row]),
    ),
  ]);
  return linesOf(blocks([[piece(title)]], text(about), ...parts));
}
