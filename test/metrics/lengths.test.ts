import { expect, test } from "bun:test";
import { cachedShareIn } from "../../src/metrics/lengths.ts";
import { playRun, playStep } from "../fixtures/report.ts";
import { delta, ended, opened, sent } from "../contract/samples.ts";

const answer = (due: number, prompt: string, tokens: number, cached: number | null = null) => ({
  due,
  prompt,
  events: [
    [due, sent()],
    [due + 5, opened()],
    [due + 10, delta("a", { events: 1 })],
    [
      due + 20,
      ended("complete", {
        finishReason: "stop",
        usage: {
          prompt_tokens: tokens * 2,
          completion_tokens: tokens,
          total_tokens: tokens * 3,
          reasoning_tokens: null,
          cached_prompt_tokens: cached,
        },
      }),
    ],
  ] as const,
});

test("tells how many different prompts were sent, and how long they and the answers were", () => {
  const { result } = playStep([answer(0, "one", 10), answer(30, "two", 30, 8), answer(60, "one", 20, 4)]);
  expect(result.lengths).toEqual({
    different_prompts: 2,
    prompt_tokens: { min: 20, p50: 40, max: 60 },
    answer_tokens: { min: 10, p50: 20, max: 30 },
    cached_prompt_tokens: 12,
    cached_out_of: 100,
  });
});

test("counts a prompt that came again once, and leaves a cut answer out of the lengths of answers", () => {
  const same = playStep([answer(0, "one", 10), answer(30, "one", 10)]).result.lengths;
  expect(same?.different_prompts).toBe(1);
  const cut = playRun({ streams: 40, failed: 1 }).report.steps[0]?.results[0]?.lengths;
  expect(cut).toMatchObject({ answer_tokens: null, prompt_tokens: null, cached_prompt_tokens: null });
});

test("has nothing to tell of a load without a stream", () => {
  expect(playStep([], {}, { models: ["m"] }).result.lengths).toEqual({
    different_prompts: 0,
    prompt_tokens: null,
    answer_tokens: null,
    cached_prompt_tokens: null,
    cached_out_of: null,
  });
});

test.each<[string, readonly (readonly [tokens: number, cached: number | null])[], number | null]>([
  [
    "is one of the streams whose usage says it",
    [
      [30, 30],
      [50, null],
      [10, 10],
    ],
    0.5,
  ],
  [
    "is 0 where it says 0",
    [
      [30, 0],
      [50, 0],
    ],
    0,
  ],
  [
    "does not exist where no usage says it",
    [
      [30, null],
      [50, null],
    ],
    null,
  ],
  ["counts what was counted beside the prompt as part of it", [[10, 60]], 0.75],
])("the share of the prompt that came from the cache %s", (_, streams, share) => {
  const { result } = playStep(streams.map(([tokens, cached], at) => answer(30 * at, "one", tokens, cached)));
  expect(cachedShareIn([result])).toBe(share);
});

test("over several steps it is that of all their prompts", () => {
  const steps = [[answer(0, "one", 10, 20)], [answer(0, "one", 30, 0)]].map((streams) => playStep(streams).result);
  expect(cachedShareIn(steps)).toBe(0.25);
});
