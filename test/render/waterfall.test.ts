import { describe, expect, test } from "bun:test";
import { createWaterfall, type Chart } from "../../src/render/waterfall/chart.ts";
import { waterfall } from "../../src/render/waterfall/waterfall.ts";
import { typographyProblems } from "../i18n/typography.ts";
import { createRandom } from "./random.ts";
import { play, type Story } from "./several.ts";
import { en, fr } from "./words.ts";

const VIEW = { columns: 80, color: false };

/** One of each thing that can happen. */
const ALL: Story[] = [
  { ttft: 220, tokens: 160, perSecond: 46 },
  { model: "gemma3:4b", start: 2, ttft: 400, tokens: 140, perSecond: 58 },
  { model: "qwen3:8b", start: 4, ttft: 900, thought: 40, tokens: 90, perSecond: 29 },
  {
    start: 6,
    retries: [
      { after: 90, wait: 600 },
      { after: 110, wait: 1200 },
    ],
    ttft: 300,
    tokens: 80,
    perSecond: 44,
  },
  { model: "gemma3:4b", start: 500, ttft: 350, tokens: 120, perSecond: 60, pauses: { 40: 1800 } },
  { model: "qwen3:8b", start: 700, ttft: 1000, tokens: 60, perSecond: 30, tail: 200, verdict: "truncated" },
  { start: 900, ttft: 250, tokens: 0, verdict: "failed" },
  { model: "gemma3:4b", start: 1500, ttft: 380, tokens: 30, perSecond: 61, tail: 4000, verdict: "timeout" },
  { model: "qwen3:8b", start: 2500, ttft: 800, tokens: 110, perSecond: 12 },
  { start: 3300, ttft: 210, tokens: 200, perSecond: 47, verdict: "length" },
  { start: 5300, ttft: 210, tokens: 20, perSecond: 300 },
  { start: 7300, ttft: 310, tokens: 100, perSecond: 40, verdict: "cancelled" },
  { start: 7400, ttft: 310, tokens: 40, verdict: "filtered" },
  { start: 7500, ttft: 310, thought: 40, tokens: 0, verdict: "empty" },
];

function chartOf(stories: readonly Story[], stall = 1000): Chart {
  const watcher = createWaterfall();
  play(stories, { stall, watchers: [watcher] });
  return watcher.chart();
}

function draw(stories: readonly Story[], view: Partial<typeof VIEW> = {}, messages = en): string {
  return waterfall(chartOf(stories), messages, { ...VIEW, ...view });
}

/** The bars alone, without numbers, names and totals. */
function bars(text: string): string[] {
  const lines = text.split("\n");
  const rows = lines.slice(
    lines.indexOf("") + 1,
    lines.findIndex((line) => line.includes("└")),
  );
  return rows.map((row) =>
    row
      .replace(/^ *\d+(?:\.\d+)? (?:[a-z]\S* +)?/, "")
      .replace(/\d[\d.,]* (?:ms|s|min)(?: \d+ s)?$/, "")
      .trim(),
  );
}

describe("the waterfall", () => {
  test.each([120, 80, 40])("in %d columns is this, in both languages", (columns) => {
    const [english, french] = [en, fr].map((messages) => draw(ALL, { columns }, messages));
    expect(english).toMatchSnapshot();
    expect(french).toMatchSnapshot();
    expect(french).not.toBe(english);
  });

  test("gives each phase its time: waiting, a wait before a retry, thinking, tokens, a stall", () => {
    const second = { ttft: 1000, tokens: 11, perSecond: 10, tail: 0 };
    const stories: Story[] = [
      { ...second, tokens: 91 },
      { ...second, start: 1000 },
      { ...second, retries: [{ after: 1000, wait: 3000 }] },
      { ...second, thought: 20, tokens: 21 },
      { ...second, tokens: 21, pauses: { 10: 3000 } },
      { ...second, tokens: 1, tail: 4000, verdict: "timeout" },
    ];
    // 1 number, 1 space, 50 cells of 200 ms, 2 for a mark, 1 space, 6 for the total.
    expect(bars(draw(stories, { columns: 61 }))).toEqual([
      `·····${"█".repeat(45)}`,
      `·····${"█".repeat(5)}`,
      `·····${"↻".repeat(15)}·····${"█".repeat(5)}`,
      `·····${"○".repeat(10)}${"█".repeat(10)}`,
      `·····${"█".repeat(4)}${"╌".repeat(16)}${"█".repeat(5)}`,
      `·····█${"╌".repeat(19)}⏰`,
    ]);
  });

  test("shades tokens by their pace, against the fastest of the run", () => {
    const stories = [100, 70, 40, 10].map((perSecond): Story => ({
      ttft: 0,
      tokens: perSecond * 3,
      perSecond,
      tail: 0,
    }));
    expect(bars(draw(stories)).map((bar) => [...new Set(bar)].join(""))).toEqual(["█", "▓", "▒", "░"]);
    expect(draw(stories)).toContain("tokens, up to 100/s");
  });

  test("shows an answer and a stall that are shorter than a cell", () => {
    const long: Story = { ttft: 100, tokens: 3000, perSecond: 50 };
    const [, short, stalled] = bars(
      draw([long, { ttft: 20, tokens: 3, perSecond: 100 }, { ...long, pauses: { 900: 1010 }, start: 1 }], {
        columns: 40,
      }),
    );
    expect(short).toBe("░");
    expect(stalled).toMatch(/^[█▓]+╌[█▓]+$/);
  });

  test("knows no pace of an answer that came all at once, and lets it pale no other", () => {
    const stories: Story[] = [
      { ttft: 1000, tokens: 1 },
      { ttft: 1000, tokens: 100, perSecond: 50 },
    ];
    expect(bars(draw(stories))[1]).toMatch(/^·+█+$/);
    expect(draw(stories)).toContain("tokens, up to 50.0/s");
  });

  test("ends each line that failed with its mark, and explains only the signs that occur", () => {
    const ends = bars(draw(ALL)).map((bar) => bar.at(-1));
    expect(ends.filter((end) => !"█▓▒░".includes(end ?? ""))).toEqual(["✂", "✗", "⏰", "■", "⊘", "∅"]);
    const quiet = draw([{ ttft: 500 }, { ttft: 300 }]);
    expect(quiet).toContain("· waiting   ░▒▓█ tokens");
    expect(quiet).not.toMatch(/retry|thinking|stall|failed/);
  });

  test("draws a stream that ended as soon as it began", () => {
    expect(bars(draw([{ ttft: 500 }, { start: 0, ttft: 0, tokens: 0, tail: 0, verdict: "cancelled" }]))[1]).toBe("·■");
  });

  test("names the model once where there is one, and in each line where there are more", () => {
    expect(draw([{ ttft: 500 }, { ttft: 300 }]).split("granite3.3:2b").length).toBe(2);
    expect(draw([{ ttft: 500 }, { model: "b", ttft: 300 }]).split("granite3.3:2b").length).toBe(2);
    expect(draw([{ ttft: 500 }, { model: "b\u001B[2J\nc", ttft: 300 }])).toContain("b␛[2J␊c");
  });

  test("labels its axis from 0 to the end, in seconds", () => {
    const axis = (ms: number): string =>
      draw([{ ttft: ms, tokens: 1, tail: 0 }, { ttft: 1 }], { columns: 110 })
        .split("\n")
        .at(-4) ?? "";
    expect(axis(12_000)).toMatch(/^ +0 +1 s +2 s .* 11 s$/);
    expect(axis(1100)).toMatch(/^ +0 +0\.1 s +0\.2 s .* 1\.0 s/);
    expect(axis(3_600_000)).toMatch(/^ +0 +500 s +1000 s/);
  });

  test("fits every width from 24 columns on, in both languages", () => {
    const chart = chartOf([...ALL, { model: "漢字の模型👩‍🚀".repeat(4), start: 100, tail: 90_000, verdict: "timeout" }]);
    for (const messages of [en, fr]) {
      for (let columns = 24; columns <= 200; columns++) {
        const text = waterfall(chart, messages, { ...VIEW, columns });
        for (const line of text.split("\n")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
      }
    }
  });

  test("is drawn, and breaks nothing, where there is room for no more than a letter", () => {
    for (const messages of [en, fr])
      for (let columns = 0; columns < 24; columns++) expect(draw(ALL, { columns }, messages)).not.toBe("");
  });

  test("says the same with colours as without", () => {
    const colored = draw(ALL, { color: true });
    expect(colored).toContain("\u001B[31m");
    expect(Bun.stripANSI(colored)).toBe(draw(ALL));
  });

  test("of nothing is nothing", () => {
    expect(draw([])).toBe("");
  });

  test("keeps the rules of French typography", () => {
    const { title, left, tokens, phase } = fr.waterfall;
    const prose = [title("12"), left("100", "1 000", "3"), tokens("61,2"), tokens(null), fr.seconds(1.5, 1)];
    expect([...prose, ...Object.values(phase)].flatMap(typographyProblems)).toEqual([]);
  });
});

describe("of more than a hundred streams", () => {
  const random = createRandom(7);
  const stories = Array.from({ length: 1000 }, (_, n): Story => ({
    model: ["a", "b", "c", "d"][n % 4] ?? "",
    start: n * 20,
    ttft: 200 + random() * 400,
    tokens: 20,
    perSecond: 30 + random() * 50,
    ...(n % 23 === 5 ? { verdict: "failed" as const, tokens: 0 } : {}),
  }));
  stories[500] = { start: 10_000, ttft: 3000, tokens: 20 };
  stories[501] = { start: 10_000, tokens: 40, pauses: { 10: 4000 } };
  stories[502] = { start: 10_000, tokens: 20, perSecond: 5 };
  stories[503] = { start: 10_000, tokens: 20, perSecond: 900 };
  const chart = chartOf(stories);
  const numbers = chart.streams.map(({ trace }) => Number(trace.number) - 1);

  test("a hundred are drawn, in the order of their starts", () => {
    expect(numbers.length).toBe(100);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  test("the slowest to begin, the longest stalled, the slowest and the fastest are among them", () => {
    for (const extreme of [500, 501, 502, 503]) expect(numbers).toContain(extreme);
  });

  test("failures are, but leave room; those left out are counted", () => {
    const failed = chart.streams.filter(({ verdict }) => verdict === "failed").length;
    expect(failed).toBeGreaterThanOrEqual(40);
    expect(failed + chart.failed).toBe(stories.filter(({ verdict }) => verdict === "failed").length);
    expect(chart.left).toBe(900);
    expect(waterfall(chart, en, VIEW)).toContain(`100 of 1,000 shown`);
  });

  test("the rest come evenly from the whole run, and from each model", () => {
    const tenths = Array.from({ length: 10 }, (_, at) => numbers.filter((n) => Math.floor(n / 100) === at).length);
    expect(Math.min(...tenths)).toBeGreaterThanOrEqual(5);
    for (const model of ["a", "b", "c", "d"])
      expect(chart.streams.filter(({ trace }) => trace.model === model).length).toBeGreaterThanOrEqual(15);
  });

  test("memory does not grow with their number", () => {
    const watcher = createWaterfall();
    const heap = (): number => {
      Bun.gc(true);
      return process.memoryUsage().heapUsed;
    };
    const batch = Array.from({ length: 1000 }, (): Story => ({ tokens: 3 }));
    play(batch, { watchers: [watcher] });
    const before = heap();
    for (let round = 1; round <= 30; round++) play(batch, { watchers: [watcher], first: 1000 * round });
    expect(heap() - before).toBeLessThan(5_000_000);
    expect(watcher.chart().streams.length).toBe(100);
    expect(watcher.chart().left).toBe(30_900);
  });
});
