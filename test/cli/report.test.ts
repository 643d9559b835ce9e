import { describe, expect, test } from "bun:test";
import { toJson } from "../../src/report/json.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { closed, playRun } from "../fixtures/report.ts";
import { hostileRun } from "../report/page-samples.ts";
import { parseXml } from "../report/xml.ts";
import { runProgram } from "./program.ts";

const FILES = { "run.json": toJson(playRun({ loads: [closed(8)], streams: 60 }).report) };
const report = (...args: string[]) => runProgram(["report", ...args], { files: FILES });

describe("llmaas report", () => {
  test("makes every form of a report, each in its file", async () => {
    const all = "--html r.html --md r.md --junit r.xml --csv r.csv --vllm r.json".split(" ");
    const { code, stdout, files } = await report("run.json", ...all);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(files["r.html"]).toStartWith("<!doctype html>");
    expect(files["r.md"]).toStartWith("## ✓ Both thresholds passed");
    expect(parseXml(files["r.xml"] ?? "").name).toBe("testsuites");
    expect(files["r.csv"]).toStartWith("step,load,");
    expect(JSON.parse(files["r.json"] ?? "")).toMatchObject({ max_concurrency: 8 });
    expect(files["run.json"]).toBe(FILES["run.json"]);
  });

  test("without a form shows the result as bench did, in the language of whoever reads", async () => {
    const { code, stdout } = await report("run.json");
    expect(code).toBe(0);
    expect(stdout).toContain("2/2 thresholds passed");
    expect(stdout).toContain("granite3.3:2b");
    expect((await report("run.json", "--lang", "fr")).stdout).toContain("seuils");
  });

  test("writes one form to standard output", async () => {
    const { stdout } = await report("run.json", "--md", "-");
    expect(stdout).toStartWith("## ✓ Both thresholds passed\n");
    const both = await report("run.json", "--md", "-", "--csv", "-");
    expect(both).toMatchObject({ code: 2, stdout: "" });
    expect(both.stderr).toContain("--md - and --csv - cannot go together");
  });

  test("reads one from standard input", async () => {
    const { code, stdout } = await runProgram(["report", "-", "--md", "-"], { stdin: FILES["run.json"] });
    expect(code).toBe(0);
    expect(stdout).toStartWith("## ✓ Both thresholds passed\n");
    const broken = await runProgram(["report", "-"], { stdin: "{}" });
    expect(broken).toMatchObject({ code: 2, stdout: "" });
    expect(broken.stderr).toContain("stdin");
  });

  test("makes one page for management, as HTML, as Markdown, and on standard output", async () => {
    const { files } = await report("run.json", "--page", "p.html");
    expect(files["p.html"]).toContain("<h1>How fast the language model answers</h1>");
    expect((await report("run.json", "--page", "p.md", "--lang", "fr")).files["p.md"]).toContain("# Temps de réponse");
    expect((await report("run.json", "--page", "-")).stdout).toStartWith("# How fast the language model answers\n");
    expect(await report("run.json", "--page", "p.pdf")).toMatchObject({ code: 2, files: FILES });
  });

  test("says on the page why the charts of single streams are not there", async () => {
    const { files } = await report("run.json", "--html", "r.html");
    expect(files["r.html"]).toContain("bench --report run.html draws them");
    expect(files["r.html"]).not.toContain("There is no stream to draw");
  });

  test.each([
    [[], "No report is named"],
    [["run.json", "other.json"], 'does not know what to do with "other.json"'],
    [["nothing.json", "--md", "r.md"], "There is no file nothing.json"],
    [["run.json", "--md"], "--md"],
    [["run.json", "--md", "run.json", "--force"], "would be written over"],
    [["run.json", "--md", "r.md", "--csv", "./r.md"], "are the same file"],
    [["run.json", "--md", "no/where/r.md"], "The folder no/where does not exist"],
  ])("%p is refused and says why, and writes nothing", async (args, why) => {
    const { code, stdout, stderr, files } = await report(...args);
    expect({ code, stdout, files }).toEqual({ code: 2, stdout: "", files: FILES });
    expect(stderr).toContain(why);
  });

  test("replaces a file with --force alone", async () => {
    const files = { ...FILES, "r.md": "mine\n" };
    const kept = await runProgram(["report", "run.json", "--md", "r.md"], { files });
    expect(kept.code).toBe(2);
    expect(kept.files["r.md"]).toBe("mine\n");
    const replaced = await runProgram(["report", "run.json", "--md", "r.md", "--force"], { files });
    expect(replaced.files["r.md"]).toStartWith("## ✓");
  });

  test("refuses what is no report, and takes one of an earlier version", async () => {
    const wrong = { "text.json": "{}", "bad.json": FILES["run.json"].replace('"cores": 2', '"cores": "<b>"') };
    for (const name of Object.keys(wrong)) {
      const { code, stderr } = await runProgram(["report", name, "--md", "-"], { files: wrong });
      expect(code).toBe(2);
      expect(stderr).toContain(`${name} is not a report`);
    }
    const old = JSON.parse(FILES["run.json"]);
    delete old.verdict.in_lumps;
    delete old.plan.temperature;
    for (const result of old.steps[0].results) {
      delete result.lengths;
      delete result.trust.lumped;
    }
    for (const form of ["--md", "--html", "--junit", "--csv", "--vllm"]) {
      const { code } = await runProgram(["report", "old.json", form, "-"], {
        files: { "old.json": JSON.stringify(old) },
      });
      expect([form, code]).toEqual([form, 0]);
    }
  });

  test("lets no report write to the terminal, or into another form", async () => {
    const files = { "bad.json": toJson(hostileRun().report) };
    const { code, stdout } = await runProgram(["report", "bad.json", "--color", "never"], { files, terminal: true });
    expect(code).toBe(0);
    expect(stdout.replaceAll("\r\n", "")).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u202E\u2028]/);
  });

  test("makes of what bench measured what bench would have written, but for single streams", async () => {
    const simulator = startSimulator({ control: { rate: 0, ttft_ms: 5 } });
    try {
      const names = ["run.json", "run.md", "run.xml", "run.csv", "run.vllm.json"];
      const given = names.flatMap((name) => ["--report", name]);
      const args = [
        "bench",
        "-e",
        simulator.url,
        "--requests",
        "30",
        "--slo",
        "p95(ttft) < 5s",
        ...given,
        "Hello there",
      ];
      const { code, files } = await runProgram(args);
      expect(code).toBe(0);
      const again = await runProgram(
        "report run.json --md a.md --junit a.xml --csv a.csv --vllm a.vllm.json".split(" "),
        { files: { "run.json": files["run.json"] ?? "" } },
      );
      for (const name of names.slice(1)) expect(again.files[name.replace("run", "a")]).toBe(files[name] ?? "missing");
    } finally {
      await simulator.stop();
    }
  });
});
