/**
 * Where a text stops being JSON: JSON.parse of Bun 1.4.5 says that it does, but not where.
 * Only run on a text that JSON.parse has refused.
 */

/** What is wrong with a JSON text; the words are in `i18n/`. */
export type SyntaxReason =
  | "end_of_file"
  | "value_expected"
  | "key_expected"
  | "colon_expected"
  | "comma_expected"
  | "trailing_comma"
  | "after_end"
  | "comment"
  | "single_quotes"
  | "unterminated_string"
  | "control_character"
  | "bad_escape"
  | "bad_number"
  | "unknown_word";

/** The first place where a text is no JSON. */
type SyntaxProblem = { offset: number; why: SyntaxReason };

type Token = { kind: "{" | "}" | "[" | "]" | ":" | "," | "string" | "scalar" | "end"; start: number; end: number };
type Expected = "value" | "value_or_end" | "key" | "key_or_end" | "colon" | "comma_or_end" | "end";

const WHITE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const STRING_START = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/uy;
const WORD = /[^\s{}[\]:,"]+/y;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const MARKS = ["{", "}", "[", "]", ":", ","] as const;

/** The first place where the text is no JSON; `null` when it is. */
export async function findJsonProblem(text: string): Promise<SyntaxProblem | null> {
  return scan(text);
}

function scan(text: string): SyntaxProblem | null {
  const open: ("{" | "[")[] = [];
  let expected: Expected = "value";
  let comma = -1;
  for (let at = 0; ;) {
    const token = readToken(text, at);
    if ("why" in token) return token;
    const next = step(expected, token.kind, open);
    if (next === "done") return null;
    if (typeof next === "object") {
      const closing = token.kind === "}" || token.kind === "]";
      if (closing && comma >= 0) return { offset: comma, why: "trailing_comma" };
      return { offset: token.start, why: token.kind === "end" ? "end_of_file" : next.why };
    }
    comma = token.kind === "," ? token.start : -1;
    expected = next;
    at = token.end;
  }
}

function step(expected: Expected, kind: Token["kind"], open: ("{" | "[")[]): Expected | "done" | { why: SyntaxReason } {
  const after = (): Expected => (open.length === 0 ? "end" : "comma_or_end");
  const closes = kind === (open.at(-1) === "{" ? "}" : "]") && open.length > 0;
  if (closes && (expected === "value_or_end" || expected === "key_or_end" || expected === "comma_or_end")) {
    open.pop();
    return after();
  }
  if (expected === "value" || expected === "value_or_end") {
    if (kind === "string" || kind === "scalar") return after();
    if (kind !== "{" && kind !== "[") return { why: "value_expected" };
    open.push(kind);
    return kind === "{" ? "key_or_end" : "value_or_end";
  }
  if (expected === "key" || expected === "key_or_end") return kind === "string" ? "colon" : { why: "key_expected" };
  if (expected === "colon") return kind === ":" ? "value" : { why: "colon_expected" };
  if (expected === "end") return kind === "end" ? "done" : { why: "after_end" };
  if (kind !== ",") return { why: "comma_expected" };
  return open.at(-1) === "{" ? "key" : "value";
}

function readToken(text: string, from: number): Token | SyntaxProblem {
  const start = lengthOf(WHITE, text, from) + from;
  const first = text[start];
  if (first === undefined) return { kind: "end", start, end: start };
  const mark = MARKS.find((candidate) => candidate === first);
  if (mark) return { kind: mark, start, end: start + 1 };
  if (first === '"') return readString(text, start);
  const length = lengthOf(WORD, text, start);
  const word = text.slice(start, start + length);
  if (/^(true|false|null)$/.test(word) || NUMBER.test(word)) return { kind: "scalar", start, end: start + length };
  return { offset: start, why: wordProblem(word) };
}

function readString(text: string, start: number): Token | SyntaxProblem {
  const length = lengthOf(STRING, text, start);
  if (length > 0) return { kind: "string", start, end: start + length };
  const offset = start + lengthOf(STRING_START, text, start);
  const stop = text[offset];
  if (stop === undefined || stop === "\n" || stop === "\r") return { offset: start, why: "unterminated_string" };
  return { offset, why: stop === "\\" ? "bad_escape" : "control_character" };
}

function wordProblem(word: string): SyntaxReason {
  if (/^(\/\/|\/\*|#)/.test(word)) return "comment";
  if (/^['’‘“”«`]/.test(word)) return "single_quotes";
  return /^[-+.]?[\d.]/.test(word) ? "bad_number" : "unknown_word";
}

function lengthOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}
