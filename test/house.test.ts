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
  report: { config: "all", run: "all", metrics: "all", text: "all", i18n: "all", compare: "all" },
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
    const outside = files.filter((file) => file !== "main.ts" && !file.startsWith("commands/"));
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

  test("has no room for any and silenced checks", () => {
    const loose = files.filter((file) =>
      /: any\b|\bas any\b|<any>|@ts-(ignore|expect-error|nocheck)|oxlint-disable/.test(texts.get(file) ?? ""),
    );
    expect(loose).toEqual([]);
  });
});
