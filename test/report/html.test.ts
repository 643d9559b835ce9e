import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { enReport } from "../../src/i18n/en/report.ts";
import { en } from "../../src/i18n/en/messages.ts";
import { frReport } from "../../src/i18n/fr/report.ts";
import { fr } from "../../src/i18n/fr/messages.ts";
import { renderHtml } from "../../src/report/html.ts";
import { chromium, INKED, openBrowser, pictureOf, type PageBrowser } from "./page-browser.ts";
import { closed, playRun, sweep, type Played } from "../fixtures/report.ts";
import { emptyRun, hostileRun, SHOWN_HOSTILE } from "./page-samples.ts";

const english = (sample: Played): string => renderHtml({ ...sample, messages: en, words: enReport });
const french = (sample: Played): string => renderHtml({ ...sample, messages: fr, words: frReport });

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
      expect(await page.evaluate(`document.querySelector("#chart-curves .readout").innerText`)).toBe(
        "Rien à dessiner.",
      );
      expect(await page.evaluate(`document.querySelector("#chart-waterfall .readout").innerText`)).toBe(
        "Rien à dessiner.",
      );
      expect(complaints).toEqual([]);
      await page.close();
    }
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
