import type { ComparedFigure } from "../metrics/model-means.ts";
import type { Lang } from "./messages.ts";

/** What the comparison says; short enough for 40 columns. */
export type ComparisonWords = {
  streams: string;
  /** `currency` is that of the prices. */
  figure: Record<Exclude<ComparedFigure, "cost">, string> & { cost(currency: string): string };
  /** Three significant digits, however small. */
  amount(value: number): string;
  /** A difference with its sign, from a share such as 0.12. */
  percent(share: number): string;
  /** What the figures and signs are; `partly` explains a sign such as (4/5), `estimated` the ~. */
  mean: string;
  best: string;
  difference: string;
  partly(count: number, streams: number): string;
  estimated: string;
};

/** What the waterfall says; a count comes written out. */
export type WaterfallWords = {
  title(streams: string): string;
  /** `failed`: how many of those that are not drawn failed; `null` for none. */
  left(shown: string, streams: string, failed: string | null): string;
  phase: Record<"waiting" | "retrying" | "thinking" | "stalled", string>;
  /** `fastest` is the pace of the darkest shade in tokens/s; `null` when all came at once. */
  tokens(fastest: string | null): string;
  seconds(value: number, digits: number): string;
};

/** What the live display of several streams says; the verdicts are codes and say themselves. */
export type PanesWords = {
  state: Record<"waiting" | "thinking" | "streaming" | "stalled", string>;
  retrying(attempt: number, wait: string): string;
  tokens(count: string): string;
  speed(perSecond: string): string;
  ttft(time: string): string;
  seconds(count: string): string;
  /** `total`: `null` when nobody knows how many there will be. */
  done(count: string, total: string | null): string;
  running(count: string): string;
  failed(count: string): string;
  left(time: string): string;
  /** Titles of the columns when each stream is one line. */
  columns: { number: string; model: string; tokens: string; speed: string; pace: string; text: string };
};

/** What is said of several streams, in one language. */
export type SeveralWords = {
  comparison: ComparisonWords;
  waterfall: WaterfallWords;
  panes: PanesWords;
  /** Streams at once: asked, the most there were, and the mean over time. */
  concurrency(asked: string, max: string, mean: string): string;
  /** Fewer ran than were asked for, for longer than a second. */
  short: string;
  /** What all streams with a known cost came to. */
  total(cost: string): string;
  /** Notes that were too many to be shown. */
  notesLeft(count: string): string;
  /** Answers that were too many to be kept for the end. */
  answersLeft(count: string): string;
};

/** The words of one language; only that language's module is loaded. */
export async function loadSeveral(lang: Lang): Promise<SeveralWords> {
  return lang === "fr" ? (await import("./fr/several.ts")).frSeveral : (await import("./en/several.ts")).enSeveral;
}
