import { expect, test } from "bun:test";
import { secretArgs } from "../../bad-streams/story.ts";
import { DONE, finish, HEAD, token } from "../../fixtures/answers.ts";
import { startRawServer } from "../../fixtures/raw-server.ts";
import { startProgram } from "../program.ts";
import { withSecrets } from "./ask.ts";

test("a program that was stopped for longer than idle blames nobody when it goes on", async () => {
  await using server = startRawServer(async ({ write, drip, fin }) => {
    await write(HEAD);
    await drip(
      Array.from({ length: 30 }, (_, i) => token(`${i} `)),
      100,
    );
    await write(finish() + DONE);
    fin();
  });
  const args = ["stream", "hi", "--timeout-idle", "1s", ...secretArgs()];
  const program = await startProgram(args, withSecrets(server.url));
  await program.until("5 ");
  program.signal("SIGSTOP");
  await Bun.sleep(2500);
  program.signal("SIGCONT");
  const { code, stdout } = await program.ended;
  expect(stdout).toEndWith("28 29 ");
  expect(code).toBe(0);
});
