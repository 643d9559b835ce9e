import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUNDLE, bundlePage } from "../../.ci/page.ts";
import { enReport } from "../../src/i18n/en/report.ts";
import { en } from "../../src/i18n/en/messages.ts";
import { frReport } from "../../src/i18n/fr/report.ts";
import { fr } from "../../src/i18n/fr/messages.ts";
import { frNumbers } from "../../src/i18n/numbers.ts";
import { curveOf } from "../../src/report/html-charts.ts";
import { clip, markup, scriptJson } from "../../src/report/html-markup.ts";
import { renderHtml } from "../../src/report/html.ts";
import { typographyProblems } from "../i18n/typography.ts";
import { closed, distribution, playRun, sweep } from "../fixtures/report.ts";
import { hostileRun, SHOWN_HOSTILE } from "./page-samples.ts";

const single = playRun({ loads: [closed(8)], streams: 60 });
const render = (sample = single): string => renderHtml({ ...sample, messages: en, words: enReport });
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
    expect(bundle.renderHtml({ ...single, messages: en, words: enReport })).toBe(render());
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
    const bad = {
      ...single,
      report: { ...report, verdict, demo: true, partial: "signal" as const, plan: { ...report.plan, loads: [load] } },
    };
    const said = (html: string): string =>
      html
        .slice(html.indexOf("<h1"), html.indexOf("</dl>"))
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " ");
    const english = said(render(bad));
    expect(english).toContain("Both thresholds passed, in a partial run, but limited by the client");
    expect(english).toContain("✗ Limited by the client: event loop lag p99 (ms), output held (ms)");
    expect(english).toContain("! Window too short");
    expect(english).toContain("5 streams unfinished");
    expect(english).toContain("1,200 starts missed");
    expect(english).toContain("Demonstration");
    expect(english).toContain("2.50 requests/s (Poisson), at most 1,000 at once");
    const french = said(renderHtml({ ...bad, messages: fr, words: frReport }));
    expect(french).toContain(
      "Les deux seuils sont respectés, sur une mesure partielle (mesure perturbée par le poste de mesure)",
    );
    expect(french).toContain("2,50 requêtes/s (Poisson), au plus 1 000 requêtes simultanées");
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
    const html = renderHtml({ ...single, messages: fr, words: frReport });
    expect(html).toContain('<html lang="fr">');
    expect(html).toMatch(/<td class="n">\d+,\d<\/td>/);
  });
});

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
