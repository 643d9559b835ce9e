import { describe, expect, test } from "bun:test";
import { en } from "../../src/i18n/en/messages.ts";
import { fr } from "../../src/i18n/fr/messages.ts";
import { createRecorder } from "../../src/metrics/recorder.ts";
import type { StartedEvent, WatchedEvent } from "../../src/metrics/watched.ts";
import { createGapPicture } from "../../src/render/live/gap-picture.ts";
import { createStatusLine } from "../../src/render/live/status-line.ts";
import type { DeltaEvent, StreamEvent } from "../../src/stream/event.ts";
import { job } from "./records.ts";

const EMPTY = { text: "", reasoning: "", refusal: "", tools: [], events: 1, backpressure: 0, idle: 0 };
const sent: StreamEvent = { type: "sent", at: 0, attempt: 1, request: null };
const opened: StreamEvent = { type: "opened", at: 0, status: 200, headers: {} };
const retrying: StreamEvent = {
  type: "retrying",
  at: 1000,
  delay: 2500,
  attempt: 2,
  failure: { kind: "http", message: "", status: 503, code: null, html: false, refusedWait: null },
};

function delta(at: number, rest: Partial<typeof EMPTY> = { text: "x" }): DeltaEvent {
  return { type: "delta", at, ...EMPTY, ...rest };
}

type Wish = { columns?: number; rows?: number; messages?: typeof en | typeof fr; blocked?: boolean };

/** What the line shows at an instant, after these events, measured as they are in a run. */
function lineAt(at: number, events: readonly StreamEvent[], wish: Wish = {}): string {
  const { columns = 100, rows = 24, messages = en, blocked = false } = wish;
  let shown = "";
  const told: WatchedEvent[] = [];
  const stage = createRecorder({ stall: 1000, keepText: 0, say: () => "" }, (event) => {
    // Gaps are told by one object.
    told.push({ ...event });
  });
  void stage({ type: "started", job: job(false), due: 0, warmup: false });
  for (const event of events) void stage({ type: "stream", stream: 0, event });
  const started = told.find((event): event is StartedEvent => event.type === "started");
  if (started === undefined) throw new Error("nothing started");
  const line = createStatusLine({
    messages,
    started: { ...started, isBlocked: () => blocked },
    opened: false,
    color: false,
    stall: 1000,
    size: () => ({ columns, rows }),
    show: (text) => (shown = text),
    now: () => at,
  });
  for (const event of told) line.on(event);
  line.draw();
  // Where emoji are drawn, their cells are blanked before.
  return shown.replaceAll(/ +\u001B\[\d+G|\u001B\[\d+G/g, "");
}

const steady = (count: number): DeltaEvent[] => Array.from({ length: count }, (_, at) => delta(1000 + 50 * at));

describe("the line below one answer", () => {
  test("counts the time that the first token is waited for, and says what is waited for once that is long", () => {
    expect(lineAt(50, [])).toBe("⏳ 0.1 s");
    expect(lineAt(1310, [sent])).toBe("⏳ 1.3 s");
    expect(lineAt(3210, [sent])).toBe("⏳ 3.2 s · no response from the server yet");
    expect(lineAt(3210, [sent, opened])).toBe("⏳ 3.2 s · waiting for the first token");
    expect(lineAt(95_400, [sent, opened])).toBe("⏳ 1 min 35 s · waiting for the first token");
    expect(lineAt(3210, [sent, opened], { messages: fr })).toBe("⏳ 3,2\u202Fs · en attente du premier token");
  });

  test("counts down to the next attempt, and counts its time anew", () => {
    expect(lineAt(1200, [sent, retrying])).toBe("⏳ attempt 2 in 3 s");
    expect(lineAt(3400, [sent, retrying])).toBe("⏳ attempt 2 in 1 s");
    expect(lineAt(9000, [sent, retrying])).toBe("⏳ attempt 2 in 0 s");
    const again: StreamEvent = { type: "sent", at: 3500, attempt: 2, request: null };
    expect(lineAt(4000, [sent, retrying, again])).toBe("⏳ 0.5 s · attempt 2");
    expect(lineAt(1200, [sent, retrying], { messages: fr })).toBe("⏳ essai n° 2 dans 3\u202Fs");
  });

  test("then has tokens, their speed, and a picture of the gaps", () => {
    const line = lineAt(3000, [sent, opened, ...steady(41)]);
    expect(line).toBe("📊 ~41 tokens · ~13.7 tokens/s · gaps ▂▂▂▂▂▂▂▂▂ max 50.0 ms");
    expect(lineAt(1010, [sent, opened, delta(1000)])).toBe("📊 ~1 token");
    expect(lineAt(1010, [sent, opened, delta(1000)], { messages: fr })).toBe("📊 ~1 token");
    expect(lineAt(3000, [sent, ...steady(41)], { messages: fr })).toContain("intervalles ▂▂▂▂▂▂▂▂▂ max 50,0\u202Fms");
  });

  test("shows a long gap among short ones", () => {
    const late = [sent, opened, ...steady(41), delta(3600), ...steady(8).map((one) => ({ ...one, at: one.at + 2650 }))];
    expect(lineAt(4010, late)).toContain("gaps ▁▁▁▁▁▁▁▁▄▇█▁▁ max 600 ms");
  });

  test("says that the server thinks, and that nothing comes any more, unless that is our own doing", () => {
    expect(lineAt(2000, [sent, delta(1000, { reasoning: "hm" }), delta(1500, { reasoning: "hm" })])).toStartWith(
      "🤔 ~2",
    );
    expect(lineAt(2000, [sent, delta(1000, { reasoning: "hm" }), delta(1500)])).toStartWith("📊 ~2");
    expect(lineAt(4200, [sent, delta(1000)])).toContain("📊 ~1 token · no token for 3.2 s");
    expect(lineAt(4200, [sent, delta(1000)], { messages: fr })).toContain("aucun token depuis 3,2\u202Fs");
    expect(lineAt(4200, [sent, delta(1000)], { blocked: true })).not.toContain("no token");
  });

  test("fits every terminal, and leaves a low one to the text", () => {
    const stories = [[sent], [sent, opened], [sent, retrying], [sent, ...steady(100)], [sent, delta(1000)]];
    for (const messages of [en, fr])
      for (const story of stories)
        for (let columns = 1; columns <= 130; columns++)
          for (const at of [1100, 7000])
            expect(Bun.stringWidth(lineAt(at, story, { columns, messages }))).toBeLessThan(Math.max(columns, 1));
    expect(lineAt(1310, [sent], { rows: 3 })).toBe("");
    expect(lineAt(6000, [sent, ...steady(100)], { columns: 40 })).toStartWith("📊 ~100 tokens · ~16.7 tokens/s");
  });
});

describe("the picture of the gaps", () => {
  test("has one bar a quarter of a second, as high as the longest gap in it, for eight seconds", () => {
    const { add, slices } = createGapPicture();
    expect(slices(1000, 900)).toEqual([]);
    add(1010, 10);
    add(1100, 90);
    add(1300, 40);
    expect(slices(1300, 1300)).toEqual([90, 40]);
    for (let at = 1400; at < 20_000; at += 100) add(at, 100);
    expect(slices(19_900, 19_900)).toHaveLength(32);
    expect(new Set(slices(19_900, 19_900))).toEqual(new Set([100]));
  });

  test("lets the bar grow of who waits, just as it stands once the token has come", () => {
    const [waiting, come] = [createGapPicture(), createGapPicture()];
    for (const { add } of [waiting, come]) add(1000, 20);
    come.add(2100, 1100);
    expect(come.slices(2100, 2100)).toEqual([250, 500, 750, 1000, 1100]);
    expect(waiting.slices(2100, 1000)).toEqual([250, 500, 750, 1000, 1100]);
    expect(waiting.slices(60_000, 1000)).toHaveLength(32);
  });
});
