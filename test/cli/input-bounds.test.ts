import { expect, test } from "bun:test";
import { runProgram } from "./program.ts";

/** A shell line that gives so many bytes of one kind to the program. */
function fed(bytes: number, byte: string): string {
  return `head -c ${bytes} /dev/zero | tr '\\0' '${byte}' | "$@"`;
}

const TOO_MUCH = 65 * 1024 * 1024;

for (const args of [["-"], ["--stdin", "hi"], []]) {
  test(`more than 64 MiB of standard input are no prompt: stream ${args.join(" ")}`, async () => {
    const { code, stdout, stderr } = await runProgram(["stream", "--demo", ...args], { shell: fed(TOO_MUCH, "x") });
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("Standard input holds more than 64 MiB");
    expect(stderr).toContain("--prompts -");
  });
}

test("the same in French", async () => {
  const { code, stderr } = await runProgram(["stream", "--demo", "-", "--lang", "fr"], { shell: fed(TOO_MUCH, "x") });
  expect(code).toBe(2);
  expect(stderr).toContain("L’entrée standard dépasse 64 Mio :");
});

test("compare reads no report of more than 64 MiB, of a file or of a pipe", async () => {
  const shell = `head -c ${TOO_MUCH} /dev/zero >big.json; cat big.json | "$@" 2>&1; rm big.json`;
  for (const file of ["big.json", "/dev/stdin"]) {
    const { stdout } = await runProgram(["compare", file, "other.json"], { shell, files: { "other.json": "" } });
    expect(stdout).toContain(`${file} is larger than 64 MiB`);
  }
});

for (const blank of ["\n", "\r\n", " \t\n", "  \r\n\v\f\n"]) {
  test(`100 MB of blank lines are read long before the program would be killed: ${JSON.stringify(blank)}`, async () => {
    const stdin = Buffer.alloc(100_000_000, blank);
    const { code, stderr } = await runProgram(["stream", "--demo", "--prompts", "-"], { stdin });
    expect(code).toBe(2);
    expect(stderr).toContain("holds no prompt");
  });
}

test("a file of nothing but blank lines, however long, is an error and not a run of nothing", async () => {
  const files = { "p.txt": "\n".repeat(10_000_000) };
  const { code, stderr } = await runProgram(["stream", "--demo", "--prompts", "p.txt"], { files });
  expect(stderr).toContain("p.txt holds no prompt");
  expect(code).toBe(2);
});

test("a line after blank ones keeps its number", async () => {
  const stdin = '\n\r\n \t\n\n{"prompt":1}\n';
  const { code, stderr } = await runProgram(["stream", "--demo", "--prompts", "-"], { stdin });
  expect(code).toBe(2);
  expect(stderr).toContain("stdin, line 5:");
});
