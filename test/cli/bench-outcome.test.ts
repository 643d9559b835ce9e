import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator } from "../../src/simulator/server.ts";
import { runProgram, type ProgramOptions } from "./program.ts";

let simulator: ReturnType<typeof startSimulator>;
let folder: string;
beforeAll(async () => {
  simulator = startSimulator({ control: { rate: 500, ttft_ms: 5 } });
  folder = await mkdtemp(join(tmpdir(), "llmaas-outcome-"));
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true });
});

const bench = (args: readonly string[], options: ProgramOptions = {}) =>
  runProgram(["bench", "-e", simulator.url, "--requests", "40", "--max-tokens", "10", ...args, "Hello there"], options);

describe("a report that nobody asked for", () => {
  const kept = (cache: string) => readdir(join(cache, "llmaas", "reports"));
  const permissions = async (path: string) => (await stat(path)).mode & 0o777;

  test("is kept for its owner alone, said in one line, and is what llmaas report takes", async () => {
    const cache = join(folder, "kept");
    const env = { XDG_CACHE_HOME: cache };
    const { code, stderr } = await bench([], { env });
    expect(code).toBe(0);
    expect(stderr.match(/The report is kept: .*report --html run\.html makes a page of it\.\n/g)).toHaveLength(1);
    const [name = ""] = await kept(cache);
    expect(await permissions(join(cache, "llmaas", "reports"))).toBe(0o700);
    expect(await permissions(join(cache, "llmaas", "reports", name))).toBe(0o600);
    const again = await runProgram(["report", "--md", "-"], { env });
    expect(again.stdout).toContain("`" + simulator.url);
    expect(again.stderr).toContain("The newest report that is kept: ");
  });

  test("is one of ten, the newest", async () => {
    const cache = join(folder, "ten");
    const reports = join(cache, "llmaas", "reports");
    const old = Array.from({ length: 12 }, (_, at) => `2020-01-${10 + at}T00-00-00-000Z-1.json`);
    for (const name of [...old, "mine.json"]) await Bun.write(join(reports, name), "{}");
    await bench([], { env: { XDG_CACHE_HOME: cache } });
    const names = await kept(cache);
    expect(names).toContain("mine.json");
    expect(names.filter((name) => name.startsWith("2020-")).toSorted()).toEqual(old.slice(3));
    expect(names).toHaveLength(11);
  });

  test.each([
    [["--no-keep"], {}],
    [[], { LLMAAS_NO_KEEP: "1" }],
  ])("is not kept with %j %j", async (args, more) => {
    const cache = join(folder, `none-${args.length}`);
    const { stderr } = await bench(args, { env: { XDG_CACHE_HOME: cache, ...more } });
    expect(stderr).not.toContain("kept");
    expect(await readdir(join(cache, "llmaas")).catch(() => [])).toEqual([]);
  });

  test("that cannot be kept is said so, and changes nothing else", async () => {
    const cache = join(folder, "file");
    await Bun.write(cache, "a file, where a folder would be");
    const { code, stdout, stderr } = await bench([], { env: { XDG_CACHE_HOME: cache } });
    expect(code).toBe(0);
    expect(stdout).toContain("40 streams ok");
    expect(stderr).toContain("The report could not be kept in ");
  });

  test("is kept and not spoken of where only the verdict, or JSON, is asked for", async () => {
    const cache = join(folder, "quiet");
    const env = { XDG_CACHE_HOME: cache };
    expect((await bench(["--quiet"], { env })).stderr).not.toContain("kept");
    expect((await bench(["--json"], { env })).stderr).not.toContain("kept");
    expect(await kept(cache)).toHaveLength(2);
  });
});

// Slower by far more than a busy machine can be late: what that could have caused is undecided (6), and not failed (5).
const SLOW = 'simulate={"ttft_ms":600}';

describe("bench --baseline", () => {
  test("begins with the mark of a failure where --fail-if failed, on the terminal and in a report", async () => {
    const made = await bench(["--baseline", "base.json"]);
    const base = made.files["base.json"] ?? "";
    const slow = ["--param", SLOW, "--fail-if", "p50(ttft) +10%", "--report", "run.md"];
    const { code, stdout, files } = await bench(["--baseline", "base.json", "-q", ...slow], {
      files: { "base.json": base },
    });
    expect(code).toBe(5);
    expect(stdout).toStartWith("✗ 0/1 threshold passed · 40 streams ok, 0 failed");
    expect(files["run.md"]).toStartWith("## ✗ The threshold failed");
    expect(files["run.md"]).not.toContain("No threshold was set");
    expect(files["run.md"]).not.toContain("0/1");
  });

  test("writes the baseline that is not there yet, says so, and ends with 0", async () => {
    const { code, stderr, files } = await bench(["--baseline", "base.json", "--fail-if", "p95(ttft) +10%"]);
    expect(code).toBe(0);
    expect(stderr).toContain("There was no baseline: this run is now base.json");
    expect(JSON.parse(files["base.json"] ?? "")).toMatchObject({ type: "report", v: 1 });
  });

  test("compares with the one that is there, which stays as it is, and ends with 5 at a --fail-if", async () => {
    const first = (await bench(["--baseline", "base.json"])).files["base.json"] ?? "";
    const files = { "base.json": first };
    const args = [
      "--baseline",
      "base.json",
      "--fail-if",
      "p95(ttft) +90000%",
      "--report",
      "run.json",
      "--report",
      "run.xml",
    ];
    const good = await bench(args, { files });
    expect(good.code).toBe(0);
    expect(good.stdout).toContain("A: base.json\nB: this run\n");
    expect(good.stdout).toContain("✓ p95(ttft) +90000%: passed");
    expect(good.files["base.json"]).toBe(first);
    expect(JSON.parse(good.files["run.json"] ?? "").fail_if).toMatchObject([
      { text: "p95(ttft) +90000%", passed: true },
    ]);
    const slow = await bench([...args.slice(0, 3), "p50(ttft) +50%", ...args.slice(4), "--param", SLOW], { files });
    expect(slow.code).toBe(5);
    expect(slow.stdout).toContain("✗ p50(ttft) +50%: failed");
    expect(JSON.parse(slow.files["run.json"] ?? "").verdict.exit_code).toBe(5);
    expect(slow.files["run.xml"]).toContain('<failure type="threshold">p50(ttft) +50%: failed: +');
  });

  test("makes no baseline of a run in which nothing was whole", async () => {
    const { code, stderr, files } = await bench([
      "--baseline",
      "base.json",
      "--param",
      'simulate={"fault":"http_500"}',
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain("base.json was not written");
    expect(Object.keys(files)).toEqual([]);
  });

  test.each([
    [["--fail-if", "p95(ttft) +10%"], "--fail-if needs --baseline"],
    [["--baseline", "base.json", "--strict"], "--strict needs --fail-if"],
    [["--baseline", "text.json"], "text.json is not a report"],
    [["--baseline", "text.json", "--report", "text.json", "--force"], "are the same file"],
    [["--baseline", "base.json", "--fail-if", "ttft +10%"], "p95(ttft) +10%"],
  ])("%p is refused before anything is sent", async (args, why) => {
    const { code, stderr, files } = await bench(args, { files: { "text.json": "{}" } });
    expect({ code, files }).toEqual({ code: 2, files: { "text.json": "{}" } });
    expect(stderr).toContain(why);
  });

  test("refuses a baseline of other loads, or of the built-in server, before anything is sent", async () => {
    const base = (await bench(["--baseline", "base.json", "-j", "4"])).files["base.json"] ?? "";
    const other = await bench(["--baseline", "base.json", "-j", "8"], { files: { "base.json": base } });
    expect(other.code).toBe(2);
    expect(other.stderr).toContain("base.json was measured under other loads than this run would be.\nIt has: -j 4");
    const demo = { "base.json": base.replace('"demo": false', '"demo": true') };
    const unlike = await bench(["--baseline", "base.json", "-j", "4"], { files: demo });
    expect(unlike.code).toBe(2);
    expect(unlike.stderr).toContain("base.json measured the built-in server");
  });
});

describe("--ci", () => {
  const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: "summary.md" };

  test("annotates what failed in GitHub Actions, and adds the Markdown to the summary of the step", async () => {
    const files = { "summary.md": "before\n" };
    // So slow that no disturbance of a busy machine leaves it undecided.
    const slow = ["--requests", "4", "--param", SLOW];
    const {
      code,
      stdout,
      stderr,
      files: after,
    } = await runProgram(["bench", "-e", simulator.url, ...slow, "--ci", "--slo", "p50(ttft) < 0.1ms", "Hello there"], {
      env,
      files,
    });
    expect(code).toBe(5);
    expect(stdout).not.toContain("::error");
    const [line = "", ...more] = stderr.split("\n").filter((each) => each.startsWith("::"));
    expect(more).toEqual([]);
    expect(line).toMatch(
      /^::error title=granite3\.3%3A2b · 4 streams at once · p50\(ttft\) < 0\.1ms::p50\(ttft\) < 0\.1ms failed: /,
    );
    expect(after["summary.md"]).toStartWith("before\n## ✗ The threshold failed");
  });

  test("says ten at most, and how many more there are", async () => {
    const slo = Array.from({ length: 13 }, (_, at) => ["--slo", `p95(ttft) < 0.${at + 1}us`]).flat();
    const { stderr } = await bench(["--ci", ...slo], { env });
    const lines = stderr.split("\n").filter((line) => line.startsWith("::error "));
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toBe("::error title=… and 4 more failed::… and 4 more failed");
  });

  test("lets no model, server or threshold end an annotation or begin another", async () => {
    const model = "a::error title=x::y%0A";
    const { stderr } = await bench(["--ci", "-m", model, "--slo", "p95(ttft) < 0.1ms"], { env });
    const lines = stderr.split("\n").filter((line) => line.startsWith("::"));
    expect(lines).not.toEqual([]);
    for (const line of lines) expect(line).toStartWith("::error title=a%3A%3Aerror title=x%3A%3Ay%250A · ");
  });

  test("elsewhere says what other CI systems read", async () => {
    const { code, stderr, files } = await bench(["--ci"]);
    expect({ code, files }).toEqual({ code: 0, files: {} });
    expect(stderr).toContain("--ci speaks to GitHub Actions");
  });

  test("does without a summary that is full, or cannot be written", async () => {
    const full = await bench(["--ci"], { env, files: { "summary.md": "x".repeat(1024 * 1024) } });
    expect(full.code).toBe(0);
    expect(full.stderr).toContain("(EFBIG)");
    const none = await bench(["--ci"], { env: { ...env, GITHUB_STEP_SUMMARY: "no/such/summary.md" } });
    expect(none.code).toBe(0);
    expect(none.stderr).toContain("(ENOENT)");
    expect((await bench(["--ci"], { env: { GITHUB_ACTIONS: "true" } })).code).toBe(0);
  });

  test("says of a comparison which --fail-if failed", async () => {
    const a = (await bench(["--report", "a.json"])).files["a.json"] ?? "";
    const b = (await bench(["--report", "b.json", "--param", SLOW])).files["b.json"] ?? "";
    const args = ["compare", "a.json", "b.json", "--ci", "--fail-if", "p50(ttft) +50%"];
    const { code, stderr, files } = await runProgram(args, { env, files: { "a.json": a, "b.json": b } });
    expect(code).toBe(5);
    expect(stderr).toStartWith("::error title=--fail-if p50(ttft) +50%25::p50(ttft) +50%25: failed: ");
    expect(files["summary.md"]).toStartWith("## ✗ B is worse than A");
  });
});
