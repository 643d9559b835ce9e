import { describe, expect, test } from "bun:test";
import { enBench } from "../../src/i18n/en/bench.ts";
import { frBench } from "../../src/i18n/fr/bench.ts";
import type { Progress } from "../../src/metrics/progress.ts";
import { showFor } from "../../src/render/bench/figures.ts";
import { createBenchLive } from "../../src/render/bench/live.ts";
import { livePicture } from "../../src/render/bench/picture.ts";
import type { Size } from "../../src/render/live/screen.ts";
import { widthOf } from "../../src/text/row.ts";
import { closed } from "../fixtures/report.ts";
import { client, progress } from "./bench-samples.ts";
import { createEmulator } from "./emulator.ts";
import { en, fr } from "./words.ts";

const LANGS = { en: { messages: en, words: enBench }, fr: { messages: fr, words: frBench } };

const TROUBLED = progress({
  missed_starts: 12,
  client: client({ cpu_per_thread: 0.93, dispatch_delay_p99_ms: 14.2 }),
});
const EARLY = progress({
  phase: "warmup",
  share: 0,
  left_ms: null,
  ttft_ms: null,
  gap_ms: null,
  errors: {},
  history: { ttft_ms: [], gap_ms: [], events: [] },
});

function picture(of: Progress, size: Size, lang: keyof typeof LANGS = "en"): string[] {
  const rows = livePicture(of, size, { ...LANGS[lang], show: showFor(true), columns: 80 });
  return rows.map((row) => row.map(({ text }) => text).join(""));
}

/** A display on a terminal that says what it is sent. */
function stage(size: Size, rest: { color?: boolean; now?: () => number } = {}) {
  const emulator = createEmulator(size);
  const sent: string[] = [];
  const write = (text: string): Promise<void> => {
    sent.push(text);
    return emulator.write(text);
  };
  const sink = { write, terminal: true, color: rest.color ?? true };
  let time = 0;
  const now = rest.now ?? ((): number => (time += 1000));
  const live = createBenchLive({ sink, ...LANGS.en, size: emulator.size, now });
  const show = async (one: Progress): Promise<void> => {
    live.progress(one);
    await emulator.write("");
    // The write of the display settles after the emulator took it.
    await Promise.resolve();
  };
  return { emulator, sent, live, show };
}

describe("the live picture of a measured load", () => {
  test.each([
    [120, 40],
    [80, 24],
    [40, 15],
    [30, 15],
    [80, 5],
  ])("on %d × %d is this, in both languages", (columns, rows) => {
    for (const lang of ["en", "fr"] as const)
      expect(picture(TROUBLED, { columns, rows }, lang).join("\n")).toMatchSnapshot();
  });

  test("before anything came has dashes and no bars", () => {
    expect(picture(EARLY, { columns: 80, rows: 24 }).join("\n")).toMatchSnapshot();
  });

  test("has what goes wrong rather than what goes well where the screen is low", () => {
    const low = picture(TROUBLED, { columns: 80, rows: 6 }).join("\n");
    expect(low).toContain("Errors");
    expect(low).toContain("Client   limited");
    expect(low).not.toContain("At once");
  });

  test("says how far a sweep is in all, and how far its step", () => {
    const [sweep = "", step = ""] = picture(progress(), { columns: 100, rows: 24 });
    expect(sweep).toBe("━━━━━━━━━───────────────────────  step 2 of 5 · ~2 min 30 s left in all");
    expect(step).toBe("━━━━━━━━━━━━━───────────────────  16 at once · measuring · ~25 s left");
    const unknown = progress({ run: { share: null, left_ms: null } });
    expect(picture(unknown, { columns: 100, rows: 24 })[0]).toBe("step 2 of 5");
  });

  test("says how each threshold stands, and what it came to in the steps before", () => {
    const thresholds: Progress["thresholds"] = [
      { text: "p95(ttft) < 800ms", value: 912, samples: 9, passed: false, earlier: ["passed", "undecided", "failed"] },
      { text: "error_rate < 1%", value: 0, samples: 9, passed: true, earlier: ["passed", "passed", "passed"] },
      { text: "goodput > 95%", value: null, samples: 0, passed: null, earlier: [] },
    ];
    const rows = picture(progress({ thresholds }), { columns: 100, rows: 24 });
    expect(rows.filter((row) => /[<>]/.test(row))).toEqual([
      "Thresholds  ✗ p95(ttft) < 800ms · 912 ms · earlier steps ✓ ? ✗",
      "            ✓ error_rate < 1% · 0% · earlier steps ✓ ✓ ✓",
      "            – goodput > 95% · –",
    ]);
    const each: Progress["thresholds"] = [
      { text: "ttft < 1s", value: 1200, samples: 84, met: 80, passed: false, earlier: [] },
    ];
    expect(picture(progress({ thresholds: each }), { columns: 100, rows: 24 }).join("\n")).toContain("ttft < 1s");
    const low = picture(progress({ thresholds }), { columns: 60, rows: 6 }).join("\n");
    expect(low).toContain("✗ p95(ttft) < 800ms · 912 ms");
    for (const columns of [40, 60, 80, 120])
      for (const lang of ["en", "fr"] as const)
        for (const row of picture(progress({ thresholds }), { columns, rows: 24 }, lang))
          expect(Bun.stringWidth(row)).toBeLessThan(columns);
  });

  test("says the phase, and the step of a sweep where there is one row for both", () => {
    const head = (wish: Partial<Progress>): string => picture(progress(wish), { columns: 100, rows: 6 })[0] ?? "";
    expect(head({})).toContain("step 2 of 5 · 16 at once · measuring · ~25 s left");
    expect(head({ steps: 1, step: 0, phase: "draining" })).toContain("━  16 at once · draining".slice(3));
    expect(head({ steps: 1, step: 0 })).not.toContain("step");
  });

  test("fits every screen, whatever it has to say", () => {
    const wild = progress({
      load: closed(1e12),
      streams: { warmup: 1e12, started: 1e12, ended: 1e12, ok: 1e12, failed: 1e12, requests: 1e12 },
      errors: Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`http ${at} 日本 👩‍👩‍👧 \u001B[2J`, 1e12])),
      ttft_ms: { count: 200, p50: 1e12, p95: 1e12, p99: 1e12 },
      client: client({ worker_lag_p99_ms: 1e12, cpu_per_thread: 1e12, held_ms: 1e12 }),
    });
    for (let columns = 1; columns <= 140; columns++)
      for (const rows of [1, 2, 5, 9, 24]) {
        const drawn = livePicture(wild, { columns, rows }, { ...LANGS.fr, show: showFor(true), columns: 80 });
        expect(drawn.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
        // A label alone is cut when it is drawn.
        if (columns >= 20) expect(Math.max(...drawn.map(widthOf))).toBeLessThan(columns);
        expect(JSON.stringify(drawn)).not.toContain("\\u001b");
      }
  });
});

describe("the live display of a measured load", () => {
  test("draws below what was there, in place, and leaves nothing behind", async () => {
    const { emulator, live, show } = stage({ columns: 80, rows: 24 });
    await emulator.write("$ llmaas bench\r\n");
    await show(EARLY);
    await show(TROUBLED);
    await show(progress({ errors: {} }));
    expect(emulator.text().slice(0, 11)).toEqual([
      "$ llmaas bench",
      ...picture(progress({ errors: {} }), emulator.size()).map((line) => line.trimEnd()),
      "",
      "",
    ]);
    await live.close();
    expect(emulator.text().filter((line) => line !== "")).toEqual(["$ llmaas bench"]);
    expect(emulator.cursor()).toEqual({ column: 0, row: 1 });
    expect(emulator.screen()).toBe("normal");
  });

  test("at the end of the screen scrolls once, and what was above stays in the history", async () => {
    const { emulator, live, show } = stage({ columns: 80, rows: 12 });
    await emulator.write(Array.from({ length: 11 }, (_, at) => `line ${at}\r\n`).join(""));
    for (let frame = 0; frame < 5; frame++) await show(TROUBLED);
    await live.close();
    const lines = emulator.history().filter((line) => line !== "");
    expect(lines).toEqual(Array.from({ length: 11 }, (_, at) => `line ${at}`));
  });

  test("follows a terminal that becomes narrower, and one that becomes wider", async () => {
    const { emulator, live, show } = stage({ columns: 120, rows: 30 });
    await emulator.write("$ llmaas bench\r\n");
    await show(TROUBLED);
    for (const columns of [60, 41, 100]) {
      emulator.resize({ columns, rows: 30 });
      live.resized();
      await emulator.write("");
      const shown = emulator.text().filter((line) => line !== "");
      expect(shown.filter((line) => line.startsWith("TTFT"))).toHaveLength(1);
      expect(Math.max(...shown.map((line) => line.length))).toBeLessThan(columns);
    }
    await live.close();
    expect(emulator.text().filter((line) => line !== "")).toEqual(["$ llmaas bench"]);
  });

  test("hides the cursor while it is drawn, and changes no other mode but the one that draws a frame at once", async () => {
    const { sent, live, show } = stage({ columns: 80, rows: 24 });
    await show(TROUBLED);
    await live.close();
    const modes = sent.join("").match(/\u001B\[\?\d+[hl]/g) ?? [];
    expect(modes).toEqual(["\u001B[?2026h", "\u001B[?25l", "\u001B[?2026l", "\u001B[?25h"]);
    await show(EARLY);
    expect(live.restore()).toEndWith("\u001B[?25h");
    expect(live.restore()).toBe("");
  });

  test("draws four times a second at most", async () => {
    let time = 0;
    const { sent, live, show } = stage({ columns: 80, rows: 24 }, { now: () => time });
    for (; time < 1000; time += 50) await show(progress());
    expect(sent).toHaveLength(4);
    await live.close();
  });

  test("without colours has none", async () => {
    const { sent, live, show } = stage({ columns: 80, rows: 24 }, { color: false });
    await show(TROUBLED);
    await live.close();
    expect(sent.join("")).not.toMatch(/\u001B\[\d*m/);
  });

  test("is off the screen during a pause, and begins anew below what was written meanwhile", async () => {
    const { emulator, live, show } = stage({ columns: 80, rows: 40 });
    await show(TROUBLED);
    await emulator.write(`${live.restore()}[1]+ Stopped\r\n$ fg\r\n`);
    expect(emulator.text().join("\n").trim()).toBe("[1]+ Stopped\n$ fg");
    expect(live.restore()).toBe("");
    await show(TROUBLED);
    expect(emulator.text()).toContain("[1]+ Stopped");
    await live.close();
    expect(emulator.text()).toContain("$ fg");
  });

  test("skips what comes while the terminal takes nothing, and goes on after it", async () => {
    const sent: string[] = [];
    const blocked = Promise.withResolvers<void>();
    const write = (text: string): Promise<void> => {
      sent.push(text);
      return sent.length === 1 ? blocked.promise : Promise.resolve();
    };
    let time = 0;
    const now = (): number => (time += 1000);
    const sink = { write, terminal: true, color: false };
    const live = createBenchLive({ sink, ...LANGS.en, size: () => ({ columns: 80, rows: 24 }), now });
    for (let frame = 0; frame < 5; frame++) live.progress(progress());
    expect(sent).toHaveLength(1);
    blocked.resolve();
    await blocked.promise;
    await Promise.resolve();
    live.progress(progress());
    expect(sent).toHaveLength(2);
    await live.close();
    expect(sent.at(-1)).toEndWith("\u001B[J\u001B[A\u001B[?25h");
  });

  test("says at its end that the terminal is gone, and draws no more", async () => {
    let writes = 0;
    const write = (): void => {
      writes++;
      throw new Error("EPIPE");
    };
    let time = 0;
    const sink = { write, terminal: true, color: false };
    const size = (): Size => ({ columns: 80, rows: 24 });
    const live = createBenchLive({ sink, ...LANGS.en, size, now: () => (time += 1000) });
    live.progress(progress());
    live.progress(progress());
    expect(writes).toBe(1);
    expect(live.close()).rejects.toThrow("EPIPE");
  });

  test("that never drew writes nothing at its end", async () => {
    const { sent, live } = stage({ columns: 80, rows: 24 });
    await live.close();
    expect(sent).toEqual([]);
  });
});
