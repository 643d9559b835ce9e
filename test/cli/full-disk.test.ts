import { afterAll, describe, expect, test } from "bun:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { runProgram } from "./program.ts";

/** An answer whose record is longer than a block of a disk. */
const TEXT = "words and more words ".repeat(300);
const simulator = startSimulator({ control: { rate: 0, ttft_ms: 0 }, answer: () => TEXT });
afterAll(() => simulator.stop());

/** A file may not grow beyond this many blocks of 512 or 1024 bytes: its end takes a part of a line, as a full disk does. */
const FULL = 'trap "" XFSZ; ulimit -f 48; exec "$@"';
const STREAMS = 20;
const ARGS = [
  "stream",
  "--endpoint",
  simulator.url,
  "-n",
  String(STREAMS),
  "-j",
  "2",
  "-q",
  "--max-tokens",
  "5000",
  "--records",
  "r.jsonl",
];

/** The lines of a file of whole lines. */
function linesOf(text: string): string[] {
  expect(text).toEndWith("\n");
  return text.trimEnd().split("\n");
}

describe("the file of --records on a disk that fills up", () => {
  test("holds whole records alone; the run ends, says why, exit 1", async () => {
    const { code, stderr, files } = await runProgram([...ARGS, "two words"], { shell: FULL });
    expect(code).toBe(1);
    expect(stderr).toContain("EFBIG");
    const records = linesOf(files["r.jsonl"] ?? "").map((line) => JSON.parse(line));
    expect(records.length).toBeGreaterThan(0);
    expect(records.length).toBeLessThan(STREAMS);
    for (const record of records) expect(record).toMatchObject({ type: "record", verdict: "complete", text: TEXT });
  });

  test("keeps what stood in it before, with --append", async () => {
    const before = `${JSON.stringify({ type: "record", text: "before" })}\n`;
    const options = { shell: FULL, files: { "r.jsonl": before } };
    const { code, files } = await runProgram([...ARGS, "--append", "two words"], options);
    expect(code).toBe(1);
    expect(files["r.jsonl"]).toStartWith(before);
    for (const line of linesOf(files["r.jsonl"] ?? "")) expect(JSON.parse(line)).toMatchObject({ type: "record" });
  });

  test("that takes nothing at all ends the run in the same way, file or device", async () => {
    const { code, stderr } = await runProgram([...ARGS.slice(0, -1), "/dev/full", "--append", "two words"]);
    expect(code).toBe(1);
    expect(stderr).toContain("the disk is full (ENOSPC)");
  });
});
