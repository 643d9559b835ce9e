import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { runProgram } from "./program.ts";

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
  const child = Bun.spawn(command, { stdin: new Blob([input]), stdout: "pipe", stderr: "pipe" });
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
    expect(await bash(path, "llmaas", "s")).toEqual(["stream", "simulate"]);
    expect(await bash(path, "llmaas", "stream", "--time")).toEqual([
      "--timeout",
      "--timeout-open",
      "--timeout-first-token",
      "--timeout-idle",
      "--timeout-total",
    ]);
    expect(await bash(path, "llmaas", "stream", "--reasoning", "")).toEqual(["show", "hide"]);
    expect(await bash(path, "llmaas", "config", "")).toEqual(["init", "show", "check", "schema"]);
    expect(await bash(path, "llmaas", "models", "--demo-if")).toEqual([""]);
  });

  withShell("zsh", "takes the script", async (path) => {
    await Bun.write(
      join("/tmp", `llmaas-${process.pid}.zsh`),
      `autoload -Uz compinit; compinit -u -D\n${await script("zsh")}\nprint -r -- $_comps[llmaas]\n`,
    );
    expect((await run([path, "-f", join("/tmp", `llmaas-${process.pid}.zsh`)])).trim()).toBe("_llmaas");
  });

  withShell("fish", "offers verbs, options and values", async (path) => {
    const text = await script("fish");
    const offers = async (line: string): Promise<string[]> =>
      (await run([path, "--no-config"], `${text}\ncomplete -C '${line}'\n`))
        .trim()
        .split("\n")
        .map((entry) => entry.split("\t")[0] ?? "");
    expect(await offers("llmaas s")).toEqual(["simulate", "stream"]);
    expect(await offers("llmaas stream --timeout-f")).toEqual(["--timeout-first-token"]);
    expect(await offers("llmaas config ")).toEqual(expect.arrayContaining(["init", "show", "check", "schema"]));
    expect(await offers("llmaas stream --reasoning ")).toEqual(["hide", "show"]);
  });

  test("refuses another shell, naming those it knows", async () => {
    const { code, stderr } = await runProgram(["completion", "tcsh"]);
    expect(code).toBe(2);
    expect(stderr).toContain("bash | zsh | fish");
  });
});
