import { afterAll, describe, expect, test } from "bun:test";
import type { RunReport } from "../../src/metrics/report.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { run } from "../report/comparisons.ts";
import { runProgram } from "./program.ts";

const quick = startSimulator({ control: { rate: 500, ttft_ms: 20, tokens: 3 } });
const refusing = startSimulator({ control: { fault: "status", status: 401 } });
afterAll(() => Promise.all([quick.stop(), refusing.stop()]));

/** What no machine gives, however late it is. */
const NEVER = "tokens_per_second > 1000000";

async function bench(url: string, ...args: string[]): Promise<{ code: number | null; lines: string[] }> {
  const { code, stdout } = await runProgram([
    "bench",
    "--endpoint",
    url,
    "--requests",
    "6",
    "--lang",
    "en",
    ...args,
    "hi",
  ]);
  return { code, lines: stdout.split("\n") };
}

describe("the first line and the exit code", () => {
  test("of a run without thresholds judge nothing", async () => {
    const { code, lines } = await bench(quick.url);
    expect([code, lines[0]]).toEqual([0, expect.stringMatching(/^– no thresholds given · 6 streams ok, 0 failed/)]);
  });

  test("of a limit on each stream say that all keep it, or how many do", async () => {
    const kept = await bench(quick.url, "--slo", "ttft < 10m");
    expect([kept.code, kept.lines[0]]).toEqual([0, expect.stringMatching(/^✓ 1\/1 threshold passed/)]);
    const missed = await bench(quick.url, "--slo", NEVER, "--quiet");
    expect([missed.code, missed.lines[0]]).toEqual([5, expect.stringMatching(/^✗ 0\/1 threshold passed/)]);
    expect(missed.lines.join("\n")).toContain(`✗ ${NEVER} (every stream): 0 of 6 streams, at worst `);
  });

  test("of a limit on each stream are what goodput allows", async () => {
    const { code, lines } = await bench(quick.url, "--slo", NEVER, "--slo", "goodput >= 0%");
    expect([code, lines[0]]).toEqual([0, expect.stringMatching(/^✓ 1\/1 threshold passed/)]);
  });

  test("say before anything is sent what each stream is held to", async () => {
    const { stderr } = await runProgram([
      "bench",
      "--endpoint",
      quick.url,
      "--requests",
      "1",
      "--slo",
      "ttft < 10m",
      "hi",
    ]);
    expect(stderr).toContain("Thresholds: ttft < 10m (every stream)");
  });
});

describe("when nothing came", () => {
  test.each([
    ["nothing listens", "http://127.0.0.1:9/v1", "nothing listens at http://127.0.0.1:9/v1"],
    ["the key is wrong", null, "(HTTP 401)"],
  ])("as %s, the cause is the first line, without a table or a word of the client", async (_, url, cause) => {
    for (const more of [[], ["-j", "1,2"], ["--quiet"]]) {
      const { code, lines } = await bench(url ?? refusing.url, ...more);
      expect(code).toBe(1);
      expect(lines[0]).toMatch(more.includes("-j") ? /^✗ 12 of 12 failed: / : /^✗ 6 of 6 failed: /);
      expect(lines.slice(0, 4).join(" ").replaceAll(/\s+/g, " ")).toContain(cause);
      expect(lines.join("\n")).not.toMatch(/p95|client|–/);
    }
  });

  test("French says so too, and never speaks of a client", async () => {
    const args = ["bench", "--endpoint", "http://127.0.0.1:9/v1", "--requests", "6", "--lang", "fr", "un deux"];
    const lines = (await runProgram(args)).stdout.split("\n");
    expect(lines[0]).toMatch(/^✗ 6 échecs sur 6\u00A0: rien n’écoute/);
    expect(lines.join("\n")).not.toContain("client");
  });
});

describe("--if-disturbed", () => {
  const [a, b] = [run({ limited: true }, 1), run({ limited: true }, 2)];
  const files = { "a.json": JSON.stringify(a), "b.json": JSON.stringify(b) };
  // 41 ms in some 500: a change of nothing is nearer to 1 % than that.
  const gate = ["compare", "a.json", "b.json", "--fail-if", "p95(ttft) +1%", "--strict"];

  test.each([
    [[], 6],
    [["--if-disturbed", "undecided"], 6],
    [["--if-disturbed", "fail"], 5],
    [["--if-disturbed", "pass"], 0],
  ])("of compare: %p exits %d", async (more, exit) => {
    const { code, stdout } = await runProgram([...gate, ...more], { files });
    expect(code).toBe(exit);
    expect(stdout).toContain("? p95(ttft) +1%: not decided");
  });

  test("is pass, fail or undecided", async () => {
    const { code, stderr } = await runProgram([
      "bench",
      "--demo",
      "--slo",
      "ttft < 1s",
      "--if-disturbed",
      "maybe",
      "hi",
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain("undecided");
  });

  test("stands in the report of a run", async () => {
    const args = ["--slo", "ttft < 10m", "--if-disturbed", "pass", "--json"];
    const { lines } = await bench(quick.url, ...args);
    const report: RunReport = JSON.parse(lines.at(-2) ?? "");
    expect(report.plan.if_disturbed).toBe("pass");
  });
});
