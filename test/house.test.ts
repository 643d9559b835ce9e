import { Glob } from "bun";
import { describe, expect, test } from "bun:test";

/** The rooms in their order: each knows only those before it. "types": of these it knows the shapes alone. */
const ORDER = [
  "wire",
  "stream",
  "config",
  "worker",
  "run",
  "metrics",
  "text",
  "i18n",
  "render",
  "compare",
  "report",
  "simulator",
  "bench",
  "batch",
  "commands",
] as const;

/** Rooms that know less than all before them: the engine no settings, the words no engine, the server nobody. */
const ONLY: Readonly<Record<string, Readonly<Record<string, "all" | "types">>>> = {
  stream: { wire: "all" },
  config: { wire: "all", stream: "types" },
  worker: { stream: "all" },
  run: { stream: "all", config: "types", worker: "all" },
  metrics: { stream: "all", run: "all", config: "all" },
  text: {},
  i18n: { wire: "types", stream: "types", config: "types", metrics: "types", text: "all" },
  render: { stream: "all", run: "all", metrics: "all", text: "all", i18n: "all", config: "types" },
  compare: { config: "all", run: "all", metrics: "all", text: "all" },
  report: { config: "all", run: "all", metrics: "all", text: "all", i18n: "all", render: "all", compare: "all" },
  simulator: { wire: "all" },
};

type Import = { file: string; from: string; to: string; types: boolean };

const source = new URL("../src/", import.meta.url).pathname;
const files = [...new Glob("**/*.ts").scanSync(source)].toSorted();
/** The code of each file without its comments. */
const texts = new Map(
  await Promise.all(files.map(async (file) => [file, codeOf(await Bun.file(source + file).text())] as const)),
);

function importsOf(file: string): Import[] {
  const text = texts.get(file) ?? "";
  const found = [
    ...text.matchAll(/^(?:import|export)\s+(type\s+)?([^;]*?)\s*from\s+"(\.[^"]+)"|import\("(\.[^"]+)"\)/gm),
  ];
  return found.map(([, type, names = "", still, lazy]) => {
    const url = new URL(still ?? lazy ?? "", `file:///${file}`);
    const inline =
      names.startsWith("{") &&
      names
        .slice(1, -1)
        .split(",")
        .every((name) => /^\s*(type\s|$)/.test(name));
    return { file, from: roomOf(file), to: roomOf(url.pathname.slice(1)), types: type !== undefined || inline };
  });
}

function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

const root = new URL("../", import.meta.url).pathname;

/** For each file, by its path from the root of the project, the texts of all files that import it, tests too. */
async function readImporters(): Promise<Map<string, string[]>> {
  const folders = ["src", "test", "versus", ".ci"];
  const all = folders.flatMap((folder) => [...new Glob(`${folder}/**/*.ts`).scanSync({ cwd: root, dot: true })]);
  const importers = new Map<string, string[]>();
  for (const file of all) {
    const text = await Bun.file(root + file).text();
    const paths = [...text.matchAll(/(?:from |import\()"(\.[^"]+)"/g)].map(([, path = ""]) => path);
    for (const path of new Set(paths.map((path) => new URL(path, `file:///${file}`).pathname.slice(1))))
      importers.set(path, [...(importers.get(path) ?? []), text]);
  }
  return importers;
}

/** Names that a file exports and no other file, of tests neither, ever takes from it. */
function unusedExports(file: string, importers: ReadonlyMap<string, readonly string[]>): string[] {
  const exported = /^export (?:async )?(?:function\*?|const|let|class|type) (\w+)/gm;
  const names = [...(texts.get(file) ?? "").matchAll(exported)].map(([, name = ""]) => name);
  const users = (importers.get(`src/${file}`) ?? []).join("\n");
  return names.filter((name) => !new RegExp(`\\b${name}\\b`).test(users)).map((name) => `${file}: ${name}`);
}

type Measured = { file: string; name: string; own: number; all: number };

/** What opens a function in formatted code; its end is the next line that begins with a brace in the same column. */
const OPENS = [
  /^( *)(?:export )?(?:default )?(?:async )?function\*? ?(\w*).*$/,
  /^( *)(?:export )?const (\w+)\b.*=> \{$/,
  /^( *)(?:async |get )?\*?(\w+)\([^;]*$/,
  /^( *)(\w+): .*=> \{$/,
] as const;
const NO_FUNCTION = new Set(["if", "for", "while", "switch", "catch", "return"]);

/** The functions of a file. A `createX` is its own lines without those of the functions it holds; `all` is with them. */
function functionsOf(file: string): Measured[] {
  const lines = (texts.get(file) ?? "").split("\n");
  const found = lines.flatMap((line, from) => {
    const [, indent = "", name = ""] = OPENS.map((opens) => opens.exec(line)).find((match) => match !== null) ?? [];
    if (name === "" || NO_FUNCTION.has(name)) return [];
    const begins = lines.findIndex((later, at) => at >= from && later.endsWith("{"));
    const ends = lines.findIndex((later, at) => at > from && new RegExp(`^${indent}\\}`).test(later));
    const isWhole = begins >= from && ends > begins && !lines.slice(from, begins).some((each) => each.endsWith(";"));
    return isWhole ? [{ name, from, ends }] : [];
  });
  return found.map(({ name, from, ends }) => {
    const all = ends - from + 1;
    const inside = found.filter((other) => other.from > from && other.ends < ends);
    const outermost = inside.filter((one) => !inside.some((two) => two.from < one.from && two.ends > one.ends));
    const held = outermost.reduce((sum, one) => sum + one.ends - one.from + 1, 0);
    return { file, name, own: name.startsWith("create") ? all - held : all, all };
  });
}

function roomOf(file: string): string {
  return file.includes("/") ? (file.split("/")[0] ?? "") : "main";
}

describe("the house", () => {
  test("has the rooms it says and no drawer", () => {
    const rooms = new Set(files.map(roomOf));
    expect([...rooms].filter((room) => room !== "main" && !ORDER.some((known) => known === room))).toEqual([]);
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|common|types|index)(\/|\.ts$)/.test(file))).toEqual([]);
  });

  test("lets each room import only the rooms before it", () => {
    const wrong = files
      .flatMap(importsOf)
      .filter(({ from, to }) => from !== to && from !== "main")
      .filter(({ from, to, types }) => {
        const place = (room: string): number => ORDER.findIndex((known) => known === room);
        if (place(to) >= place(from)) return true;
        const allowed = ONLY[from] === undefined ? "all" : ONLY[from][to];
        return allowed === undefined || (allowed === "types" && !types);
      });
    expect(wrong).toEqual([]);
  });

  test("lets only main import the commands, and nobody import main", () => {
    const wrong = files
      .flatMap(importsOf)
      .filter(({ from, to }) => to === "main" || (to === "commands" && from !== "commands" && from !== "main"));
    expect(wrong.filter(({ file }) => file !== "main.ts")).toEqual([]);
  });

  test("keeps process and node: modules at the doors", () => {
    const outside = files.filter((file) => file !== "main.ts" && !/^(commands|batch)\//.test(file));
    const touching = outside.filter((file) => /\bprocess\.|from "node:|require\("node:/.test(texts.get(file) ?? ""));
    expect(touching).toEqual(["worker/entry.ts"]);
  });

  test("keeps files short enough to be read", async () => {
    const lengths = files.map(async (file) => ({
      file,
      lines: (await Bun.file(source + file).text()).split("\n").length,
    }));
    const long = (await Promise.all(lengths)).filter(({ lines }) => lines > 301);
    expect(long).toEqual([]);
  });

  test("has no function longer than one can follow", () => {
    expect(files.flatMap(functionsOf).filter(({ own, all }) => own > 60 || all > 150)).toEqual([]);
  });

  test("exports nothing that nobody imports", async () => {
    const importers = await readImporters();
    expect(files.flatMap((file) => unusedExports(file, importers))).toEqual([]);
  });

  test("has no room for any and silenced checks", () => {
    const loose = files.filter((file) =>
      /: any\b|\bas any\b|<any>|@ts-(ignore|expect-error|nocheck)|oxlint-disable/.test(texts.get(file) ?? ""),
    );
    expect(loose).toEqual([]);
  });
});
