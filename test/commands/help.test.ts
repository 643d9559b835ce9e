import { describe, expect, test } from "bun:test";
import { optionOf, readArgs } from "../../src/commands/args.ts";
import { bench } from "../../src/commands/bench.ts";
import { compare } from "../../src/commands/compare.ts";
import { completion } from "../../src/commands/completion.ts";
import { config } from "../../src/commands/config.ts";
import { renderHelp, renderOverview } from "../../src/commands/help.ts";
import { models } from "../../src/commands/models.ts";
import { selftest } from "../../src/commands/selftest.ts";
import { simulate } from "../../src/commands/simulate.ts";
import { stream } from "../../src/commands/stream.ts";
import { load } from "../../src/i18n/load.ts";
import { typographyProblems } from "../i18n/typography.ts";
import { commandsIn } from "./shell.ts";

const OTHERS = [stream, bench, compare, selftest, models, simulate, config];
const VERBS = [...OTHERS, completion(async () => OTHERS)];
const LANGUAGES = ["en", "fr"] as const;

const helps = await Promise.all(
  LANGUAGES.flatMap((lang) => [
    renderOverview(lang).then((text) => ({ lang, name: "llmaas", text })),
    ...VERBS.map(async (verb) => ({ lang, name: verb.name, text: await renderHelp(lang, verb) })),
  ]),
);

describe("help", () => {
  test.each(helps)("of $name in $lang is this", ({ text }) => {
    expect(text).toMatchSnapshot();
  });

  test.each(helps)("of $name in $lang fits 80 columns, without colours", ({ text }) => {
    expect(text.split("\n").filter((line) => Bun.stringWidth(line) > 80)).toEqual([]);
    expect(text).not.toMatch(/\u001B|undefined/);
    expect(text).toEndWith(".\n");
  });

  test.each(["llmaas", ...VERBS.map((verb) => verb.name)])("of %s speaks both languages", (name) => {
    const [en, fr] = helps.filter((help) => help.name === name);
    expect(en?.text).not.toBe(fr?.text);
  });

  test("says something else in each language, text by text", async () => {
    const [en, fr] = [await load("en", "help"), await load("fr", "help")];
    const same = (a: Record<string, unknown>, b: Record<string, unknown>) =>
      Object.keys({ ...a, ...b }).filter((key) => a[key] === b[key]);
    expect(same(en.options, fr.options)).toEqual([]);
    expect(same(en.groups, fr.groups)).toEqual([]);
    expect(same(en.heads, fr.heads)).toEqual([]);
    expect(Object.keys(en.verbs)).toEqual(Object.keys(fr.verbs));
    for (const name of [
      "stream",
      "bench",
      "compare",
      "selftest",
      "models",
      "simulate",
      "config",
      "completion",
    ] as const) {
      expect(en.verbs[name].summary).not.toBe(fr.verbs[name].summary);
      expect(en.verbs[name].about).not.toBe(fr.verbs[name].about);
    }
  });

  test("in French keeps the rules of French typography", () => {
    const french = helps.filter(({ lang }) => lang === "fr");
    const prose = french.map(({ text }) => text.replace(/^ +/gm, "").replace(/(?<=\S) {2,}/g, " "));
    expect(prose.flatMap(typographyProblems)).toEqual([]);
  });

  test("describes the options there are, each in one group, and no other", async () => {
    const { options } = await load("en", "help");
    for (const verb of VERBS) {
      const text = await renderHelp("en", verb);
      const shown = [...text.matchAll(/^ {2}(?:-\w, | {4})--([\w-]+)/gm)].map(([, name]) => name ?? "");
      expect(shown.toSorted()).toEqual(verb.options.filter((name) => optionOf(name).hidden !== true).toSorted());
    }
    const taken = new Set<string>([...VERBS.flatMap((verb) => [...verb.options]), "version"]);
    expect(Object.keys(options).filter((name) => !taken.has(name))).toEqual([]);
  });

  test("lists the verbs that the front door knows", async () => {
    const main = await Bun.file(new URL("../../src/main.ts", import.meta.url)).text();
    const known = [...main.matchAll(/^ {2}(\w+): async \(\) =>/gm)].map(([, name]) => name);
    const { verbs } = await load("en", "help");
    expect(Object.keys(verbs)).toEqual([...known.map(String), "completion"]);
    expect(known.length).toBeGreaterThan(0);
  });
});

describe("examples of the help", () => {
  const examples = helps.flatMap(({ lang, name, text }) => {
    const begin = name === "llmaas" ? text.slice(text.search(/\n(Examples|Exemples)/)) : text;
    return begin
      .trimStart()
      .split("\n")
      .slice(1, 4)
      .map((line) => ({ lang, name, line }));
  });

  test.each(VERBS)("come first for $name", ({ name }) => {
    for (const { text } of helps.filter((help) => help.name === name))
      expect(text).toMatch(/^(Examples:|Exemples\u00A0:)\n/);
  });

  test.each(examples)("run as they stand ($lang): $line", ({ line }) => {
    const calls = commandsIn(line).filter(([program]) => program === "llmaas");
    expect(calls).toHaveLength(1);
    const [, name = "", ...rest] = calls[0] ?? [];
    const verb = VERBS.find((candidate) => candidate.name === name);
    expect(verb).toBeDefined();
    if (verb !== undefined) expect(() => readArgs(name, rest, verb.options)).not.toThrow();
  });
});
