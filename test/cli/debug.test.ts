import { expect, test } from "bun:test";
import { runProgram } from "./program.ts";

test("--debug shows the request without a key that stands in its words", async () => {
  const key = "sk-abcdef1234567890";
  const args = ["stream", "--demo", "--max-tokens", "2", "--debug", "--system", `use ${key} now`, "two words"];
  const { code, stderr } = await runProgram(args, { env: { LLMAAS_API_KEY: key } });
  expect(code).toBe(0);
  expect(stderr).toContain("use ••• now");
  expect(stderr).not.toContain(key);
});
