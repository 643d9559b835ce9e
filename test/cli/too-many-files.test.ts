import { afterAll, describe, expect, test } from "bun:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { runProgram } from "./program.ts";

/** So slow that all are open at once. */
const simulator = startSimulator({ control: { rate: 50, ttft_ms: 300, tokens: 10 } });
afterAll(() => simulator.stop());

const FEW = 'ulimit -n 24; exec "$@"';
const run = (...args: string[]) => runProgram([...args, "--endpoint", simulator.url], { shell: FEW });
const MANY = ["-n", "40", "-j", "40", "two words"];

describe("where no more files can be opened, stderr says so, and what came is kept:", () => {
  test("stream --json, whose records claim nothing else", async () => {
    const { code, stdout, stderr } = await run("stream", "--json", "--records", "r.jsonl", ...MANY);
    expect(code).toBe(1);
    expect(stderr).toContain("ulimit -n");
    const events: { type: string; verdict: string; error: { kind: string } | null }[] = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const records = events.filter(({ type }) => type === "record");
    expect(records.length).toBe(40);
    expect(new Set(records.map(({ verdict, error }) => error?.kind ?? verdict))).toEqual(
      new Set(["complete", "too_many_files"]),
    );
  });

  for (const quiet of [[], ["--quiet"]])
    test(`stream ${quiet.join(" ")}, whose whole answers stand on stdout`, async () => {
      const { code, stdout, stderr, files } = await run("stream", "--records", "r.jsonl", ...quiet, ...MANY);
      expect(code).toBe(1);
      expect(stderr).toContain("ulimit -n");
      const records = (files["r.jsonl"] ?? "").trimEnd().split("\n");
      expect(records.length).toBe(40);
      const complete = records.filter((line) => JSON.parse(line).verdict === "complete").length;
      expect(complete).toBeGreaterThan(0);
      expect(stdout.split(/^=== .*\n/m).filter((answer) => answer.trim() !== "").length).toBe(complete);
      expect(records.join()).not.toContain("reader_gone");
    });

  test("bench, with its reports and records", async () => {
    const reports = ["--report", "r.json", "--report", "r.html", "--records", "r.jsonl"];
    const { stdout, stderr, files } = await run("bench", "--requests", "40", "-j", "40", ...reports, "two words");
    expect(stderr).toContain("ulimit -n");
    expect(stdout).toContain("Too many files and connections are open");
    expect(JSON.parse(files["r.json"] ?? "")).toMatchObject({ partial: null });
    expect(files["r.html"]).toContain("</html>");
    expect((files["r.jsonl"] ?? "").trimEnd().split("\n").length).toBe(40);
  });

  test("selftest", async () => {
    const { code, stderr } = await runProgram(["selftest", "-j", "40", "--duration", "1s"], { shell: FEW });
    expect(code).toBe(1);
    expect(stderr).toContain("ulimit -n");
  });

  test("a program that cannot even begin is no bug", async () => {
    const { code, stderr } = await runProgram(["selftest", "-j", "4", "--duration", "1s"], {
      shell: FEW.replace("24", "11"),
    });
    expect(stderr).toContain("ulimit -n");
    expect(code).toBe(1);
  });
});
