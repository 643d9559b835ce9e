import { describe, expect, test } from "bun:test";
import { OPINIONS } from "./emulator.ts";
import { createRandom } from "./random.ts";
import { createStage, type Stage } from "./stage.ts";

const WORDS = [
  "word ",
  "a longer sentence about nothing at all ",
  "\n",
  "\n\n- item\twith tab ",
  "むかしむかし、",
  "漢字",
  "e\u0301a\u0300 ",
  "👨‍👩‍👧",
  "🇫🇷",
  "👍🏽 ",
  "❤️",
  "1️⃣ ",
  "🏳️‍🌈",
  "क्षि ",
  "\u200D\uFE0F",
  "\u001B[31m\u001B[2J",
  "\r\n",
  "\u202E",
];

const MODELS = ["granite3.3:2b", "gemma3:4b", "模型-qwen3:8b"];

/** Something happens to the streams, as chance has it. */
function happen(stage: Stage, random: () => number, open: number[], next: { stream: number }, most: number): void {
  const pick = <T>(values: readonly T[]): T | undefined => values[Math.floor(random() * values.length)];
  stage.pass(Math.floor(random() * 400));
  if (open.length < most && random() < 0.4) {
    const stream = next.stream++;
    stage.start(stream, { model: MODELS[stream % MODELS.length] ?? "", promptIndex: Math.floor(stream / 3) });
    open.push(stream);
  }
  const stream = pick(open);
  if (stream === undefined) return;
  const fate = random();
  if (fate < 0.1) stage.think(stream, "hm, let me think ");
  else if (fate < 0.15) stage.retry(stream, 2, 2500);
  else if (fate < 0.25) {
    open.splice(open.indexOf(stream), 1);
    stage.end(stream, pick(["complete", "length", "truncated", "failed", "timeout"] as const), 12);
  } else for (let part = 0; part < 6; part++) stage.say(stream, pick(WORDS) ?? "");
}

const PLAYS = [
  { name: "columns", opinion: "old", most: 3, smallest: { columns: 80, rows: 8 }, largest: { columns: 140, rows: 40 } },
  { name: "panes", opinion: "wide", most: 3, smallest: { columns: 24, rows: 14 }, largest: { columns: 77, rows: 50 } },
  { name: "lines", opinion: "odd", most: 40, smallest: { columns: 20, rows: 6 }, largest: { columns: 120, rows: 30 } },
  { name: "all", opinion: "wide", most: 6, smallest: { columns: 2, rows: 1 }, largest: { columns: 120, rows: 40 } },
] as const;

/** What is drawn right of the screen, were there anything: nothing may be. */
async function beyond(stage: Stage): Promise<string[]> {
  const wider = await stage.drawnAnew(12);
  const cells = wider.cells().flatMap((row) => row.split("|").slice(stage.size.columns));
  return cells.filter((cell) => cell !== " ");
}

describe("the screen", () => {
  for (const { name, opinion, most, smallest, largest } of PLAYS) {
    test(`shows ${name} after 100 resizes as it would have drawn them from nothing (${opinion} emoji)`, async () => {
      const random = createRandom(name.length);
      const between = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
      const stage = createStage({ models: MODELS, concurrency: most, total: 500, size: largest, opinion });
      const open: number[] = [];
      const next = { stream: 0 };
      for (let round = 0; round < 100; round++) {
        for (let part = between(0, 3); part >= 0; part--) {
          happen(stage, random, open, next, most);
          await stage.frame();
        }
        stage.resize({
          columns: between(smallest.columns, largest.columns),
          rows: between(smallest.rows, largest.rows),
        });
        await stage.frame();
        happen(stage, random, open, next, most);
        for (let beat = 0; beat < 5; beat++) await stage.frame();
        const anew = await stage.drawnAnew();
        expect(stage.emulator().cells()).toEqual(anew.cells());
        if (round % 10 === 0) expect(await beyond(stage)).toEqual([]);
      }
    });
  }

  test("keeps its columns straight whatever cells the terminal gives an emoji", async () => {
    for (const opinion of OPINIONS) {
      const stage = createStage({ models: ["one", "two"], total: 2, size: { columns: 80, rows: 12 }, opinion });
      stage.start(0, { model: "one", promptIndex: 0 });
      stage.start(1, { model: "two", promptIndex: 0 });
      for (const word of WORDS.filter((word) => !word.includes("\n"))) stage.say(0, word);
      stage.say(1, "straight\nlines\nof\ntext");
      await stage.frame();
      const edges = stage
        .emulator()
        .text()
        .slice(0, 11)
        .map((_, row) => stage.emulator().at(row, 39));
      expect(edges).toEqual(["│", "│", "┼", ...Array.from({ length: 8 }, () => "│")]);
      expect([3, 4, 5, 6].map((row) => stage.emulator().at(row, 41))).toEqual(["s", "l", "o", "t"]);
    }
  });

  test("wraps wide characters and emoji at 40 columns without losing one", async () => {
    const stage = createStage({ total: 1, size: { columns: 40, rows: 15 }, opinion: "wide" });
    const text = "むかしむかし、小さなロボットが美術館で絵を見つけました。色と光に驚き、毎晩そっと筆を握りました。";
    stage.start(0);
    stage.say(0, `${text} e\u0301te\u0301 ❤️ fin`);
    await stage.frame();
    const shown = stage.emulator().text().slice(1, 14).join("").replaceAll(/\s/g, "");
    expect(shown).toBe(`${text}e\u0301te\u0301❤️fin`);
  });

  test("lets no text from outside move the cursor, clear the screen or turn the writing around", async () => {
    const stage = createStage({ models: ["a\u001B]52;c;x\u0007\u001B[2J"], total: 1 });
    stage.start(0, { prompt: "\u009B2J\u202Eevil\r\nprompt" });
    stage.say(0, "\u001B[31mred\u001B[2J\u001B[H\u009B\u202Eturned\u0007\u0008\rover\u{E0041}");
    stage.think(0, "\u001B[2J");
    stage.beat();
    const sent = stage.writes.join("").replaceAll(/\u001B\[[?\d;]*[hlmHGKJ]/g, "");
    expect(sent).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\u{E0000}-\u{E007F}]/u);
    await stage.flush();
    expect(stage.emulator().text().join("\n")).toContain("␛[31mred␛[2J␛[H⟨U+009B⟩⟨U+202E⟩turned␇␈␍over⟨U+E0041⟩");
  });

  test("shows nothing but the size asks for, however absurd", async () => {
    for (const size of [
      { columns: 1, rows: 1 },
      { columns: 10, rows: 3 },
      { columns: 0, rows: 0 },
      { columns: 300, rows: 1 },
      { columns: 2, rows: 80 },
    ]) {
      const stage = createStage({ models: MODELS, total: 3 });
      for (const [stream, model] of MODELS.entries()) stage.start(stream, { model, promptIndex: 0 });
      stage.say(0, "some words");
      stage.end(1, "failed");
      Object.assign(stage.size, size);
      expect(() => stage.beat()).not.toThrow();
    }
  });
});
