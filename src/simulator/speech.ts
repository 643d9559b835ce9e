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
/** Tokens of a text that is said once more at its end, as some APIs do: each answer would hold a longer one four times. */
const MOST_REPEATED = 50_000;
const NO_PIECE: Piece = { kind: "content", json: '""' };

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

/** Tokens `from` to `to` (exclusive) alone. */
export function sliceTokens({ period, token, json }: Tokens, from: number, to: number): Tokens {
  return {
    count: Math.max(0, to - from),
    period,
    token: (k) => token(from + k),
    json: (first, end) => json(from + first, from + end),
  };
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

/** What an answer is made of: words of a kind, or a call, which has a name and then arguments. */
export type Kind = "content" | "reasoning" | "refusal" | "call";

/** What one token event says, as a JSON string; "call": the name of the function called. */
export type Piece = { kind: Kind | "arguments"; json: string };

/** A part of an answer, all of one kind. */
export type Section = {
  kind: Kind;
  /** All its words, or the arguments of the call. */
  text(): string;
  /** The words may be said once more at its end, as some APIs do. */
  isShort: boolean;
  /** Of the function called. */
  name: string;
};

/** The token events of one answer, numbered from 0: what each says and when it is due. */
export type Speech = {
  /** How many token events there are. */
  readonly count: number;
  piece(e: number): Piece;
  /** Ms after the request at which event `e` is due; of `count`, when the last one is. */
  due(e: number): number;
  /** Tokens in the events before `e`. */
  counts(e: number): { content: number; reasoning: number };
  /** What it is made of, in its order. */
  readonly sections: readonly Section[];
  /** The section that begins with event `e`, if one does. */
  begins(e: number): Section | null;
  /** From event `from` on, pieces repeat every `period` events. */
  readonly steady: { from: number; period: number } | null;
  readonly finishReason?: string;
};

/** A run of token events of one kind. */
type Segment = Section & {
  events: number;
  /** Tokens in the first `e` events. */
  tokens(e: number): number;
  piece(e: number): Piece;
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
  const place: Piece = { kind: "content", json: JSON.stringify(STAMP) };
  if (plan.stamp) return speak(plan, [{ ...answer, isShort: false, piece: () => place, period: 1 }]);
  return speak(plan, [textSegment(plan.reasoning, plan.tokensPerEvent, "reasoning"), answer]);
}

/** A text cut into events of `perEvent` tokens. */
export function textSegment(tokens: Tokens, perEvent: number, kind: Exclude<Kind, "call">): Segment {
  const count = (e: number): number => Math.min(e * perEvent, tokens.count);
  return {
    kind,
    name: "",
    text: () => joinTokens(tokens),
    isShort: tokens.count <= MOST_REPEATED,
    events: Math.ceil(tokens.count / perEvent),
    tokens: count,
    piece: (e) => ({ kind, json: tokens.json(count(e), count(e + 1)) }),
    period: tokens.period / greatestCommonDivisor(tokens.period, perEvent),
  };
}

/** One token event for each of these texts. */
export function listSegment(kind: Exclude<Kind, "call">, texts: readonly string[]): Segment {
  return {
    kind,
    name: "",
    text: () => texts.join(""),
    isShort: true,
    events: texts.length,
    tokens: (e) => e,
    piece: (e) => ({ kind, json: JSON.stringify(texts[e] ?? "") }),
  };
}

/** A call: the name of the function, then its arguments in these pieces. */
export function callSegment(name: string, parts: readonly string[]): Segment {
  return {
    kind: "call",
    name,
    text: () => parts.join(""),
    isShort: true,
    events: 1 + parts.length,
    tokens: (e) => e,
    piece: (e) =>
      e === 0
        ? { kind: "call", json: JSON.stringify(name) }
        : { kind: "arguments", json: JSON.stringify(parts[e - 1] ?? "") },
  };
}

/** Puts segments one after the other, each token at its due time. */
export function speak(pace: Pace, segments: readonly Segment[], finishReason?: string): Speech {
  const gap = pace.rate > 0 ? 1000 / pace.rate : 0;
  const last = segments.at(-1);
  const starts = new Map<number, Section>();
  let begun = 0;
  for (const segment of segments) {
    if (segment.events > 0) starts.set(begun, segment);
    begun += segment.events;
  }
  const count = begun;

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
      if (segment.kind === "reasoning") sum.reasoning += tokens;
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
    piece(e) {
      const found = find(e);
      return found === null ? NO_PIECE : found.segment.piece(found.at);
    },
    due,
    counts,
    sections: [...starts.values()],
    begins: (e) => starts.get(e) ?? null,
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
