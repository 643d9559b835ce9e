import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";

/** Where Chromium is; `null` where it is missing. */
export const chromium = Bun.which("chromium") ?? Bun.which("chromium-browser") ?? Bun.which("google-chrome");

if (chromium === null) console.log("skipped: chromium missing");

/** How a page is looked at. */
export type Look = { theme?: "light" | "dark"; width?: number; height?: number };

/** A page that was opened from a file, with all it complained about and all it asked for besides itself. */
export type Opened = { page: Page; complaints: string[]; requests: string[] };

export type PageBrowser = { open(html: string, look?: Look): Promise<Opened>; close(): Promise<void> };

/** One browser for all pages; each page is a file, as it is for those who are sent one. */
export async function openBrowser(): Promise<PageBrowser> {
  const folder = await mkdtemp(join(tmpdir(), "llmaas-page-"));
  const browser: Browser = await puppeteer.launch({
    executablePath: chromium ?? "",
    args: [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), "--disable-gpu"],
  });
  let count = 0;

  return {
    async open(html, { theme = "light", width = 1280, height = 900 } = {}) {
      const path = join(folder, `${count++}.html`);
      await Bun.write(path, html);
      const page = await browser.newPage();
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("request", (request) => {
        if (request.url() !== `file://${path}`) requests.push(request.url());
      });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
      await page.setViewport({ width, height });
      await page.goto(`file://${path}`);
      return { page, complaints, requests };
    },
    async close() {
      await browser.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** What stands in each canvas: how many of its pixels are not empty, by the chart it belongs to. */
export const INKED = `Object.fromEntries([...document.querySelectorAll("figure.chart canvas")].map((canvas) => {
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let inked = 0;
  for (let at = 3; at < pixels.length; at += 4) if (pixels[at] !== 0) inked++;
  return [canvas.closest("figure").id, inked];
}))`;

/** The picture of one chart. */
export function pictureOf(chart: string): string {
  return `document.querySelector("#chart-${chart} canvas").toDataURL()`;
}
