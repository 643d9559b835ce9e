import { describe, expect, test } from "bun:test";
import { createStage, type Stage } from "./stage.ts";

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

test.each([1, 2, 3, 4])("a terminal of %d columns is drawn on, whatever its rows", async (columns) => {
  for (const rows of [1, 2, 3, 24]) {
    const stage = createStage({ size: { columns, rows }, models: ["granite3.3:2b", "gemma3:4b"], concurrency: 2 });
    for (const stream of [0, 1]) {
      stage.start(stream);
      stage.say(stream, "words 漢字 👩‍🚀 and words\n");
    }
    await stage.frame();
    expect(stage.emulator().screen()).toBe("alternate");
    for (const line of stage.emulator().text()) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
    stage.end(0);
    await stage.frame();
    await stage.emulator().write(stage.panes.restore());
    expect(stage.emulator().screen()).toBe("normal");
  }
});

test("ten thousand streams leave nothing behind", () => {
  const models = ["granite3.3:2b", "gemma3:4b", "qwen3:8b"];
  const stage = createStage({ models, total: 10_000, concurrency: 50, size: { columns: 120, rows: 40 } });
  const heap = (): number => {
    Bun.gc(true);
    return process.memoryUsage().heapUsed;
  };
  function many(from: number, to: number): void {
    for (let stream = from; stream < to; stream++) {
      stage.start(stream, { model: models[stream % 3] ?? "" });
      stage.say(stream, `${stream} ${"some text ".repeat(400)}`);
      stage.pass(20);
      if (stream >= 50) stage.end(stream - 50, stream % 7 === 0 ? "failed" : "complete");
      if (stream % 40 === 0) stage.beat();
      stage.writes.length = 0;
    }
  }
  many(0, 2000);
  const before = heap();
  many(2000, 10_000);
  expect(heap() - before).toBeLessThan(4 * 1024 * 1024);
});
