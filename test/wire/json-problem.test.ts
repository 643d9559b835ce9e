import { describe, expect, test } from "bun:test";
import { excerptAt } from "../../src/config/file.ts";
import { findJsonProblem } from "../../src/wire/json-problem.ts";

describe("a JSON text breaks", () => {
  test.each([
    ["", 0, "empty"],
    ["\n", 1, "empty"],
    ['{"a": 1', 7, "end_of_file"],
    ['{"a": 1,}', 7, "trailing_comma"],
    ["[1, 2,\n]", 5, "trailing_comma"],
    ['{"a" 1}', 5, "colon_expected"],
    ['{"a": 1 "b": 2}', 8, "comma_expected"],
    ['{"a": [1}', 8, "comma_expected"],
    ["{a: 1}", 1, "unknown_word"],
    ["{1: 1}", 1, "key_expected"],
    ["{,}", 1, "key_expected"],
    ['{"a": }', 6, "value_expected"],
    ['{"a": tru}', 6, "unknown_word"],
    ['{"a": 01}', 6, "bad_number"],
    ['{"a": .5}', 6, "bad_number"],
    ["{'a': 1}", 1, "single_quotes"],
    ["{“a”: 1}", 1, "single_quotes"],
    ['{ // why\n"a": 1}', 2, "comment"],
    ['{"a": "b\n"}', 6, "unterminated_string"],
    ['{"a": "b', 6, "unterminated_string"],
    ['{"a": "\\x"}', 7, "bad_escape"],
    ['{"a": "\t"}', 7, "control_character"],
    ["{} x", 3, "unknown_word"],
    ["{} {}", 3, "after_end"],
    ["\u00a0{}", 0, "unknown_word"],
  ] as const)("%p at %p: %p", async (text, offset, why) =>
    expect(await findJsonProblem(text)).toEqual({ offset, why }),
  );

  test("exactly when JSON.parse says so, on 50 000 texts around a valid one", async () => {
    const seed = '{"a": [1, -2.5e3, "x\\n\\u00e9", true, null], "b": {}, "c": []}';
    const alphabet = '{}[]:,"\\ \n\t0123456789.-+eEtrufalsn/x';
    let state = 42;
    const random = (limit: number) => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) % limit;
    for (let i = 0; i < 50_000; i++) {
      let text = seed;
      for (let edits = random(3) + 1; edits > 0; edits--) {
        const at = random(text.length);
        text = text.slice(0, at) + (random(2) ? alphabet[random(alphabet.length)] : "") + text.slice(at + random(2));
      }
      if (((await findJsonProblem(text)) === null) !== isJson(text)) throw new Error(`disagreement on ${text}`);
    }
  });
});

describe("the line shown", () => {
  test("has line, column and caret, whatever ends the lines", () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      const text = ["{", '\t"lang": fr', "}"].join(end);
      const at = text.indexOf("fr");
      expect(excerptAt(text, at)).toEqual({ line: 2, column: 10, text: ' "lang": fr', caret: 9 });
    }
  });

  test("of a file of one long line is cut around the place", () => {
    const text = `{"defaults": {"model": "${"m".repeat(500)}", "max_tokens": x}}`;
    const { column, caret, text: shown } = excerptAt(text, text.indexOf("x}"));
    expect(column).toBe(text.indexOf("x}") + 1);
    expect(shown[caret]).toBe("x");
    expect(shown.length).toBeLessThanOrEqual(100);
  });

  test.each([
    '{"api": {"token": "CANARY" "x"}}',
    '{"api": {"token": CANARY}}',
    "{'token': 'CANARY'}",
    '{"token": "CANARY',
    '{"token":\n"CANARY" x}',
    '{"token":\n\n  CANARY\n}',
    '{"api": {"headers": {\n"x-a": "b",\n"x-b": "CANARY" 1}}}',
    '{"api": {"endpoint": "https://me:CANARY@host" 1}}',
    '{"api": {"endpoint": "https://host/?k=CANARY" 1}}',
    '{"api_key": CANARY}',
    '{"defaults": {"model": "CANARY-and-so-on" 1}}',
    '{"lang": fr, "x": CANARY0123456789abcdef}',
    '{"lang": fr, "x":[1,2,CANARY,0123456789abc]}',
    '{"lang": fr "sk-CANARY"}',
    '{"lang": sk-CANARY}',
    '{"lang":SK-CANARY,"x":1}',
    "{'lang': x 'CANARY,with:{all}[of]it' }",
  ])("never holds a secret: %p", async (text) => {
    const problem = await findJsonProblem(text);
    for (const offset of [problem?.offset ?? 0, text.indexOf("CANARY"), text.length]) {
      expect(excerptAt(text, offset).text).not.toContain("CANARY");
    }
  });

  test("keeps short words and the names of settings, however long", () => {
    const text = '{"defaults": {"timeout_first_token": 30, "model": "gemma3:4b" "system": "be kind to all of them"}}';
    expect(excerptAt(text, text.indexOf('"system"')).text).toContain(
      '"timeout_first_token": 30, "model": "gemma3:4b" "system": "be kind to',
    );
  });

  test("keeps the place when secrets are dots", () => {
    const text = '{"token": "CANARY" "model": 1}';
    const { text: shown, caret } = excerptAt(text, text.indexOf('"model"'));
    expect(shown).toBe('{"token": "••••••" "model": •}');
    expect(shown.slice(caret)).toStartWith('"model"');
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
