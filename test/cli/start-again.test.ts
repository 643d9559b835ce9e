import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { batchLines, startBatchServer } from "../batch/server.ts";
import { runProgram, startProgram } from "./program.ts";

const ENV = { LLMAAS_API_KEY: "sk-again-0123456789" };
const LARGE = batchLines(10_000);
const TABLE = `text\n${"some words of a row\n".repeat(60_000)}`;
const SET = [
  "MIMALLOC_PURGE_HOLES=0",
  "BUN_CONFIG_MAX_HTTP_REQUESTS=65535",
  "BUN_JSC_useFTLJIT=0",
  "BUN_JSC_useConcurrentGC=0",
  "BUN_JSC_thresholdForJITAfterWarmUp=100",
  "BUN_JSC_thresholdForOptimizeAfterWarmUp=300",
  "BUN_JSC_thresholdForOptimizeAfterLongWarmUp=300",
  "BUN_JSC_thresholdForOptimizeSoon=300",
];

/** What the program has in its environment of what is set for many requests, when it has begun to ask. */
async function setFor(args: readonly string[], files: Record<string, string>, env: Record<string, string> = {}) {
  await using server = startBatchServer();
  const program = await startProgram([...args, "--out", "out.jsonl", "-e", server.url], {
    files,
    env: { ...ENV, ...env },
    bound: 60_000,
  });
  await program.until("to ask");
  const found = readFileSync(`/proc/${program.pid}/environ`, "utf8").split("\0");
  program.signal("SIGKILL");
  await program.ended;
  const names = new Set(SET.map((each) => each.split("=")[0]));
  return found.filter((each) => names.has(each.split("=")[0])).toSorted();
}

describe.skipIf(process.platform !== "linux")("batch run starts again in place", () => {
  test.each([
    ["of a large file", ["batch", "run", "in.jsonl"], { "in.jsonl": LARGE }],
    ["wherever the verb stands", ["--lang", "en", "batch", "-j", "4", "run", "in.jsonl"], { "in.jsonl": LARGE }],
    ["of a large table", ["batch", "run", "--csv=in.csv", "--prompt", "Say {text}"], { "in.csv": TABLE }],
  ])("with what many requests need: %s", async (_, args, files) => {
    expect(await setFor(args, files)).toEqual(SET.toSorted());
  });

  test("with what the user has set", async () => {
    const found = await setFor(["batch", "run", "in.jsonl"], { "in.jsonl": LARGE }, { MIMALLOC_PURGE_HOLES: "1" });
    expect(found).toEqual(SET.with(0, "MIMALLOC_PURGE_HOLES=1").toSorted());
  });

  test("not for a small file", async () => {
    expect(await setFor(["batch", "run", "in.jsonl"], { "in.jsonl": batchLines(3) })).toEqual([]);
  });
});

test.each([
  ["a long one", "é".repeat(3000)],
  ["the address of a bucket", "s3://bucket/key"],
  ["a folder", "/"],
  ["an equals sign", "="],
  ["many pictures", "\u{1F642}".repeat(700)],
])("no word of the command line keeps batch run from its work: %s", async (_, prompt) => {
  const args = ["batch", "run", "--csv", "in.csv", "--prompt", `${prompt} {text}`, "--dry-run"];
  const { code, stderr } = await runProgram(args, { files: { "in.csv": "text\nrow\n" }, env: ENV });
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("ENAMETOOLONG")]);
});
