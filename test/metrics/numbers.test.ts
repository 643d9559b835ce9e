import { describe, expect, test } from "bun:test";
import type { LoadRecord } from "../../src/metrics/load-record.ts";
import type { PlanReport } from "../../src/metrics/report.ts";
import type { ResultReport } from "../../src/metrics/result-report.ts";
import type { Failure, StreamEvent, Usage, Verdict } from "../../src/stream/event.ts";
import { delta, ended, opened, sent } from "../contract/samples.ts";
import { arriving, closed, playStep, type Script } from "../fixtures/report.ts";

// What each figure means, a row a sentence. Instants are ms since the stream was due.

type Told = readonly [ms: number, event: StreamEvent];

const usage = (completion: number, more: Partial<Usage> = {}): { usage: Usage } => ({
  usage: {
    prompt_tokens: 10,
    completion_tokens: completion,
    total_tokens: completion + 10,
    reasoning_tokens: null,
    cached_prompt_tokens: null,
    ...more,
  },
});
const think = (events = 1): StreamEvent => delta("", { reasoning: "hm", events });
const call = (): StreamEvent =>
  delta("", { tools: [{ index: 0, id: "c", name: "clock", arguments: "{}", custom: false }] });
const cut = (verdict: Verdict = "timeout"): StreamEvent =>
  ended(verdict, { failure: { kind: "timeout", phase: "idle", after: 1, message: "" } });
const cutShort = { failure: { kind: "timeout", phase: "idle", after: 1, message: "" } } as const;
const busy: Failure = { kind: "http", status: 503, code: null, message: "", html: false, refusedWait: null };
const retrying = (delay: number, attempt = 2): StreamEvent => ({
  type: "retrying",
  at: 0,
  attempt,
  failure: busy,
  delay,
});

/** Ten tokens, 20 ms apart, from the 100th ms on; `over` is its end. */
const TEN: readonly Told[] = [
  [0, sent()],
  [50, opened()],
  ...Array.from({ length: 10 }, (_, index): Told => [100 + 20 * index, delta("a")]),
];
const ten = (over: StreamEvent = ended("complete", usage(10)), at = 290): readonly Told[] => [...TEN, [at, over]];

/** Tokens 20 ms apart from the 100th ms on; after the tenth we are paused for so many ms, in which `meanwhile` of them come. */
function paused(tokens: number, meanwhile: number, ms: number): Told[] {
  const told: Told[] = [...TEN];
  const back = 280 + ms;
  told.push([back, delta("a", { backpressure: ms, idle: ms, events: Math.ceil(meanwhile / 2) })]);
  if (meanwhile > 1) told.push([back, delta("a", { events: Math.floor(meanwhile / 2) })]);
  for (let n = 1; n <= tokens - 10 - meanwhile; n++) told.push([back + 20 * n, delta("a", { idle: 20 })]);
  return told;
}

function record(events: readonly Told[], plan: Partial<PlanReport> = {}, due = 0): LoadRecord {
  const [only] = playStep([{ due, events }], { requests: 1, ...plan }).records;
  if (only === undefined) throw new Error("the stream did not end");
  return only;
}

type Row = [sentence: string, events: readonly Told[], expected: Partial<LoadRecord>, plan?: Partial<PlanReport>];

const OF_ONE_STREAM: readonly Row[] = [
  ["duration ends with the last token of a complete answer", ten(), { duration_ms: 280, total_ms: 290, tail_ms: 10 }],
  ["and of one that max_tokens cut", ten(ended("length", usage(10))), { verdict: "length", duration_ms: 280 }],
  ["and with its end for every other verdict", ten(cut(), 900), { duration_ms: 900, total_ms: 900, tail_ms: 620 }],
  ["the first token event stops the clock of TTFT", ten(), { ttft_ms: 100, ttfo_ms: 100, thinking_ms: null }],
  [
    "an answer without tokens has none",
    [
      [0, sent()],
      [80, ended("failed", { failure: busy })],
    ],
    { ttft_ms: null, ttfo_ms: null, tail_ms: null, duration_ms: 80, tokens_per_second: null, gap_ms: null },
  ],
  [
    "reasoning is a token event, and no output",
    [
      [0, sent()],
      [100, think()],
      [400, delta("a")],
      [410, ended()],
    ],
    { ttft_ms: 100, ttfo_ms: 400, thinking_ms: 300, token_events: 2 },
  ],
  [
    "so is a tool call",
    [
      [0, sent()],
      [100, call()],
      [110, ended()],
    ],
    { ttft_ms: 100, ttfo_ms: null, thinking_ms: null, token_events: 1 },
  ],
  [
    "and a refusal",
    [
      [0, sent()],
      [100, delta("", { refusal: "no" })],
      [110, ended("filtered")],
    ],
    { ttft_ms: 100, ttfo_ms: null, token_events: 1 },
  ],
  [
    "thinking ends at the first visible text, and only where reasoning came first",
    [
      [0, sent()],
      [100, delta("a", { reasoning: "hm" })],
      [200, think()],
      [210, ended()],
    ],
    { thinking_ms: null },
  ],
  [
    "with retries off TTFT is of the last attempt",
    [
      [0, sent()],
      [100, retrying(200)],
      [300, sent(2)],
      [450, delta("a")],
      [460, ended()],
    ],
    { ttft_ms: 150, duration_ms: 150, total_ms: 460, attempts: 2 },
  ],
  [
    "in a load with retries of the first",
    [
      [0, sent()],
      [100, retrying(200)],
      [300, sent(2)],
      [450, delta("a")],
      [460, ended()],
    ],
    { ttft_ms: 450, duration_ms: 150, retry_wait_ms: 200 },
    { retries: 2 },
  ],
  [
    "waits between attempts add up",
    [
      [0, sent()],
      [10, retrying(500)],
      [510, sent(2)],
      [520, retrying(1000, 3)],
      [1520, sent(3)],
      [1600, delta("a")],
      [1610, ended()],
    ],
    { retry_wait_ms: 1500, attempts: 3, ttft_ms: 80 },
  ],
  [
    "a wait that was cut counts as long as it was waited",
    [
      [0, sent()],
      [100, retrying(30_000)],
      [600, cut()],
    ],
    { retry_wait_ms: 500, attempts: 1, duration_ms: 600 },
  ],
  [
    "tokens are the server's count",
    ten(ended("complete", usage(158))),
    { tokens: 158, tokens_source: "usage", token_events: 10, streamed_tokens: 158 },
  ],
  [
    "without one the number of token events",
    ten(ended()),
    { tokens: 10, tokens_source: "events", streamed_tokens: 10 },
  ],
  [
    "as where it counts 0 beside token events",
    ten(ended("complete", usage(0))),
    { tokens: 10, tokens_source: "events" },
  ],
  [
    "but 0 is 0 where none came",
    [
      [0, sent()],
      [80, ended("empty", usage(0))],
    ],
    { tokens: 0, tokens_source: "usage", tokens_per_second: null },
  ],
  [
    "reasoning that is counted and not shown is hidden, and not streamed",
    ten(ended("complete", usage(110, { reasoning_tokens: 100 }))),
    { tokens: 110, streamed_tokens: 10, reasoning_hidden: true, reasoning_tokens: 100, tpot_ms: 20 },
  ],
  [
    "reasoning that is shown is streamed",
    [
      [0, sent()],
      [100, think()],
      [200, delta("a")],
      [300, ended("complete", usage(5, { reasoning_tokens: 3 }))],
    ],
    { streamed_tokens: 5, reasoning_hidden: false, tpot_ms: 25 },
  ],
  [
    "reasoning that is counted beside the completion is not taken off it",
    ten(ended("complete", usage(19, { reasoning_tokens: 100, total_tokens: 129 }))),
    { tokens: 19, streamed_tokens: 19, reasoning_hidden: true, reasoning_apart: true, tpot_ms: 10 },
  ],
  [
    "and is streamed besides where it is shown",
    [
      [0, sent()],
      [100, think()],
      [200, delta("a")],
      [300, ended("complete", usage(5, { reasoning_tokens: 3, total_tokens: 18 }))],
    ],
    { tokens: 5, streamed_tokens: 8, reasoning_hidden: false, reasoning_apart: true },
  ],
  [
    "cached prompt tokens are the server's",
    ten(ended("complete", usage(10, { cached_prompt_tokens: 4 }))),
    { prompt_tokens: 10, cached_prompt_tokens: 4 },
  ],
  ["tokens per second are all tokens in the duration", ten(ended("complete", usage(28))), { tokens_per_second: 100 }],
  [
    "TPOT is the time from the first token to the last in as many tokens, less one",
    ten(ended("complete", usage(19))),
    { tpot_ms: 10, decode_tokens_per_second: 100 },
  ],
  [
    "a token that is counted and has no event, as an end of text, takes no time",
    ten(ended("complete", usage(11))),
    { tpot_ms: 20, decode_tokens_per_second: 50, tokens: 11 },
  ],
  ["nor do two", ten(ended("complete", usage(12))), { tpot_ms: 20, decode_tokens_per_second: 50 }],
  ["three do: an event may hold several", ten(ended("complete", usage(13))), { tpot_ms: 15 }],
  [
    "nor of reasoning that is counted and has no event",
    ten(ended("complete", usage(111, { reasoning_tokens: 100 }))),
    { streamed_tokens: 11, tpot_ms: 20 },
  ],
  [
    "where the server counts fewer tokens than there are events, they are the tokens",
    ten(ended("complete", usage(7))),
    { streamed_tokens: 7, tpot_ms: 30 },
  ],
  [
    "a short answer is as fast as its events",
    [
      [0, sent()],
      [100, delta("a")],
      [150, delta("b")],
      [160, ended("complete", usage(4))],
    ],
    { tpot_ms: 50, decode_tokens_per_second: 20, tokens_per_second: 26.667 },
  ],
  [
    "a tool call of 48 tokens that the server held back for 4 events tells no steady speed",
    [[0, sent()], ...[100, 3000, 3010, 3020].map((ms): Told => [ms, call()]), [3030, ended("complete", usage(48))]],
    { tpot_ms: null, decode_tokens_per_second: null, tokens_per_event: 12 },
  ],
  [
    "nor do seven events of more than 4 tokens each",
    [
      [0, sent()],
      ...Array.from({ length: 7 }, (_, n): Told => [100 * n + 100, delta("a")]),
      [800, ended("complete", usage(29))],
    ],
    { tpot_ms: null },
  ],
  [
    "eight of them do",
    [
      [0, sent()],
      ...Array.from({ length: 8 }, (_, n): Told => [100 * n + 100, delta("a")]),
      [900, ended("complete", usage(36))],
    ],
    { tpot_ms: 20 },
  ],
  [
    "and seven of 4",
    [
      [0, sent()],
      ...Array.from({ length: 7 }, (_, n): Told => [90 * n + 100, delta("a")]),
      [800, ended("complete", usage(28))],
    ],
    { tpot_ms: 20 },
  ],
  [
    "under two tokens there is none",
    [
      [0, sent()],
      [100, delta("a")],
      [200, ended("complete", usage(1))],
    ],
    { tpot_ms: null, decode_tokens_per_second: null },
  ],
  [
    "nor when all came at one instant",
    [
      [0, sent()],
      [100, delta("abc", { events: 3 })],
      [200, ended("complete", usage(3))],
    ],
    { tpot_ms: null, tokens_per_second: 30 },
  ],
  [
    "a gap is the time between two reads that brought tokens",
    ten(),
    { gap_ms: { count: 9, min: 20, mean: 20, p50: 20, p90: 20, p95: 20, p99: 20, max: 20 } },
  ],
  [
    "comments and malformed events are none",
    [
      [0, sent()],
      [100, delta("a")],
      [150, { type: "skipped", at: 0, data: "{", why: "" }],
      [200, delta("b")],
      [210, ended()],
    ],
    { malformed: 1, gap_ms: { count: 1, min: 100, mean: 100, p50: 100, p90: 100, p95: 100, p99: 100, max: 100 } },
  ],
  [
    "k token events of one read are one arrival, k − 1 of them coalesced",
    [
      [0, sent()],
      [100, delta("a")],
      [200, delta("bcd", { events: 3 })],
      [210, ended("complete", usage(8))],
    ],
    { token_events: 4, coalesced: 0.5, tokens_per_event: 2 },
  ],
  [
    "the read after a hold of ours ends no gap, and is no stall",
    [
      [0, sent()],
      [100, delta("a")],
      [5000, delta("b", { backpressure: 4800 })],
      [5010, ended("complete", { backpressure: 4800 })],
    ],
    { gap_ms: null, stalls: 0, held_ms: 4800 },
  ],
  [
    "a pause of ours is none of the server's: what was written meanwhile counts as fast as the rest",
    [...paused(60, 29, 3000), [7500, ended("complete", { ...usage(60), backpressure: 3000 })]],
    {
      duration_ms: 3700,
      held_ms: 3000,
      ttft_ms: 100,
      tpot_ms: 20,
      decode_tokens_per_second: 50,
      tokens_per_second: 46.875,
    },
  ],
  [
    "nor where the server stood still with us",
    [...paused(60, 1, 3000), [7500, ended("complete", { ...usage(60), backpressure: 3000 })]],
    { held_ms: 3000, tpot_ms: 20, tokens_per_second: 46.875 },
  ],
  [
    "where all but a few of its tokens lay there after the pause, no speed can be told",
    [
      ...TEN.slice(0, 4),
      [5000, delta("a", { backpressure: 4800, events: 50 })],
      [7500, ended("complete", { ...usage(52), backpressure: 4800 })],
    ],
    { ttft_ms: 100, tpot_ms: null, decode_tokens_per_second: null, tokens_per_second: null },
  ],
  [
    "where we were paused before the first token, TTFT and what holds it cannot be told",
    [
      [0, sent()],
      [3000, delta("a", { backpressure: 2900, idle: 3000 })],
      ...Array.from({ length: 9 }, (_, n): Told => [3020 + 20 * n, delta("a", { idle: 20 })]),
      [3210, ended("complete", { ...usage(10), backpressure: 2900 })],
    ],
    { ttft_ms: null, ttfo_ms: null, tokens_per_second: null, duration_ms: 3180, tpot_ms: 20 },
  ],
  [
    "a pause after the last token is in no speed either",
    [...TEN, [5000, ended("timeout", { ...cutShort, backpressure: 4500 })]],
    { duration_ms: 5000, tokens_per_second: 20, tpot_ms: 20, stalls: 0 },
  ],
  [
    "a pause between thought and text leaves out how long was thought",
    [
      [0, sent()],
      [100, think()],
      [3000, delta("a", { backpressure: 2500, idle: 2900 })],
      [3010, ended("complete", { backpressure: 2500 })],
    ],
    { ttft_ms: 100, ttfo_ms: null, thinking_ms: null },
  ],
  [
    "a short hold, as of a slow pipe, is part of the duration",
    [
      [0, sent()],
      [100, delta("a")],
      [500, delta("b", { backpressure: 400 })],
      [510, ended("complete", { ...usage(10), backpressure: 400 })],
    ],
    { duration_ms: 500, tokens_per_second: 20, held_ms: 400 },
  ],
  [
    "a gap of more than a second is a stall",
    [
      [0, sent()],
      [100, delta("a")],
      [1600, delta("b")],
      [1610, ended()],
    ],
    { stalls: 1, stall_ms: 1500 },
  ],
  [
    "one of a second is none",
    [
      [0, sent()],
      [100, delta("a")],
      [1100, delta("b")],
      [1110, ended()],
    ],
    { stalls: 0, stall_ms: 0 },
  ],
  [
    "the open gap before a failure is one",
    [
      [0, sent()],
      [100, delta("a")],
      [60_100, cut()],
    ],
    { stalls: 1, stall_ms: 60_000, gap_ms: null },
  ],
  ["the wait for the end of a whole answer is none", ten(ended(), 3000), { stalls: 0, tail_ms: 2720 }],
  [
    "the wait for the first token is none",
    [
      [0, sent()],
      [5000, delta("a")],
      [5010, ended()],
    ],
    { stalls: 0, ttft_ms: 5000 },
  ],
  ["cost is what was read and written, at its price a million", ten(ended("complete", usage(10))), { cost: 0.000_09 }],
  ["without the server's count nobody bills", ten(ended()), { cost: null, prompt_tokens: null }],
  ["the status is that of the last response", ten(), { http_status: 200 }],
];

describe("of one stream,", () => {
  for (const [sentence, events, expected, plan] of OF_ONE_STREAM)
    test(sentence, () => expect(record(events, plan)).toMatchObject(expected));

  test("percentiles are exact, and the value at rank ⌈p·n⌉", () => {
    const reads = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n): Told => [100 + (n * (n + 1)) / 2, delta("a")]);
    expect(record([[0, sent()], ...reads, [200, ended()]]).gap_ms).toEqual({
      count: 10,
      min: 1,
      mean: 5.5,
      p50: 5,
      p90: 9,
      p95: 10,
      p99: 10,
      max: 10,
    });
  });
});

describe("of a load,", () => {
  /** One stream each, one after the other, a second apart. */
  const streams = (...all: (readonly Told[])[]): Script[] =>
    all.map((events, index) => ({
      due: 1000 * index,
      events: events.map(([ms, event]) => [1000 * index + ms, event]),
    }));
  const whole = ten();
  const failed = ten(cut(), 400);
  const refused: readonly Told[] = [
    [0, sent()],
    [20, ended("failed", { failure: busy })],
  ];
  const unfinished = ten(ended("cancelled", { failure: { kind: "cancelled", reason: "window", message: "" } }), 500);
  const slow: readonly Told[] = [
    [0, sent()],
    [900, delta("a")],
    [950, delta("b")],
    [960, ended("complete", usage(2))],
  ];

  type LoadRow = [
    sentence: string,
    scripts: Script[],
    plan: Partial<PlanReport>,
    pick: (result: ResultReport) => unknown,
    expected: unknown,
  ];
  const rows: readonly LoadRow[] = [
    [
      "every measured stream that has the instant counts for TTFT",
      streams(whole, failed, refused),
      {},
      ({ distributions: { ttft_ms: ttft } }) => [ttft.count, ttft.missing, ttft.left_out],
      [2, 1, { unfinished: 0, failed: 1, no_value: 0 }],
    ],
    ["and for gaps", streams(whole, failed), {}, ({ distributions }) => distributions.gap_ms.count, 18],
    [
      "whole answers alone count for duration, TPOT and tokens per second",
      streams(whole, failed, unfinished),
      {},
      ({ distributions: { duration_ms, tpot_ms, tokens_per_second } }) =>
        [duration_ms, tpot_ms, tokens_per_second].map(({ count }) => count),
      [1, 1, 1],
    ],
    [
      "who is left out, and why, is said",
      streams(whole, failed, unfinished, [
        [0, sent()],
        [10, delta("a")],
        [20, ended()],
      ]),
      {},
      ({ distributions }) => distributions.tpot_ms.left_out,
      { unfinished: 1, failed: 1, no_value: 1 },
    ],
    [
      "the error rate leaves unfinished streams out, above and below",
      streams(whole, failed, refused, unfinished),
      {},
      ({ error_rate, streams: { started, ok, failed, unfinished } }) => [error_rate, started, ok, failed, unfinished],
      [0.666667, 4, 1, 2, 1],
    ],
    [
      "so does goodput, to which errors are misses",
      streams(whole, slow, failed, unfinished),
      { slo: ["ttft < 500ms"] },
      ({ goodput }) => [goodput?.met, goodput?.share],
      [1, 0.333333],
    ],
    [
      "a stream is good when it meets every objective",
      streams(whole, slow),
      { slo: ["ttft < 2s", "tpot < 30ms"] },
      ({ goodput }) => goodput?.met,
      1,
    ],
    ["without objectives there is no goodput", streams(whole), {}, ({ goodput }) => goodput, null],
    [
      "a figure that does not exist is null, and enters no distribution",
      streams(refused),
      {},
      ({
        distributions: {
          ttft_ms: { count, min, mean, p50, max },
        },
      }) => [count, min, mean, p50, max],
      [0, null, null, null, null],
    ],
    [
      "a threshold without values fails",
      streams(refused),
      { slo: ["p95(ttft) < 1s"] },
      ({ thresholds }) => thresholds.map(({ value, passed }) => [value, passed]),
      [[null, false]],
    ],
    [
      "warm-up streams are run and left out",
      streams(slow, whole),
      { warmup: { streams: 1 }, requests: 1 },
      ({ streams, distributions }) => [streams.warmup, streams.started, distributions.ttft_ms.max],
      [1, 1, 100],
    ],
    [
      "a percentile is the value at rank ⌈p·n⌉, here too",
      streams(whole, slow),
      {},
      ({
        distributions: {
          ttft_ms: { p50, p90 },
        },
      }) => [p50, Math.round(p90 ?? 0)],
      [100, 900],
    ],
    [
      "tokens count in the window in which they arrive",
      streams(whole, whole),
      { requests: 2 },
      ({ output_tokens_per_second: tokens }) => Math.round(tokens ?? 0),
      16,
    ],
    [
      "tokens of the server's count are spread over the token events",
      streams(ten(ended("complete", usage(20)))),
      { requests: 1 },
      ({ tokens }) => tokens.output,
      20,
    ],
    [
      "retries are counted, and how long they waited",
      streams([
        [0, sent()],
        [10, retrying(200)],
        [210, sent(2)],
        [300, delta("a")],
        [310, ended()],
      ]),
      { retries: 2 },
      ({ trust: { retries, retry_wait_ms, ttft_from } }) => [retries, retry_wait_ms, ttft_from],
      [1, 200, "first_attempt"],
    ],
  ];
  for (const [sentence, scripts, plan, pick, expected] of rows)
    test(sentence, () =>
      expect(pick(playStep(scripts, { requests: scripts.length, ...plan }).result)).toEqual(expected),
    );

  test("of arrivals, what a user felt counts from when the stream was due", () => {
    const late: Script = { due: 0, events: whole.map(([ms, event]) => [ms + 70, event]) };
    const { records } = playStep([late], { loads: [arriving(1)], requests: 1 });
    expect(records).toMatchObject([
      { dispatch_delay_ms: 70, latency_from_due_ms: 350, duration_ms: 280, ttft_ms: 100 },
    ]);
  });

  test("concurrency is weighted by time, from the first request to the last end", () => {
    const both: Script[] = [0, 145].map((due) => ({ due, events: whole.map(([ms, event]) => [due + ms, event]) }));
    const { report } = playStep(both, { requests: 2 }, { load: closed(2) });
    expect(report.concurrency).toMatchObject({ asked: 2, max: 2, mean: 1.333, short: false });
  });

  test("a window that cut more than one stream in twenty is too short", () => {
    const cutStreams = (count: number): Script[] =>
      streams(...Array.from({ length: 40 }, (_, n) => (n < count ? unfinished : whole)));
    const tooShort = (count: number): boolean => playStep(cutStreams(count), { requests: 40 }).report.window_too_short;
    expect([2, 3].map(tooShort)).toEqual([false, true]);
  });

  test("so is one after which most streams ended: its rates are of what little came before", () => {
    const stretched = (ms: number): Script[] => [
      ...streams(whole, whole),
      ...[2000, 2000, 2000].map((due): Script => ({
        due,
        events: whole.map(([at, event]) => [due + (at > 0 ? ms : 0) + at, event]),
      })),
    ];
    const tooShort = (scripts: Script[], plan: Partial<PlanReport> = {}) =>
      playStep(scripts, { requests: null, duration_ms: 3000, ...plan }).report.window_too_short;
    expect(tooShort(stretched(0))).toBe(false);
    expect(tooShort(stretched(1500))).toBe(true);
    expect(tooShort(stretched(1500).slice(0, 4))).toBe(false);
    // Where a number of requests ends it, it lasts until the last of them.
    expect(tooShort(stretched(1500), { requests: 5, duration_ms: null })).toBe(false);
  });

  test("what the client must keep is said, each with its limit", () => {
    const checks = (limited: boolean) => playStep(streams(whole), { requests: 1 }, { limited }).report.client;
    expect(checks(false).healthy).toBe(true);
    expect(checks(true)).toMatchObject({ healthy: false });
    expect(
      checks(true)
        .checks.filter(({ passed }) => !passed)
        .map(({ name }) => name),
    ).toEqual(["worker_lag_p99_ms", "cpu_per_thread"]);
  });
});
