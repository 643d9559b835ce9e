import { afterAll, describe, expect, test } from "bun:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { createEmulator } from "../render/emulator.ts";
import { startProgram, type Program } from "./program.ts";

const TEXT = "A robot saw a painting, and then another. ".repeat(5);
const simulator = startSimulator({ answer: () => TEXT, control: { rate: 40, ttft_ms: 100 } });
afterAll(() => simulator.stop());

const ENTER = "\u001B[?1049h";
const LEAVE = "\u001B[?1049l";

function start(args: readonly string[], env: Record<string, string> = {}, shell?: string): Promise<Program> {
  return startProgram(["stream", "--endpoint", simulator.url, ...args], {
    terminal: true,
    env: { TERM: "xterm-256color", ...env },
    ...(shell === undefined ? {} : { shell }),
  });
}

/** Settles when the process is stopped, as a shell's job is. */
async function stopped(pid: number): Promise<void> {
  const state = () =>
    Bun.spawnSync(["ps", "-o", "state=", "-p", String(pid)])
      .stdout.toString()
      .trim();
  while (!state().startsWith("T")) await Bun.sleep(20);
}

/** What a terminal shows after all that was written, and whether it is as it was before. */
async function screenOf(output: string): Promise<{ lines: string[]; restored: boolean }> {
  const emulator = createEmulator({ columns: 100, rows: 40 });
  await emulator.write(output);
  const modes = [await emulator.isSet(25), await emulator.isSet(7), !(await emulator.isSet(2026))];
  return { lines: emulator.history(), restored: emulator.screen() === "normal" && modes.every(Boolean) };
}

describe("several streams on a terminal", () => {
  test.concurrent(
    "are shown live, then as answers, waterfall and comparison on the screen that was there before",
    async () => {
      const program = await start(["-m", "granite3.3:2b,gemma3:4b", "two words"]);
      const { code, stdout } = await program.ended;
      expect(code).toBe(0);
      expect(stdout.split(ENTER)).toHaveLength(2);
      const live = stdout.slice(stdout.indexOf(ENTER), stdout.indexOf(LEAVE));
      expect(live).toContain("streaming");
      const { lines, restored } = await screenOf(stdout);
      expect(restored).toBe(true);
      const shown = lines.join("\n");
      expect(shown).toContain("=== prompt 1 · granite3.3:2b ===");
      expect(shown).toContain("=== prompt 1 · gemma3:4b ===");
      expect(shown).toContain("Where the time went: 2 streams");
      expect(shown).toContain("First token");
      expect(shown).toContain("Streams at once: 2 asked, 2 at most");
      expect(shown).not.toContain("streaming");
    },
  );

  test.concurrent("leave the terminal as it was at Ctrl+C, with what came and its figures", async () => {
    const program = await start(["-n", "6", "-j", "3", "two words"]);
    await program.until("robot");
    program.signal("SIGINT");
    const { code, stdout } = await program.ended;
    expect(code).toBe(130);
    const { lines, restored } = await screenOf(stdout);
    expect(restored).toBe(true);
    expect(lines.join("\n")).toContain("=== prompt 1 · granite3.3:2b ===\nA robot");
    expect(lines.join("\n")).toContain("cancelled");
  });

  test.concurrent("leave it as it was when a second Ctrl+C ends all at once", async () => {
    const program = await start(["-n", "6", "-j", "3", "two words"]);
    await program.until("robot");
    program.signal("SIGINT");
    await Bun.sleep(250);
    // It may have ended by itself: then the first was enough.
    if (Bun.spawnSync(["kill", "-0", String(program.pid)], { stderr: "ignore" }).exitCode === 0)
      program.signal("SIGINT");
    const { code, stdout } = await program.ended;
    expect(code).toBe(130);
    expect((await screenOf(stdout)).restored).toBe(true);
  });

  test.concurrent("leave it as it was while Ctrl+Z stops them, and are drawn anew when they go on", async () => {
    const program = await start(["-n", "4", "-j", "2", "two words"]);
    await program.until("robot");
    program.signal("SIGTSTP");
    await program.until(LEAVE);
    await stopped(program.pid);
    expect((await screenOf(program.stdout())).restored).toBe(true);
    expect(program.stdout().split(ENTER)).toHaveLength(2);
    program.signal("SIGCONT");
    const { code, stdout } = await program.ended;
    expect(code).toBe(0);
    expect(stdout.split(ENTER)).toHaveLength(3);
    expect((await screenOf(stdout)).restored).toBe(true);
  });

  test.concurrent("leave it as it was when Ctrl+\\ ends them", async () => {
    const program = await start(["-n", "4", "-j", "2", "two words"], {}, 'ulimit -c 0; exec "$@"');
    await program.until("robot");
    program.signal("SIGQUIT");
    const { signal, stdout } = await program.ended;
    expect(signal).toBe("SIGQUIT");
    expect(stdout).toContain(ENTER);
    expect((await screenOf(stdout)).restored).toBe(true);
  });

  test.concurrent.each([1, 2, 3, 4])("are shown on a terminal of %d columns too", async (columns) => {
    const shell = `stty cols ${columns} rows 3; exec "$@"`;
    const program = await start(["-m", "granite3.3:2b,gemma3:4b", "two words"], {}, shell);
    const { code, stdout } = await program.ended;
    expect(code).toBe(0);
    expect(stdout).toContain(ENTER);
    expect(stdout.slice(stdout.lastIndexOf(LEAVE))).toContain("=== prompt 1 · gemma3:4b ===");
  });

  test.concurrent("are not redrawn where CI says that nobody looks", async () => {
    const program = await start(["-n", "2", "two words"], { CI: "true" });
    const { code, stdout } = await program.ended;
    expect(code).toBe(0);
    expect(stdout).not.toContain(ENTER);
    expect(stdout).toContain("=== prompt 1 · granite3.3:2b ===");
  });
});
