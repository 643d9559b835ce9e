import { expect, test } from "bun:test";
import { parseArgs } from "node:util";
import { readArgv, type Spelling, type Word } from "../../src/commands/argv.ts";

const SPELLINGS: readonly Spelling[] = [
  { name: "model", short: "m", takesValue: true },
  { name: "header", short: undefined, takesValue: true },
  { name: "debug", short: "d", takesValue: false },
  { name: "quiet", short: "q", takesValue: false },
];
const PIECES = ["-", "--", "=", "m", "d", "q", "x", "model", "header", "debug", "unknown", "a b", "é", "", "1"];

test("20 000 random command lines are read as node:util's parseArgs reads them", () => {
  const random = createRandom(7);
  for (let round = 0; round < 20_000; round++) {
    const argv = Array.from({ length: random(6) }, () =>
      Array.from({ length: random(5) }, () => pick(random)).join(""),
    );
    expect({ argv, words: [...readArgv(argv, SPELLINGS)] }).toEqual({ argv, words: theirs(argv) });
  }
});

function theirs(args: string[]): Word[] {
  const options = Object.fromEntries(
    SPELLINGS.map(({ name, short, takesValue }) => {
      const type: "string" | "boolean" = takesValue ? "string" : "boolean";
      return [name, { type, multiple: true, ...(short === undefined ? {} : { short }) }];
    }),
  );
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
  return tokens.flatMap((token): Word[] => {
    if (token.kind === "option-terminator") return [];
    if (token.kind === "positional") return [{ kind: "positional", value: token.value }];
    const { kind, name, rawName, value, inlineValue } = token;
    return [{ kind, name, rawName, value, inline: inlineValue === true }];
  });
}

function pick(random: (below: number) => number): string {
  return PIECES[random(PIECES.length)] ?? "";
}

/** Whole numbers below a bound, the same for every run (the constants are Numerical Recipes'). */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
