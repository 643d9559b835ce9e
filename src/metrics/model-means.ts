import { isComplete } from "../stream/event.ts";
import { FIGURES, mapNames, valueIn } from "./figures.ts";
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
  gap_p99: { ...FIGURES.gap_ms, value: ({ gap_ms }) => gap_ms?.p99 ?? null },
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
  /** Mean over the `count` streams that have the figure; `null` where none has. */
  means: Record<ComparedFigure, { mean: number | null; count: number }>;
};

type Sums = Omit<ModelMeans, "means" | "others"> & {
  others: Set<string>;
  first: number;
  totals: Record<ComparedFigure, { sum: number; count: number }>;
};

/** Sums the figures up by model: memory grows with the models, not with the streams. */
export function createModelMeans() {
  const byModel = new Map<string, Sums>();

  function open(model: string, first: number): Sums {
    const totals = mapNames(COMPARED_NAMES, () => ({ sum: 0, count: 0 }));
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
        if (value === null) continue;
        sums.totals[name].sum += value;
        sums.totals[name].count++;
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
            const { sum, count } = totals[name];
            return { mean: count === 0 ? null : sum / count, count };
          }),
        })),
  };
}
