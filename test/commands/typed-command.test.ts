import { describe, expect, test } from "bun:test";
import { createCommand, type Called } from "../../src/commands/typed-command.ts";

const scripts = { stream: "", models: "", config: "", bench: "" };
const sources: Called = { argv0: "bun", execArgv: ["--no-env-file"], main: "/home/me/llmaas/src/main.ts", scripts };
const installed: Called = { argv0: "llmaas", execArgv: [], main: "/$bunfs/root/llmaas", scripts };
const typed = (line: string, rawArgs: readonly string[] = [], called = installed, cwd = "/work"): string =>
  createCommand(called, cwd, rawArgs)(line);

describe("a command that a hint names", () => {
  test("is that of the project in its folder, the file elsewhere, and the program where it is installed", () => {
    expect(typed("config init", [], sources, "/home/me/llmaas")).toBe("bun run config init");
    expect(typed("--help", [], sources, "/home/me/llmaas")).toBe("bun run llmaas --help");
    expect(typed("completion bash", [], sources, "/home/me/llmaas")).toBe("bun run llmaas completion bash");
    expect(typed("config init", [], sources)).toBe("bun --no-env-file /home/me/llmaas/src/main.ts config init");
    expect(typed("config init")).toBe("llmaas config init");
    expect(typed("models", [], { ...installed, argv0: "./dist/llmaas" })).toBe("./dist/llmaas models");
    expect(typed("models", [], { ...installed, argv0: "/my tools/llmaas" })).toBe("'/my tools/llmaas' models");
  });

  test.each([
    ["models", ["-e", "http://h/v1", "-m", "x"], "llmaas models -e http://h/v1"],
    ["models", ["--endpoint=http://h/v1", "--lang", "fr"], "llmaas models -e http://h/v1"],
    ["models", ["-c", "my config.json"], "llmaas models -c 'my config.json'"],
    ["models", ["--allow-http", "-qe", "http://h/v1"], "llmaas models --allow-http -e http://h/v1"],
    ["stream hello", ["-m", "it's", "hello"], "llmaas stream hello -m 'it'\\''s'"],
    ["bench --report FILE.json", ["--demo"], "llmaas bench --report FILE.json --demo"],
    ["config check", ["-c", "c.json", "-e", "http://h/v1"], "llmaas config check -c c.json"],
    ["config init", ["-c", "c.json", "-e", "http://h/v1"], "llmaas config init"],
    ["stream --help", ["-e", "http://h/v1"], "llmaas stream --help"],
    ["compare A.json B.json", ["-e", "http://h/v1"], "llmaas compare A.json B.json"],
    ["models", ["-s", "-e", "--", "-e"], "llmaas models"],
  ])("keeps what %j needs of %j", (line, rawArgs, expected) => {
    expect(typed(line, rawArgs)).toBe(expected);
  });

  test("shows no secret of an endpoint", () => {
    const command = typed("models", ["-e", "https://me:secret@h/v1?key=hidden"]);
    expect(command).not.toMatch(/secret|hidden/);
  });
});
