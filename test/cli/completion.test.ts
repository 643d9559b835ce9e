import { describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "./program.ts";

/** Where the shells look for files: config.schema.json and report.schema.json. */
const FOLDER = join(import.meta.dir, "../../schema");

async function script(shell: string): Promise<string> {
  const { code, stdout } = await runProgram(["completion", shell]);
  expect(code).toBe(0);
  return stdout;
}

/** A test with a shell that may be missing. */
function withShell(shell: string, name: string, body: (path: string) => Promise<void>): void {
  const path = Bun.which(shell);
  if (path === null) console.error(`skipped: ${shell} missing`);
  test.skipIf(path === null)(`${shell}: ${name}`, () => body(path ?? ""));
}

async function run(command: string[], input = ""): Promise<string> {
  const child = Bun.spawn(command, { stdin: new Blob([input]), stdout: "pipe", stderr: "pipe", cwd: FOLDER });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  expect(err).toBe("");
  return out;
}

/** What bash offers for the last of these words. */
async function bash(path: string, ...words: string[]): Promise<string[]> {
  const list = words.map((word) => `'${word}'`).join(" ");
  const tail = `COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _llmaas; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return (await run([path, "--norc", "-s"], `${await script("bash")}\n${tail}\n`)).trim().split("\n");
}

describe("completion", () => {
  withShell("bash", "offers verbs, options, values and words", async (path) => {
    expect(await bash(path, "llmaas", "s")).toEqual(["stream", "selftest", "simulate"]);
    expect(await bash(path, "llmaas", "stream", "--time")).toEqual([
      "--timeout",
      "--timeout-open",
      "--timeout-first-token",
      "--timeout-idle",
      "--timeout-total",
    ]);
    expect(await bash(path, "llmaas", "stream", "--reasoning", "")).toEqual(["show", "hide"]);
    expect(await bash(path, "llmaas", "config", "")).toEqual(["init", "show", "check", "trust", "schema"]);
    expect(await bash(path, "llmaas", "models", "--demo-if")).toEqual([""]);
    expect(await bash(path, "llmaas", "bench", "--max-")).toEqual(["--max-tokens", "--max-in-flight"]);
    expect(await bash(path, "llmaas", "bench", "--arrival", "")).toEqual(["constant", "poisson"]);
    expect(await bash(path, "llmaas", "bench", "")).toEqual([""]);
    expect(await bash(path, "llmaas", "compare", "--st")).toEqual(["--strict"]);
    expect(await bash(path, "llmaas", "selftest", "-")).toContain("--duration");
  });

  withShell("bash", "offers files for reports, and to compare", async (path) => {
    expect(await bash(path, "llmaas", "bench", "--report", "rep")).toEqual(["report.schema.json"]);
    expect(await bash(path, "llmaas", "compare", "con")).toEqual(["config.schema.json"]);
    expect(await bash(path, "llmaas", "compare", "config.schema.json", "")).toHaveLength(2);
    expect(await bash(path, "llmaas", "compare", "--fail-if", "")).toEqual([""]);
  });

  withShell("zsh", "takes the script", async (path) => {
    const file = join(tmpdir(), `llmaas-${process.pid}.zsh`);
    await Bun.write(
      file,
      `autoload -Uz compinit; compinit -u -D\n${await script("zsh")}\nprint -r -- $_comps[llmaas]\n`,
    );
    expect((await run([path, "-f", file]).finally(() => rm(file))).trim()).toBe("_llmaas");
  });

  withShell("fish", "offers verbs, options and values", async (path) => {
    const text = await script("fish");
    const offers = async (line: string): Promise<string[]> =>
      (await run([path, "--no-config"], `${text}\ncomplete -C '${line}'\n`))
        .trim()
        .split("\n")
        .map((entry) => entry.split("\t")[0] ?? "");
    expect(await offers("llmaas s")).toEqual(["selftest", "simulate", "stream"]);
    expect(await offers("llmaas stream --timeout-f")).toEqual(["--timeout-first-token"]);
    expect(await offers("llmaas config ")).toEqual(
      expect.arrayContaining(["init", "show", "check", "trust", "schema"]),
    );
    expect(await offers("llmaas stream --reasoning ")).toEqual(["hide", "show"]);
    expect(await offers("llmaas bench --arrival ")).toEqual(["constant", "poisson"]);
    expect(await offers("llmaas bench --report rep")).toEqual(["report.schema.json"]);
    expect(await offers("llmaas compare con")).toEqual(["config.schema.json"]);
    expect(await offers("llmaas compare config.schema.json rep")).toEqual(["report.schema.json"]);
    expect(await offers("llmaas selftest --dur")).toEqual(["--duration"]);
  });

  test("refuses another shell, naming those it knows", async () => {
    const { code, stderr } = await runProgram(["completion", "tcsh"]);
    expect(code).toBe(2);
    expect(stderr).toContain("It takes bash, zsh or fish.");
  });
});
