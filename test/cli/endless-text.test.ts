import { describe, expect, test } from "bun:test";
import { IN_RECORD } from "../../src/metrics/content.ts";
import { secretArgs } from "../bad-streams/story.ts";
import { DONE, event, finish, HEAD } from "../fixtures/answers.ts";
import { startRawServer } from "../fixtures/raw-server.ts";
import { withSecrets } from "./bad-streams/ask.ts";
import { startProgram } from "./program.ts";

const MIB = 1024 * 1024;
/** Several times what a record holds. */
const PIECES = 64;
const piece = (key: "content" | "reasoning_content"): string =>
  event({ choices: [{ index: 0, delta: { [key]: "word and ".repeat(MIB / 9) } }] });
const UNITS = "word and ".repeat(MIB / 9).length;

/** Runs the program against a text of 64 MiB; its records, and the most memory that it took. */
async function readAll(key: "content" | "reasoning_content", ...args: string[]) {
  await using server = startRawServer(async ({ write, fin, gone }) => {
    const long = piece(key);
    await write(HEAD);
    for (let n = 0; n < PIECES && !gone(); n++) await write(long);
    await write(event({ choices: [{ index: 0, delta: { content: "The end." } }] }) + finish() + DONE);
    fin();
  });
  const program = await startProgram(["stream", "hi", "--records", "r.jsonl", ...args, ...secretArgs()], {
    ...withSecrets(server.url),
    shell: 'exec "$@" >/dev/null 2>&1',
  });
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, program.peak() ?? 0)), 20);
  const { code, files } = await program.ended;
  clearInterval(watch);
  const [line = ""] = (files["r.jsonl"] ?? "").split("\n");
  return { code, peak, record: JSON.parse(line) };
}

describe("a text without end takes a bound of memory, and the record says how much is missing:", () => {
  test.each([
    ["visible text", "content", []],
    ["visible text, with --json", "content", ["--json"]],
    ["visible text, with --debug", "content", ["--debug"]],
    ["reasoning", "reasoning_content", []],
  ] as const)("%s", async (_, key, args) => {
    const { code, peak, record } = await readAll(key, ...args);
    expect(code).toBe(0);
    expect(record).toMatchObject({ verdict: "complete", token_events: PIECES + 1 });
    const [long, rest] = key === "content" ? [record.text, record.reasoning] : [record.reasoning, record.text];
    expect(long.length).toBe(IN_RECORD);
    expect(rest).toBe(key === "content" ? "" : "The end.");
    expect(record.text_omitted).toBe(PIECES * UNITS + "The end.".length - IN_RECORD - rest.length);
    if (peak > 0) expect(peak).toBeLessThan(500 * MIB);
  });
});
