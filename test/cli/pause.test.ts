import { expect, test } from "bun:test";
import type { Record } from "../bad-streams/story.ts";
import { secretArgs } from "../bad-streams/story.ts";
import { DONE, finish, HEAD, token } from "../fixtures/answers.ts";
import { startRawServer } from "../fixtures/raw-server.ts";
import { withSecrets } from "./bad-streams/ask.ts";
import { startProgram, type Program } from "./program.ts";

const STOPPED = 3000;
const IDLE = ["--timeout-idle", "1500ms", "--timeout-first-token", "1500ms"];
type Timed = Record & { gap_ms: { max: number } | null; stalls: number; stall_ms: number } & {
  duration_ms: number;
  tokens_per_second: number | null;
  decode_tokens_per_second: number | null;
};

/** What Ctrl+Z and then `fg` do to the program. */
async function stop(program: Program): Promise<void> {
  program.signal("SIGSTOP");
  await Bun.sleep(STOPPED);
  program.signal("SIGCONT");
}

function recordOf(stdout: string): Timed {
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
}

test("a program that was stopped in the middle of an answer counts no gap, no stall and no timeout, and says how long", async () => {
  await using server = startRawServer(async ({ write, drip, fin }) => {
    await write(HEAD);
    await drip(
      Array.from({ length: 120 }, () => token("x")),
      40,
    );
    await write(finish() + DONE);
    fin();
  });
  const program = await startProgram(["stream", "hi", "--json", ...IDLE, ...secretArgs()], withSecrets(server.url));
  await program.until('"delta"');
  await stop(program);
  const record = recordOf((await program.ended).stdout);
  expect(record).toMatchObject({ verdict: "complete", token_events: 120, stalls: 0, stall_ms: 0 });
  expect(record.gap_ms?.max).toBeLessThan(STOPPED / 2);
  expect(record.held_ms).toBeGreaterThan(STOPPED - 500);
  // 40 ms a token: with the pause the answer would have taken 8 s, and without all that was written in it 2 s.
  expect(record.duration_ms).toBeGreaterThan(STOPPED);
  expect(record.tokens_per_second ?? 25).toBeWithin(15, 35);
  expect(record.decode_tokens_per_second ?? 25).toBeWithin(15, 35);
});

test("stopped before the first token, it waits for it as long as it would have", async () => {
  await using server = startRawServer(async ({ write, fin }) => {
    await write(`${HEAD}: soon\n\n`);
    await Bun.sleep(STOPPED + 500);
    await write(token("x") + finish() + DONE);
    fin();
  });
  const program = await startProgram(["stream", "hi", "--json", ...IDLE, ...secretArgs()], withSecrets(server.url));
  await program.until('"opened"');
  await stop(program);
  const record = recordOf((await program.ended).stdout);
  expect(record).toMatchObject({ verdict: "complete", text: "x", ttft_ms: null, tokens_per_second: null });
  expect(record.held_ms).toBeGreaterThan(STOPPED - 500);
});

test("stopped and then interrupted, it was not the server that was silent", async () => {
  await using server = startRawServer(async ({ write, left }) => {
    await write(HEAD + token("x"));
    await left;
  });
  const program = await startProgram(["stream", "hi", "--json", ...secretArgs()], withSecrets(server.url));
  await program.until('"delta"');
  await stop(program);
  program.signal("SIGINT");
  const { code, stdout } = await program.ended;
  expect(code).toBe(130);
  const record = recordOf(stdout);
  expect(record).toMatchObject({ verdict: "cancelled", stalls: 0 });
  expect(record.held_ms).toBeGreaterThan(STOPPED - 500);
});
