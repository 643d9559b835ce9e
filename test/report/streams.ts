import type { Verdict } from "../../src/stream/event.ts";
import { createRandom } from "../render/random.ts";

/** One stream of an imagined run; instants in ms since the window's start. */
export type ImaginedStream = {
  model: string;
  verdict: Verdict;
  error: { kind: string; example: string } | null;
  due: number;
  sent: number;
  first: number | null;
  /** First visible output: later than `first` where the model thinks. */
  output: number | null;
  last: number | null;
  ended: number;
  tokens: number;
  gaps: readonly number[];
};

export type Imagination = {
  seed: number;
  models: readonly string[];
  streams: number;
  /** Places of a closed loop, or starts a second. */
  load: { concurrency: number } | { rate: number };
  /** Shares of the streams. */
  failed: number;
  unfinished: number;
  /** Times all durations. */
  slow: number;
};

/** Streams in the order of their start, as a server gives them that gets slower the more it has to do. */
export function imagineStreams({ seed, models, streams, load, failed, unfinished, slow }: Imagination) {
  const random = createRandom(seed);
  const closed = "concurrency" in load;
  const crowd = closed ? load.concurrency : load.rate;
  const places = closed ? Array.from({ length: load.concurrency }, (_, place) => place / 5) : [];
  const spread = (width: number): number => Math.exp(width * (random() + random() + random() - 1.5));

  return Array.from({ length: streams }, (_, index): ImaginedStream => {
    const place = places.indexOf(Math.min(...places));
    const due = closed ? (places[place] ?? 0) : (index * 1000) / load.rate;
    const sent = due + 0.05 * spread(1);
    const number = index % models.length;
    const start = { model: models[number] ?? "", due, sent };
    const fate = random();
    const pace = slow * (1 + crowd / 100) * (1 + number / 3);
    const stream =
      fate < failed / 2
        ? { ...start, ...refused(sent + 15 * pace * spread(1)) }
        : { ...start, ...written({ sent, pace, spread, cut: fateOf(fate, failed, unfinished), thinks: number === 1 }) };
    if (closed) places[place] = stream.ended + 0.1;
    return stream;
  });
}

function fateOf(fate: number, failed: number, unfinished: number): Verdict | null {
  if (fate < failed) return "truncated";
  return fate < failed + unfinished ? "cancelled" : null;
}

function refused(ended: number) {
  const error = { kind: "http 503", example: "The server answered 503: no capacity left for this model." };
  return { verdict: "failed" as const, error, first: null, output: null, last: null, ended, tokens: 0, gaps: [] };
}

type Telling = {
  sent: number;
  pace: number;
  spread: (width: number) => number;
  cut: Verdict | null;
  thinks: boolean;
};

function written({ sent, pace, spread, cut, thinks }: Telling) {
  const whole = Math.round(120 * spread(0.6));
  const tokens = cut === null ? whole : Math.ceil(whole / 3);
  const first = sent + 180 * pace * spread(0.8);
  // Every hundredth gap is a long one, so that p99 is another world than p50.
  const gaps = Array.from({ length: tokens - 1 }, (_, at) => 19 * pace * spread(0.3) * (at % 100 === 99 ? 8 : 1));
  const last = gaps.reduce((instant, gap) => instant + gap, first);
  const thought = gaps.slice(0, 30).reduce((sum, gap) => sum + gap, 0);
  const error =
    cut === "truncated" ? { kind: "truncated", example: "The answer was cut: no finish reason came." } : null;
  const output = first + (thinks ? thought : 0);
  return { verdict: cut ?? ("complete" as const), error, first, output, last, ended: last + 0.4, tokens, gaps };
}
