import { expect, test } from "bun:test";
import { secretArgs } from "../bad-streams/story.ts";
import { DONE, finish, HEAD, token } from "../fixtures/answers.ts";
import { startRawServer, type Exchange } from "../fixtures/raw-server.ts";
import { withSecrets } from "./bad-streams/ask.ts";
import { startProgram, type Program } from "./program.ts";

const MIB = 1024 * 1024;
/** A line of 64 KiB. */
const LINE = `né ${"x".repeat(64 * 1024 - 5)}\n`;

/** So many lines as one answer. */
async function answer({ write, fin, gone }: Exchange, lines: number): Promise<void> {
  await write(HEAD);
  for (let line = 0; line < lines && !gone(); line++) await write(token(LINE));
  await write(finish() + DONE);
  fin();
}

async function peakOf(program: Program): Promise<{ peak: number; code: number | null; stdout: string }> {
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, program.peak() ?? 0)), 10);
  const { code, stdout } = await program.ended.finally(() => clearInterval(watch));
  return { peak, code, stdout };
}

test("answers of 50 MiB wait for their end outside of the memory, and come whole", async () => {
  const lines = (50 * MIB) / LINE.length;
  await using server = startRawServer((exchange) => answer(exchange, Math.ceil(lines)));
  const shell = '"$@" | { wc -lc; }';
  const models = ["--model", "a,b"];
  const program = await startProgram(["stream", "hi", ...models, ...secretArgs()], withSecrets(server.url, { shell }));
  const { stdout, code } = await program.ended;
  expect(code).toBe(0);
  const [counted, bytes] = stdout.trim().split(/\s+/).map(Number);
  expect(counted).toBe(2 * Math.ceil(lines) + 2);
  expect(bytes).toBe(2 * Math.ceil(lines) * Buffer.byteLength(LINE) + 2 * "=== prompt 1 · a ===\n".length + 2);
});

test("the same takes little more memory than answers of a line", async () => {
  async function measure(lines: number): Promise<number> {
    await using server = startRawServer((exchange) => answer(exchange, lines));
    const program = await startProgram(
      ["stream", "hi", "--model", "a,b", ...secretArgs()],
      withSecrets(server.url, { stdoutFile: "/dev/null" }),
    );
    const { peak, code } = await peakOf(program);
    expect(code).toBe(0);
    return peak;
  }
  const least = await measure(1);
  // Two answers of 100 MiB each.
  expect((await measure(1600)) - least).toBeLessThan(280 * MIB);
});

test("while nobody reads, no more is asked for than is under way, and all of it comes at last", async () => {
  await using server = startRawServer((exchange) => answer(exchange, 16));
  const program = await startProgram(
    ["stream", "hi", "-n", "50", "-j", "2", ...secretArgs()],
    withSecrets(server.url, { hold: true }),
  );
  for (let before = -1; before !== server.requests.length || before < 2; await Bun.sleep(700))
    before = server.requests.length;
  expect(server.requests.length).toBeLessThan(40);
  program.release();
  const { peak, code, stdout } = await peakOf(program);
  expect(code).toBe(0);
  expect(server.requests).toHaveLength(50);
  expect(stdout.match(/^=== prompt 1/gm)).toHaveLength(50);
  expect(stdout.match(/^né x+$/gm)).toHaveLength(50 * 16);
  expect(peak).toBeLessThan(300 * MIB);
});
