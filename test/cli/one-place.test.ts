import { expect, test } from "bun:test";
import { secretArgs } from "../bad-streams/story.ts";
import { DONE, event, finish, HEAD, token } from "../fixtures/answers.ts";
import { startRawServer } from "../fixtures/raw-server.ts";
import { withSecrets } from "./bad-streams/ask.ts";
import { runProgram } from "./program.ts";

const thought = (text: string): string => event({ choices: [{ index: 0, delta: { reasoning_content: text } }] });
const BODY = HEAD + thought("hm") + thought(" hm") + token("first\nlast ") + token("line") + finish() + DONE;

/** stdout and stderr in one place, by a shell line. */
async function together(shell: string, args: string[] = []): Promise<{ both: string; code: number | null }> {
  await using server = startRawServer(async ({ write, fin }) => {
    await write(BODY);
    fin();
  });
  const { files, stdout, code } = await runProgram(
    ["stream", "hi", ...secretArgs(), ...args],
    withSecrets(server.url, { shell }),
  );
  return { both: files["both"] ?? stdout, code };
}

for (const [name, shell] of [
  ["a file", '"$@" >both 2>&1'],
  ["a file that grows", '"$@" >>both 2>&1'],
  ["a pipe", '"$@" 2>&1 | cat'],
]) {
  test(`where both go to ${name}, each begins on a line of its own, in the order in which it came`, async () => {
    const { both } = await together(shell ?? "");
    expect(both).toContain("\nhm hm\nfirst\nlast line\n=====");
    expect(both).toContain("Verdict: complete");
  });

  test(`and so does what --debug says: ${name}`, async () => {
    const { both } = await together(shell ?? "", ["--debug"]);
    for (const line of both.split("\n")) if (line.includes("🔍")) expect(line).toStartWith("🔍");
  });
}

test("where they go apart, standard output is the exact text and not a byte more", async () => {
  const { both, code } = await together('"$@" >both 2>other; code=$?; rm other; exit $code');
  expect(both).toBe("first\nlast line");
  expect(code).toBe(0);
});
