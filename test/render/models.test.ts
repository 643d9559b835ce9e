import { describe, expect, test } from "bun:test";
import { createModelMeans } from "../../src/metrics/model-means.ts";
import type { StreamRecord } from "../../src/metrics/record.ts";
import type { RunWatcher } from "../../src/metrics/watched.ts";
import { createAfterSeveral, modelsTable, type ModelsView } from "../../src/render/after-several.ts";
import { typographyProblems } from "../i18n/typography.ts";
import { play, type Story } from "./several.ts";
import { en, fr } from "./words.ts";
import { en as enMessages } from "../../src/i18n/en/messages.ts";
import { enSeveral } from "../../src/i18n/en/several.ts";
import { fr as frMessages } from "../../src/i18n/fr/messages.ts";
import { frSeveral } from "../../src/i18n/fr/several.ts";

const PRICES = { currency: "EUR", input: 1.8, output: 8 };
const VIEW = { columns: 120, color: false, currency: "EUR" };

/** Enough to tell one from the other. */
const MANY = [0, 1, 2, 3, 4];
const GRANITES = MANY.map((n): Story => ({ start: n * 40, ttft: 200, tokens: 120 + n, perSecond: 46 }));
const GEMMAS = MANY.map((n): Story => ({ model: "gemma3:4b", start: n * 40, ttft: 400, tokens: 140 }));
const GRANITE = [0, 1, 2].map((n): Story => ({ start: n * 40, ttft: 200, tokens: 120 + n, perSecond: 46 }));
const GEMMA = [0, 1, 2].map((n): Story => ({ model: "gemma3:4b", start: n * 40, ttft: 400, tokens: 140 }));
const QWEN: Story[] = [
  { model: "qwen3:8b", ttft: 800, tokens: 90, thought: 30, perSecond: 29, pauses: { 50: 1500 } },
  { model: "qwen3:8b", ttft: 900, tokens: 40, perSecond: 29, verdict: "truncated", usage: null },
  { model: "qwen3:8b", tokens: 0, verdict: "failed", usage: null },
];
const SILENT: Story[] = [{ model: "silent", tokens: 0, verdict: "failed", usage: null }];
const UNCOUNTED: Story[] = [{ model: "uncounted", ttft: 200, tokens: 100, perSecond: 46, usage: null }];
const ALL = [...GRANITE, ...GEMMA, ...QWEN, ...UNCOUNTED, ...SILENT];

function table(stories: readonly Story[], view: Partial<typeof VIEW> = {}, messages = en): string {
  return comparison(play(stories, { prices: PRICES }), messages, { ...VIEW, ...view });
}

function comparison(records: readonly StreamRecord[], messages: typeof en, view: ModelsView): string {
  const means = createModelMeans();
  for (const record of records) means.add(record);
  return modelsTable(means.models(), messages, view);
}

/** The cells of a row, without its label. */
function row(text: string, label: string): string[] {
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${label}  `)) ?? "";
  return line.slice(label.length).trim().split(/ {2,}/);
}

describe("the comparison", () => {
  test.each([120, 80, 40])("in %d columns is this, in both languages", (columns) => {
    const [english, french] = [en, fr].map((messages) => table(ALL, { columns }, messages));
    expect(english).toMatchSnapshot();
    expect(french).toMatchSnapshot();
    expect(french).not.toBe(english);
  });

  test("has a column a model, in the order of their first streams", () => {
    expect(
      table([...GEMMA, ...GRANITE])
        .split("\n")[0]
        ?.trim(),
    ).toMatch(/^gemma3:4b +granite3\.3:2b$/);
  });

  test("marks the best of each row and says how far off the others are", () => {
    const text = table([...GRANITES, ...GEMMAS]);
    expect(row(text, "First token")).toEqual(["200 ms ★", "400 ms +100%"]);
    expect(row(text, "Gap, median")).toEqual(["21.7 ms +9%", "20.0 ms ★"]);
    expect(text).toContain("★ the best");
  });

  test("gives no star to what is under 2 % better", () => {
    const near = GEMMAS.map((story) => ({ ...story, ttft: 203 }));
    expect(row(table([...GRANITES, ...near]), "First token")).toEqual(["200 ms", "203 ms +1%"]);
  });

  test("gives no star by fewer than 5 streams a side, and says so", () => {
    const text = table([...GRANITE, ...GEMMA]);
    expect(row(text, "First token")).toEqual(["200 ms", "400 ms +100%"]);
    expect(text).not.toContain("★ the best");
    expect(text).toContain("no ★: under 5 streams a side");
    expect(row(table([...GRANITES, ...GEMMA]), "First token")).toEqual(["200 ms", "400 ms +100%"]);
    expect(table([{ model: "a" }, { model: "b", ttft: 900 }])).not.toContain(" ★\n");
  });

  test("gives no star where the streams of one model differ among themselves as much", () => {
    const wild = MANY.map((n): Story => ({ model: "wild", ttft: 100 + n * 90, tokens: 20 }));
    expect(row(table([...GRANITES, ...wild]), "First token")).toEqual(["200 ms", "280 ms +40%"]);
    const steady = MANY.map((n): Story => ({ model: "steady", ttft: 276 + n * 2, tokens: 20 }));
    expect(row(table([...GRANITES, ...steady]), "First token")).toEqual(["200 ms ★", "280 ms +40%"]);
    // One that is clearly behind makes the first two no better than each other.
    expect(row(table([...GRANITES, ...wild, ...GEMMAS]), "First token")[0]).toBe("200 ms");
  });

  test("ranks no number of tokens, for more are neither better nor worse", () => {
    expect(row(table([...GRANITE, ...GEMMA]), "Tokens")).toEqual(["121", "140"]);
  });

  test("gives no star where all are equal, and one to each that reads the same as the best", () => {
    expect(row(table([...GRANITE, ...GEMMA]), "Stalls")).toEqual(["0", "0"]);
    const twins = [...GRANITES, ...GEMMAS, ...GRANITES.map((story) => ({ ...story, model: "twin" }))];
    expect(row(table(twins), "First token")).toEqual(["200 ms ★", "400 ms +100%", "200 ms ★"]);
  });

  test("counts streams that ended well and those that did not", () => {
    expect(row(table(ALL), "Streams")).toEqual(["3 ✓", "3 ✓", "1 ✓ 2 ✗", "1 ✓", "0 ✓ 1 ✗"]);
  });

  test("takes speed, duration and tokens from whole answers alone, TTFT and gaps from all that have them", () => {
    const text = table(QWEN);
    expect(row(text, "Tokens")).toEqual(["120 (1/3)"]);
    expect(row(text, "First token")).toEqual(["850 ms (2/3)"]);
    expect(row(text, "Gap, median")).toEqual(["34.5 ms (2/3)"]);
    expect(row(text, "Stalls")).toEqual(["0.500 (2/3)"]);
    expect(text).toContain("(2/3): mean of 2 out of 3 streams");
  });

  test("shows a figure that does not exist as –", () => {
    for (const label of ["First token", "Tokens/s", "Duration", "Tokens", "Gap, p99", "Stalls"])
      expect(row(table(SILENT), label)).toEqual(["–"]);
    expect(table(ALL)).not.toMatch(/NaN|Infinity|null|undefined/);
  });

  test("explains a mean that is not of all streams by the first that stands in the table, and only there", () => {
    const failed: Story = { model: "gemma3:4b", tokens: 0, verdict: "failed", usage: null };
    expect(table([...GEMMA, failed])).toContain("(3/4): mean of 3 out of 4 streams");
    expect(table(GEMMA)).not.toContain("out of");
  });

  test("marks with ~ what we counted ourselves", () => {
    expect(row(table(UNCOUNTED), "Tokens")).toEqual(["~100"]);
    expect(table(UNCOUNTED)).toContain("~: counted by events");
    expect(table(GRANITE)).not.toContain("~");
  });

  test("has a row of costs only where one is known, in three digits however small", () => {
    expect(row(table(GRANITE), "Cost (EUR)")).toEqual(["0.000990"]);
    expect(row(table(GRANITE, {}, fr), "Coût (EUR)")).toEqual(["0,000990"]);
    expect(comparison(play(GRANITE), en, { ...VIEW, currency: null })).not.toContain("Cost");
  });

  test("of one model is one column of means without any rank", () => {
    const text = table(GRANITE);
    expect(text).toContain("mean of each figure");
    expect(text).not.toMatch(/★|%/);
  });

  test("of nothing is nothing", () => {
    expect(table([])).toBe("");
  });

  test("makes a model's name harmless, keeps it on one line and cuts it with …", () => {
    const head = (model: string): string => table([{ model }]).split("\n")[0]?.trim() ?? "";
    expect(head("a\u001B[31mb\nc\u202E")).toBe("a␛[31mb␊c⟨U+202E⟩");
    expect(head("x".repeat(60))).toBe(`${"x".repeat(27)}…`);
    expect(Bun.stringWidth(head("漢字".repeat(30)))).toBeLessThanOrEqual(28);
  });

  test("fits every width from 24 columns on, in both languages", () => {
    const wide = [
      ...ALL,
      { model: "漢字の模型👩‍🚀".repeat(4) },
      { model: "mistralai/Mistral-Small-3.2-24B-Instruct-2506" },
    ];
    const records = play(wide, { prices: PRICES });
    for (const messages of [en, fr]) {
      for (let columns = 24; columns <= 200; columns++) {
        const text = comparison(records, messages, { ...VIEW, columns });
        for (const line of text.split("\n")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
      }
    }
  });

  test("is drawn, and breaks nothing, where there is room for no more than a letter", () => {
    for (const messages of [en, fr])
      for (let columns = 0; columns < 24; columns++) expect(table(ALL, { columns }, messages)).not.toBe("");
  });

  test("says the same with colours as without", () => {
    const many = [...GRANITES, ...GEMMAS];
    const colored = table(many, { color: true });
    expect(colored).toContain("\u001B[32m");
    expect(Bun.stripANSI(colored).replace(/ +$/gm, "")).toBe(table(many));
  });

  test("keeps the rules of French typography", () => {
    const words = fr.comparison;
    const prose = [
      words.mean,
      words.best,
      words.difference,
      words.unsure,
      words.partly(4, 5),
      words.estimated,
      words.figure.cost("EUR"),
    ];
    expect(prose.flatMap(typographyProblems)).toEqual([]);
  });
});

describe("the answers above it", () => {
  test("are wrapped by words on a terminal, and exact elsewhere", () => {
    const text = "One night, a drop of blue paint fell on her steel hand.";
    const shown = (terminal: boolean): string => {
      let out = "";
      const answers = { terminal, color: false, write: (piece: string) => void (out += piece) };
      const err = { terminal: false, color: false, write: () => undefined };
      const options = { answers, err, messages: enMessages, words: enSeveral, columns: () => 21 };
      const after = createAfterSeveral({ ...options, concurrency: 8, currency: null, quiet: true });
      const answering: RunWatcher = {
        on: (event) => after.on(event.type === "record" ? { ...event, record: { ...event.record, text } } : event),
      };
      play([GRANITE[0] ?? {}], { watchers: [answering] });
      return out;
    };
    expect(shown(false)).toContain(`\n${text}\n`);
    expect(shown(true)).toContain("\nOne night, a drop of\nblue paint fell on\nher steel hand.\n");
  });
});

describe("what is said below it", () => {
  const both = [
    { messages: enMessages, words: enSeveral, end: "5.51 on average" },
    { messages: frMessages, words: frSeveral, end: "5,51 en moyenne" },
  ];
  test.each([96, 60, 40])("is wrapped by words in %d columns, and nothing of it is cut", (columns) => {
    for (const { messages, words, end } of both) {
      let said = "";
      const err = { terminal: false, color: false, write: (text: string) => void (said += text) };
      const options = { answers: null, err, messages, words, columns: () => columns };
      const after = createAfterSeveral({ ...options, concurrency: 8, currency: null, quiet: false });
      play([...GRANITE, ...GEMMA], { watchers: [after] });
      const below = said.slice(said.indexOf(words.comparison.mean.split(" ")[0] ?? ""));
      expect(below).not.toContain("…");
      expect(below.split("\n").filter((line) => Bun.stringWidth(line) > columns)).toEqual([]);
      expect(below.replaceAll("\n", " ")).toContain(end);
    }
  });
});
