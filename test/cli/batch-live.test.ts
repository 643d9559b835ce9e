import { expect, test } from "bun:test";
import { batchLines, startBatchServer } from "../batch/server.ts";
import { startProgram } from "./program.ts";

test("on a terminal a batch is one line that is drawn anew; the end takes its place", async () => {
  await using server = startBatchServer(async ({ prompt, nth }) => {
    if (prompt === "r5") return Response.json({ error: {} }, { status: 400 });
    await Bun.sleep(nth * 150);
    return prompt;
  });
  const program = await startProgram(["batch", "run", "in.jsonl", "--out", "out.jsonl", "-e", server.url, "-j", "2"], {
    terminal: true,
    files: { "in.jsonl": batchLines(20) },
    env: { LLMAAS_API_KEY: "sk-batch-0123456789", TERM: "xterm-256color" },
  });
  await program.until("/20 done");
  const { code, stdout } = await program.ended;
  expect(code).toBe(3);
  expect(stdout).toContain("2 running");
  expect(stdout).toContain("! 19 requests answered, 1 failed.");
  expect(stdout).toContain("1 × HTTP 400");
  expect(stdout).toContain("\r\u001B[K");
});
