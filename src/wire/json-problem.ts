/** What is wrong with a JSON text; the words are in `i18n/`. */
export type SyntaxReason =
  | "empty"
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

/** What jsonc-parser's own names for errors come to; of the others, what stands there decides. */
const REASONS: Readonly<Record<string, SyntaxReason>> = {
  PropertyNameExpected: "key_expected",
  ValueExpected: "value_expected",
  ColonExpected: "colon_expected",
  CommaExpected: "comma_expected",
  EndOfFileExpected: "after_end",
  InvalidCommentToken: "comment",
};

const WORD = /[^\s{}[\]:,"]+/y;
const IN_WORD = /[^\s{}[\]:,"]/;
const SCALAR = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
const STRING_START = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;

/**
 * Where and why a text that JSON.parse has refused is no JSON: that of Bun 1.4.5 does not say where. `null`: every
 * character is right, or it is nested too deeply to tell.
 */
export async function findJsonProblem(text: string): Promise<SyntaxProblem | null> {
  const { printParseErrorCode, visit } = await import("jsonc-parser");
  const problems: SyntaxProblem[] = [];
  const onError: NonNullable<Parameters<typeof visit>[1]["onError"]> = (error, offset) => {
    if (problems.length === 0) problems.push(problemAt(text, offset, printParseErrorCode(error)));
  };
  try {
    visit(text, { onError }, { disallowComments: true });
  } catch (error) {
    // It calls itself for each level.
    if (!(error instanceof RangeError)) throw error;
  }
  return problems[0] ?? null;
}

function problemAt(text: string, offset: number, error: string): SyntaxProblem {
  if (offset >= text.length) return { offset, why: text.trim() === "" ? "empty" : "end_of_file" };
  const reason = REASONS[error];
  if (text[offset] === '"' && reason === undefined) return problemInString(text, offset);
  const { start, word } = wordAt(text, offset);
  if (reason === undefined || (word !== "" && !SCALAR.test(word))) return { offset: start, why: problemOfWord(word) };
  const before = text.slice(0, offset).trimEnd();
  if (/[}\]]/.test(text.charAt(offset)) && before.endsWith(","))
    return { offset: before.length - 1, why: "trailing_comma" };
  return { offset, why: error === "ValueExpected" && before.endsWith("{") ? "key_expected" : reason };
}

/** All that stands together there: jsonc-parser takes 01 and 1x apart. */
function wordAt(text: string, offset: number): { start: number; word: string } {
  let start = offset;
  if (IN_WORD.test(text.charAt(offset))) while (IN_WORD.test(text.charAt(start - 1))) start--;
  return { start, word: matchAt(WORD, text, start) };
}

function problemOfWord(word: string): SyntaxReason {
  if (/^(\/\/|\/\*|#)/.test(word)) return "comment";
  if (/^['’‘“”«`]/.test(word)) return "single_quotes";
  return /^[-+.]?[\d.]/.test(word) ? "bad_number" : "unknown_word";
}

function problemInString(text: string, start: number): SyntaxProblem {
  const offset = start + matchAt(STRING_START, text, start).length;
  const stop = text[offset];
  if (stop === undefined || stop === "\n" || stop === "\r") return { offset: start, why: "unterminated_string" };
  return { offset, why: stop === "\\" ? "bad_escape" : "control_character" };
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}
