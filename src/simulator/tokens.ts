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
