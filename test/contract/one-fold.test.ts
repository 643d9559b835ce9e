import { describe, expect, test } from "bun:test";
import { createLoadRecords, type LoadRecord } from "../../src/metrics/load-record.ts";
import { createMeter } from "../../src/bench/meter.ts";
import { createRecorder } from "../../src/metrics/recorder.ts";
import { parseSlo } from "../../src/metrics/thresholds.ts";
import type { RunWatcher } from "../../src/metrics/watched.ts";
import { createLiveState } from "../../src/render/live/state.ts";
import { createWaterfall } from "../../src/render/waterfall/chart.ts";
import type { StreamEvent } from "../../src/stream/event.ts";
import { delta, ended, jobOf, opened, SAMPLES, sent } from "./samples.ts";

/** What is measured of one stream is the same for everybody who is told of it. */

const START = 1_793_000_000_000;
const STALL = 1000;

/** Everybody who draws or counts a stream, told of these events at these ms; `state` is that of the pane 5 ms later. */
function measure(events: readonly (readonly [ms: number, event: StreamEvent])[]) {
  const live = createLiveState([], { stall: STALL, keep: 1000, reasoning: "show" });
  const waterfall = createWaterfall();
  const span = { opens: () => START, closes: () => null };
  const meter = createMeter({
    models: ["m"],
    slo: parseSlo([]),
    span,
    requests: 1,
    duration: null,
    asked: 1,
    ttftFrom: "last_attempt",
  });
  const records: LoadRecord[] = [];
  const gaps: number[] = [];
  const witness: RunWatcher<LoadRecord> = {
    on(event) {
      if (event.type === "gap") gaps.push(event.ms);
      if (event.type === "record") records.push(event.record);
    },
  };
  const watchers = [live, waterfall, meter, witness];
  const tell = createRecorder(
    { stall: STALL, keepText: 0, say: ({ kind }) => kind },
    createLoadRecords(0, (event) => watchers.forEach((watcher) => void watcher.on(event))),
  );
  void tell({ type: "started", job: jobOf(0), due: START, warmup: false });
  const states: (string | undefined)[] = [];
  for (const [ms, event] of events) {
    void tell({ type: "stream", stream: 0, event: { ...event, at: START + ms } });
    const { running, ended } = live.snapshot(START + ms + 5, 1);
    states.push([...running, ...ended][0]?.snapshot(START + ms + 5).state);
  }
  void tell({ type: "finished" });
  const [record] = records;
  const [drawn] = waterfall.chart().streams;
  const [result] = meter.results(START + 100_000);
  if (record === undefined || drawn === undefined || result === undefined) throw new Error("somebody was told nothing");
  return {
    record,
    gaps,
    states,
    counted: result.distributions,
    drawn: {
      stalls: drawn.trace.stalls.map(({ from, to }) => [from - START, to - START]),
      thoughtUntil: drawn.trace.thoughtUntil && drawn.trace.thoughtUntil - START,
    },
  };
}

const think = (): StreamEvent => delta("", { reasoning: "hm" });
const tools = (): StreamEvent =>
  delta("", { tools: [{ index: 0, id: "c", name: "weather", arguments: "{}", custom: false }] });
const cut = (): StreamEvent => ended("timeout", { failure: { kind: "timeout", phase: "idle", after: 1, message: "" } });

describe("a stall", () => {
  test("is the same gap to the record, the waterfall and the meter", () => {
    const { record, gaps, counted, drawn, states } = measure([
      [0, sent()],
      [100, delta("a")],
      [150, delta("b")],
      [1650, delta("c")],
      [1700, ended()],
    ]);
    expect(record).toMatchObject({ stalls: 1, stall_ms: 1500, gap_ms: { count: 2, max: 1500 } });
    expect(gaps).toEqual([50, 1500]);
    expect(counted.gap_ms).toMatchObject({ count: 2 });
    expect(drawn.stalls).toEqual([[150, 1650]]);
    expect(states.slice(1, 4)).toEqual(["streaming", "streaming", "streaming"]);
  });

  test("under backpressure is nobody's gap: we were the ones who did not read", () => {
    const { record, gaps, counted, drawn, states } = measure([
      [0, sent()],
      [100, delta("a")],
      [150, delta("b")],
      [3150, delta("c", { backpressure: 2990 })],
      [3200, delta("d")],
      [3250, ended()],
    ]);
    expect(record).toMatchObject({ stalls: 0, stall_ms: 0, gap_ms: { count: 2, max: 50 } });
    expect(gaps).toEqual([50, 50]);
    expect(counted.gap_ms).toMatchObject({ count: 2 });
    expect(drawn.stalls).toEqual([]);
    expect(states).not.toContain("stalled");
  });

  test("that a failure ends is one to the record and the waterfall, and no gap", () => {
    const { record, gaps, counted, drawn } = measure([
      [0, sent()],
      [100, delta("a")],
      [150, delta("b")],
      [4150, cut()],
    ]);
    expect(record).toMatchObject({ stalls: 1, stall_ms: 4000, gap_ms: { count: 1 } });
    expect(gaps).toEqual([50]);
    expect(counted.gap_ms).toMatchObject({ count: 1 });
    expect(drawn.stalls).toEqual([[150, 4150]]);
  });

  test("before the end of a whole answer is none to anybody", () => {
    const { record, drawn } = measure([
      [0, sent()],
      [100, delta("a")],
      [4100, ended()],
    ]);
    expect(record).toMatchObject({ stalls: 0, tail_ms: 4000 });
    expect(drawn.stalls).toEqual([]);
  });
});

test("a stream is not called stalled while somebody does not take what was told: nobody knows whose doing it is", async () => {
  const live = createLiveState([], { stall: STALL, keep: 1000, reasoning: "show" });
  const gate = Promise.withResolvers<void>();
  const tell = createRecorder({ stall: STALL, keepText: 0, say: ({ kind }) => kind }, (event) => {
    live.on(event);
    return event.type === "gap" ? gate.promise : undefined;
  });
  const stateAt = (ms: number) => live.snapshot(START + ms, 1).running[0]?.snapshot(START + ms).state;
  void tell({ type: "started", job: jobOf(0), due: START, warmup: false });
  const events: StreamEvent[] = [sent(), delta("a"), delta("b")];
  for (const [ms, event] of events.entries())
    void tell({ type: "stream", stream: 0, event: { ...event, at: START + ms } });
  expect(stateAt(2000)).toBe("streaming");
  gate.resolve();
  await gate.promise;
  expect(stateAt(2000)).toBe("stalled");
});

describe("thinking", () => {
  test("ends at the first visible text, to the record, the waterfall and the pane", () => {
    const { record, drawn, states } = measure([
      [0, sent()],
      [100, think()],
      [200, think()],
      [700, delta("a")],
      [800, delta("b", { reasoning: "still" })],
      [810, ended()],
    ]);
    expect(record).toMatchObject({ ttft_ms: 100, ttfo_ms: 700, thinking_ms: 600 });
    expect(drawn.thoughtUntil).toBe(700);
    expect(states).toEqual(["waiting", "thinking", "thinking", "streaming", "streaming", "complete"]);
  });

  test("does not end at a tool call or a refusal", () => {
    const { record, drawn, states } = measure([
      [0, sent()],
      [100, think()],
      [300, tools()],
      [400, delta("", { refusal: "no" })],
      [700, delta("a")],
      [710, ended()],
    ]);
    expect(record.thinking_ms).toBe(600);
    expect(drawn.thoughtUntil).toBe(700);
    expect(states).toEqual(["waiting", "thinking", "thinking", "thinking", "streaming", "complete"]);
  });

  test("goes on to the last token where no text comes, and the record has no figure of it", () => {
    const { record, drawn } = measure([
      [0, sent()],
      [100, think()],
      [900, tools()],
      [910, ended()],
    ]);
    expect(record.thinking_ms).toBeNull();
    expect(drawn.thoughtUntil).toBe(900);
  });

  test("is none where no reasoning came", () => {
    const { record, drawn, states } = measure([
      [0, sent()],
      [100, tools()],
      [500, delta("a")],
      [510, ended()],
    ]);
    expect(record.thinking_ms).toBeNull();
    expect(drawn.thoughtUntil).toBeNull();
    expect(states).toEqual(["waiting", "streaming", "streaming", "complete"]);
  });
});

test("the first token counts from the last attempt, to the pane as to the record", () => {
  const [retrying] = SAMPLES.retrying;
  if (retrying === undefined) throw new Error("a sample is missing");
  const { record, states } = measure([
    [0, sent()],
    [100, { ...retrying, delay: 400 }],
    [500, sent(2)],
    [600, opened()],
    [800, delta("a")],
    [900, ended()],
  ]);
  expect(record).toMatchObject({ ttft_ms: 300, attempts: 2, retry_wait_ms: 400, total_ms: 900 });
  expect(states).toEqual(["waiting", "retrying", "waiting", "waiting", "streaming", "complete"]);
});
