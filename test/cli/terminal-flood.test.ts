import { expect, test } from "bun:test";
import { secretArgs } from "../bad-streams/story.ts";
import { event, HEAD } from "../fixtures/answers.ts";
import { startRawServer, type Answer } from "../fixtures/raw-server.ts";
import { withSecrets } from "./bad-streams/ask.ts";
import { startProgram } from "./program.ts";

/** About a megabyte. */
const LONG = "lorem ipsum dolor sit amet ".repeat(40_000);
/** Ms that the terminal takes for a piece. */
const SLOW = 4;
/** What a terminal may still show of what waits; what waits is many times as much. */
const MORE = 500_000;

/** Large events as fast as they are taken. */
function flood(delta: Record<string, string>): Answer {
  const piece = event({ choices: [{ index: 0, delta }] });
  return async (exchange) => {
    await exchange.write(HEAD);
    while (!exchange.gone()) await exchange.write(piece);
  };
}

const WAYS: [name: string, args: string[], delta: Record<string, string>][] = [
  ["an answer", [], { content: LONG }],
  ["reasoning", ["--reasoning", "show"], { reasoning_content: LONG }],
  ["--json", ["--json"], { content: LONG }],
  ["--debug", ["--debug"], { content: LONG }],
];

for (const [name, args, delta] of WAYS) {
  test(`a flood (${name}) on a slow terminal ends soon after Ctrl+C, with what there is to say of it`, async () => {
    await using server = startRawServer(flood(delta));
    const program = await startProgram(
      ["stream", "hi", ...secretArgs(), ...args],
      withSecrets(server.url, { terminal: true, slow: SLOW }),
    );
    await program.until("lorem");
    await Bun.sleep(1000);
    const shown = program.stdout().length;
    program.signal("SIGINT");
    const { code, stdout } = await program.ended;
    expect(code).toBe(130);
    if (name !== "--json") expect(stdout).toContain("Verdict: ");
    expect(stdout.length - shown).toBeLessThan(MORE);
  });
}

test("a flood on a slow terminal ends soon after total too", async () => {
  await using server = startRawServer(flood({ content: LONG }));
  const program = await startProgram(
    ["stream", "hi", "--timeout-total", "1500ms", ...secretArgs()],
    withSecrets(server.url, { terminal: true, slow: SLOW }),
  );
  const { code, stdout } = await program.ended;
  expect(code).toBe(4);
  expect(stdout).toContain("Verdict: timeout");
  expect(stdout).toContain("characters that came are not shown");
});

test("a second Ctrl+C ends a flood at once", async () => {
  await using server = startRawServer(flood({ content: LONG }));
  const program = await startProgram(
    ["stream", "hi", ...secretArgs()],
    withSecrets(server.url, { terminal: true, slow: SLOW }),
  );
  await program.until("lorem");
  program.signal("SIGINT");
  await Bun.sleep(250);
  try {
    program.signal("SIGINT");
  } catch {
    // The first was enough.
  }
  expect((await program.ended).code).toBe(130);
});
