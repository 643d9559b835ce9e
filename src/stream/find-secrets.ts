/** Where something stands in a text: from, and up to but not including. */
export type Range = { from: number; to: number };

/** Texts inside texts (JSON in JSON in HTML …): so many times a text is unescaped and searched again. */
const DEPTH = 4;
/** UTF-16 units that are unescaped: nothing shows more of one text. */
const UNESCAPED_LIMIT = 256 * 1024;

/** What stands in one `data:` line goes on in the next, as it does in a text that was wrapped. */
const LINE_END = String.raw`\r?\n(?:data: ?)?|\r`;
/** What nobody sees: without width, or a sequence that a terminal obeys. */
const UNSEEN = String.raw`[\u0000\u00AD\u200B-\u200F\u2060-\u2064\uFEFF]|\u001B\[[\d;]{0,20}m`;
const ESCAPES = [
  String.raw`\\u[0-9a-f]{4}|\\u\{[0-9a-f]{1,6}\}|\\x[0-9a-f]{2}|\\[\\"'/bfnrt]`,
  String.raw`&#\d{1,7};?|&#x[0-9a-f]{1,6};?|&[a-z]{2,8};`,
  String.raw`%[0-7][0-9a-f]|%[c-f][0-9a-f](?:%[89ab][0-9a-f]){1,3}`,
  LINE_END,
  UNSEEN,
];

/** Made for the first text that may hold an escape: most programs see none. */
let patterns: { lineEnds: RegExp; escapes: RegExp } | null = null;

/** What is undone at a depth; line ends first: they may stand in the middle of an escape. */
function patternAt(depth: number): RegExp {
  patterns ??= { lineEnds: new RegExp(LINE_END, "g"), escapes: new RegExp(ESCAPES.join("|"), "gi") };
  return depth === 0 ? patterns.lineEnds : patterns.escapes;
}

/** What every escape begins with. */
const ESCAPED = /[\\&%\r\n\u0000\u001B\u00AD\u200B-\u200F\u2060-\u2064\uFEFF]/;
/** An escape whose end has not come. */
const BEGUN =
  /(?:\\+(?:u(?:[0-9a-f]{0,3}|\{[0-9a-f]{0,6})|x[0-9a-f]?)?|&(?:#x?)?\w{0,8}|%[0-9a-f]?|\u001B(?:\[[\d;]{0,20})?)$/i;
/** UTF-16 units of an escape, or of one inside another. */
const LONGEST_ESCAPE = 24;

const CONTROLS: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** HTML's names of what stands in keys and passwords. */
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  ast: "*",
  bsol: "\\",
  colon: ":",
  comma: ",",
  commat: "@",
  dollar: "$",
  equals: "=",
  excl: "!",
  gt: ">",
  hat: "^",
  lbrace: "{",
  lbrack: "[",
  lcub: "{",
  lowbar: "_",
  lpar: "(",
  lsqb: "[",
  lt: "<",
  nbsp: "\u00A0",
  newline: "\n",
  num: "#",
  percnt: "%",
  period: ".",
  plus: "+",
  quest: "?",
  quot: '"',
  rbrace: "}",
  rbrack: "]",
  rcub: "}",
  rpar: ")",
  rsqb: "]",
  semi: ";",
  sol: "/",
  tab: "\t",
  underbar: "_",
  verbar: "|",
  vert: "|",
};

const NONE: readonly Range[] = [];

/** Where the secrets stand in a text, in whatever spelling, in order; ranges that touch are one. */
export function findSecrets(text: string, secrets: readonly string[]): readonly Range[] {
  if (!mayHold(text, secrets)) return NONE;
  const found: Range[] = [];
  for (const layer of layersOf(text)) {
    for (const secret of secrets) {
      for (let at = layer.text.indexOf(secret); at >= 0; at = layer.text.indexOf(secret, at + secret.length))
        found.push(toOriginal(layer, { from: at, to: at + secret.length }));
    }
  }
  return found.length < 2 ? found : joined(found);
}

/** Most texts hold none, which is told without making anything: in no spelling is one shorter than it is. */
export function mayHold(text: string, secrets: readonly string[]): boolean {
  for (const secret of secrets)
    if (text.length >= secret.length && (text.includes(secret) || ESCAPED.test(text))) return true;
  return false;
}

/** Where the end of a text begins to spell a secret, or anything, that may go on behind it; else its length. */
export function beginningOfSecret(text: string, secrets: readonly string[]): number {
  let first = text.length;
  let layer: Layer = { text, pieces: [], below: null };
  for (let depth = 0; depth <= DEPTH + 1; depth++) {
    // Half of an escape may begin anything; without it, what stands before may be the beginning of a secret.
    const end = withoutBegun(layer.text);
    const begun = secrets.reduce((least, secret) => Math.min(least, end.length - lengthBegun(end, secret)), end.length);
    const { length } = layer.text;
    if (begun < length) first = Math.min(first, toOriginal(layer, { from: begun, to: length }).from);
    const above = unescaped({ ...layer, text: end }, patternAt(depth));
    if (depth > 0 && above.pieces.length === 0) break;
    layer = above;
  }
  if (first === text.length) return first;
  // One that is whole may end as another begins: who cuts there would leave all but the end of it.
  return findSecrets(text, secrets).find(({ from, to }) => from < first && first < to)?.from ?? first;
}

function withoutBegun(text: string): string {
  const begun = BEGUN.exec(text.slice(-LONGEST_ESCAPE))?.[0].length ?? 0;
  return begun === 0 ? text : text.slice(0, -begun);
}

/** How much of a secret, but not all of it, a text ends with. */
function lengthBegun(text: string, secret: string): number {
  for (let length = Math.min(text.length, secret.length - 1); length > 0; length--)
    if (text.endsWith(secret.slice(0, length))) return length;
  return 0;
}

/** An escape: where it stood, and where in the unescaped text is what it meant. */
type Piece = Range & { at: number; size: number };
type Layer = { text: string; pieces: readonly Piece[]; below: Layer | null };

/** The text, and what it is when it is unescaped once, twice and so on, as long as that changes anything. */
function layersOf(text: string): Layer[] {
  const layers: Layer[] = [{ text, pieces: [], below: null }];
  let below: Layer = { text: text.slice(0, UNESCAPED_LIMIT), pieces: [], below: null };
  if (!ESCAPED.test(below.text)) return layers;
  for (let depth = 0; depth <= DEPTH; depth++) {
    const layer = unescaped(below, patternAt(depth));
    if (layer.pieces.length > 0) {
      layers.push(layer);
      below = layer;
    } else if (depth > 0) break;
  }
  return layers;
}

function unescaped(below: Layer, pattern: RegExp): Layer {
  const pieces: Piece[] = [];
  let text = "";
  let from = 0;
  for (const { 0: escape, index } of below.text.matchAll(pattern)) {
    const meaning = meaningOf(escape);
    if (meaning === null) continue;
    text += below.text.slice(from, index);
    from = index + escape.length;
    pieces.push({ from: index, to: from, at: text.length, size: meaning.length });
    text += meaning;
  }
  return { text: text + below.text.slice(from), pieces, below };
}

/** What an escape stands for; `null` where it is none after all. */
function meaningOf(escape: string): string | null {
  const [first, second = ""] = escape;
  if (first === "%") return percent(escape);
  if (first === "\\")
    return escape.length > 2
      ? codePoint(escape.slice(2).replace("{", ""), 16)
      : (CONTROLS[second.toLowerCase()] ?? second);
  if (first !== "&") return "";
  if (second !== "#") return ENTITIES[escape.slice(1, -1).toLowerCase()] ?? null;
  const digits = escape.slice(2).replace(";", "");
  return /^x/i.test(digits) ? codePoint(digits.slice(1), 16) : codePoint(digits, 10);
}

function codePoint(digits: string, radix: number): string | null {
  const code = Number.parseInt(digits, radix);
  return code <= 0x10ffff ? String.fromCodePoint(code) : null;
}

function percent(escape: string): string | null {
  try {
    return decodeURIComponent(escape);
  } catch {
    // Bytes that are no UTF-8 mean nothing.
    return null;
  }
}

/** Where a range of a layer stands in the text that was given. */
function toOriginal({ pieces, below }: Layer, { from, to }: Range): Range {
  if (below === null) return { from, to };
  return toOriginal(below, { from: placeBelow(pieces, from).from, to: placeBelow(pieces, to - 1).to });
}

/** Where one UTF-16 unit came from. */
function placeBelow(pieces: readonly Piece[], at: number): Range {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pieces[middle]?.at ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  const piece = pieces[low - 1];
  if (piece === undefined) return { from: at, to: at + 1 };
  const past = at - piece.at - piece.size;
  return past < 0 ? piece : { from: piece.to + past, to: piece.to + past + 1 };
}

function joined(ranges: Range[]): Range[] {
  const whole: Range[] = [];
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = whole.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else whole.push({ from, to });
  }
  return whole;
}
