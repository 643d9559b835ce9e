import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { RunReport } from "../../src/metrics/report.ts";
import { typographyProblems } from "../i18n/typography.ts";
import { arriving, closed, playRun, sweep, type Played } from "../fixtures/report.ts";
import { inForm, withTexts } from "./forms.ts";
import { chromium, openBrowser, type PageBrowser } from "./page-browser.ts";
import { emptyRun, hostileRun } from "./page-samples.ts";

const SLO = [
  "p95(ttft) < 800ms",
  "p5(tokens_per_second) > 45",
  "error_rate < 1%",
  "mean(gap) <= 20ms",
  "min(ttft) > 1ms",
];
const single = playRun({ loads: [closed(8)], streams: 200, slo: SLO });
const page = (run: Played, lang: "en" | "fr" = "en"): Promise<string> => inForm("page_markdown", run, lang);

/** Everything that could make it long, at once. */
function longest(): Played {
  const models = Array.from({ length: 20 }, (_, index) => `a-model-with-a-rather-long-name-${index}`);
  const made = playRun({
    models,
    streams: 400,
    reads: 3,
    failed: 0.3,
    limited: true,
    partial: "threshold",
    demo: true,
  });
  const loads = Array.from({ length: 50 }, (_, at) => closed(1000 + at));
  const steps = loads.flatMap((load) => made.report.steps.map((step) => ({ ...step, load })));
  const verdict = { ...made.report.verdict, window_too_short: true, in_lumps: true };
  const streams = { ...verdict.streams, unfinished: 30, missed_starts: 40 };
  const plan = { ...made.report.plan, loads: [...loads, ...loads, ...loads] };
  const report: RunReport = { ...made.report, steps, plan, verdict: { ...verdict, streams } };
  return withTexts({ ...made, report }, "WWWWWWWWWW".repeat(60));
}

describe("the page for management", () => {
  test("says in sentences for how many users, how soon, how fast, how long, and how often not at all", async () => {
    const text = await page(single);
    expect(text).toContain(
      "8 users at once, each of whom asks again as soon as the answer is whole. 200 questions in 1 min",
    );
    expect(text).toMatch(/Half of the users see the first word within 0\.22 s, 95 of 100 within 0\.3\d s\./);
    expect(text).toMatch(/text then comes at 2,000 words a minute or more, for 95 of 100 at 1,\d00 or more/);
    expect(text).toMatch(/Half of the answers are whole within \d\.\d\d s, 95 of 100 within \d\.\d\d s\./);
    expect(text).toContain("None of 200 answers failed.");
    expect(text).toContain("Answers were limited to 300 tokens.");
  });

  test("says how far each threshold is from its limit, those that failed first", async () => {
    const rows = (await page(single)).split("\n").filter((line) => line.startsWith("| "));
    expect(rows.slice(2)).toEqual([
      expect.stringMatching(/^\| Tokens\/s of a stream, 95 of 100: over 45 \| \d+\.\d \| −\d+% \| ✗ failed \|$/),
      expect.stringMatching(
        /^\| Gap between tokens \(ITL\), on average: at most 20 ms \| \d+\.\d ms \| −\d+% \| ✗ failed \|$/,
      ),
      expect.stringMatching(/^\| First token \(TTFT\), 95 of 100: under 800 ms \| 340 ms \| \+58% \| ✓ passed \|$/),
      "| Error rate: under 1% | 0% | +1 pt | ✓ passed |",
    ]);
    expect(await page(single)).toContain("Further thresholds in the full report: 1.");
  });

  test("says between what and what the figure lies, and no more than so few answers tell", async () => {
    expect(await page(single)).toMatch(/lies between 0\.\d\d s and 0\.\d\d s with 95% confidence/);
    const few = await page(playRun({ loads: [closed(8)], streams: 12 }));
    expect(few).toContain("Measured on 12 answers: too few to say what 95 of 100 users see.");
    expect(few).toContain("Half of the users see the first word within 0.22 s.");
  });

  test("says what questions came at, and that they were always the same", async () => {
    expect(await page(playRun({ loads: [arriving(3)] }))).toContain(
      "3 questions a second, as independent users ask them.",
    );
    expect(await page(single)).not.toContain("Always the same question");
    const { report, ...rest } = single;
    const steps = report.steps.map((step) => ({
      ...step,
      results: step.results.map((result) => ({
        ...result,
        lengths: { different_prompts: 1, prompt_tokens: null, answer_tokens: null, cached_prompt_tokens: null },
      })),
    }));
    const same = await page({ ...rest, report: { ...report, steps } });
    expect(same).toContain("Always the same question: the server may have answered from a cache.");
    expect(same).not.toContain("Questions of about");
  });

  test("says how long the answers were, and of one length that alone", async () => {
    const { report, ...rest } = single;
    const ofLength = (min: number, p50: number, max: number): Played => {
      const lengths = {
        different_prompts: 2,
        prompt_tokens: null,
        answer_tokens: { min, p50, max },
        cached_prompt_tokens: null,
      };
      const steps = report.steps.map((step) => ({
        ...step,
        results: step.results.map((result) => ({ ...result, lengths })),
      }));
      return { ...rest, report: { ...report, steps } };
    };
    expect(await page(ofLength(10, 30, 90))).toContain("about 23 words (median: 30 tokens; from 10 to 90).");
    expect(await page(ofLength(30, 30, 30))).toContain("about 23 words (30 tokens).");
    expect(await page(ofLength(30, 30, 30), "fr")).toContain("environ 20 mots (30 tokens).");
    expect(await page(ofLength(30, 30, 31), "fr")).toContain("(médiane : 30 tokens ; de 30 à 31).");
  });

  test("says up to which load the thresholds are met", async () => {
    const wish = { loads: sweep(3), streams: 60 };
    const all = await page(playRun({ ...wish, slo: ["p95(ttft) < 9s"] }));
    expect(all).toContain("Every threshold is met at every load, up to 16 streams at once.");
    const none = await page(playRun({ ...wish, slo: ["p95(ttft) < 1ms"] }));
    expect(none).toContain("Not every threshold is met, even with the least load: 4 streams at once.");
    const { report, ...rest } = playRun({ ...wish, slo: ["p95(ttft) < 9s"] });
    const steps = report.steps.map((step, at) => ({
      ...step,
      results: step.results.map((result) => ({
        ...result,
        thresholds: result.thresholds.map((threshold) => ({ ...threshold, passed: at < 2 })),
      })),
    }));
    const some = await page({ ...rest, report: { ...report, steps } });
    expect(some).toContain("Every threshold is met up to 8 streams at once, and no longer with 16 streams at once.");
    expect(some).toContain("| 8 streams at once | 0.");
  });

  test("names the most frequent cause where answers failed, and what nobody answered", async () => {
    const text = await page(playRun({ loads: [closed(8)], streams: 60, failed: 0.3 }));
    expect(text).toMatch(/\*\*\d+\*\* · \d+ of 60 questions got no whole answer\. The most frequent cause: `The /);
    expect(await page(emptyRun())).toContain("No answer came.");
  });

  test("keeps a threshold as it was written where nobody would say it otherwise", async () => {
    const text = await page(playRun({ streams: 60, slo: ["stdev(ttft) < 1s", "p95(ttft) > 1ms"] }));
    expect(text).toContain("| `stdev(ttft) < 1s` |");
    expect(text).toContain("| `p95(ttft) > 1ms` |");
  });

  test("says of a load whose thresholds are not decided that it is so", async () => {
    const open = playRun({ loads: sweep(4), streams: 60, limited: true, slo: ["p95(ttft) < 400ms"] });
    expect(await page(open)).toMatch(/met up to \d+ streams at once, and with \d+ streams at once it is not decided\./);
    expect(await page(open, "fr")).toMatch(
      /jusqu’à \d+ requêtes simultanées\s; à \d+ requêtes simultanées, le résultat/,
    );
  });

  test("says one word and one token as one", async () => {
    const [step] = single.report.steps;
    const one = { p50: 1, min: 1, max: 1 };
    const lengths = { different_prompts: 1, prompt_tokens: one, answer_tokens: one, cached_prompt_tokens: null };
    const results = (step?.results ?? []).map((result) => ({ ...result, lengths }));
    const steps = single.report.steps.map((each) => ({ ...each, results }));
    const plan = { ...single.report.plan, max_tokens: 1 };
    const run = { ...single, report: { ...single.report, steps, plan } };
    expect(await page(run, "en")).toContain(
      "Questions of about 1 word (median: 1 token). Answers of about 1 word (1 token). Answers were limited to 1 token.",
    );
    expect(await page(run, "fr")).toContain("limitée à 1 token.");
  });

  test("begins with the mark that the terminal has", async () => {
    const free = playRun({ loads: [closed(8)], streams: 60, slo: [] });
    expect(await page(free, "en")).toContain("**– 60 streams ok, 0 failed**");
  });

  test("in French is French", async () => {
    for (const run of [single, playRun({ loads: sweep(3), streams: 60, failed: 0.2 }), emptyRun()]) {
      const text = (await page(run, "fr"))
        .replaceAll(/`[^`]*`|-{3}|[|#*<>/]|^- (! )?/gm, " ")
        .replaceAll(/ {2,}/g, " ");
      expect(typographyProblems(text.replaceAll(/^ | $/gm, ""))).toEqual([]);
    }
  });

  test("is one HTML file that allows its own style and nothing else, and shows no markup of others", async () => {
    const html = await inForm("page", hostileRun());
    expect(html).toContain("default-src 'none'; style-src 'sha256-");
    expect(html).not.toMatch(/<script|<img|onerror="/);
    expect(html.match(/<style>/g)).toHaveLength(1);
  });
});

describe.skipIf(chromium === null)("the page for management on paper", () => {
  let browser: PageBrowser;
  beforeAll(async () => void (browser = await openBrowser()));
  afterAll(() => browser.close());

  const runs: [string, Played][] = [
    ["one load", single],
    ["a sweep over models", playRun({ models: ["a", "b|c"], loads: sweep(6), streams: 100, failed: 0.05, slo: SLO })],
    ["a hostile run", hostileRun()],
    ["a run that came to nothing", emptyRun()],
    ["everything at once", longest()],
  ];
  for (const [name, run] of runs) {
    test.each(["en", "fr"] as const)(`is one sheet of A4 in %s: ${name}`, async (lang) => {
      const { page: opened, complaints, requests } = await browser.open(await inForm("page", run, lang));
      const pdf = Buffer.from(await opened.pdf({ preferCSSPageSize: true })).toString("latin1");
      expect(pdf.match(/\/Type\s*\/Page\b(?!s)/g)).toHaveLength(1);
      const [, width = "", height = ""] = /\/MediaBox \[\d+ \d+ ([\d.]+) ([\d.]+)\]/.exec(pdf) ?? [];
      expect([Math.round(Number(width)), Math.round(Number(height))]).toEqual([595, 842]);
      expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
      await opened.close();
    });
  }

  test.each([1280, 375])("does not scroll sideways on a screen of %d pixels", async (width) => {
    for (const [, run] of runs) {
      const { page: opened } = await browser.open(await inForm("page", run, "fr"), { width });
      const wide = await opened.evaluate("document.documentElement.scrollWidth");
      expect(wide).toBeLessThanOrEqual(width);
      await opened.close();
    }
  });
});
