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

describe("the screen", () => {
  for (const [name, { most, smallest, largest }] of Object.entries({
    columns: { most: 3, smallest: { columns: 80, rows: 8 }, largest: { columns: 160, rows: 50 } },
    panes: { most: 3, smallest: { columns: 24, rows: 14 }, largest: { columns: 77, rows: 50 } },
    lines: { most: 40, smallest: { columns: 20, rows: 6 }, largest: { columns: 140, rows: 30 } },
    "any picture": { most: 6, smallest: { columns: 2, rows: 1 }, largest: { columns: 130, rows: 45 } },
  })) {
    for (const opinion of OPINIONS) {
      test(`shows in ${name} after 100 resizes what it would have drawn from nothing (${opinion} emoji)`, async () => {
        const random = createRandom(name.length * 31 + opinion.length);
        const between = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
        const stage = createStage({ models: MODELS, concurrency: most, total: 500, size: largest, opinion });
        const open: number[] = [];
        const next = { stream: 0 };
        stage.start(next.stream++, { model: MODELS[0] ?? "" });
        for (let round = 0; round < 100; round++) {
          for (let part = between(0, 4); part >= 0; part--) {
            happen(stage, random, open, next, most);
            await stage.frame();
          }
          stage.resize({
            columns: between(smallest.columns, largest.columns),
            rows: between(smallest.rows, largest.rows),
          });
          await stage.frame();
          happen(stage, random, open, next, most);
          await stage.frame();
          const { columns } = stage.size;
          const anew = await stage.drawnAnew();
          expect(stage.emulator().cells()).toEqual(anew.cells());
          const wider = await stage.drawnAnew(12);
          const beyond = wider.cells().map((row) => row.split("|").slice(columns));
          expect(beyond.flat().filter((cell) => cell !== " ")).toEqual([]);
        }
      });
    }
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

describe("leaving", () => {
  const BEFORE = "$ llmaas stream\r\nhello ";

  async function around(act: (stage: Stage) => void | Promise<void>): Promise<void> {
    const stage = createStage({ total: 4 });
    const emulator = stage.emulator();
    await emulator.write(BEFORE);
    const before = { lines: emulator.text(), history: emulator.history(), cursor: emulator.cursor() };
    stage.start(0);
    stage.say(0, `${"many words ".repeat(500)}\n`);
    await stage.frame();
    expect([emulator.screen(), await emulator.isSet(25), await emulator.isSet(7)]).toEqual(["alternate", false, false]);
    await act(stage);
    expect([emulator.screen(), await emulator.isSet(25), await emulator.isSet(7)]).toEqual(["normal", true, true]);
    expect(await emulator.isSet(2026)).toBe(false);
    expect({ lines: emulator.text(), history: emulator.history(), cursor: emulator.cursor() }).toEqual(before);
  }

  test("at the end of the run puts back the screen, the cursor and the wrapping", () =>
    around(async (stage) => {
      stage.end(0);
      stage.tell({ type: "finished" });
      await stage.panes.close?.();
      await stage.flush();
      expect(stage.running()).toBe(false);
    }));

  test("at a sudden end is one text to write", () =>
    around(async (stage) => {
      await stage.emulator().write(stage.panes.restore());
      expect(stage.panes.restore()).toBe("");
    }));

  test("in the middle of a frame that was cut off does the same", () =>
    around(async (stage) => {
      await stage.emulator().write("\u001B[?2026h\u001B[31mhalf a fra");
      await stage.emulator().write(stage.panes.restore());
    }));

  test("of a run that is over before its first frame writes nothing", async () => {
    const stage = createStage({ total: 1 });
    stage.start(0);
    stage.end(0);
    stage.tell({ type: "finished" });
    await stage.panes.close?.();
    expect(stage.writes).toEqual([]);
    expect(stage.panes.restore()).toBe("");
  });

  test("for a while, as with Ctrl+Z, is followed by a whole new frame", async () => {
    const stage = createStage({ total: 2 });
    stage.start(0);
    await stage.frame();
    const shown = stage.emulator().text();
    await stage.emulator().write(`${stage.panes.restore()}the shell\r\n`);
    stage.panes.resized();
    await stage.frame();
    expect(stage.emulator().screen()).toBe("alternate");
    expect(stage.emulator().text()).toEqual(shown);
  });
});

describe("the clock", () => {
  test("draws, and tokens do not", () => {
    const stage = createStage({ total: 1 });
    stage.start(0);
    for (let token = 0; token < 1000; token++) stage.say(0, "word ");
    expect(stage.writes).toEqual([]);
    stage.beat();
    expect(stage.writes).toHaveLength(1);
  });

  test("writes nothing when nothing changed", () => {
    const stage = createStage({ total: 1 });
    stage.start(0);
    stage.beat();
    for (let beat = 0; beat < 100; beat++) stage.beat();
    expect(stage.writes).toHaveLength(1);
  });

  test("sends only the rows that changed, and the first, where an echo would stand", () => {
    const stage = createStage({ total: 3, concurrency: 3, size: { columns: 80, rows: 30 } });
    for (const stream of [0, 1, 2]) stage.start(stream);
    stage.beat();
    stage.say(1, "word");
    stage.beat();
    const rows = [...(stage.writes[1] ?? "").matchAll(/\u001B\[(\d+);1H/g)].map(([, row]) => Number(row));
    expect(rows).toEqual([1, 11, 12]);
  });

  test("tells a stream that says nothing for a second from one that speaks", async () => {
    const stage = createStage({ total: 1 });
    stage.start(0);
    stage.say(0, "word ");
    await stage.frame();
    expect(stage.emulator().text()[0]).toContain("● ");
    stage.pass(1001);
    for (let beat = 0; beat < 5; beat++) await stage.frame();
    expect(stage.emulator().text()[0]).toContain("◌ ");
    expect(stage.emulator().text()[0]).toContain("stalled");
  });

  test("leaves out frames while the terminal is slow, and then shows the present", async () => {
    const stage = createStage({ total: 1 });
    const { promise, resolve } = Promise.withResolvers<void>();
    stage.start(0);
    stage.slow(promise);
    for (let beat = 0; beat < 50; beat++) {
      stage.say(0, `word${beat} `);
      stage.beat();
    }
    expect(stage.writes).toHaveLength(1);
    stage.slow(undefined);
    resolve();
    await promise;
    await Bun.sleep(0);
    await stage.frame();
    expect(stage.writes).toEqual([]);
    expect(stage.emulator().text().join(" ")).toContain("word49");
  });

  test("stops when the terminal is gone, and the run hears of it", async () => {
    const stage = createStage({ total: 2 });
    stage.start(0);
    stage.slow(Promise.reject(new Error("EPIPE")));
    stage.beat();
    await Bun.sleep(0);
    expect(stage.running()).toBe(false);
    expect(() => stage.say(0, "word")).toThrow("EPIPE");
  });
});

test("ten thousand streams leave nothing behind", () => {
  const stage = createStage({ models: MODELS, total: 10_000, concurrency: 50, size: { columns: 120, rows: 40 } });
  const heap = (): number => {
    Bun.gc(true);
    return process.memoryUsage().heapUsed;
  };
  function many(from: number, to: number): void {
    for (let stream = from; stream < to; stream++) {
      stage.start(stream, { model: MODELS[stream % 3] ?? "" });
      stage.say(stream, `${stream} ${"some text ".repeat(400)}`);
      stage.pass(20);
      if (stream >= 50) stage.end(stream - 50, stream % 7 === 0 ? "failed" : "complete");
      if (stream % 10 === 0) stage.beat();
      stage.writes.length = 0;
    }
  }
  many(0, 2000);
  const before = heap();
  many(2000, 10_000);
  expect(heap() - before).toBeLessThan(4 * 1024 * 1024);
});
