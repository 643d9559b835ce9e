import fc from "fast-check";
import { join } from "node:path";
import type { Verb } from "../../src/commands/context.ts";
import type { Option } from "../../src/commands/options.ts";

/** Files for arguments to name, all in one folder; `made`: what may be written there. */
export const FILES: Readonly<Record<string, string>> = {
  "prompts.txt": "one\ntwo words\n\n",
  "prompts.jsonl": '{"prompt":"a","max_tokens":3}\n{"prompt":""}\nnot json\n',
  "config.json": '{"api":{"endpoint":"http://127.0.0.1:9/v1"},"defaults":{"max_tokens":5}}',
  "broken.json": '{"api": {"token": "sk-c4nary0123456789abcdef",}',
  "report.json": '{"v":1}',
  "key.txt": "sk-c4nary0123456789abcdef\n",
  "image.png": "\x89PNG\r\n\x1a\n",
  "empty.txt": "",
};

type Values = { good: readonly string[]; bad: readonly string[] };

const COUNTS: Values = {
  good: ["1", "2", "3"],
  bad: ["0", "-1", "1.5", "abc", "1e3", "99999999999999999999", "0x2", "٣", "1_0", "1,5", "NaN"],
};
const WAITS: Values = {
  good: ["1s", "0", "500ms", ".5s", "1m", "2"],
  bad: ["-1s", "99999m", "ms", "1 s", "1s1", "1h"],
};
const BY_HINT: Readonly<Record<string, Values>> = {
  "A,B": { good: ["m", "a,b", " a , b "], bad: ["a,,b", ","] },
  MODEL: { good: ["m"], bad: [","] },
  N: COUNTS,
  "0…1": { good: ["0", "0.5", "1", "off"], bad: ["1.1", "-0", "x"] },
  "0…2": { good: ["0", "0.5", "2", "off"], bad: ["2.1", "null"] },
  DURATION: WAITS,
  "N|DURATION": { good: [...COUNTS.good, ...WAITS.good], bad: [...COUNTS.bad, ...WAITS.bad] },
  "KEY=JSON": {
    good: ["a=1", 'b="x"', "a.b=[]", "__proto__=1", "max_tokens=null"],
    bad: ["a={", "=1", "a", 'model="x"', "stream=false"],
  },
  "'NAME: VALUE'": {
    good: ["x-a: b", "x-b=@key.txt", "authorization: Bearer k", "x-c:"],
    bad: ["bad name: v", "x-a", "x-a: \n", "x-é: a", ":", "x-a=@nowhere"],
  },
  URL: {
    good: ["http://127.0.0.1:9/v1", "http://u:p@127.0.0.1:9", "http://[::1]:9/v1/"],
    bad: ["127.0.0.1", "ftp://x", "http://", "http://127.0.0.1:99999"],
  },
  EXPRESSION: {
    good: ["p95(ttft) < 1s", "ttft < 1s", "p95(ttft) +10%", "error_rate +1%"],
    bad: ["goodput > 95%", "error_rate -1%", "p0(x) > 1", "<", "p95(ttft) < 800"],
  },
  "NAME=SPEED,…": { good: ["a=10", "a=1,b=2"], bad: ["a", "a=", "=1", "a=0"] },
  "NAME[@N][:SHARE]": { good: ["reset", "reset@2", "reset@2:10%"], bad: ["nope", "reset@", "reset:200%"] },
  ADDRESS: { good: ["127.0.0.1", "localhost"], bad: ["::1", "1.2.3.4", "not an address"] },
};
const TEXT: Values = { good: ["two words", "x"], bad: [] };
const JUNK = [
  "",
  " ",
  "--",
  "-x",
  "--nope",
  "--help=no",
  "a b",
  "‮x",
  "\u001B[2J",
  "x".repeat(5000),
  "=",
  "@",
  "'",
  "{}",
  "constructor",
];

/** Any text, but no path out of the folder: some words name a file that is written. */
const text = fc.string().map((any) => any.replaceAll(/[/\\]|\.\./g, "_"));

/** Values that an option takes, and others. */
function valuesOf({ valueHint = "", choices }: Option, folder: string): Values {
  if (choices !== undefined) return { good: choices, bad: ["nope"] };
  if (!isPath(valueHint)) return BY_HINT[valueHint] ?? TEXT;
  const files = [...Object.keys(FILES), "made.jsonl", "made.json", "made.html"].map((name) => join(folder, name));
  return { good: [...files, "/dev/null"], bad: [folder, "/dev/null/x"] };
}

function isPath(valueHint = ""): boolean {
  return /FILE|PATH/.test(valueHint);
}

/** One option of a verb, as a rule with a value that it takes. */
function optionOf([name, option]: readonly [string, Option], folder: string): fc.Arbitrary<string[]> {
  const flags = option.alias === undefined ? [`--${name}`] : [`--${name}`, `-${option.alias}`];
  const flag = fc.constantFrom(...flags);
  if (option.type !== "string")
    return fc.oneof(
      { weight: 20, arbitrary: flag.map((text) => [text]) },
      flag.map((text) => [`${text}=x`]),
    );
  const { good, bad } = valuesOf(option, folder);
  const fitting = fc.constantFrom(...good);
  const other = fc.constantFrom(...bad, ...good.slice(0, 1));
  // What is named as a path may be written: it is no junk.
  const path = isPath(option.valueHint);
  const value = path
    ? fc.oneof({ weight: 8, arbitrary: fitting }, other)
    : fc.oneof({ weight: 16, arbitrary: fitting }, { weight: 2, arbitrary: other }, fc.constantFrom(...JUNK), text);
  return fc.oneof(
    { weight: 15, arbitrary: fc.tuple(flag, value) },
    { weight: 5, arbitrary: value.map((text) => [`--${name}=${text}`]) },
    { weight: path ? 0 : 1, arbitrary: flag.map((text) => [text]) },
  );
}

/** Words that mean something somewhere. */
function wordsOf(verb: Verb, folder: string): readonly string[] {
  const files = ["report.json", "config.json"].map((name) => join(folder, name));
  return verb.words === "file" ? [...files, ...files, "vs"] : (verb.words ?? ["two words", "more words"]);
}

/** Command lines of one verb: what it takes, what it does not, too much and too little of it. */
export function commandLines(verb: Verb, folder: string, without: readonly string[] = []): fc.Arbitrary<string[]> {
  const options = Object.entries<Option>(verb.args).filter(([name]) => !without.includes(name));
  const given = fc.constantFrom(...options).chain((option) => optionOf(option, folder));
  const fitting = fc.constantFrom(...wordsOf(verb, folder));
  const junk = fc.oneof(fc.constantFrom(...JUNK), text);
  return fc
    .tuple(
      fc.array(fitting, { maxLength: 2 }),
      fc.array(
        fc.oneof(
          { weight: 12, arbitrary: given },
          junk.map((text) => [text]),
        ),
        { maxLength: 4 },
      ),
    )
    .map(([words, parts]) => [...words, ...parts.flat()].map((text) => text.toWellFormed()));
}
