import { afterAll, describe, expect, test } from "bun:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { createEmulator } from "../render/emulator.ts";
import { startProgram, type Program } from "./program.ts";

const simulator = startSimulator({ answer: () => "word ".repeat(20), control: { rate: 200, ttft_ms: 10 } });
afterAll(() => simulator.stop());

const HIDE = "\u001B[?25l";
const CURSOR = 25;

function start(args: readonly string[]): Promise<Program> {
  return startProgram(["bench", "-e", simulator.url, "--warmup", "0", ...args, "hi"], {
    terminal: true,
    env: { TERM: "xterm-256color" },
  });
}

async function isCursorShown(output: string): Promise<boolean> {
  const emulator = createEmulator({ columns: 100, rows: 40 });
  await emulator.write(output);
  return emulator.isSet(CURSOR);
}

describe("the live picture of a sweep", () => {
  test("shows how far all of it is, and how each threshold stands", async () => {
    const slo = ["--slo", "p50(ttft) < 1us", "--slo", "error_rate < 1%"];
    const program = await start(["-j", "1,2", "--duration", "1500ms", ...slo]);
    const { stdout } = await program.ended;
    const frames = stdout.split(HIDE)[1] ?? "";
    const shown = Bun.stripANSI(frames);
    expect(shown).toMatch(/step 1 of 2/);
    expect(shown).toMatch(/step 2 of 2/);
    expect(shown).toMatch(/Thresholds +✗ p50\(ttft\) < 1us · [\d.]+ ms · earlier steps +[✗?]/);
    expect(shown).toMatch(/✓ error_rate < 1% · 0% · earlier steps +[✓?]/);
    expect(await isCursorShown(stdout)).toBe(true);
  });

  test.each<[NodeJS.Signals]>([["SIGINT"], ["SIGTERM"], ["SIGHUP"], ["SIGQUIT"]])(
    "gives the cursor back when %s ends it",
    async (signal) => {
      const program = await start(["-j", "2", "--duration", "30s"]);
      await program.until(HIDE);
      program.signal(signal);
      const { stdout } = await program.ended;
      expect(await isCursorShown(stdout)).toBe(true);
    },
  );

  test("gives it back while Ctrl+Z stops it, and takes it again", async () => {
    const program = await start(["-j", "2", "--duration", "30s"]);
    await program.until(HIDE);
    program.signal("SIGTSTP");
    while (!(await isCursorShown(program.stdout()))) await Bun.sleep(20);
    const before = program.stdout().length;
    program.signal("SIGCONT");
    while (!program.stdout().slice(before).includes(HIDE)) await Bun.sleep(20);
    program.signal("SIGINT");
    const { stdout } = await program.ended;
    expect(await isCursorShown(stdout)).toBe(true);
  });
});
