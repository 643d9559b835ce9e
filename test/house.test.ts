import { Glob } from "bun";
import { describe, expect, test } from "bun:test";

/** What each room may import; "types" is only for the compiler. The order is total: no room knows one below it. */
const ROOMS: Readonly<Record<string, Readonly<Record<string, "all" | "types">>>> = {
  wire: {},
  stream: { wire: "all" },
  config: { wire: "all", stream: "types" },
  worker: { stream: "all" },
  run: { stream: "all", config: "types", worker: "all" },
  metrics: { stream: "all", run: "all", config: "all" },
  i18n: { wire: "types", stream: "types", config: "types", metrics: "types" },
  render: { stream: "all", run: "all", metrics: "all", i18n: "all", config: "types" },
  report: { config: "all", run: "all", metrics: "all", i18n: "all" },
  simulator: { wire: "all" },
  commands: {
    wire: "all",
    stream: "all",
    config: "all",
    worker: "all",
    run: "all",
    metrics: "all",
    i18n: "all",
    render: "all",
    report: "all",
    simulator: "all",
  },
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
    expect([...rooms].filter((room) => room !== "main" && !(room in ROOMS))).toEqual([]);
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|common|types|index)(\/|\.ts$)/.test(file))).toEqual([]);
  });

  test("lets each room import only the rooms before it", () => {
    const wrong = files
      .flatMap(importsOf)
      .filter(({ from, to }) => from !== to && from !== "main")
      .filter(({ from, to, types }) => {
        const allowed = ROOMS[from]?.[to];
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
    const long = (await Promise.all(lengths)).filter(({ lines }) => lines > 251);
    expect(long).toEqual([]);
  });

  test("has no room for any and silenced checks", () => {
    const loose = files.filter((file) =>
      /: any\b|\bas any\b|<any>|@ts-(ignore|expect-error|nocheck)|oxlint-disable/.test(texts.get(file) ?? ""),
    );
    expect(loose).toEqual([]);
  });
});
