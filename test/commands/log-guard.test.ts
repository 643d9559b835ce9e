import { describe, expect, test } from "bun:test";
import { createLogGuard } from "../../src/commands/log-guard.ts";

/** What CI systems obey: a line that begins with `::`, blanks aside, or one with `##[` and the like anywhere in it. */
function commandsIn(text: string): string[] {
  return text.split(/\r\n|\r|\n/).filter((line) => /^[\s\u0085]*::|##(vso|teamcity)?\[/i.test(line));
}

function guarded(...pieces: string[]): string {
  const guard = createLogGuard();
  return pieces.map(guard).join("");
}

const HOSTILE = [
  "::error title=x::y",
  "harmless\n::add-mask::secret",
  "a\r\n \t::stop-commands::t",
  "a\r::error::y",
  "\u00a0\u0085 ::error::y",
  " \u0085 \u0085::error::y",
  "##[error]x",
  "in the middle ##[add-mask]x",
  "###[group]x",
  "##vso[task.setvariable variable=x]y",
  "a ##VSO[task.complete]",
  "\n##teamcity[buildStatus text='x']",
  "\n\n::::",
  "::\n::\n::",
] as const;

describe("in a log whose reader obeys some lines", () => {
  test.each([...HOSTILE])("%j is none of them, whole and in pieces", (text) => {
    expect(commandsIn(text)).not.toEqual([]);
    expect(commandsIn(guarded(text))).toEqual([]);
    expect(commandsIn(guarded(...text))).toEqual([]);
    for (let at = 1; at < text.length; at++) expect(commandsIn(guarded(text.slice(0, at), text.slice(at)))).toEqual([]);
    expect(commandsIn(guarded("x", text, "\n", text))).toEqual([]);
  });

  test.each(["a::b", "std::vector, ##x[0] and # #[1]", ": one", "✓ 3 :: 4\n- ::", "  a\n  b:\n  ::x".slice(0, 9)])(
    "%j stays as it is, whole and in pieces",
    (text) => {
      expect(guarded(text)).toBe(text);
      expect(guarded(...text)).toBe(text);
    },
  );

  test("JSON means the same as before", () => {
    const value = { text: "::error::x ##[error]y", "##[": ["##[", "a\n::b", "##vso[x]"] };
    const line = guarded(`${JSON.stringify(value)}\n`, `${JSON.stringify([value])}\n`);
    expect(commandsIn(line)).toEqual([]);
    expect(
      line
        .trimEnd()
        .split("\n")
        .map((each) => JSON.parse(each)),
    ).toEqual([value, [value]]);
  });
});
