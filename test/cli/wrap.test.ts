import { expect, test } from "bun:test";
import { secretArgs } from "../bad-streams/story.ts";
import { DONE, event, finish, HEAD, token } from "../fixtures/answers.ts";
import { startRawServer } from "../fixtures/raw-server.ts";
import { createEmulator } from "../render/emulator.ts";
import { withSecrets } from "./bad-streams/ask.ts";
import { runProgram, type ProgramOptions } from "./program.ts";

const WORDS = Array.from({ length: 60 }, (_, i) => `word${"x".repeat(i % 13)}${i}`);
const PIECES = WORDS.join(" ").match(/.{1,4}/g) ?? [];

/** The lines of a terminal of 100 columns on which one long paragraph came in tokens of four letters. */
async function linesOf(options: ProgramOptions, args: string[] = []): Promise<string[]> {
  await using server = startRawServer(async ({ write, drip, fin }) => {
    await write(HEAD + event({ choices: [{ index: 0, delta: { reasoning_content: WORDS.join(" ") } }] }));
    await drip(PIECES.map(token), 1);
    await write(finish() + DONE);
    fin();
  });
  const { stdout } = await runProgram(
    ["stream", "hi", ...args, ...secretArgs()],
    withSecrets(server.url, { terminal: true, ...options }),
  );
  const screen = createEmulator({ columns: 100, rows: 60 });
  await screen.write(stdout);
  return screen.text();
}

test("one long paragraph is wrapped by words on a terminal, and reasoning is too", async () => {
  for (const args of [[], ["--quiet"]]) {
    const lines = await linesOf({}, args);
    const shown = lines.flatMap((line) => line.trim().split(/\s+/));
    for (const word of WORDS) expect(shown.filter((one) => one === word)).toHaveLength(args.length === 0 ? 2 : 1);
  }
});

test("a terminal that knows no escapes gets the text as it is", async () => {
  const lines = await linesOf({ env: { TERM: "dumb" } }, ["--quiet"]);
  const text = WORDS.join(" ");
  expect(lines.slice(0, 3)).toEqual(
    [text.slice(0, 100), text.slice(100, 200), text.slice(200, 300)].map((line) => line.trimEnd()),
  );
});

test("a pipe gets not a byte of it", async () => {
  await using server = startRawServer(async ({ write, fin }) => {
    await write(HEAD + PIECES.map(token).join("") + finish() + DONE);
    fin();
  });
  const { stdout } = await runProgram(["stream", "hi", ...secretArgs()], withSecrets(server.url));
  expect(stdout).toBe(WORDS.join(" "));
});
