import { describe, expect, test } from "bun:test";
import { closed, playRun, sweep, type Wish } from "../fixtures/report.ts";
import { inForm, withTexts } from "./forms.ts";
import { emptyRun, hostileRun } from "./page-samples.ts";
import { parseXml, type Element } from "./xml.ts";

const SLO = ["p95(ttft) < 1ms", "error_rate < 50%"];

async function suiteOf(run = playRun(), lang: "en" | "fr" = "en"): Promise<Element> {
  const root = parseXml(await inForm("junit", run, lang));
  const [suite] = root.children;
  if (suite === undefined) throw new Error("no suite");
  expect({ root: root.name, suite: suite.name, suites: root.children.length }).toEqual({
    root: "testsuites",
    suite: "testsuite",
    suites: 1,
  });
  return suite;
}

function failuresOf({ children }: Element): string[] {
  return children.flatMap((child) => child.children.map(({ text }) => text));
}

describe("the JUnit report", () => {
  test("has a case for each threshold of each load and model, named by model and load", async () => {
    const { children } = await suiteOf(playRun({ models: ["a", "b"], loads: sweep(2), streams: 40, slo: SLO }));
    const names = children.map(({ attributes }) => [attributes["classname"], attributes["name"]]);
    expect(names).toEqual(
      ["a · 4 streams at once", "b · 4 streams at once", "a · 8 streams at once", "b · 8 streams at once"].flatMap(
        (place) => SLO.map((text) => [place, text]),
      ),
    );
    for (const { attributes } of children) expect(Number(attributes["time"])).toBeGreaterThan(0);
  });

  test("says in the text of a failure, and in no attribute, which threshold failed and what was measured", async () => {
    const suite = await suiteOf(playRun({ loads: [closed(8)], streams: 60, slo: SLO }));
    expect(failuresOf(suite)).toEqual([
      expect.stringMatching(/^p95\(ttft\) < 1ms failed: 3\d\d ms was measured \(60 values\)\.$/),
    ]);
    const [failure] = suite.children.flatMap(({ children }) => children);
    expect(Object.keys(failure?.attributes ?? {})).toEqual(["type"]);
    const french = await suiteOf(playRun({ loads: [closed(8)], streams: 60, slo: SLO }), "fr");
    expect(failuresOf(french)[0]).toContain("seuil dépassé, 3");
  });

  test("counts its cases and its failures, and puts what the common schema wants in its order", async () => {
    const run = playRun({ models: ["a", "b"], streams: 60, slo: SLO });
    const text = await inForm("junit", run);
    const suite = await suiteOf(run);
    expect(suite.attributes).toMatchObject({ tests: "4", failures: "2", errors: "0", skipped: "0" });
    expect(suite.attributes["timestamp"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
    expect(parseXml(text).attributes).toMatchObject({ tests: "4", failures: "2", errors: "0" });
  });

  const noGood: Record<string, Wish> = {
    "nothing was complete": { failed: 1, slo: [] },
    "it was ended early": { partial: "signal", streams: 60, slo: ["p95(ttft) < 9s"] },
  };
  for (const [name, wish] of Object.entries(noGood)) {
    test(`is never without a failure where ${name}`, async () => {
      const suite = await suiteOf(playRun(wish));
      expect(failuresOf(suite)).toHaveLength(1);
      expect(suite.attributes["failures"]).toBe("1");
    });
  }

  test("of a run that came to nothing names the causes", async () => {
    const [said = ""] = failuresOf(await suiteOf(playRun({ failed: 1, slo: [], streams: 20 })));
    expect(said).toContain("The server answered 503: no capacity left for this model.");
    expect(failuresOf(await suiteOf(emptyRun()))).toHaveLength(1);
  });

  test("without a threshold asks for one whole answer, and has it", async () => {
    const suite = await suiteOf(playRun({ slo: [] }));
    expect(suite.children.map(({ attributes }) => attributes["name"])).toEqual(["at least one whole answer"]);
    expect(failuresOf(suite)).toEqual([]);
  });

  test("gives no two cases one name, for then one of them would vanish", async () => {
    const run = playRun({ loads: [closed(4), closed(4)], slo: [SLO[0] ?? "", SLO[0] ?? ""] });
    const keys = (await suiteOf(run)).children.map(
      ({ attributes }) => `${attributes["classname"]} ${attributes["name"]}`,
    );
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(4);
  });

  test("has a case for each --fail-if, with its sentence", async () => {
    const { report, ...rest } = playRun();
    const gate = { load: closed(4), model: "granite3.3:2b", worsening: 0.3, lower_bound: 0.2, limit: 0.1 };
    const fail_if = [
      { ...gate, text: "p95(ttft) +10%", passed: false, why: "worse" as const },
      { ...gate, text: "p50(ttft) +50%", passed: true, why: null },
      { ...gate, load: null, model: null, text: "goodput -1%", passed: false, why: "no_data" as const },
    ];
    const suite = await suiteOf({ ...rest, report: { ...report, fail_if } });
    expect(suite.children.map(({ attributes }) => attributes["name"]).slice(-3)).toEqual([
      "--fail-if p95(ttft) +10%",
      "--fail-if p50(ttft) +50%",
      "--fail-if goodput -1%",
    ]);
    const failures = failuresOf(suite).slice(-2);
    expect(failures[0]).toBe("p95(ttft) +10%: failed: +30%, +20% of it certain (95%)");
    expect(failures[1]).toBe("goodput -1%: failed: there is nothing to compare");
  });

  test.each([
    "\u0000\u0008\u000B\u001F",
    "\uFFFE\uFFFF",
    "\uD800 alone",
    "]]></failure><x>&amp;&#0;\"'",
    "a\r\nb\tc\nd",
    "\u202E\u2028",
  ])("holds nothing that XML may not hold, whatever a server says: %j", async (text) => {
    const suite = await suiteOf(withTexts(playRun(), text));
    expect(suite.children).toHaveLength(2);
    expect(suite.children.every(({ children }) => children.length === 1)).toBe(true);
  });

  test("is read back with the hostile texts as texts", async () => {
    const suite = await suiteOf(hostileRun());
    expect(suite.children[0]?.attributes["classname"]).toContain('</script><img src=x onerror="window.hacked=1">');
  });

  test("is read by the parser of Python", async () => {
    if (Bun.which("python3") === null) return console.log("skipped: python3 missing");
    const read =
      "import sys,xml.etree.ElementTree as e;print(len(e.fromstring(sys.stdin.buffer.read()).findall('.//testcase')))";
    for (const run of [playRun(), hostileRun(), emptyRun(), withTexts(playRun(), "\uFFFE\u0001 ]]>")]) {
      const { stdout, exitCode } = Bun.spawnSync(["python3", "-c", read], {
        stdin: Buffer.from(await inForm("junit", run)),
      });
      expect(exitCode).toBe(0);
      expect(Number(stdout.toString())).toBeGreaterThan(0);
    }
  });
});
