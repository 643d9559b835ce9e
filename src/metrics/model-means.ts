import { isComplete } from "../stream/event.ts";
import type { StreamRecord } from "./record.ts";

/** What of a record a comparison needs; holding no more keeps the answers out of memory. */
export type Compared = Pick<
  StreamRecord,
  | "model"
  | "stream"
  | "verdict"
  | "tokens"
  | "tokens_source"
  | "ttft_ms"
  | "tokens_per_second"
  | "decode_tokens_per_second"
  | "duration_ms"
  | "gap_ms"
  | "stalls"
  | "cost"
>;

/** The figures of a stream that are compared, in the order in which they are shown. */
export const COMPARED = [
  "ttft",
  "speed",
  "steady",
  "duration",
  "tokens",
  "gap_p50",
  "gap_p99",
  "stalls",
  "cost",
] as const;

export type ComparedFigure = (typeof COMPARED)[number];

/** Mean over the `count` streams that have the figure; `null` where none has. */
export type Mean = { mean: number | null; count: number };

export type ModelMeans = {
  model: string;
  streams: number;
  /** Streams that ended `complete` or `length`. */
  whole: number;
  /** Some stream's tokens are only counted by events. */
  estimated: boolean;
  means: Record<ComparedFigure, Mean>;
};

export type ModelMeansTable = {
  add(record: Compared): void;
  /** In the order of each model's first stream. */
  models(): ModelMeans[];
};

type Sums = {
  first: number;
  streams: number;
  whole: number;
  estimated: boolean;
  totals: Record<ComparedFigure, { sum: number; count: number }>;
};

/** Sums the figures up by model: memory grows with the models, not with the streams. */
export function createModelMeans(): ModelMeansTable {
  const byModel = new Map<string, Sums>();
  return {
    add(record) {
      const sums = byModel.get(record.model) ?? createSums(record.stream);
      byModel.set(record.model, sums);
      const whole = isComplete(record);
      sums.first = Math.min(sums.first, record.stream);
      sums.streams++;
      if (whole) sums.whole++;
      sums.estimated ||= whole && record.tokens_source === "events";
      for (const figure of COMPARED) {
        const value = FIGURES[figure](record);
        if (value === null) continue;
        sums.totals[figure].sum += value;
        sums.totals[figure].count++;
      }
    },
    models() {
      const ordered = [...byModel].toSorted(([, a], [, b]) => a.first - b.first);
      return ordered.map(([model, { streams, whole, estimated, totals }]) => {
        const means = mapFigures((figure) => meanOf(totals[figure]));
        return { model, streams, whole, estimated, means };
      });
    },
  };
}

/** What each figure is, and of which streams: what only a whole answer has says nothing of a cut one. */
const FIGURES: Readonly<Record<ComparedFigure, (record: Compared) => number | null>> = {
  ttft: (record) => record.ttft_ms,
  speed: (record) => (isComplete(record) ? record.tokens_per_second : null),
  steady: (record) => (isComplete(record) ? record.decode_tokens_per_second : null),
  duration: (record) => (isComplete(record) ? record.duration_ms : null),
  tokens: (record) => (isComplete(record) ? record.tokens : null),
  gap_p50: (record) => record.gap_ms?.p50 ?? null,
  gap_p99: (record) => record.gap_ms?.p99 ?? null,
  stalls: (record) => (record.ttft_ms === null ? null : record.stalls),
  cost: (record) => record.cost,
};

function createSums(first: number): Sums {
  const totals = mapFigures(() => ({ sum: 0, count: 0 }));
  return { first, streams: 0, whole: 0, estimated: false, totals };
}

function meanOf({ sum, count }: { sum: number; count: number }): Mean {
  return { mean: count === 0 ? null : sum / count, count };
}

function mapFigures<T>(make: (figure: ComparedFigure) => T): Record<ComparedFigure, T> {
  return {
    ttft: make("ttft"),
    speed: make("speed"),
    steady: make("steady"),
    duration: make("duration"),
    tokens: make("tokens"),
    gap_p50: make("gap_p50"),
    gap_p99: make("gap_p99"),
    stalls: make("stalls"),
    cost: make("cost"),
  };
}
