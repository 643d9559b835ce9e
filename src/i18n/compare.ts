import type { ComparisonNote, DifferenceWord, FailIfReport, PairReport } from "../metrics/comparison.ts";
import type { ScalarName } from "../metrics/figure.ts";
import type { DistributionName, LoadReport } from "../metrics/summary.ts";
import type { Lang } from "./messages.ts";
import type { Numbers } from "./numbers.ts";

export type NoteOf<K extends ComparisonNote["code"]> = Extract<ComparisonNote, { code: K }>;

/** What the verb `compare` says, in one language; figures and changes come written out. */
export type CompareWords = Pick<Numbers, "number" | "count" | "duration"> & {
  /** The first line; `list` names the figures that decided. */
  verdict: {
    better(list: string): string;
    worse(list: string): string;
    mixed(better: string, worse: string): string;
    no_difference: string;
    not_enough(a: string, b: string): string;
    /** Streams enough, and no figure that decides could be told from chance. */
    not_judged: string;
    nothing: string;
  };
  figure: Record<DistributionName | Exclude<ScalarName, "goodput_per_second">, string>;
  mean: string;
  side(name: "A" | "B", paths: string): string;
  word: Record<DifferenceWord, string>;
  /** The word for what chance alone may have done. */
  doubtful(word: string): string;
  columns: { change: string; interval: string };
  /** A share or a change of one, without a sign. */
  percent(share: number): string;
  /** A relative change, or points, with its sign: `+12.3`. */
  signed(share: number): string;
  unit: Record<"relative" | "points", string>;
  load(load: LoadReport): string;
  allModels: string;
  streams(a: string, b: string): string;
  runs(a: number, b: number): string;
  /** How the intervals came about. */
  method: Record<PairReport["method"], string>;
  /** What the mark and the question mark mean, and how many rows are not shown. */
  legend: { primary: string; chance: string; left(count: string): string };
  note: { [K in ComparisonNote["code"]]: (note: NoteOf<K>) => string };
  failIf: {
    line(text: string, result: string): string;
    passed(change: string): string;
    worse(change: string): string;
    /** How much of a worsening is certain; `null`: nothing. */
    certain(bound: string | null): string;
    /** What was 0 has no relative change. */
    fromZero: Record<"better" | "worse", string>;
    why: Record<Exclude<NonNullable<FailIfReport["why"]>, "worse">, string>;
  };
};

/** Where the tokens of nearly all answers come from, by the share that counts events; `null`: some from each. */
export function sourceOf(byEvents: number): "usage" | "events" | null {
  return byEvents <= 0.02 ? "usage" : byEvents >= 0.98 ? "events" : null;
}

/** The words of one language; only that language's module is loaded. */
export async function loadCompare(lang: Lang): Promise<CompareWords> {
  return lang === "fr" ? (await import("./fr/compare.ts")).frCompare : (await import("./en/compare.ts")).enCompare;
}

/** The sentence of a note. */
export function sayNote<K extends ComparisonNote["code"]>(
  words: { note: { [P in K]: (note: NoteOf<P>) => string } },
  note: NoteOf<K> & { code: K },
): string {
  return words.note[note.code](note);
}
