import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { freePort } from "../batch/queue/redis-server.ts";
import { startProgram } from "./program.ts";

/** As in a container: a world of processes of its own, in which the program is the first. */
const ALONE = 'exec unshare --pid --fork --kill-child "$@"';
const canUnshare =
  Bun.which("unshare") !== null && Bun.spawnSync(["unshare", "--pid", "--fork", "true"]).exitCode === 0;
if (!canUnshare) console.log("skipped: unshare missing, or not allowed");

describe.skipIf(!canUnshare)("the first process of a container", () => {
  const queue = `redis://127.0.0.1:${freePort()}`;
  const asked = ["-e", "http://127.0.0.1:9/v1"];
  test.each([
    [
      "a worker that waits for its queue",
      ["batch", "worker", ...asked, "--queue", queue],
      "Waiting for it.",
      "SIGTERM",
      143,
    ],
    [
      "a worker that waits for its queue",
      ["batch", "worker", ...asked, "--queue", queue],
      "Waiting for it.",
      "SIGINT",
      130,
    ],
    ["a server", ["simulate", "--port", "0"], "listens at", "SIGTERM", 143],
  ] as const)("obeys a signal: %s (%#)", async (_, args, when, signal, code) => {
    const program = await startProgram(args, { shell: ALONE, env: { LLMAAS_API_KEY: "sk-first-0123456789" } });
    await program.until(when);
    const children = readFileSync(`/proc/${program.pid}/task/${program.pid}/children`, "latin1").trim().split(" ");
    process.kill(Number(children[0]), signal);
    expect((await program.ended).code).toBe(code);
  });
});
