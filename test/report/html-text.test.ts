import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUNDLE, bundlePage } from "../../.ci/page.ts";
import { enCompare } from "../../src/i18n/en/compare.ts";
import { enReport } from "../../src/i18n/en/report.ts";
import { en } from "../../src/i18n/en/messages.ts";
import { frCompare } from "../../src/i18n/fr/compare.ts";
import { frReport } from "../../src/i18n/fr/report.ts";
import { fr } from "../../src/i18n/fr/messages.ts";
import { frNumbers } from "../../src/i18n/numbers.ts";
import { curveOf } from "../../src/report/html-charts.ts";
import { clip, markup, scriptJson } from "../../src/report/html-markup.ts";
import { renderHtml } from "../../src/report/html.ts";
import { typographyProblems } from "../i18n/typography.ts";
import type { RunReport, StepReport } from "../../src/metrics/report.ts";
import { percentileIn } from "../../src/metrics/result-report.ts";
import { closed, distribution, playRun, sweep, type Played } from "../fixtures/report.ts";
import { hostileRun, SHOWN_HOSTILE } from "./page-samples.ts";

const single = playRun({ loads: [closed(8)], streams: 60 });
const render = (sample = single): string =>
  renderHtml({ ...sample, messages: en, words: enReport, compare: enCompare });
const DATA = /<script type="application\/json" id="data">([\s\S]*?)<\/script>/;

describe("the HTML report as text", () => {
  test("is the same for the same run, and the same from a bundle as from the source", async () => {
    const folder = await mkdtemp(join(tmpdir(), "llmaas-bundle-"));
    const built = await Bun.build({
      entrypoints: [new URL("../../src/report/html.ts", import.meta.url).pathname],
      outdir: folder,
      target: "bun",
      minify: true,
      splitting: true,
    });
    const bundle = (await import(built.outputs[0]?.path ?? "")) as { renderHtml: typeof renderHtml };
    expect(bundle.renderHtml({ ...single, messages: en, words: enReport, compare: enCompare })).toBe(render());
    expect(render()).toBe(render());
    await rm(folder, { recursive: true });
  });

  test("has the script that its modules make now; bun run page makes it", async () => {
    expect(await bundlePage()).toBe(await Bun.file(BUNDLE).text());
  });

  test("says that the answers came in lumps, and who answered in the place of a model, as text", () => {
    const wish = { loads: [closed(8)], streams: 60, reads: 9, lumps: true, answeredBy: "<b>llama3:8b</b>" };
    for (const models of [["granite3.3:2b"], ["granite3.3:2b", "qwen3:8b"]]) {
      const html = render(playRun({ ...wish, models }));
      expect(html).toContain("Answers in lumps: something on the way (a proxy, compression) holds them back");
      expect(html).toContain("answered by &lt;b&gt;llama3:8b&lt;/b&gt;");
      expect(html).not.toContain("<b>llama3");
    }
    expect(render()).not.toContain("in lumps: something");
    expect(render()).not.toContain("answered by");
  });

  test("stays under 400 KB and 2 MB of data, whatever 2 000 streams say", () => {
    const loud = playRun({ models: ["a", "b", "c"], loads: sweep(6), streams: 334, reads: 20 });
    const streams = loud.streams.map((stream, index) => ({
      ...stream,
      prompt: `${index} ${"<é\u2028&".repeat(300)}`,
      error: { kind: "http 500", message: `${index} ${"<🤖>".repeat(300)}` },
    }));
    const html = render({ ...loud, streams });
    const data = DATA.exec(html)?.[1] ?? "";
    expect(Buffer.byteLength(data)).toBeLessThan(2_000_000);
    expect(Buffer.byteLength(html) - Buffer.byteLength(data)).toBeLessThan(400_000);
    expect(JSON.parse(data).streams.stream).toHaveLength(streams.length);
  });

  test("stays so with a sweep of 50 steps over 20 models, and says where the tables are that have no room", () => {
    const models = Array.from({ length: 20 }, (_, index) => `model-${index}-of-a-long-name`);
    const made = playRun({ models, streams: 2000, reads: 5 });
    const steps = Array.from({ length: 50 }, (_, index) =>
      made.report.steps.map((step) => ({ ...step, load: closed(index + 1) })),
    );
    const html = render({ ...made, report: { ...made.report, steps: steps.flat() } });
    expect(Buffer.byteLength(html)).toBeLessThan(2_400_000);
    expect(html).toContain(enReport.step.elsewhere);
  });

  test("allows by hash the scripts and styles it has, and no other source", () => {
    const html = render();
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "";
    const hashes = (element: string): string[] =>
      [...html.matchAll(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`, "g"))].map(
        ([, text = ""]) => `'sha256-${new Bun.CryptoHasher("sha256").update(text).digest("base64")}'`,
      );
    const decoded = policy.replaceAll("&#39;", "'");
    expect(decoded).toBe(
      `default-src 'none'; script-src ${hashes("script").join(" ")}; style-src ${hashes("style").join(" ")}; ` +
        "base-uri 'none'; form-action 'none'",
    );
    const body = html.slice(html.indexOf("<body>")).replace(/<script[\s\S]*?<\/script>/g, "");
    expect(body.match(/\s(style|on\w+|src|href)=/g)).toBeNull();
  });

  test("escapes what others say, in the page and in its data", () => {
    const html = render(hostileRun());
    const data = DATA.exec(html)?.[1] ?? "";
    expect(html).not.toContain("<img");
    expect(data).not.toMatch(/[<>\u2028\u2029]/);
    expect(JSON.parse(data).texts).toContain(SHOWN_HOSTILE);
    const body = html.slice(html.indexOf("<body"), html.indexOf("</main>"));
    expect(/[\u202A-\u202E\u2066-\u2069]/.exec(body)).toBeNull();
    expect(scriptJson("</script>\u2028\u2029<!--")).toBe(`"\\u003c/script\\u003e\\u2028\\u2029\\u003c!--"`);
    expect(markup`<b>${`"'<&>`}</b>`.markup).toBe("<b>&quot;&#39;&lt;&amp;&gt;</b>");
  });

  test("says first what is wrong, in words", () => {
    const { report } = single;
    const verdict = {
      thresholds: { passed: 2, total: 2 },
      goodput: null,
      streams: { ok: 58, failed: 0, unfinished: 5, missed_starts: 1200 },
      client: "limited" as const,
      limited_by: ["worker_lag_p99_ms" as const, "held_ms" as const],
      window_too_short: true,
      exit_code: 0,
    };
    const load = { kind: "arrival", rate: 2.5, arrival: "poisson", max_in_flight: 1000 } as const;
    const steps = playRun({ limited: true, streams: 58 }).report.steps;
    const bad = {
      ...single,
      report: {
        ...report,
        verdict,
        steps,
        demo: true,
        partial: "signal" as const,
        plan: { ...report.plan, loads: [load] },
      },
    };
    const said = (html: string): string =>
      html
        .slice(html.indexOf("<h1"), html.indexOf("</dl>"))
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " ");
    const english = said(render(bad));
    expect(english).toContain("Both thresholds passed, in a partial run, in a measurement disturbed by the client");
    expect(english).toContain("! Limited by the client (event loop, blocked output): TTFT up to 42 ms too high");
    expect(english).toContain("! Window too short");
    expect(english).toContain("5 streams unfinished");
    expect(english).toContain("1,200 starts missed");
    expect(english).toContain("Demonstration");
    expect(english).toContain("2.50 requests/s (Poisson), at most 1,000 at once");
    const french = said(renderHtml({ ...bad, messages: fr, words: frReport, compare: frCompare }));
    expect(french).toContain(
      "Les deux seuils sont respectés, sur une mesure partielle (mesure perturbée par le poste de mesure)",
    );
    expect(french).toContain("2,50 requêtes/s (Poisson), au plus 1 000 requêtes simultanées");
  });

  test("has a tile for each of the five figures, and the percentiles of a speed from its slow side", () => {
    const tiles = [...render().matchAll(/<div class="tile">(.*?)<\/div>(?=<div class="tile">|<\/div>)/gs)].map(
      ([, tile = ""]) => plain(tile.replace(/<p>.*?<\/p>/gs, "")),
    );
    expect(tiles).toHaveLength(5);
    const { distributions } = single.report.steps[0]?.results[0] ?? {};
    expect(tiles[0]).toContain(`${en.duration(distributions?.ttft_ms.p95 ?? NaN)} 95% within (p95)`);
    const slow = distributions === undefined ? null : percentileIn(distributions.tokens_per_second, 5);
    expect(tiles[1]).toContain(`${en.number(slow ?? NaN)} 95% at least (p5)`);
    expect(tiles[3]).toContain("0% 0 of 60 streams");
    expect(tiles[4]).toContain("2/2 passed");
  });

  test("says the margin of each threshold, those that failed first", () => {
    const slo = ["p50(ttft) < 10s", "p50(tokens_per_second) > 4", "error_rate < 5%", "p50(duration) < 1ms"];
    const html = render(playRun({ loads: [closed(8)], streams: 60, slo }));
    const [, body = ""] = /class="part thresholds">.*?<tbody>(.*?)<\/tbody>/s.exec(html) ?? [];
    const rows = [...body.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = ""]) => plain(row));
    expect(rows[0]).toMatch(/^✗ failed p50\(duration\) < 1ms .* −[\d,]+% 60$/);
    expect(rows[1]).toMatch(/^✓ passed p50\(ttft\) < 10s .* \+98% 60$/);
    expect(rows[2]).toMatch(/^✓ passed p50\(tokens_per_second\) > 4 .* \+\d+% 60$/);
    expect(rows[3]).toBe("✓ passed error_rate < 5% 0% +5 pt 60");
  });

  test("has no percentile that so few values cannot tell", () => {
    const few = render(playRun({ loads: [closed(2)], streams: 12 }));
    expect(plain(/<div class="tiles">.*?<\/div><\/div>/s.exec(few)?.[0] ?? "")).toContain("– 95% within (p95)");
    const exact = (html: string): number[] =>
      JSON.parse(DATA.exec(html)?.[1] ?? "{}").steps[0].results[0].curves.ttft_ms.exact;
    expect(exact(few)).toHaveLength(3);
    expect(exact(render())).toHaveLength(4);
  });

  test("says of a sweep up to which load all is well", () => {
    const slow = (slo: string[]): string => {
      const html = render(playRun({ loads: sweep(4), streams: 60, spread: 0.01, slo }));
      return plain(/<p class="lead">(.*?)<\/p>/.exec(html)?.[1] ?? "");
    };
    expect(slow(["p95(ttft) < 10s"])).toBe("Every threshold holds up to 32 streams at once.");
    expect(slow(["p95(ttft) < 225ms"])).toBe(
      "Every threshold holds up to 8 streams at once; with 16 streams at once, p95(ttft) < 225ms fails.",
    );
    expect(slow(["p95(ttft) < 1ms"])).toBe("With as little as 4 streams at once, p95(ttft) < 1ms fails.");
    expect(slow([])).toMatch(/^Throughput is exhausted at 16 streams at once: [\d,]+ tokens\/s\.$/);
  });

  test("says in one block under what conditions it was measured", () => {
    const measured = (sample: Played): string =>
      plain(/<dl class="facts">(.*?)<\/dl>/s.exec(render(sample))?.[1] ?? "");
    const { report } = single;
    const lengths = {
      different_prompts: 1,
      prompt_tokens: { min: 24, p50: 24, max: 24 },
      answer_tokens: { min: 40, p50: 55, max: 60 },
      cached_prompt_tokens: null,
      cached_out_of: null,
    };
    const withLengths = (
      change: Partial<typeof lengths> | { cached_prompt_tokens: number; cached_out_of: number },
    ): Played => ({
      ...single,
      report: {
        ...report,
        plan: { ...report.plan, temperature: 0.8 },
        steps: report.steps.map((step) => ({
          ...step,
          results: step.results.map((result) => ({
            ...result,
            tokens: { ...result.tokens, prompt: 1440 },
            lengths: { ...lengths, ...change },
          })),
        })),
      },
    });
    const same = measured(withLengths({}));
    expect(same).toContain("Prompts the same prompt each time, 24 tokens A cache may have answered");
    expect(same).toContain("Answers 55 tokens (40 to 60) max_tokens 300 Temperature 0.8");
    expect(same).toMatch(/Seed 1 Exit code 0$/);
    expect(measured(withLengths({ different_prompts: 4 }))).toContain("Prompts 4 different, 24 tokens Answers");
    expect(measured(withLengths({ cached_prompt_tokens: 720, cached_out_of: 1440 }))).toContain(
      "50% of the prompt tokens came from the server's cache",
    );
    const older = { ...single, report: { ...report, steps: report.steps.map(withoutLengths) } };
    expect(measured(older)).toContain("Prompts – max_tokens 300");
  });

  test("has the command as one line that a shell reads back as it was", async () => {
    const hostile = [
      "bench",
      "a b",
      "it's",
      "$(touch x)",
      "-e",
      "http://127.0.0.1:1/v1",
      "",
      "x\u202Ey\nz\u{1F916}",
      "\\'\u0007",
    ];
    const html = render({ ...single, report: { ...single.report, arguments: hostile } });
    const [, line = ""] = /<code id="command">(.*?)<\/code>/s.exec(html) ?? [];
    const command = decoded(line.replace(/<[^>]*>/g, ""));
    expect(command).not.toMatch(/[\n\u202E\u0007]/);
    const shell = Bun.spawn(["bash", "-c", `llmaas() { printf '%s\\0' "$@"; }; ${command}`], {
      stdout: "pipe",
      env: { LC_ALL: "C.UTF-8" },
    });
    expect((await shell.stdout.text()).split("\0").slice(0, -1)).toEqual(hostile);
  });

  test("has nothing but the cause where no token came", () => {
    const { report, ...rest } = playRun({ streams: 20, failed: 2 });
    const failed = (step: StepReport): StepReport => ({
      ...step,
      results: step.results.map((result) => ({
        ...result,
        distributions: { ...result.distributions, ttft_ms: distribution([]) },
      })),
    });
    const html = render({ ...rest, report: { ...report, steps: report.steps.map(failed) } });
    const first = plain(/<section class="summary">(.*?)<\/section>/s.exec(html)?.[1] ?? "");
    expect(first).toContain("100% 20 of 20 streams");
    expect(first).toContain("http 503");
    expect(first).toContain("no capacity left for this model");
    expect(first).not.toContain("median (p50)");
    expect(html).not.toContain(enReport.table.times);
    expect(html).not.toContain('id="chart-curves"');
  });

  test("shows the margin that is farthest beyond its limit, whatever its unit, and what is not decided", () => {
    const { report, ...rest } = playRun({
      loads: [closed(8)],
      streams: 60,
      failed: 0.3,
      slo: ["error_rate < 1%", "p95(ttft) < 10s"],
    });
    const tileOf = (html: string): string =>
      plain(/<div class="tile">(?:(?!<div class="tile">).)*Thresholds.*?<\/div><\/div>/s.exec(html)?.[0] ?? "");
    expect(tileOf(render({ ...rest, report }))).toMatch(/1\/2 passed −[\d.]+ pt smallest margin/);
    const open = report.steps.map((step) => ({
      ...step,
      results: step.results.map((result) => ({
        ...result,
        thresholds: result.thresholds.map((threshold) => ({ ...threshold, passed: false, undecided: true })),
      })),
    }));
    const html = render({ ...rest, report: { ...report, steps: open } });
    expect(plain(html)).toContain("? not decided error_rate < 1%");
    expect(JSON.parse(DATA.exec(html)?.[1] ?? "{}").steps[0].limits).toContainEqual(
      expect.objectContaining({ of: "ttft_ms", percent: 95, outcome: "undecided" }),
    );
  });

  test("shows what was held against a baseline", () => {
    const gate = { load: closed(8), model: "<b>m</b>", worsening: 0.3, lower_bound: 0.2, limit: 0.1 };
    const fail_if = [{ ...gate, text: "p95(ttft) +10%", passed: false, why: "worse" as const }];
    const html = render({ ...single, report: { ...single.report, fail_if } });
    expect(plain(/class="gates">(.*?)<\/section>/s.exec(html)?.[1] ?? "")).toContain(
      "✗ failed --fail-if p95(ttft) +10% 8 streams at once · <b>m</b> failed: +30%, +20% of it certain (95%)",
    );
    expect(render()).not.toContain('class="gates"');
  });

  test("counts what was held against a baseline into the tile of the thresholds, of the load that it is of", () => {
    const run = playRun({ loads: sweep(2), streams: 60, slo: ["p50(ttft) < 10s"] });
    const [first, second] = run.report.steps;
    const gate = { model: null, worsening: 0.3, lower_bound: 0.2, limit: 0.1 };
    const fail_if = [
      { ...gate, load: first?.load ?? null, text: "p95(ttft) +10%", passed: false, why: "worse" as const },
      { ...gate, load: first?.load ?? null, text: "p95(ttft) +90%", passed: true, why: null },
      { ...gate, load: second?.load ?? null, text: "p95(ttft) +10%", passed: false, why: "undecided" as const },
      { ...gate, load: null, text: "p95(ttft) +5%", passed: false, why: "no_data" as const },
    ];
    const tiles = (report: RunReport): string[] =>
      [...render({ ...run, report }).matchAll(/<p class="big (\w+)"><b>(\d+\/\d+)<\/b> <span>/g)].map(
        ([, mood, value]) => `${mood} ${value}`,
      );
    expect(tiles(run.report)).toEqual(["good 1/1", "good 1/1"]);
    expect(tiles({ ...run.report, fail_if })).toEqual(["bad 2/3", "warn 1/2"]);
    const { report } = playRun({ loads: [closed(2)], streams: 60, slo: [] });
    expect(tiles({ ...report, fail_if: fail_if.slice(3) })).toEqual(["bad 0/1"]);
  });

  test("cuts between characters", () => {
    expect(clip("abc", 3)).toBe("abc");
    expect(clip("ab🤖d", 4)).toBe("ab…");
    expect(clip("a\u2069\u202Eb", 9)).toBe("a⟨U+2069⟩⟨U+202E⟩b");
  });

  test("has curves that agree with the table", () => {
    const values = distribution(Array.from({ length: 1000 }, (_, index) => index + 1));
    const curve = curveOf(values, 40);
    expect(curve?.count).toBe(1000);
    expect(curve?.values[40]).toBeCloseTo(values.p90 ?? NaN, 0);
    expect(curve?.values[80]).toBeCloseTo(values.p99 ?? NaN, 0);
    expect(curve?.values.at(-1)).toBe(1000);
    expect(curveOf(distribution([5]), 40)).toEqual({ count: 1, values: [5], exact: [5] });
    expect(curveOf(distribution([]), 40)).toBeNull();
    expect(curve?.exact.slice(0, 5)).toEqual(
      [values.p50, percentileIn(values, 75), values.p90, values.p95, values.p99].map((v) => Number(v?.toPrecision(4))),
    );
    const speeds = curveOf(values, 40, true);
    expect(speeds?.values[40]).toBeCloseTo(100, 0);
    expect(speeds?.values.at(-1)).toBe(1);
    expect(speeds?.exact[3]).toBeCloseTo(50, 0);
  });

  test("has colours with enough contrast in both themes", async () => {
    const style = await Bun.file(new URL("../../src/report/page/page.css", import.meta.url)).text();
    const inks = new Map(
      [...style.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name = "", ...pair]) => [
        name,
        pair,
      ]),
    );
    const weak = [...inks].flatMap(([name, pair]) =>
      pair.flatMap((ink, theme) => {
        const wanted = NEEDED.find(([pattern]) => pattern.test(name))?.[1] ?? 0;
        const papers = wanted > 4 ? ["paper", "raised"] : ["paper"];
        const least = Math.min(...papers.map((paper) => contrast(ink, inks.get(paper)?.[theme] ?? "")));
        return least < wanted ? [`${name} ${ink}: ${least.toFixed(2)}`] : [];
      }),
    );
    expect(inks.size).toBeGreaterThan(20);
    expect(weak).toEqual([]);
  });

  test("is in French, with French typography", () => {
    const problems = sentences({
      ...frReport,
      instant: frReport.instant("2026-11-22T10:00:00.000Z"),
      terms: { ...frReport.terms, load: frReport.terms.load.arrival(2.5) },
    }).flatMap(typographyProblems);
    expect(problems).toEqual([]);
    expect(typographyProblems(frReport.table.costValue(frNumbers.cost(0.0312, "EUR"), 2))).toEqual([]);
    const html = renderHtml({ ...single, messages: fr, words: frReport, compare: frCompare });
    expect(html).toContain('<html lang="fr">');
    expect(html).toMatch(/<td class="n">\d+,\d<\/td>/);
  });
});

/** The words of a piece of the page. */
function plain(html: string): string {
  return decoded(html.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ")).trim();
}

function decoded(html: string): string {
  const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', "#39": "'" };
  return html.replace(/&(lt|gt|amp|quot|#39);/g, (_, name: string) => entities[name] ?? "");
}

/** As reports of an earlier version are. */
function withoutLengths(step: StepReport): StepReport {
  const results = step.results.map((result) => {
    const { ...older } = result;
    delete older.lengths;
    return older;
  });
  return { ...step, results };
}

/** WCAG AA: text 4.5, what is drawn 3. */
const NEEDED: readonly (readonly [RegExp, number])[] = [
  [/^(ink|soft|good|bad|warn|link)$/, 4.5],
  [/^(m\d|wait|late|think|bad-soft)$/, 3],
];

/** WCAG 2.2, relative luminance. */
function contrast(one: string, other: string): number {
  const light = (color: string): number => {
    const channels = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255);
    const [red = 0, green = 0, blue = 0] = channels.map((c) =>
      c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [high = 0, low = 0] = [light(one), light(other)].toSorted((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

/** All sentences of a language, with some values in them. */
function sentences(words: object): string[] {
  return Object.values(words).flatMap((value: unknown): string[] => {
    if (typeof value === "string") return [value];
    if (typeof value === "function") return [value("2", 2, 2, 2), value(2, 2, 2, 2), value(0, 3, "2", "2")].map(String);
    return typeof value === "object" && value !== null ? sentences(value) : [];
  });
}
