import { describe, expect, test } from "bun:test";
import { createArrivalError, type ArrivalFigures } from "../../src/metrics/arrival-error.ts";
import { createRecorder } from "../../src/metrics/recorder.ts";
import { errorsHeld, holdsUpTo, cameThrough, type SelftestLoad } from "../../src/metrics/selftest.ts";
import type { Tell } from "../../src/run/broadcast.ts";
import type { RunEvent } from "../../src/run/event.ts";
import type { StreamEvent } from "../../src/stream/event.ts";
import { readStamps, STAMP, writeStamp } from "../../src/simulator/stamp.ts";
import { jobOf } from "../contract/samples.ts";

const T = 1_790_000_000_000;

/** Reads as [ms at which they came, ms of each stamp in them]. */
type Reads = readonly (readonly [at: number, ...stamps: number[]])[];
type Told = { reads: Reads; warmup?: boolean; read?: number | null; verdict?: "complete" | "truncated"; held?: number };

function stampsOf(...ms: number[]): string {
  return ms
    .map((at) => {
      const bytes = Buffer.from(STAMP);
      writeStamp(bytes, 0, T + at);
      return bytes.toString();
    })
    .join("");
}

function measure(tokens: number, streams: readonly Told[]): ArrivalFigures {
  const readAt = (headers: Readonly<Record<string, string>>) => (headers["at"] ? Number(headers["at"]) : null);
  const errors = createArrivalError({ tokens, stampsIn: readStamps, readAt });
  const tell = createRecorder({ stall: 1000, keepText: 0, say: ({ kind }) => kind }, errors.on);
  for (const [stream, told] of streams.entries()) play(tell, stream, told);
  return errors.figures();
}

/** One stream, sent at 0. */
function play(tellRun: Tell<RunEvent>, stream: number, told: Told): void {
  const { reads, warmup = false, read = 1, verdict = "complete", held = 0 } = told;
  const tell = (event: StreamEvent): void => void tellRun({ type: "stream", stream, event });
  void tellRun({ type: "started", job: jobOf(stream), due: T, warmup });
  tell({ type: "sent", at: T, attempt: 1, request: null });
  const headers: Record<string, string> = read === null ? {} : { at: String(T + read) };
  tell({ type: "opened", at: T + 2, status: 200, headers });
  for (const [at, ...stamps] of reads) {
    const words = { text: stampsOf(...stamps), reasoning: "", refusal: "", tools: [] };
    tell({ type: "delta", at: T + at, ...words, events: stamps.length, backpressure: held, idle: 0 });
  }
  const rest = {
    finishReason: "stop",
    usage: null,
    server: null,
    response: null,
    failure: null,
    backpressure: held,
    tail: "",
  };
  tell({ type: "ended", at: T + 1000, verdict, ...rest });
}

describe("a stamp", () => {
  test("is written over its place and read again to the microsecond", () => {
    const bytes = Buffer.from(`<${STAMP}${STAMP}>`);
    writeStamp(bytes, 1, 1_790_000_000_123.456);
    writeStamp(bytes, 1 + STAMP.length, 1_790_000_001_000 - 0.0002);
    expect(bytes.toString()).toBe("<1790000000123.456 1790000001000.000 >");
    expect(readStamps(bytes.toString().slice(1, -1))).toEqual([1_790_000_000_123.456, 1_790_000_001_000]);
    expect(readStamps("")).toEqual([]);
  });
});

describe("the error of arrivals", () => {
  test("is what is reported less what was written: TTFT, gap, duration, every token and the request", () => {
    const { error, injected, reported } = measure(3, [
      {
        reads: [
          [100.5, 100],
          [120.25, 120],
          [141, 140],
        ],
        read: 3,
      },
    ]);
    expect(error.ttft_ms).toMatchObject({ count: 1, p50: 0.5 });
    expect(error.duration_ms).toMatchObject({ count: 1, p50: 1 });
    expect(error.gap_ms).toMatchObject({ count: 2, min: 0.25, max: 0.75 });
    expect(error.arrival_ms).toMatchObject({ count: 3, min: 0.25, max: 1 });
    expect(error.request_ms).toMatchObject({ count: 1, p50: 3 });
    expect(injected.ttft_ms?.p50).toBe(100);
    expect(reported.ttft_ms?.p50).toBe(100.5);
    expect(injected.gap_ms?.p50).toBe(20);
    expect(reported.duration_ms?.p50).toBe(141);
  });

  test("takes the last write of a read for its gap, and counts what came together", () => {
    const { error, tokens } = measure(4, [
      {
        reads: [
          [1, 0.5],
          [30, 10, 20, 29],
        ],
      },
    ]);
    expect(error.gap_ms).toMatchObject({ count: 1, p50: 0.5 });
    expect(tokens).toEqual({ expected: 4, paired: 4, coalesced: 0.5 });
  });

  test("leaves the warm-up out, but for what it says of the clocks", () => {
    const figures = measure(1, [
      { reads: [[5.1, 5]], warmup: true, read: 0.25 },
      { reads: [[7, 5]], read: 1 },
    ]);
    expect(figures.streams).toEqual({ measured: 1, complete: 1 });
    expect(figures.error.arrival_ms).toMatchObject({ count: 1, p50: 2 });
    expect(figures.error.request_ms).toMatchObject({ count: 1, p50: 1 });
    expect(figures.clock_ahead_ms).toEqual({ min: -0.1, max: 0.25 });
  });

  test("leaves out the gap after a hold of ours, as the figures do", () => {
    const reads = [[1, 0.5] as const, [90, 10] as const];
    expect(measure(2, [{ reads, held: 60 }]).error.gap_ms).toBeNull();
  });

  test("says what did not come out: a stream that was cut, a token that is missing", () => {
    const figures = measure(2, [
      { reads: [[1, 0.5]], verdict: "truncated" },
      { reads: [[1, 0.5]] },
      { reads: [[2, 0.5, 1]], read: null },
    ]);
    expect(figures.streams).toEqual({ measured: 3, complete: 1 });
    expect(figures.tokens).toMatchObject({ expected: 6, paired: 4 });
    expect(cameThrough(figures)).toBe(false);
    expect(figures.error.duration_ms?.count).toBe(2);
    expect(figures.error.request_ms?.count).toBe(2);
  });

  test("is null where nothing was measured", () => {
    const { error, clock_ahead_ms: clock, tokens } = measure(1, []);
    expect([...Object.values(error), clock, tokens.coalesced]).toEqual([null, null, null, null, null, null, null]);
  });
});

/** A load in which every token was late by so many ms. */
function loadOf(concurrency: number, late: number, missing = 0): SelftestLoad {
  const reads: Reads = [
    [10 + late, 10],
    [30 + 1.5 * late, 30],
  ];
  const figures = measure(2 + missing, [{ reads }]);
  return {
    ...figures,
    concurrency,
    tokens_per_second: 50,
    tokens_per_stream: 2,
    client: { healthy: true, checks: [] },
  };
}

describe("what a self-test concludes", () => {
  test("is up to which load the error stays under a limit, whatever comes after", () => {
    const loads = [loadOf(100, 3), loadOf(1, 0.5), loadOf(10, 0.75), loadOf(500, 0.5)];
    expect(holdsUpTo(loads, 1)).toBe(10);
    expect(holdsUpTo(loads, 5)).toBe(500);
    expect(holdsUpTo(loads, 0.25)).toBeNull();
    expect(holdsUpTo([loadOf(1, 0.5), loadOf(10, 0.5, 1)], 1)).toBe(1);
  });

  test("is that figures moved when any of them did", () => {
    const limits = { p50: 5, p90: 20 };
    expect(errorsHeld(loadOf(1, 0.5), loadOf(1, 4), limits)).toBe(true);
    expect(errorsHeld(loadOf(1, 0.5), loadOf(1, 6), limits)).toBe(false);
    expect(errorsHeld(loadOf(1, 0.5), loadOf(1, 0.25), limits)).toBe(true);
  });
});
