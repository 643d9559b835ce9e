import { describe, expect, test } from "bun:test";
import { secretArgs } from "../bad-streams/story.ts";
import { DONE, finish, HEAD, token } from "../fixtures/answers.ts";
import { startRawServer, type Answer } from "../fixtures/raw-server.ts";
import { createEmulator } from "../render/emulator.ts";
import { withSecrets } from "./bad-streams/ask.ts";
import { startProgram, type Outcome, type Program, type ProgramOptions } from "./program.ts";

const WORDS = Array.from({ length: 40 }, (_, i) => `word${i}${i % 8 === 7 ? "\n" : " "}`);
const TEXT = WORDS.join("");

/** What draws a line below the text. */
const DRAWN = "\u001BD\u001B7";

type Wish = ProgramOptions & { args?: string[]; act?(program: Program, go: () => void): Promise<void> };

/** Runs one stream whose server says nothing until `go` is called, half of its words, then the rest once something is drawn. */
async function run({ args = [], act = async (_, go) => go(), ...options }: Wish): Promise<Outcome> {
  const gate = Promise.withResolvers<void>();
  const answer: Answer = async ({ write, drip, fin }) => {
    await write(`${HEAD}: soon\n\n`);
    await gate.promise;
    await drip(WORDS.map(token), 8);
    await write(finish() + DONE);
    fin();
  };
  await using server = startRawServer(answer);
  const command = ["stream", "hi", ...args, ...secretArgs()];
  const env = { TERM: "xterm-256color", ...options.env };
  const program = await startProgram(command, withSecrets(server.url, { terminal: true, ...options, env }));
  await act(program, gate.resolve);
  const outcome = await program.ended;
  return { ...outcome, stdout: Buffer.from(outcome.bytes).toString() };
}

/** Waits for the line, then lets the answer come. */
async function watched(program: Program, go: () => void): Promise<void> {
  await program.until("⏳");
  go();
}

/** As long as a line would take to be there, twice over. */
async function unwatched(_: Program, go: () => void): Promise<void> {
  await Bun.sleep(400);
  go();
}

/** All that the terminal shows and has shown. */
async function historyOf(output: string): Promise<string[]> {
  const emulator = createEmulator({ columns: 100, rows: 40 });
  await emulator.write(output);
  return emulator.history().map((line) => line.trimEnd());
}

describe("the line below one answer on a terminal", () => {
  test("counts the wait, then the tokens, and leaves no trace", async () => {
    const { stdout, code } = await run({ act: watched });
    expect(code).toBe(0);
    expect(Bun.stripANSI(stdout)).toMatch(/📊 ~\d+ tokens · ~[\d.]+ tokens\/s · gaps [▁-█]+ max/);
    const lines = await historyOf(stdout);
    const rules = lines.flatMap((line, at) => (/^=+$/.test(line) ? [at] : []));
    expect(rules).toHaveLength(2);
    const answer = lines.slice((rules[0] ?? 0) + 1, rules[1]);
    expect(answer.join("\n")).toBe(TEXT.trimEnd().replaceAll(" \n", "\n"));
    const end = lines.slice((rules[1] ?? 0) + 1).filter((line) => line !== "");
    expect(end[0]).toBe("✅ Streaming finished!");
    expect(end.at(-1)).toStartWith("🏁 Verdict: complete");
    expect(end.filter((line) => line.startsWith("⏳"))).toHaveLength(1);
    expect(end.filter((line) => line.startsWith("📊"))).toHaveLength(1);
  });

  test("speaks French", async () => {
    const { stdout } = await run({ args: ["--lang", "fr"], act: watched });
    expect(Bun.stripANSI(stdout)).toMatch(/⏳ \d,\d\u202Fs/);
  });

  test("is gone when Ctrl+C ends the wait", async () => {
    const { stdout, code } = await run({
      act: async (program) => {
        await program.until("⏳");
        program.signal("SIGINT");
      },
    });
    expect(code).toBe(130);
    const lines = await historyOf(stdout);
    expect(lines.filter((line) => /^⏳ \d/.test(line))).toEqual([]);
    expect(lines.join("\n")).toContain("Verdict: cancelled");
  });

  test("is off the screen while Ctrl+Z stops the program, and is there again when it goes on", async () => {
    const { stdout } = await run({
      act: async (program, go) => {
        await program.until("⏳");
        program.signal("SIGTSTP");
        const state = () =>
          Bun.spawnSync(["ps", "-o", "state=", "-p", String(program.pid)])
            .stdout.toString()
            .trim();
        while (!state().startsWith("T")) await Bun.sleep(20);
        while (!program.stdout().endsWith("\u001B[J")) await Bun.sleep(20);
        const before = program.stdout();
        expect((await historyOf(before)).filter((line) => line.startsWith("⏳"))).toEqual([]);
        program.signal("SIGCONT");
        while (!program.stdout().slice(before.length).includes("⏳")) await Bun.sleep(20);
        go();
      },
    });
    expect((await historyOf(stdout)).join("\n")).toContain("Verdict: complete");
  });

  test("stands on standard error where the answer goes into a file, in which there is nothing of it", async () => {
    const { stdout, files } = await run({ shell: 'exec "$@" > out.txt', act: watched });
    expect(files["out.txt"]).toBe(TEXT);
    expect(stdout).toContain(DRAWN);
    expect((await historyOf(stdout)).filter((line) => /^(⏳ \d|📊 ~)/.test(line))).toEqual([]);
  });

  test("stands below the answer where standard error goes into a file, in which there is nothing of it", async () => {
    const { stdout, files } = await run({ shell: 'exec "$@" 2> err.txt', act: watched });
    expect(files["err.txt"]).not.toContain("\u001B");
    expect(files["err.txt"]).toContain("🏁 Verdict: complete");
    expect((await historyOf(stdout)).filter((line) => line !== "").join("\n")).toBe(
      TEXT.trimEnd().replaceAll(" \n", "\n"),
    );
  });

  test.each<[string, Wish]>([
    ["of a terminal that knows no escapes", { env: { TERM: "dumb" } }],
    ["of a machine that nobody watches", { env: { CI: "true" } }],
    ["that wants the answer alone", { args: ["--quiet"] }],
    ["that wants JSON", { args: ["--json"] }],
    ["that sees what goes over the wire", { args: ["--debug"] }],
    ["of a pipe", { terminal: false }],
    ["that another program writes to as well", { shell: '"$@" | cat' }],
    ["whose standard error another program takes", { shell: '"$@" 3>&1 1>&2 2>&3 | cat >&2' }],
  ])("is nothing for the reader %s", async (_, wish) => {
    const { stdout, stderr } = await run({ ...wish, act: unwatched });
    expect(stdout + stderr).not.toContain(DRAWN);
    expect((stdout + stderr).replaceAll(/⏳ Time to first token/g, "")).not.toContain("⏳");
  });
});
