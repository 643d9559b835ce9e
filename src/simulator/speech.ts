import { STAMP } from "./stamp.ts";

/** A text as a sequence of tokens; longer than its own words, it starts over again. */
export type Tokens = {
  readonly count: number;
  /** After how many tokens the sequence repeats itself. */
  readonly period: number;
  token(k: number): string;
  /** Tokens `from` to `to` (exclusive) joined, as a JSON string. */
  json(from: number, to: number): string;
};

type Pieces = { readonly pieces: readonly string[]; readonly escaped: readonly string[] };

const PIECE = /\s+$|\s*(?:[\p{L}\p{M}\p{N}_]+|[^\s\p{L}\p{M}\p{N}_]+)/gu;
const LONGEST_PIECE = 8;
const PART = 5;
const CACHED_TEXTS = 64;

const cache = new Map<string, Pieces>();

/** Cuts a text into word pieces of at most eight code points; joined they are the exact text. */
export function splitTokens(text: string): string[] {
  const tokens: string[] = [];
  for (const piece of text.match(PIECE) ?? []) {
    if (piece.length <= LONGEST_PIECE) tokens.push(piece);
    else splitLong(piece, tokens);
  }
  return tokens;
}

/** The tokens of a text; with `count` exactly that many, the text being cut or repeated. */
export function createTokens(text: string, count?: number): Tokens {
  const whole = piecesOf(text);
  const wanted = count ?? whole.pieces.length;
  const repeats = wanted > whole.pieces.length && whole.pieces.length > 0;
  const { pieces, escaped } = repeats ? piecesOf(`${text}\n\n`) : whole;
  const period = Math.max(1, pieces.length);

  function json(from: number, to: number): string {
    let inner = escaped[from % period] ?? "";
    for (let k = from + 1; k < to; k++) inner += escaped[k % period] ?? "";
    return `"${inner}"`;
  }

  return { count: pieces.length === 0 ? 0 : wanted, period, token: (k) => pieces[k % period] ?? "", json };
}

/** The whole text of the tokens. */
export function joinTokens(tokens: Tokens): string {
  const parts: string[] = [];
  for (let k = 0; k < tokens.count; k++) parts.push(tokens.token(k));
  return parts.join("");
}

function splitLong(piece: string, into: string[]): void {
  const points = [...piece];
  const parts = points.length <= LONGEST_PIECE ? 1 : Math.ceil(points.length / PART);
  for (let i = 0; i < parts; i++) {
    const from = Math.floor((i * points.length) / parts);
    into.push(points.slice(from, Math.floor(((i + 1) * points.length) / parts)).join(""));
  }
}

/** A demonstration says the same few texts to everyone: each is cut and escaped once. */
function piecesOf(text: string): Pieces {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const pieces = splitTokens(text);
  const made = { pieces, escaped: pieces.map((piece) => JSON.stringify(piece).slice(1, -1)) };
  if (cache.size >= CACHED_TEXTS) cache.clear();
  cache.set(text, made);
  return made;
}

/** The token events of one answer, numbered from 0: what each says and when it is due. */
export type Speech = {
  /** How many token events there are. */
  readonly count: number;
  /** JSON object of the delta of event `e`. */
  delta(e: number): string;
  /** Ms after the request at which event `e` is due; of `count`, when the last one is. */
  due(e: number): number;
  /** Tokens in the events before `e`. */
  counts(e: number): { content: number; reasoning: number };
  /** From event `from` on, deltas repeat every `period` events. */
  readonly steady: { from: number; period: number } | null;
  readonly finishReason?: string;
};

/** A run of token events of one kind. */
type Segment = {
  events: number;
  thought: boolean;
  /** Tokens in the first `e` events. */
  tokens(e: number): number;
  delta(e: number): string;
  period?: number;
};

/** When tokens are due. */
type Pace = {
  /** Tokens per second; 0 is as fast as the socket takes them. */
  rate: number;
  ttft: number;
  /** Share of a gap, 0 to 1, by which a token may be early or late. */
  jitter: number;
  seed: number;
};

/** What is said, and when. */
export type Spoken = Pace & {
  answer: Tokens;
  reasoning: Tokens;
  tokensPerEvent: number;
  /** The text of each token event is the instant of its write. */
  stamp: boolean;
};

/** Reasoning, then the answer, both as text; or as many places for instants as the answer has events. */
export function createSpeech(plan: Spoken): Speech {
  const answer = textSegment(plan.answer, plan.tokensPerEvent, "content");
  if (plan.stamp) return speak(plan, [{ ...answer, delta: () => `{"content":"${STAMP}"}`, period: 1 }]);
  return speak(plan, [textSegment(plan.reasoning, plan.tokensPerEvent, "reasoning_content"), answer]);
}

/** A text cut into events of `perEvent` tokens, each in this field of the delta. */
export function textSegment(tokens: Tokens, perEvent: number, field: string): Segment {
  const count = (e: number): number => Math.min(e * perEvent, tokens.count);
  return {
    events: Math.ceil(tokens.count / perEvent),
    thought: field !== "content" && field !== "refusal",
    tokens: count,
    delta: (e) => `{"${field}":${tokens.json(count(e), count(e + 1))}}`,
    period: tokens.period / greatestCommonDivisor(tokens.period, perEvent),
  };
}

/** One token event for each of these deltas. */
export function listSegment(deltas: readonly string[]): Segment {
  return { events: deltas.length, thought: false, tokens: (e) => e, delta: (e) => deltas[e] ?? "{}" };
}

/** Puts segments one after the other, each token at its due time. */
export function speak(pace: Pace, segments: readonly Segment[], finishReason?: string): Speech {
  const gap = pace.rate > 0 ? 1000 / pace.rate : 0;
  const count = segments.reduce((sum, segment) => sum + segment.events, 0);
  const last = segments.at(-1);

  function find(e: number): { segment: Segment; at: number } | null {
    let at = e;
    for (const segment of segments) {
      if (at < segment.events) return { segment, at };
      at -= segment.events;
    }
    return null;
  }

  function counts(e: number): { content: number; reasoning: number } {
    const sum = { content: 0, reasoning: 0 };
    let at = e;
    for (const segment of segments) {
      const tokens = segment.tokens(Math.min(at, segment.events));
      if (segment.thought) sum.reasoning += tokens;
      else sum.content += tokens;
      at = Math.max(0, at - segment.events);
    }
    return sum;
  }

  function due(e: number): number {
    if (gap === 0) return pace.ttft;
    const event = Math.max(0, Math.min(e, count - 1));
    const { content, reasoning } = counts(event);
    const early = pace.jitter === 0 ? 0 : (random(pace.seed, event) - 0.5) * pace.jitter;
    return Math.max(0, pace.ttft + (content + reasoning + early) * gap);
  }

  return {
    count,
    delta(e) {
      const found = find(e);
      return found === null ? "{}" : found.segment.delta(found.at);
    },
    due,
    counts,
    steady: last?.period === undefined ? null : { from: count - last.events, period: last.period },
    ...(finishReason === undefined ? {} : { finishReason }),
  };
}

/** A number in [0, 1) that depends on the seed and `n` alone (the mixer of splitmix32). */
export function random(seed: number, n: number): number {
  let mixed = (seed + Math.imul(n + 1, 0x9e3779b9)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
