import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scripts } from "../../package.json";
import { EXIT } from "../../src/commands/exit.ts";
import { isObject } from "../../src/config/kinds.ts";
import { typographyProblems } from "../i18n/typography.ts";
import { parseXml } from "../report/xml.ts";

const ROOT = join(import.meta.dir, "../..");
const PAGES = ["docs/ci.md", "docs/fr/ci.md"] as const;

const pages = await Promise.all(PAGES.map(async (file) => ({ file, text: await Bun.file(join(ROOT, file)).text() })));

function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)\n\`\`\`$`, "gm"))].map(([, body = ""]) => body);
}

function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((inside, key) => (isObject(inside) ? inside[key] : undefined), value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The shell of each job as a runner reads it: the steps with `run` of GitHub, `script` of GitLab. */
function shellOf(text: string): { github: string[]; gitlab: string[]; pair: string } {
  const [github, gitlab] = blocks(text, "yaml").map((yaml) => Bun.YAML.parse(yaml));
  const steps = list(at(github, "jobs", "speed", "steps")).map((step) => at(step, "run"));
  const isText = (each: unknown): each is string => typeof each === "string";
  const [pair = ""] = blocks(text, "sh");
  return { github: steps.filter(isText), gitlab: list(at(gitlab, "speed", "script")).filter(isText), pair };
}

let bin: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "llmaas-ci-"));
  bin = join(folder, "bin");
  await mkdir(bin);
  // What is installed is installed, and a script of the project is its file, wherever the job stands.
  const shim = `#!/bin/sh
[ "$1" = install ] && exit 0
shift; verb=$1; shift
exec "${process.execPath}" --no-env-file "${ROOT}/src/main.ts" "$verb" "$@"
`;
  await writeFile(join(bin, "bun"), shim, { mode: 0o755 });
});
afterAll(() => rm(folder, { recursive: true }));

type Ran = { code: number; output: string };

async function runShell(lines: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Ran> {
  await mkdir(cwd, { recursive: true });
  const child = Bun.spawn(["sh", "-e", "-c", lines.join("\n")], {
    cwd,
    env: { PATH: `${bin}:${process.env["PATH"] ?? ""}`, HOME: folder, LLMAAS_LANG: "en", ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, output: out + err };
}

/** On a busy machine a measurement may be disturbed, or slower than the one before. */
const MEASURED: readonly number[] = [EXIT.ok, EXIT.threshold, EXIT.undecided];

describe("the jobs of docs/ci.md, which are those of both languages", () => {
  const shell = shellOf(pages[0]?.text ?? "");

  test("has a job for GitHub Actions that runs, writes its baseline, then compares with it", async () => {
    const cwd = join(folder, "github");
    const { github } = shell;
    expect(github).toHaveLength(2);
    const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: join(cwd, "summary.md") };
    const first = await runShell(github, cwd, env);
    expect([first.output, MEASURED.includes(first.code)]).toEqual([first.output, true]);
    expect(first.output).toContain("There was no baseline: this run is now baseline.json");
    for (const name of ["report.html", "run.json"]) expect(await Bun.file(join(cwd, name)).exists()).toBe(true);
    expect(await Bun.file(join(cwd, "summary.md")).text()).toStartWith("## ");
    const second = await runShell([...github.slice(0, -1), `rm report.html run.json\n${github.at(-1)}`], cwd, env);
    expect(MEASURED).toContain(second.code);
    expect(second.output).toContain("A: baseline.json\nB: this run\n");
  }, 60_000);

  test("has a job for GitLab that runs and writes what GitLab reads", async () => {
    const cwd = join(folder, "gitlab");
    const { gitlab } = shell;
    expect(gitlab).toHaveLength(2);
    const { code, output } = await runShell(gitlab, cwd);
    expect(MEASURED).toContain(code);
    expect(output).toContain("baseline.json");
    const { children } = parseXml(await Bun.file(join(cwd, "junit.xml")).text());
    expect(children[0]?.children.length).toBeGreaterThanOrEqual(2);
  }, 60_000);

  test("measures both sides in one job", async () => {
    const cwd = join(folder, "pair");
    const { code } = await runShell([shell.pair], cwd);
    expect(MEASURED).toContain(code);
    expect(await Bun.file(join(cwd, "comparison.md")).text()).toStartWith("## ");
  }, 60_000);
});

describe.each(pages)("$file", ({ text }) => {
  test("has the jobs of both languages alike", () => {
    const [english, french] = pages.map((page) => [...blocks(page.text, "yaml"), ...blocks(page.text, "sh")]);
    expect(french).toEqual(english ?? []);
  });

  test("names every exit code that a measured load has", () => {
    const codes = [...text.matchAll(/^\| ([\d, ]+?) +\|/gm)].flatMap(([, cell = ""]) => cell.split(", ").map(Number));
    const { ok, failed, usage, threshold, undecided, bug, interrupted } = EXIT;
    for (const code of [ok, failed, usage, threshold, undecided, bug, interrupted]) expect(codes).toContain(code);
  });

  test("names scripts there are, and headings there are", () => {
    for (const [, script = ""] of text.matchAll(/bun run ([\w-]+)/g)) expect(Object.keys(scripts)).toContain(script);
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, title = ""]) =>
      title.toLowerCase().replaceAll(" ", "-"),
    );
    for (const [, anchor = ""] of text.matchAll(/\]\(#([^)]+)\)/g)) expect(headings).toContain(anchor);
  });
});

test("docs/fr/ci.md keeps the rules of French typography", () => {
  const prose = (pages[1]?.text ?? "").replace(/```[\s\S]*?```|`[^`]*`|\]\([^)]*\)|^\|.*$/gm, "x");
  expect(typographyProblems(prose)).toEqual([]);
});
