import { isComplete } from "../stream/event.ts";
import { knownP99 } from "./distribution.ts";
import { FIGURES, mapNames, valueIn } from "./figures.ts";
import { welch, type Estimate } from "./welch.ts";
import type { StreamRecord } from "./record.ts";

type ComparedRow = {
  unit: "ms" | "tokens_per_second" | "tokens" | "count" | "amount";
  /** `null`: more is neither better nor worse. */
  better: "less" | "more" | null;
  ofTokens: boolean;
  /** `null` where the stream has none, or one that says nothing. */
  value(record: StreamRecord): number | null;
};

/** Names of other models that are kept of one. */
const MOST_OTHERS = 3;

const count = { unit: "count", better: "less", ofTokens: false } as const;
const { ttft_ms: ttft, tokens_per_second: speed, decode_tokens_per_second: steady, duration_ms: duration } = FIGURES;

/** The figures of a stream that are compared, in the order in which they are shown. */
const ROWS = {
  ttft: { ...ttft, value: (record) => valueIn(record, "ttft_ms") },
  speed: { ...speed, value: (record) => valueIn(record, "tokens_per_second") },
  steady: { ...steady, value: (record) => valueIn(record, "decode_tokens_per_second") },
  duration: { ...duration, value: (record) => valueIn(record, "duration_ms") },
  tokens: {
    unit: "tokens",
    better: null,
    ofTokens: true,
    value: (record) => (isComplete(record) ? record.tokens : null),
  },
  gap_p50: { ...FIGURES.gap_ms, value: ({ gap_ms }) => gap_ms?.p50 ?? null },
  gap_p99: { ...FIGURES.gap_ms, value: ({ gap_ms }) => (gap_ms === null ? null : knownP99(gap_ms)) },
  stalls: { ...count, value: ({ ttft_ms, stalls }) => (ttft_ms === null ? null : stalls) },
  cost: { ...count, unit: "amount", value: ({ cost }) => cost },
} satisfies Record<string, ComparedRow>;

export type ComparedFigure = keyof typeof ROWS;

export const COMPARED: Readonly<Record<ComparedFigure, ComparedRow>> = ROWS;
export const COMPARED_NAMES = Object.keys(ROWS).filter((name): name is ComparedFigure => name in ROWS);

export type ModelMeans = {
  model: string;
  streams: number;
  /** Streams that ended `complete` or `length`. */
  complete: number;
  /** Some stream's tokens are only counted by events. */
  estimated: boolean;
  /** Other models that answered in its place; the first few. */
  others: readonly string[];
  means: Record<ComparedFigure, FigureMean>;
};

/** Mean over the `count` streams that have the figure; `null` where none has. `deviation`: of the sample, 0 under two. */
type FigureMean = { mean: number | null; count: number; deviation: number };

type Sums = Omit<ModelMeans, "means" | "others"> & {
  others: Set<string>;
  first: number;
  totals: Record<ComparedFigure, Spread>;
};

/** Running mean and sum of squared distances from it (Welford 1962): nothing is lost where they are close. */
type Spread = { count: number; mean: number; squares: number };

function take(spread: Spread, value: number): void {
  spread.count++;
  const away = value - spread.mean;
  spread.mean += away / spread.count;
  spread.squares += away * (value - spread.mean);
}

/** Streams a side, and the share of the better value, under which nobody is called better. */
const ENOUGH = 5;
const WORTH = 0.02;

/** Whether two means differ by more than is worth a word and more than chance would make them (Welch's t, 95 %). */
export function differs(a: FigureMean, b: FigureMean): boolean {
  if (a.mean === null || b.mean === null || Math.min(a.count, b.count) < ENOUGH) return false;
  const least = Math.min(Math.abs(a.mean), Math.abs(b.mean));
  if (Math.abs(a.mean - b.mean) < WORTH * least) return false;
  return welch(estimateOf(a, a.mean), estimateOf(b, b.mean)).p < 0.05;
}

function estimateOf({ count, deviation }: FigureMean, value: number): Estimate {
  return { value, variance: deviation ** 2 / count, df: count - 1 };
}

/** Sums the figures up by model: memory grows with the models, not with the streams. */
export function createModelMeans() {
  const byModel = new Map<string, Sums>();

  function open(model: string, first: number): Sums {
    const totals = mapNames(COMPARED_NAMES, () => ({ count: 0, mean: 0, squares: 0 }));
    const sums = { model, first, streams: 0, complete: 0, estimated: false, others: new Set<string>(), totals };
    byModel.set(model, sums);
    return sums;
  }

  return {
    add(record: StreamRecord): void {
      const sums = byModel.get(record.model) ?? open(record.model, record.stream);
      sums.first = Math.min(sums.first, record.stream);
      sums.streams++;
      if (record.response_model !== null && record.notices.includes("other_model") && sums.others.size < MOST_OTHERS)
        sums.others.add(record.response_model);
      if (isComplete(record)) {
        sums.complete++;
        sums.estimated ||= record.tokens_source === "events";
      }
      for (const name of COMPARED_NAMES) {
        const value = COMPARED[name].value(record);
        if (value !== null) take(sums.totals[name], value);
      }
    },
    /** In the order of each model's first stream. */
    models: (): ModelMeans[] =>
      [...byModel.values()]
        .toSorted((a, b) => a.first - b.first)
        .map(({ model, streams, complete, estimated, others, totals }) => ({
          model,
          streams,
          complete,
          estimated,
          others: [...others],
          means: mapNames(COMPARED_NAMES, (name) => {
            const { count, mean, squares } = totals[name];
            const deviation = count < 2 ? 0 : Math.sqrt(squares / (count - 1));
            return { mean: count === 0 ? null : mean, count, deviation };
          }),
        })),
  };
}
