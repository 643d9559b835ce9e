import { afterAll, describe, expect, test } from "bun:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { runProgram, type ProgramOptions } from "./program.ts";

/** Slow enough that a stream which nobody ended would outlive the program's bound. */
const simulator = startSimulator({ control: { rate: 10, ttft_ms: 0, tokens: 1000 } });
afterAll(() => simulator.stop());

const PIPED = (reader: string): ProgramOptions => ({
  // The code of the program stands on stderr: that of the pipe is its reader's.
  shell: `{ "$@"; echo "code $?" >&2; } | ${reader}`,
});

const stream = (args: readonly string[], reader: string) =>
  runProgram(["stream", "--endpoint", simulator.url, ...args], PIPED(reader));

describe("when the reader of stdout goes away", () => {
  for (const [name, args, reader] of [
    ["before anything is written", ["--json"], "true"],
    ["after the first line", ["--json"], "head -n 1"],
    ["in the middle", ["--json", "-n", "3"], "head -n 20"],
    ["in the middle of an answer", [], "head -c 3"],
  ] as const) {
    test(`${name}, every request is ended at once, silently, with code 141`, async () => {
      const before = simulator.requests().length;
      const { stderr } = await stream([...args, "two words"], reader);
      expect(stderr).toContain("code 141");
      expect(stderr).not.toMatch(/EPIPE|❌|bug/i);
      const requests = simulator.requests().slice(before);
      // The server may hear of it after we do.
      while (requests.some(({ endedAt }) => endedAt === null)) await Bun.sleep(10);
      expect(requests.every(({ closedByClient }) => closedByClient)).toBe(true);
      expect(requests.every(({ bytesWritten }) => bytesWritten < 100_000)).toBe(true);
    });
  }

  test("the records of what was running are written all the same", async () => {
    const { files } = await stream(["--json", "--records", "r.jsonl", "-n", "3", "two words"], "head -n 20");
    const records = (files["r.jsonl"] ?? "").split("\n").filter((line) => line !== "");
    expect(records.map((line) => JSON.parse(line).verdict)).toEqual(["cancelled", "cancelled", "cancelled"]);
  });
});
