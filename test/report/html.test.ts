import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { enCompare } from "../../src/i18n/en/compare.ts";
import { enReport } from "../../src/i18n/en/report.ts";
import { en } from "../../src/i18n/en/messages.ts";
import { frCompare } from "../../src/i18n/fr/compare.ts";
import { frReport } from "../../src/i18n/fr/report.ts";
import { fr } from "../../src/i18n/fr/messages.ts";
import { renderHtml } from "../../src/report/html.ts";
import { chromium, INKED, openBrowser, pictureOf, type PageBrowser } from "./page-browser.ts";
import { closed, playRun, sweep, type Played } from "../fixtures/report.ts";
import { emptyRun, hostileRun, SHOWN_HOSTILE } from "./page-samples.ts";

const english = (sample: Played): string =>
  renderHtml({ ...sample, messages: en, words: enReport, compare: enCompare });
const french = (sample: Played): string => renderHtml({ ...sample, messages: fr, words: frReport, compare: frCompare });

const swept = playRun({
  models: ["granite3.3:2b", "gemma3:4b", "qwen3:8b"],
  loads: sweep(4),
  failed: 0.03,
  stalled: 0.03,
});
const single = playRun({ loads: [closed(8)], streams: 120, warmup: 8, failed: 0.03, stalled: 0.03 });

const CHARTS = ["curves", "ttft", "duration", "tokens", "concurrency", "waterfall"].map((name) => `chart-${name}`);

describe.skipIf(chromium === null)("the HTML report in Chromium", () => {
  let browser: PageBrowser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  for (const [name, html, lang] of [
    ["light", english(swept), "en"],
    ["dark", french(swept), "fr"],
  ] as const) {
    test(`draws every chart, complains of nothing and asks for nothing (${name}, ${lang})`, async () => {
      const { page, complaints, requests } = await browser.open(html, { theme: name });
      const inked = (await page.evaluate(INKED)) as Record<string, number>;
      for (const chart of ["chart-sweep", ...CHARTS])
        expect([chart, (inked[chart] ?? 0) > 1000]).toEqual([chart, true]);
      expect(await page.evaluate("document.documentElement.lang")).toBe(lang);
      const paper = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
      expect(paper).toBe(name === "light" ? "rgb(255, 255, 255)" : "rgb(17, 22, 28)");
      expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
      await page.close();
    });
  }

  test("changes its theme with the button, and the charts with it", async () => {
    const { page, complaints } = await browser.open(english(single));
    const before = await page.evaluate(pictureOf("curves"));
    await page.click("#theme");
    expect(await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")).toBe("rgb(17, 22, 28)");
    expect(await page.evaluate(pictureOf("curves"))).not.toBe(before);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("draws other pixels from other figures", async () => {
    const other = playRun({ loads: [closed(8)], streams: 120, seed: 8 });
    const [first, second] = [await browser.open(english(single)), await browser.open(english(other))];
    for (const chart of ["curves", "ttft", "duration", "waterfall"]) {
      const pictures = await Promise.all([first, second].map(({ page }) => page.evaluate(pictureOf(chart))));
      expect(pictures[0]).not.toBe(pictures[1]);
    }
    await Promise.all([first, second].map(({ page }) => page.close()));
  });

  test("shows the figures of the stream that is clicked, or opened by Enter, and zooms by dragging and by keys", async () => {
    const { page, complaints } = await browser.open(english(single));
    const panel = (): Promise<unknown> => page.evaluate(`document.querySelector("#stream").innerText`);
    const picture = (): Promise<unknown> => page.evaluate(pictureOf("waterfall"));
    const canvas = await page.$("#chart-waterfall canvas");
    const place = async (): Promise<{ x: number; y: number; width: number; height: number }> => {
      await canvas?.scrollIntoView();
      return (await canvas?.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    };
    let box = await place();
    // The last row: the stream that was sent last.
    await page.mouse.click(box.x + box.width * 0.97, box.y + box.height - 28);
    const [, number] = /^Stream (\d+)/.exec(String(await panel())) ?? [];
    const clicked = single.streams.find(({ stream }) => stream === Number(number));
    expect(await panel()).toContain(clicked?.prompt ?? "no such stream");
    expect(await panel()).toContain("TTFT");
    const whole = await picture();
    box = await place();
    await page.mouse.move(box.x + 50, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + 300, box.y + 150);
    await page.mouse.up();
    const dragged = await picture();
    expect(dragged).not.toBe(whole);
    await page.focus("#chart-waterfall .plot");
    await page.keyboard.press("0");
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    expect(await panel()).toContain("Stream 0");
    expect(await panel()).toContain("warm-up");
    const unzoomed = await picture();
    await page.keyboard.press("+");
    expect(await picture()).not.toBe(unzoomed);
    await page.focus("#chart-ttft .plot");
    await page.keyboard.press("ArrowRight");
    expect(await page.evaluate(`document.querySelector("#chart-ttft .readout").textContent`)).toMatch(
      /^Stream \d+ · TTFT/,
    );
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("walks with the arrows past streams that stand in one place", async () => {
    const made = playRun({ streams: 6 });
    const together = made.streams.map((stream) => ({ ...stream, sent: 100, ttft_ms: 200 }));
    const { page } = await browser.open(english({ ...made, streams: together }));
    await page.focus("#chart-ttft .plot");
    const read: unknown[] = [];
    for (const key of ["Home", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"] as const) {
      await page.keyboard.press(key);
      read.push(await page.evaluate(`document.querySelector("#chart-ttft .readout").textContent.split(" ·")[0]`));
    }
    expect(new Set(read).size).toBe(6);
    await page.close();
  });

  test("shows the step that is chosen, in tables and charts", async () => {
    const { page, complaints } = await browser.open(french(swept));
    const heading = (): Promise<unknown> =>
      page.evaluate(`[...document.querySelectorAll(".of-step:not([hidden]) h2")].map((h) => h.innerText).join("|")`);
    expect(await heading()).toBe("Résultats à 16 requêtes simultanées|Résultats à 16 requêtes simultanées");
    const before = await page.evaluate(pictureOf("waterfall"));
    await page.focus("#steps input");
    await page.keyboard.press("ArrowRight");
    expect(await heading()).toBe("Résultats à 8 requêtes simultanées|Résultats à 8 requêtes simultanées");
    expect(await page.evaluate(pictureOf("waterfall"))).not.toBe(before);
    const curve = await page.evaluate(pictureOf("curves"));
    await page.select("#pick-curves", "tokens_per_second");
    expect(await page.evaluate(pictureOf("curves"))).not.toBe(curve);
    expect(await page.evaluate(`document.querySelector("#chart-curves .legend").innerText`)).toContain("gemma3:4b");
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("executes nothing that a prompt, a model, an error or an endpoint says, and shows it as text", async () => {
    const { page, complaints, requests } = await browser.open(english(hostileRun()));
    await page.focus("#chart-waterfall .plot");
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await page.evaluate(`document.querySelectorAll("details").forEach((details) => { details.open = true; })`);
    await Bun.sleep(50);
    expect(await page.evaluate("window.hacked ?? null")).toBeNull();
    expect(await page.evaluate(`document.querySelectorAll("img, iframe, a, [onerror]").length`)).toBe(0);
    const text = (await page.evaluate(`document.body.innerText`)) as string;
    for (const place of [
      "#stream blockquote",
      "#stream dd",
      ".facts dd",
      "#chart-waterfall .legend",
      "#chart-waterfall td",
    ])
      expect([place, await page.evaluate(`document.querySelector(${JSON.stringify(place)}).textContent`)]).toEqual([
        place,
        expect.stringContaining("<img src=x"),
      ]);
    expect(text).toContain(SHOWN_HOSTILE);
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
    await page.close();
  });

  test("lets nothing run or load that is not its own", async () => {
    const { page, complaints } = await browser.open(english(single));
    await page.evaluate(`{
      const script = document.createElement("script");
      script.textContent = "window.hacked = 1";
      const image = document.createElement("img");
      image.src = "http://127.0.0.1:9/x";
      const button = document.createElement("div");
      button.setAttribute("style", "position: fixed");
      button.id = "styled";
      document.body.append(script, image, button);
      button.setAttribute("onclick", "window.hacked = 2");
      button.click();
      fetch("http://127.0.0.1:9/y").catch(() => { window.refused = true; });
    }`);
    await page.waitForFunction("window.refused === true");
    expect(await page.evaluate("window.hacked ?? null")).toBeNull();
    expect(await page.evaluate(`getComputedStyle(document.querySelector("#styled")).position`)).toBe("static");
    const refused = complaints.filter((text) => text.includes("Content Security Policy"));
    for (const source of ["inline script", "inline style", "inline event handler", "127.0.0.1:9/x", "127.0.0.1:9/y"])
      expect([source, refused.some((text) => text.includes(source))]).toEqual([source, true]);
    await page.close();
  });

  test("says that there is nothing when nothing was completed", async () => {
    for (const sample of [emptyRun(), { ...emptyRun(), report: { ...emptyRun().report, steps: [] } }]) {
      const { page, complaints } = await browser.open(french(sample));
      expect(await page.evaluate(`document.querySelector("h1").innerText`)).toBe("Aucun flux n’a réussi");
      expect(await page.evaluate(`document.querySelectorAll("#drawn figure").length`)).toBe(1);
      expect(await page.evaluate(`document.querySelector("#chart-waterfall .readout").innerText`)).toBe(
        "Rien à dessiner.",
      );
      expect(complaints).toEqual([]);
      await page.close();
    }
  });

  test("answers on the first screen: sentence, tiles, thresholds, and the first chart begins", async () => {
    const edges = `Object.fromEntries([...document.querySelectorAll("h1, .tiles, .thresholds, #chart-curves, .sweep")]
      .filter((element) => element.offsetParent !== null)
      .map((element) => [element.id || element.className || "h1", element.getBoundingClientRect()])
      .map(([name, box]) => [name, /chart|sweep/.test(name) ? box.top + 100 : box.bottom]))`;
    for (const html of [english(single), french(swept)]) {
      const { page } = await browser.open(html);
      const below = Object.entries((await page.evaluate(edges)) as Record<string, number>);
      expect(below.length).toBeGreaterThan(3);
      expect(below.filter(([name, edge]) => edge > 900 && name !== "chart-curves")).toEqual([]);
      await page.close();
    }
  });

  test("has the result of the thresholds in view on a telephone", async () => {
    const strict = playRun({ loads: [closed(8)], streams: 120, slo: ["p95(ttft) < 1ms", "error_rate < 1%"] });
    const disturbed = playRun({ loads: sweep(4), limited: true, unfinished: 0.1, slo: ["p95(ttft) < 1ms"] });
    for (const html of [english(strict), french(strict), french(swept), french(disturbed)]) {
      const { page } = await browser.open(html, { width: 375, height: 800 });
      const bottom = `[...document.querySelectorAll(".tile:last-child")].find((tile) => tile.offsetParent !== null).getBoundingClientRect().bottom`;
      expect(await page.evaluate(bottom)).toBeLessThanOrEqual(800);
      const left = `[...document.querySelectorAll(".thresholds tbody td:first-child")].every((cell) => cell.getBoundingClientRect().right < 375)`;
      expect(await page.evaluate(left)).toBe(true);
      await page.close();
    }
  });

  test("draws unfinished streams with a mark of their own, and no axis is longer for them", async () => {
    const made = playRun({ loads: [closed(8)], streams: 60, unfinished: 0.2 });
    const cutAfter = (ms: number): Played => ({
      ...made,
      streams: made.streams.map((stream) =>
        stream.verdict === "cancelled" ? { ...stream, duration_ms: ms, ended: stream.sent + ms } : stream,
      ),
    });
    expect(made.streams.some(({ verdict }) => verdict === "cancelled")).toBe(true);
    const pictures: unknown[] = [];
    for (const ms of [60_000, 120_000]) {
      const { page } = await browser.open(english(cutAfter(ms)));
      expect(await page.evaluate(`document.querySelector("#chart-duration .legend").innerText`)).toBe(
        enReport.page.unfinishedMark,
      );
      expect(await page.evaluate(`document.querySelector("#chart-waterfall .legend").innerText`)).toContain(
        enReport.page.unfinishedMark,
      );
      await page.evaluate(`document.querySelector("#chart-duration details").open = true`);
      await page.waitForSelector("#chart-duration td");
      expect(await page.evaluate(`document.querySelector("#chart-duration table").innerText`)).toContain(
        ms === 60_000 ? "> 1 min" : "> 2 min",
      );
      pictures.push(await page.evaluate(pictureOf("duration")), await page.evaluate(pictureOf("waterfall")));
      await page.close();
    }
    expect(pictures.slice(0, 2)).toEqual(pictures.slice(2));
  });

  test("neither a failure nor the warm-up makes an axis longer", async () => {
    const made = playRun({ loads: [closed(8)], streams: 60, warmup: 6, failed: 0.2 });
    const slow = (ms: number): Played => ({
      ...made,
      streams: made.streams.map((stream) =>
        stream.error === null && !stream.warmup ? stream : { ...stream, duration_ms: ms },
      ),
    });
    const pictures = await Promise.all(
      [60_000, 120_000].map(async (ms) => {
        const { page } = await browser.open(english(slow(ms)));
        const picture = await page.evaluate(pictureOf("duration"));
        await page.close();
        return picture;
      }),
    );
    expect(pictures[0]).toBe(pictures[1]);
  });

  test("draws the thresholds as lines: near ones where they are, far ones as words at the edge", async () => {
    const wish = { loads: [closed(8)], streams: 120 };
    const pictures = await Promise.all(
      [[], ["p95(ttft) < 400ms"], ["p95(ttft) < 90s"], ["ttft < 300ms"], ["p50(tokens_per_second) > 20"]].map(
        async (slo) => {
          const { page, complaints } = await browser.open(english(playRun({ ...wish, slo })));
          const ttft = await page.evaluate(pictureOf("ttft"));
          await page.select("#pick-curves", "tokens_per_second");
          const speed = await page.evaluate(pictureOf("curves"));
          expect(complaints).toEqual([]);
          await page.close();
          return { ttft, speed };
        },
      ),
    );
    expect(new Set(pictures.slice(0, 4).map(({ ttft }) => ttft)).size).toBe(4);
    expect(pictures[4]?.speed).not.toBe(pictures[0]?.speed);
    expect(pictures[4]?.ttft).toBe(pictures[0]?.ttft);
  });

  test("explains a word of the field where it stands, by pointer and by keyboard", async () => {
    const { page } = await browser.open(english(single));
    const open = `[...document.querySelectorAll("details.term[open] > p")].map((p) => p.innerText)`;
    await page.click(".tile details.term summary");
    expect(await page.evaluate(open)).toEqual([enReport.terms.help.sections.stream.figures.ttft_ms]);
    await page.focus(".details tbody th details.term summary");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(open)).toHaveLength(2);
    await page.focus("#chart-waterfall .plot");
    await page.keyboard.press("Enter");
    await page.focus("#stream details.term summary");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(open)).toContain(enReport.terms.help.sections.load.figures.dispatch_delay_ms);
    await page.close();
  });

  test("has all that matters on the first sheet of paper, each step of a sweep on others, and is as before afterwards", async () => {
    // A4 less the margins of the page, in CSS pixels.
    const sheet = { width: 703, height: 1016 };
    for (const [sample, steps] of [
      [single, 1],
      [swept, 4],
    ] as const) {
      const { page, complaints } = await browser.open(french(sample), sheet);
      await page.emulateMediaType("print");
      await page.waitForFunction(
        `matchMedia("print").matches && document.querySelectorAll(".paper canvas").length === ${steps === 1 ? 0 : steps * CHARTS.length}`,
      );
      expect(await page.evaluate(`document.querySelector(".measurement").getBoundingClientRect().bottom`)).toBeLessThan(
        sheet.height,
      );
      const shown = `[...document.querySelectorAll(".details > .of-step")].filter((step) => step.getBoundingClientRect().height > 200).length`;
      expect(await page.evaluate(shown)).toBe(steps);
      const blank = `[...document.querySelectorAll(".paper canvas")].filter((canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return !data.some((value, index) => index % 4 === 3 && value > 0);
      }).length`;
      expect(await page.evaluate(blank)).toBe(0);
      const pictures = `new Set([...document.querySelectorAll(".paper canvas")].map((canvas) => canvas.toDataURL())).size`;
      if (steps > 1) expect(await page.evaluate(pictures)).toBeGreaterThan(steps * 4);
      await page.emulateMediaType("screen");
      await page.waitForFunction(`document.querySelectorAll(".paper canvas").length === 0`);
      expect(await page.evaluate(`document.querySelectorAll(".details > .of-step:not([hidden])").length`)).toBe(1);
      expect(complaints).toEqual([]);
      await page.close();
    }
  });

  test("draws no single streams where a report was read again and holds none", async () => {
    const again = { ...single, streams: [], left: single.streams.length };
    const { page, complaints } = await browser.open(english(again));
    expect(await page.evaluate(`document.querySelectorAll("#drawn figure:not([hidden])").length`)).toBe(3);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("fits a telephone, and paper", async () => {
    const many = playRun({ models: ["a", "b"], loads: [4, 64].map(closed), streams: 1000, reads: 20 });
    const { page, complaints } = await browser.open(french(many), { width: 360, theme: "dark" });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    await page.emulateMediaType("print");
    await page.waitForFunction(`getComputedStyle(document.documentElement).backgroundColor === "rgb(255, 255, 255)"`);
    expect(await page.evaluate(`document.querySelector("#chart-waterfall canvas").width`)).toBe(1380);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
