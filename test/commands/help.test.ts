import { describe, expect, test } from "bun:test";
import { readArgs } from "../../src/commands/args.ts";
import { batchFetch } from "../../src/commands/batch-fetch.ts";
import { batchReport } from "../../src/commands/batch-report.ts";
import { batchRun } from "../../src/commands/batch-run.ts";
import { batchCancel, batchList, batchStatus } from "../../src/commands/batch-status.ts";
import { batchSubmit } from "../../src/commands/batch-submit.ts";
import { batchWorker } from "../../src/commands/batch-worker.ts";
import { batch } from "../../src/commands/batch.ts";
import { bench } from "../../src/commands/bench.ts";
import { compare } from "../../src/commands/compare.ts";
import { merge } from "../../src/commands/merge.ts";
import { completion } from "../../src/commands/completion.ts";
import { version } from "../../src/commands/version.ts";
import { config } from "../../src/commands/config.ts";
import { overview, renderHelp, renderOverview } from "../../src/commands/help.ts";
import { models } from "../../src/commands/models.ts";
import { report } from "../../src/commands/report.ts";
import { selftest } from "../../src/commands/selftest.ts";
import { simulate } from "../../src/commands/simulate.ts";
import { stream } from "../../src/commands/stream.ts";
import { load } from "../../src/i18n/load.ts";
import { typographyProblems } from "../i18n/typography.ts";
import { commandsIn } from "./shell.ts";

const VERBS = [
  stream,
  bench,
  compare,
  merge,
  batch,
  batchReport,
  batchRun,
  batchWorker,
  batchSubmit,
  batchStatus,
  batchFetch,
  batchCancel,
  batchList,
  report,
  selftest,
  models,
  simulate,
  config,
  completion,
  version,
];
const LANGUAGES = ["en", "fr"] as const;

const helps = await Promise.all(
  LANGUAGES.flatMap((lang) => [
    renderOverview(lang).then((text) => ({ lang, name: "llmaas", text })),
    ...VERBS.map(async (verb) => ({ lang, name: verb.meta.name, text: await renderHelp(lang, verb) })),
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

  test.each([60, 66, 72, 90, 100])(
    "fits a terminal of %d columns, and says the same on it as on any other",
    async (columns) => {
      const byName = (line: string): string => `llmaas ${line}`;
      // A command that is continued on the next line is one.
      const wordsOf = (text: string): string[] => text.replaceAll(" \\\n", " ").split(/\s+/);
      for (const { lang, name, text } of helps) {
        const verb = VERBS.find(({ meta }) => meta.name === name);
        const fitted = await (verb === undefined
          ? renderOverview(lang, byName, columns)
          : renderHelp(lang, verb, byName, columns));
        expect([name, fitted.split("\n").filter((line) => Bun.stringWidth(line) > columns)]).toEqual([name, []]);
        expect(wordsOf(fitted)).toEqual(wordsOf(text));
      }
    },
  );

  test.each(["llmaas", ...VERBS.map((verb) => verb.meta.name)])("of %s speaks both languages", (name) => {
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
    for (const {
      meta: { name },
    } of VERBS) {
      if (name === "llmaas") continue;
      expect(en.verbs[name].summary).not.toBe(fr.verbs[name].summary);
      expect(en.verbs[name].about).not.toBe(fr.verbs[name].about);
    }
  });

  test("in French keeps the rules of French typography", () => {
    const french = helps.filter(({ lang }) => lang === "fr");
    const prose = french.map(({ text }) => text.replace(/^ +/gm, "").replace(/(?<=\S) {2,}/g, " "));
    expect(prose.flatMap(typographyProblems)).toEqual([]);
  });

  test("describes each option that is not hidden once, and no other", async () => {
    for (const verb of VERBS) {
      const text = await renderHelp("en", verb);
      const shown = [...text.matchAll(/^ {2}(?:-\w, | {4})--([\w-]+)/gm)].map(([, name]) => name ?? "");
      const taken = Object.entries(verb.args).filter(([, { group }]) => group !== undefined);
      expect(shown.toSorted()).toEqual(taken.map(([name]) => name).toSorted());
    }
    const { options } = await load("en", "help");
    const taken = new Set([...VERBS, overview].flatMap(({ args }) => Object.keys(args)));
    expect(Object.keys(options).filter((name) => !taken.has(name))).toEqual([]);
  });

  test("lists every verb there is", async () => {
    const { verbs } = await load("en", "help");
    expect(Object.keys(verbs)).toEqual(VERBS.map(({ meta }) => meta.name));
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

  test.each(VERBS)("come first for $meta.name", ({ meta: { name } }) => {
    for (const { text } of helps.filter((help) => help.name === name))
      expect(text).toMatch(/^(Examples:|Exemples\u00A0:)\n/);
  });

  test.each(examples)("run as they stand ($lang): $line", ({ line }) => {
    const calls = commandsIn(line).filter(([program]) => program === "llmaas");
    expect(calls).toHaveLength(1);
    const [, name = "", second = "", ...more] = calls[0] ?? [];
    const nested = VERBS.find(({ meta }) => meta.name === `${name} ${second}`);
    const verb = nested ?? VERBS.find(({ meta }) => meta.name === name);
    const rest = nested === undefined ? [second, ...more].filter((word) => word !== "") : more;
    expect(verb).toBeDefined();
    if (verb !== undefined) expect(() => readArgs(name, rest, verb.args)).not.toThrow();
  });
});
