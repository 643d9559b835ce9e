import { Glob } from "bun";
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { dependencies, devDependencies, scripts, version } from "../../package.json";
import { readArgs } from "../../src/commands/args.ts";
import { completion } from "../../src/commands/completion.ts";
import { bench } from "../../src/commands/bench.ts";
import { compare } from "../../src/commands/compare.ts";
import { config } from "../../src/commands/config.ts";
import { exitCodeOf } from "../../src/commands/exit.ts";
import { models } from "../../src/commands/models.ts";
import { report } from "../../src/commands/report.ts";
import { selftest } from "../../src/commands/selftest.ts";
import { simulate } from "../../src/commands/simulate.ts";
import { stream } from "../../src/commands/stream.ts";
import { version as versionVerb } from "../../src/commands/version.ts";
import { enBench } from "../../src/i18n/en/bench.ts";
import { en } from "../../src/i18n/en/messages.ts";
import { frBench } from "../../src/i18n/fr/bench.ts";
import { fr } from "../../src/i18n/fr/messages.ts";
import { load } from "../../src/i18n/load.ts";
import { DISTRIBUTIONS, SCALARS, shortName } from "../../src/metrics/figures.ts";
import { parseSlo } from "../../src/metrics/thresholds.ts";
import { FAULTS } from "../../src/simulator/faults.ts";
import { MODELS } from "../../src/simulator/plan.ts";
import type { Verdict } from "../../src/stream/event.ts";
import { commandsIn } from "../commands/shell.ts";
import { typographyProblems } from "../i18n/typography.ts";
import { records } from "../render/records.ts";
import { pathsIn } from "../report/paths.ts";
import { playRun } from "../fixtures/report.ts";
import { blocksIn, unfenced } from "./blocks.ts";
import { SAMPLES } from "./sample-list.ts";
import { bodyOf, READMES } from "./samples.ts";
import { shapeOf } from "./shape.ts";

const ROOT = new URL("../../", import.meta.url);
const VERBS = [stream, bench, compare, report, selftest, models, simulate, config, completion, versionVerb];

const readmes = await Promise.all(
  READMES.map(async ({ lang, file }) => ({ lang, file, text: await Bun.file(new URL(file, ROOT)).text() })),
);
const blocks = readmes.flatMap(({ lang, file, text }) =>
  blocksIn(text).map((block) => ({ lang, file, block, name: `${block.kind} ${block.args.join(" ")}` })),
);

/** The rows of the table whose second line is a rule, below a heading. */
function tableBelow(text: string, head: string): string[][] {
  const [, after = ""] = text.split(`| ${head}`);
  const [table = ""] = after.split("\n\n");
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

describe("the READMEs", () => {
  test("have the same structure in both languages", () => {
    const shape = (text: string) =>
      [...text.replace(/```[\s\S]*?```/g, "```").matchAll(/^(#+|```|<!-- .* -->|[|]|\d\.|-|\{4})/gm)].map(
        ([mark]) => mark,
      );
    const [english, french] = readmes.map(({ text }) => shape(text));
    expect(french).toEqual(english ?? []);
    expect(readmes[0]?.text).not.toBe(readmes[1]?.text ?? "");
  });

  test.each(readmes)("$file names only files there are, and no machine", ({ text }) => {
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = ""]) => link);
    const missing = links.filter((link) => !link.startsWith("https://") && !existsSync(new URL(link, ROOT)));
    expect(missing).toEqual([]);
    expect(/\/(home|root|tmp|work|Users)\/|registry|\[object/.exec(text)).toBeNull();
    for (const host of ["docs.cloud-temple.com", "console.cloud-temple.com"])
      expect(links).toContain(`https://${host}`);
  });

  test("keep French typography", () => {
    const [, french] = readmes;
    const prose = (french?.text ?? "")
      .replace(/```[\s\S]*?```|^ {4}.*$|^\|.*$|<!--.*-->|`[^`]*`|\]\([^)]*\)/gm, "x")
      .replace(/\*\*/g, "");
    expect(typographyProblems(prose)).toEqual([]);
  });

  test.each(readmes)("$file installs this version of everything", ({ text }) => {
    const [install = "", all = ""] = [...text.matchAll(/^```sh\n([\s\S]*?)\n```/gm)].map(([, line]) => line);
    expect(install).toStartWith(
      `npm install -g bun@${Bun.version} && bun install --frozen-lockfile && bun run stream "`,
    );
    expect(all).toBe("bun run check");
    expect(scripts.check).toContain("bun test");
    expect(version).toBe("0.1.0");
  });
});

describe("what the READMEs quote", () => {
  const quoted = blocks.filter(({ block }) => block.kind !== "sample");
  test.each(quoted)("$file: $name is as it is now", async ({ lang, block }) => {
    expect(block.body.trim()).toBe((await bodyOf(block, lang)).trim());
  });

  const samples = blocks.filter(({ block }) => block.kind === "sample");
  test("is every sample there is", () => {
    expect(new Set(samples.map(({ block }) => block.args[0]))).toEqual(new Set(Object.keys(SAMPLES)));
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

describe("what the READMEs quote of one machine", () => {
  test.each(readmes)("$file: the self-test is said in the words it has now", async ({ lang, text }) => {
    const { title, busy, column } = await load(lang, "selftest");
    const block = blocksIn(text).find(({ args }) => args[0] === "selftest");
    for (const words of [title, busy.held, column.streams, `llmaas ${version}`]) expect(block?.body).toContain(words);
  });
});

describe("commands in the READMEs", () => {
  const lines = readmes.flatMap(({ file, text }) => {
    const fenced = [...text.matchAll(/^```(?:sh|console)\n([\s\S]*?)\n```/gm)].flatMap(([, body = ""]) =>
      body.split("\n"),
    );
    const inline = [...text.matchAll(/`((?:bun run|llmaas|dist\/llmaas) [^`]*)`/g)].map(([, line = ""]) => line);
    const shown = fenced.map((line) => line.replace(/^\$ /, ""));
    const isCommand = (line: string): boolean => /(^|[|&] |=\S+ )(bun run|(dist\/)?llmaas) \w/.test(line);
    return [...shown, ...inline].filter(isCommand).map((line) => ({ file, line }));
  });

  test.each(lines)("$file: $line", ({ line }) => {
    for (const words of commandsIn(line)) {
      const start = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
      const [program = "", ...args] = words.slice(start);
      if (program === "bun" && args[0] === "run") expect(Object.keys(scripts)).toContain(args[1] ?? "");
      const rest = program === "bun" && args[0] === "run" ? args.slice(1) : /(^|\/)llmaas$/.test(program) ? args : [];
      const verb = VERBS.find(({ meta }) => meta.name === rest[0]);
      if (verb !== undefined) expect(() => readArgs(verb.meta.name, rest.slice(1), verb.args)).not.toThrow();
    }
  });

  test("are many", () => {
    expect(lines.length).toBeGreaterThan(40);
  });
});

describe("facts in the READMEs", () => {
  test.each(readmes)("$file: the figures have the names of the record and of the screen", async ({ lang, text }) => {
    const messages = lang === "fr" ? fr : en;
    const { comparison, concurrency } = await load(lang, "several");
    const [streams = ""] = concurrency("", "", "").split(":");
    const words = [...Object.values(messages.frame), comparison.figure.cost("EUR"), streams];
    const labels = words.filter((label) => typeof label === "string");
    const known = new Set(records(en).flatMap(([, record]) => Object.keys(record)));
    const rows = tableBelow(text, lang === "fr" ? "À l’écran" : "On screen");
    expect(rows.length).toBeGreaterThan(10);
    for (const [label = "", names = ""] of rows) {
      if (label !== "–") expect(labels.some((own) => own.replace(/[\s:]+$/, "") === label)).toBe(true);
      for (const [, name = ""] of names.matchAll(/`(\w+)`/g)) expect(known).toContain(name);
    }
  });

  test.each(readmes)("$file: the figures of a run have the names of the report and of the screen", ({ lang, text }) => {
    const { row, terms } = lang === "fr" ? frBench : enBench;
    const labels = [...Object.values(row.label), ...Object.values(terms.figure).map((term) => term.row)];
    const report = playRun().report;
    const [column] = report.steps[0]?.results ?? [];
    const inside = new Set(pathsIn(report).map((path) => path.replace(/^.*\./, "")));
    const rows = tableBelow(text, lang === "fr" ? "D’une mesure" : "In a run");
    for (const [label = ""] of rows) if (label !== "–") expect(labels).toContain(label);
    const named = rows.flatMap(([, names = ""]) => [...names.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name));
    expect(named.filter((name) => !inside.has(name))).toEqual([]);
    const figures = [...DISTRIBUTIONS, ...Object.keys(column ?? {})].filter((name) => name !== "model");
    expect(figures.filter((name) => name !== "distributions" && !named.includes(name))).toEqual([]);
    for (const [at, name] of DISTRIBUTIONS.entries())
      expect(rows[at]?.slice(0, 2)).toEqual([terms.figure[name].row, `\`${name}\``]);
  });

  test.each(readmes)("$file: the thresholds can be read, and name every figure there is", ({ lang, text }) => {
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

  test.each(readmes)("$file: the recommended models have their published speed", ({ lang, text }) => {
    const rows = tableBelow(text, lang === "fr" ? "Modèle" : "Model");
    const speeds = rows.map(([model, , speed]) => `${model} ${speed}`.replaceAll(/[\u00A0\u202F]/g, " "));
    expect(speeds).toEqual(MODELS.map(({ id, tokensPerSecond }) => `\`${id}\` ~${tokensPerSecond} tokens/s`));
  });

  test.each(readmes)("$file: the packages are those that are imported", async ({ lang, text }) => {
    const named = tableBelow(text, lang === "fr" ? "Paquet" : "Package").map(([names = ""]) => names);
    const packages: string[] = named.join(" ").match(/[\w@/-]+/g) ?? [];
    const sources = [...new Glob("src/**/*.ts").scanSync(ROOT.pathname)];
    const code = (await Promise.all(sources.map((file) => Bun.file(new URL(file, ROOT)).text()))).join("\n");
    const imported = Object.keys(dependencies).filter((name) => code.includes(`"${name}`));
    expect(imported.filter((name) => !packages.includes(name))).toEqual([]);
    const known = new Set([...imported, ...Object.keys(devDependencies)]);
    expect(packages.filter((name) => !known.has(name))).toEqual([]);
  });

  test.each(readmes)("$file: the comparisons are those of versus", async ({ lang, text }) => {
    const main = await Bun.file(new URL("versus/main.ts", ROOT)).text();
    const names = [...main.matchAll(/^ {2}(\w+): \{/gm)].map(([, name]) => `\`${name}\``);
    expect(names.length).toBeGreaterThan(4);
    expect(tableBelow(text, lang === "fr" ? "Nom " : "Name ").map(([name]) => name)).toEqual(names);
  });

  test.each(readmes)("$file: the targets are those that are compiled", async ({ text }) => {
    const compile = await Bun.file(new URL(".ci/compile.ts", ROOT)).text();
    const targets = [...compile.matchAll(/\{ name: "([\w-]+)", magic/g)].map(([, name]) => `\`${name}\``);
    expect(targets).toHaveLength(8);
    expect(text).toContain(targets.join(", "));
  });

  test.each(readmes)("$file: the house has these rooms, and more than seventy faults", ({ text }) => {
    const rooms = readdirSync(new URL("src/", ROOT), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const { name } of rooms) expect(text).toMatch(new RegExp(`^ {6}${name}/ `, "m"));
    expect(FAULTS.length).toBeGreaterThan(70);
  });
});
