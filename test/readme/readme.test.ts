import { Glob } from "bun";
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { dependencies, devDependencies, scripts, version } from "../../package.json";
import { readArgs } from "../../src/commands/args.ts";
import { completion } from "../../src/commands/completion.ts";
import { batch } from "../../src/commands/batch.ts";
import { merge } from "../../src/commands/merge.ts";
import { bench } from "../../src/commands/bench.ts";
import { compare } from "../../src/commands/compare.ts";
import { config } from "../../src/commands/config.ts";
import type { Verb } from "../../src/commands/context.ts";
import { exitCodeOf } from "../../src/commands/exit.ts";
import { models } from "../../src/commands/models.ts";
import { report } from "../../src/commands/report.ts";
import { selftest } from "../../src/commands/selftest.ts";
import { simulate } from "../../src/commands/simulate.ts";
import { stream } from "../../src/commands/stream.ts";
import { version as versionVerb } from "../../src/commands/version.ts";
import { en } from "../../src/i18n/en/messages.ts";
import { load } from "../../src/i18n/load.ts";
import { DISTRIBUTIONS, SCALARS, shortName } from "../../src/metrics/figures.ts";
import { parseSlo } from "../../src/metrics/thresholds.ts";
import { FAULTS } from "../../src/simulator/faults.ts";
import type { Verdict } from "../../src/stream/event.ts";
import { commandsIn } from "../commands/shell.ts";
import { typographyProblems } from "../i18n/typography.ts";
import { records } from "../render/records.ts";
import { playRun } from "../fixtures/report.ts";
import { blocksIn, unfenced } from "./blocks.ts";
import { SAMPLES } from "./sample-list.ts";
import { anchorOf, headingsOf, PAGES, type Page } from "./pages.ts";
import { bodyOf } from "./samples.ts";
import { shapeOf } from "./shape.ts";

const ROOT = new URL("../../", import.meta.url);
const VERBS: readonly Verb[] = [
  stream,
  bench,
  compare,
  report,
  selftest,
  models,
  simulate,
  config,
  completion,
  versionVerb,
  merge,
  batch,
];

const readmes = PAGES.filter(({ name }) => name === "README");
const blocks = PAGES.flatMap(({ lang, file, text }) =>
  blocksIn(text).map((block) => ({ lang, file, block, name: `${block.kind} ${block.args.join(" ")}` })),
);

/** The page of this name in both languages. */
function both(name: string): Page[] {
  return PAGES.filter((page) => page.name === name);
}

/** The verb that these words call, or the one of its own that they name, and the words behind it. */
async function verbOf([first = "", ...rest]: readonly string[]): Promise<{ verb: Verb | undefined; rest: string[] }> {
  const verb = VERBS.find(({ meta }) => meta.name === first);
  const inner = verb?.verbs?.[rest[0] ?? ""];
  return inner === undefined ? { verb, rest } : { verb: await inner(), rest: rest.slice(1) };
}

/** The rows of the table whose second line is a rule, below a heading. */
function tableBelow(text: string, head: string): string[][] {
  const [, after = ""] = text.split(`| ${head}`);
  const [table = ""] = after.trimEnd().split("\n\n");
  return table
    .split("\n")
    .slice(2)
    .map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** What a record or a report has beside its figures. */
const NOT_FIGURES = new Set(["v"]);

describe("the pages", () => {
  test.each(PAGES.filter(({ lang }) => lang === "en"))("$file has the same structure in both languages", ({ name }) => {
    const shape = (text: string) =>
      [...text.replace(/```[\s\S]*?```/g, "```").matchAll(/^(#+|```|<!-- .* -->|[|]|\d\.|-|\{4})/gm)].map(
        ([mark]) => mark,
      );
    const [english, french] = both(name);
    expect(shape(french?.text ?? "")).toEqual(shape(english?.text ?? ""));
    expect(french?.text).not.toBe(english?.text ?? "");
  });

  test.each(PAGES)("$file links to files and headings there are, and names no machine", async ({ file, text }) => {
    const links = [...text.replaceAll(/```[\s\S]*?```/g, "").matchAll(/\]\(([^)]+)\)/g)].map(([, link = ""]) => link);
    for (const link of links.filter((each) => !each.startsWith("https://"))) {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? new URL(file, ROOT) : new URL(path, new URL(file, ROOT));
      expect([link, existsSync(target)]).toEqual([link, true]);
      if (anchor === undefined) continue;
      const there = await Bun.file(target).text();
      const anchors = [1, 2, 3].flatMap((depth) => headingsOf(there, depth)).map(anchorOf);
      expect(anchors).toContain(anchor);
    }
    expect(/\/(home|root|tmp|work|Users)\/|registry|\[object/.exec(text)).toBeNull();
  });

  test.each(PAGES.filter(({ text }) => text.split("\n").length > 60))(
    "$file begins with a table of its contents",
    ({ text }) => {
      const [, contents = ""] = /^(?:Contents|Sommaire\u00A0): (.*)$/m.exec(text) ?? [];
      const linked = [...contents.matchAll(/\[([^\]]+)\]\(#([^)]+)\)/g)].map(([, words, anchor]) => [words, anchor]);
      expect(linked).toEqual(headingsOf(text, 2).map((heading) => [heading, anchorOf(heading)]));
    },
  );

  test.each(PAGES.filter(({ lang }) => lang === "fr"))("$file keeps French typography", ({ text }) => {
    const prose = text
      .replace(/```[\s\S]*?```|^ {4}.*$|^\|.*$|<!--.*-->|`[^`]*`|\]\([^)]*\)/gm, "x")
      .replace(/\*\*/g, "");
    expect(typographyProblems(prose)).toEqual([]);
  });

  test.each(readmes)("$file is short", ({ text }) => {
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(220);
  });

  test.each(readmes)("$file says where LLMaaS is explained and keys are made", ({ text }) => {
    for (const host of ["docs.cloud-temple.com", "console.cloud-temple.com"])
      expect(text).toContain(`](https://${host}`);
  });

  test.each(readmes)("$file installs this version of everything", ({ text }) => {
    expect(text).toContain(`npm install -g bun@${Bun.version} && bun install --frozen-lockfile && bun run stream "`);
    expect(scripts.check).toContain("bun test");
    expect(version).toBe("0.1.0");
  });
});

describe("what the pages quote", () => {
  const quoted = blocks.filter(({ block }) => block.kind !== "sample");
  test.each(quoted)("$file: $name is as it is now", async ({ lang, block }) => {
    expect(block.body.trim()).toBe((await bodyOf(block, lang)).trim());
  });

  const samples = blocks.filter(({ block }) => block.kind === "sample");
  test("is every sample there is", () => {
    const english = samples.filter(({ lang }) => lang === "en").map(({ block }) => block.args[0] ?? "");
    expect(new Set(english)).toEqual(new Set(Object.keys(SAMPLES)));
  });

  const ofMachine = ({ block }: (typeof samples)[number]): boolean => SAMPLES[block.args[0] ?? ""]?.ofMachine === true;
  test.concurrent.each(samples.filter((sample) => !ofMachine(sample)))(
    "$file: $name comes out of that command, but for its times",
    async ({ lang, block }) => {
      const now = unfenced(await bodyOf(block, lang));
      expect(shapeOf(unfenced(block.body))).toEqual(shapeOf(now));
    },
    // What a measured run remarks of itself on a machine that other tests keep busy is not always the same.
    { timeout: 30_000, retry: 2 },
  );
});

describe("what the pages quote of one machine", () => {
  test.each(both("numbers"))("$file: the self-test is said in the words it has now", async ({ lang, text }) => {
    const { title, busy, column } = await load(lang, "selftest");
    const block = blocksIn(text).find(({ args }) => args[0] === "selftest");
    for (const words of [title, busy.held, column.streams, `llmaas ${version}`]) expect(block?.body).toContain(words);
  });
});

describe("commands in the pages", () => {
  const lines = PAGES.flatMap(({ file, text }) => {
    const fenced = [...text.matchAll(/^```(?:sh|console)\n([\s\S]*?)\n```/gm)].flatMap(([, body = ""]) =>
      body.split("\n"),
    );
    const inline = [...text.matchAll(/`((?:bun run|llmaas|dist\/llmaas) [^`]*)`/g)].map(([, line = ""]) => line);
    const shown = fenced.map((line) => line.replace(/^\$ /, ""));
    const isCommand = (line: string): boolean => /(^|[|&] |=\S+ )(bun run|(dist\/)?llmaas) \w/.test(line);
    return [...shown, ...inline].filter(isCommand).map((line) => ({ file, line }));
  });

  test.each(lines)("$file: $line", async ({ line }) => {
    for (const words of commandsIn(line)) {
      const start = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
      const [program = "", ...args] = words.slice(start);
      const isScript = program === "bun" && args[0] === "run";
      if (isScript) expect(Object.keys(scripts)).toContain(args[1] ?? "");
      const isProgram = /(^|\/)llmaas$/.test(program) || (isScript && args[1] === "llmaas");
      const { verb, rest } = await verbOf(isScript ? args.slice(isProgram ? 2 : 1) : isProgram ? args : []);
      if (isProgram) expect([line, verb?.meta.name]).not.toEqual([line, undefined]);
      if (verb !== undefined) expect(() => readArgs(verb.meta.name, rest, verb.args)).not.toThrow();
    }
  });

  test("are many", () => {
    expect(lines.length).toBeGreaterThan(40);
  });
});

describe("facts in the pages", () => {
  test.each(both("numbers"))("$file: every figure of a record and of a report is named", ({ text }) => {
    const names = new Set([...text.matchAll(/`([\w_]+)`/g)].map(([, name = ""]) => name));
    const figures = records(en).flatMap(([, record]) =>
      Object.entries(record).flatMap(([name, value]) => (typeof value === "number" || value === null ? [name] : [])),
    );
    const [result] = playRun().report.steps[0]?.results ?? [];
    const ofRun = Object.keys(result ?? {}).filter((name) => name !== "model" && name !== "distributions");
    const wanted = [...figures, ...DISTRIBUTIONS, ...ofRun].filter((name) => !NOT_FIGURES.has(name));
    expect([...new Set(wanted)].filter((name) => !names.has(name))).toEqual([]);
  });

  test.each(both("bench"))("$file: the thresholds can be read, and name every figure there is", ({ lang, text }) => {
    const rows = tableBelow(text, lang === "fr" ? "Seuil " : "Threshold ");
    const written = [
      ...rows
        .flat()
        .join(" ")
        .matchAll(/`([^`]+)`/g),
    ].map(([, code = ""]) => code);
    const { thresholds, objectives } = parseSlo(written.filter((code) => /\w.*[<>]/.test(code)));
    expect(thresholds).toHaveLength(5);
    expect(objectives).toHaveLength(1);
    const all = [...DISTRIBUTIONS.map(shortName), ...SCALARS];
    expect(all.filter((name) => !written.some((code) => new RegExp(`\\b${name}\\b`).test(code)))).toEqual([]);
    const [list = ""] = /"slo": \[[^\]]*\]/.exec(text) ?? [];
    expect(parseSlo(JSON.parse(`{${list}}`).slo).thresholds).toHaveLength(1);
  });

  test.each(readmes)("$file: the exit codes are those of the verdicts", ({ text }) => {
    const rows = tableBelow(text, "Verdict");
    const codes = new Map(rows.map(([verdict = "", , code = ""]) => [verdict.replaceAll("`", ""), code]));
    const verdicts: Verdict[] = ["complete", "length", "empty", "filtered", "truncated", "failed", "timeout"];
    for (const verdict of verdicts) expect(codes.get(verdict)).toBe(String(exitCodeOf(verdict, null, null)));
    expect(codes.get("cancelled")).toStartWith(String(exitCodeOf("cancelled", { kind: "cancelled" }, 130)));
  });

  test.each(both("architecture"))("$file: the packages are those that are imported", async ({ lang, text }) => {
    const rows = tableBelow(text, lang === "fr" ? "Paquet" : "Package");
    const packages = rows.flatMap(([names = ""]) => names.replaceAll("`", "").split(", "));
    const ofDevelopment = rows
      .filter(([, what = ""]) => /^d(ev|év)/.test(what))
      .map(([name = ""]) => name.slice(1, -1));
    expect(ofDevelopment.filter((name) => !Object.hasOwn(devDependencies, name))).toEqual([]);
    expect(packages.filter((name) => Object.hasOwn(devDependencies, name))).toEqual(ofDevelopment);
    const sources = [...new Glob("src/**/*.ts").scanSync(ROOT.pathname)];
    const code = (await Promise.all(sources.map((file) => Bun.file(new URL(file, ROOT)).text()))).join("\n");
    const imported = Object.keys(dependencies).filter((name) => code.includes(`"${name}`));
    expect(imported.filter((name) => !packages.includes(name))).toEqual([]);
    const known = new Set([...imported, ...Object.keys(devDependencies)]);
    expect(packages.filter((name) => !known.has(name))).toEqual([]);
  });

  test.each(both("versus"))("$file: the comparisons are those of versus", async ({ lang, text }) => {
    const main = await Bun.file(new URL("versus/main.ts", ROOT)).text();
    const names = [...main.matchAll(/^ {2}(\w+): \{/gm)].map(([, name]) => `\`${name}\``);
    expect(names.length).toBeGreaterThan(4);
    expect(tableBelow(text, lang === "fr" ? "Nom " : "Name ").map(([name]) => name)).toEqual(names);
  });

  test.each(both("install"))("$file: the targets are those that are compiled", async ({ text }) => {
    const compile = await Bun.file(new URL(".ci/compile.ts", ROOT)).text();
    const targets = [...compile.matchAll(/\{ name: "([\w-]+)", magic/g)].map(([, name]) => `\`${name}\``);
    expect(targets).toHaveLength(8);
    expect(text).toContain(targets.join(", "));
  });

  test.each(both("architecture"))(
    "$file: the tree has these folders, and the simulator more than seventy faults",
    ({ text }) => {
      const rooms = readdirSync(new URL("src/", ROOT), { withFileTypes: true }).filter((entry) => entry.isDirectory());
      for (const { name } of rooms) expect(text).toMatch(new RegExp(`^ {6}${name}/ `, "m"));
      expect(FAULTS.length).toBeGreaterThan(70);
    },
  );
});
