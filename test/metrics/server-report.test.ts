import { describe, expect, test } from "bun:test";
import { playStep, SAYS_NOTHING } from "../fixtures/report.ts";
import { delta, ended, opened, sent } from "../contract/samples.ts";
import type { ServerFigures, StreamEvent } from "../../src/stream/event.ts";

type Told = Partial<ServerFigures> | null;

/** Asked at `due`, with a first token so many ms later. */
function stream(due: number, told: Told, ttft = 100, attempts: readonly number[] = [0]) {
  const server = told === null ? null : { ...SAYS_NOTHING, ...told };
  const events: (readonly [number, StreamEvent])[] = [
    ...attempts.map((wait, at) => [due + wait, sent(at + 1)] as const),
    [due + ttft - 1, opened()],
    [due + ttft, delta("a")],
    [due + ttft + 20, delta("b")],
    [due + ttft + 30, ended("complete", { finishReason: "stop", server })],
  ];
  return { due, events };
}

function serverIn(streams: Parameters<typeof playStep>[0]) {
  return playStep(streams).result.server;
}

const mean = (value: number, count = 1) => ({ mean: value, count });

describe("what the server says, beside what was measured,", () => {
  test("is given as means, with what lies between as network and client", () => {
    const streams = [
      stream(0, { queue_ms: 10, prefill_ms: 60, ttft_ms: 75 }, 100),
      stream(500, { queue_ms: 30, prefill_ms: 70, ttft_ms: 105 }, 115),
    ];
    expect(serverIn(streams)).toEqual({
      queue_ms: mean(20, 2),
      prefill_ms: mean(65, 2),
      ttft_ms: mean(90, 2),
      observed_ttft_ms: mean(107.5, 2),
      network_and_client_ms: mean(17.5, 2),
    });
  });

  test.each<[string, Told, object]>([
    ["prefill is its TTFT less its queue (vLLM)", { queue_ms: 15, ttft_ms: 80 }, { prefill_ms: mean(65) }],
    [
      "its TTFT is queue and prefill (Groq)",
      { queue_ms: 15, prefill_ms: 70 },
      { ttft_ms: mean(85), network_and_client_ms: mean(15) },
    ],
    [
      "without its queue nobody knows what lies between (llama.cpp)",
      { prefill_ms: 70 },
      { queue_ms: null, prefill_ms: mean(70), ttft_ms: null, observed_ttft_ms: mean(100), network_and_client_ms: null },
    ],
    [
      "its TTFT alone is enough (Fireworks)",
      { ttft_ms: 80 },
      { queue_ms: null, prefill_ms: null, ttft_ms: mean(80), network_and_client_ms: mean(20) },
    ],
    ["a queue that took no time is a queue of 0", { queue_ms: 0, prefill_ms: 90 }, { queue_ms: mean(0) }],
    ["a queue longer than its TTFT tells no prefill", { queue_ms: 90, ttft_ms: 80 }, { prefill_ms: null }],
    ["more than passed here is told as it is", { ttft_ms: 130 }, { network_and_client_ms: mean(-30) }],
  ])("%s", (_, told, expected) => {
    expect(serverIn([stream(0, told)])).toMatchObject(expected);
  });

  test.each<[string, Told]>([
    ["it says nothing", null],
    ["it says only how fast it wrote", { decode_ms: 900, tokens_per_second: 48 }],
    ["it says only how long it was until it answered", { processing_ms: 20 }],
  ])("does not exist where %s", (_, told) => {
    expect(serverIn([stream(0, told)])).toBeNull();
  });

  test("leaves out streams that were asked twice, that say nothing, or that got no token", () => {
    const silent = {
      due: 2000,
      events: [
        [2000, sent()],
        [2090, ended("empty", { server: { ...SAYS_NOTHING, queue_ms: 9 } })],
      ] as const,
    };
    const streams = [
      stream(0, { ttft_ms: 80 }),
      stream(500, { ttft_ms: 500 }, 900, [0, 300]),
      stream(1500, null),
      silent,
    ];
    expect(serverIn(streams)).toMatchObject({ ttft_ms: mean(80), network_and_client_ms: mean(20) });
  });

  test("is kept of each model, and of all", () => {
    const [a, b] = [stream(0, { ttft_ms: 80 }), stream(500, { ttft_ms: 60 })];
    const { report } = playStep([
      { ...a, model: "a" },
      { ...b, model: "b" },
    ]);
    expect(report.results.map(({ model, server }) => [model, server?.ttft_ms])).toEqual([
      ["a", mean(80)],
      ["b", mean(60)],
      [null, mean(70, 2)],
    ]);
  });
});
