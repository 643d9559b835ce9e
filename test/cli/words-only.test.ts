import { afterAll, describe, expect, test } from "bun:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { runProgram, type Outcome } from "./program.ts";

const TEXT = "✅ A robot │ saw ▁▂▃ art.\n🎨 And painted.";
const simulator = startSimulator({ answer: () => TEXT, control: { rate: 0, ttft_ms: 0 } });
afterAll(() => simulator.stop());

const DOWN = "http://127.0.0.1:9/v1";
const PICTURES = /\p{Extended_Pictographic}|[▀-▟─-╿]|\u001B/u;

function onDumb(args: readonly string[]): Promise<Outcome> {
  return runProgram(args, { terminal: true, env: { TERM: "dumb" } });
}

describe("a terminal that knows words only", () => {
  test("gets the answer as it is, and what is around it without pictures", async () => {
    const { stdout, code } = await onDumb(["stream", "-e", simulator.url, "Draw"]);
    expect(code).toBe(0);
    const said = stdout.replaceAll("\r", "");
    expect(said).toContain(`Streaming answer:\n${"=".repeat(50)}\n${TEXT}\n${"=".repeat(50)}\nStreaming finished!\n`);
    expect(said.replace(TEXT, "")).not.toMatch(PICTURES);
    expect(said).toContain("\nVerdict: complete (stop)\n");
  });

  test("gets several answers without a picture of where the time went", async () => {
    const { stdout } = await onDumb(["stream", "-e", simulator.url, "-m", "granite3.3:2b,gemma3:4b", "Draw it"]);
    expect(stdout).toContain("granite3.3:2b   gemma3:4b");
    expect(stdout).not.toContain("Where the time went");
    const around = stdout.replaceAll("\r", "").replaceAll(TEXT, "");
    expect(around.replaceAll("★", "")).not.toMatch(PICTURES);
  });

  test.each([
    ["a failure", ["stream", "-e", DOWN, "--retries", "0", "hi"]],
    ["the failures of several", ["stream", "-e", DOWN, "--retries", "0", "-n", "3", "hi"]],
    ["a load", ["bench", "-e", simulator.url, "--requests", "20", "-j", "2", "hi"]],
    ["an unknown option", ["stream", "--nope"]],
  ])("gets %s without pictures", async (_, args) => {
    const { stdout } = await onDumb(args);
    expect(stdout.length).toBeGreaterThan(20);
    expect(stdout).not.toMatch(PICTURES);
  });
});

describe("several streams", () => {
  test("that all fail say why, once and last, and show no table of nothing", async () => {
    for (const terminal of [true, false]) {
      const { stdout, stderr, code } = await runProgram(
        ["stream", "-e", DOWN, "--retries", "0", "-n", "4", "hi there"],
        {
          terminal,
        },
      );
      expect(code).toBe(1);
      const said = terminal ? (stdout.split("\u001B[?1049l").at(-1) ?? "") : stderr;
      const lines = Bun.stripANSI(said).trim().split(/\r?\n/);
      expect(lines.filter((line) => line.includes("❌"))).toHaveLength(1);
      expect(lines[0]).toStartWith(`❌ 4 of 4: Nothing listens at ${DOWN}`);
      expect(said).not.toContain("Where the time went");
      expect(said).not.toContain("–");
    }
  });

  test("of which some fail say so below the comparison", async () => {
    const bad = JSON.stringify({ prompt: "bad", simulate: { fault: "status", status: 400 } });
    const { stderr } = await runProgram(["stream", "-e", simulator.url, "--prompts", "p.jsonl"], {
      files: { "p.jsonl": `{"prompt":"good"}\n${bad}\n` },
    });
    expect(stderr.trimEnd().split("\n").at(-1)).toStartWith("❌ prompt 2 · granite3.3:2b: ");
  });
});
