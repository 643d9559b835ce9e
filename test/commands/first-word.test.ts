import { describe, expect, test } from "bun:test";
import { verbFirst } from "../../src/commands/first-word.ts";
import { load } from "../../src/i18n/load.ts";

const { verbs } = await load("en", "help");
const first = (...argv: string[]): string[] => verbFirst(argv, verbs);

describe("the first word that is no option", () => {
  test.each([
    [
      ["--lang", "fr", "bench"],
      ["bench", "--lang", "fr"],
    ],
    [
      ["--lang=fr", "bench", "-j", "4"],
      ["bench", "--lang=fr", "-j", "4"],
    ],
    [
      ["--color", "never", "models"],
      ["models", "--color", "never"],
    ],
    [
      ["-e", "http://h/v1", "stream", "hi"],
      ["stream", "-e", "http://h/v1", "hi"],
    ],
    [
      ["-eURL", "bench"],
      ["bench", "-eURL"],
    ],
    [
      ["-qm", "gpt", "bench"],
      ["bench", "-qm", "gpt"],
    ],
    [
      ["--json", "models"],
      ["models", "--json"],
    ],
    [
      ["-s", "models", "bench"],
      ["bench", "-s", "models"],
    ],
    [
      ["-s", "- be kind", "bench", "two words"],
      ["bench", "-s", "- be kind", "two words"],
    ],
    [
      ["bench", "--", "stream"],
      ["bench", "--", "stream"],
    ],
  ])("of %j is the verb", (argv, expected) => {
    expect(first(...argv)).toEqual(expected);
  });

  test.each([
    [["two words"]],
    [["-m", "gpt", "two words"]],
    [["-m", "gpt"]],
    [["two words", "bench"]],
    [["-q", "-"]],
    [[""]],
    [["--", "bench"]],
    [["- a list\n- of things"]],
    [["--- a rule"]],
    [["-m"]],
    [["--endpoint", "http://h/v1", "--help"]],
  ])("of %j is none or a prompt: it is stream", (argv) => {
    expect(first(...argv)).toEqual(["stream", ...argv]);
  });

  test.each([
    [["strem"], ["strem"]],
    [
      ["--lang", "fr", "strem", "--demo"],
      ["strem", "--lang", "fr", "--demo"],
    ],
  ])("of %j is a verb misspelt", (argv, expected) => {
    expect(first(...argv)).toEqual(expected);
  });

  test("behind an option that nobody knows may be its value, unless it is a verb", () => {
    expect(first("--vus", "10", "bench")).toEqual(["bench", "--vus", "10"]);
    expect(first("--nope", "10")).toEqual(["stream", "--nope", "10"]);
    expect(first("--nope", "bench")).toEqual(["bench", "--nope"]);
  });

  test.each([
    [["help"], ["--help"]],
    [
      ["help", "bench"],
      ["bench", "--help"],
    ],
    [
      ["--lang", "fr", "help", "bench"],
      ["bench", "--lang", "fr", "--help"],
    ],
    [
      ["help", "--lang", "fr", "bench"],
      ["bench", "--lang", "fr", "--help"],
    ],
    [["help", "help"], ["--help"]],
    [["help", "-h"], ["--help"]],
    [
      ["help", "bnch"],
      ["bnch", "--help"],
    ],
    [
      ["bench", "help"],
      ["bench", "--help"],
    ],
    [
      ["--lang", "fr", "models", "help"],
      ["models", "--lang", "fr", "--help"],
    ],
    [
      ["batch", "help"],
      ["batch", "--help"],
    ],
    [
      ["batch", "run", "help"],
      ["batch", "run", "--help"],
    ],
    [
      ["batch", "help", "run", "--lang", "fr"],
      ["batch", "run", "--lang", "fr", "--help"],
    ],
    [
      ["config", "show", "help"],
      ["config", "show", "--help"],
    ],
    [
      ["compare", "help", "-h"],
      ["compare", "--help"],
    ],
  ])("of %j asks for help", (argv, expected) => {
    expect(first(...argv)).toEqual(expected);
  });

  test.each([
    [["stream", "help"]],
    [["bench", "help", "me please"]],
    [["bench", "--", "help"]],
    [["bench", "-s", "help", "Who are you?"]],
    [["models", "-m", "help"]],
    [["compare", "a.json", "b.json"]],
  ])("of %j asks for no help: help is a prompt there, or a value", (argv) => {
    expect(first(...argv)).toEqual(argv);
  });

  test.each([
    [["--help"]],
    [["-h", "--lang", "fr"]],
    [["-V", "--color", "never"]],
    [["--help", "--nope"]],
    [["--lang", "fr"]],
    [[]],
  ])("of %j is none, and none is meant", (argv) => {
    expect(first(...argv)).toEqual(argv);
  });

  test("is never the name of what every object has", () => {
    expect(first("constructor")).toEqual(["constructor"]);
    expect(first("--__proto__", "toString", "bench")).toEqual(["bench", "--__proto__", "toString"]);
  });
});
