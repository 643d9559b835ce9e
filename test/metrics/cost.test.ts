import { describe, expect, test } from "bun:test";
import { LLMAAS_PRICES, type Prices } from "../../src/config/kinds.ts";
import { createCostOf } from "../../src/metrics/tokens.ts";
import { play, type Story } from "../render/several.ts";

function costOf(story: Story, prices: Prices | null = LLMAAS_PRICES): number | null | undefined {
  return play([story], { prices })[0]?.cost;
}

const COUNTED = { prompt_tokens: 1000, completion_tokens: 500 };

describe("the cost of a stream", () => {
  test("is prompt × input + completion × output, per million", () => {
    expect(costOf({ usage: COUNTED })).toBe(0.0058);
  });

  test("counts reasoning, a part of the completion, at its own price", () => {
    const usage = { ...COUNTED, reasoning_tokens: 200 };
    expect(costOf({ usage }, { currency: "EUR", input: 1, output: 10, reasoning: 2 })).toBe(0.0044);
  });

  test("takes the price of output for reasoning that has none", () => {
    const usage = { ...COUNTED, reasoning_tokens: 200 };
    expect(costOf({ usage }, { currency: "EUR", input: 1, output: 10 })).toBe(0.006);
  });

  test("counts reasoning beside the completion where there is more of it, or where the total says so", () => {
    const prices = { currency: "EUR", input: 1, output: 10, reasoning: 20 };
    expect(costOf({ usage: { ...COUNTED, reasoning_tokens: 900 } }, prices)).toBe(0.024);
    expect(costOf({ usage: { ...COUNTED, reasoning_tokens: 200, total_tokens: 1700 } }, prices)).toBe(0.01);
    expect(costOf({ usage: { ...COUNTED, reasoning_tokens: 200, total_tokens: 1500 } }, prices)).toBe(0.008);
  });

  test("counts what the server had in its cache at its own price, which is that of input unless given", () => {
    const usage = { ...COUNTED, cached_prompt_tokens: 400 };
    const prices = { currency: "EUR", input: 1, output: 10 };
    expect(costOf({ usage }, { ...prices, cached_input: 0.1 })).toBe(0.00564);
    expect(costOf({ usage }, { ...prices, cached_input: 0 })).toBe(0.0056);
    expect(costOf({ usage }, prices)).toBe(0.006);
  });

  test("counts a cache of more than the prompt beside it", () => {
    const usage = { ...COUNTED, cached_prompt_tokens: 4000 };
    expect(costOf({ usage }, { currency: "EUR", input: 1, cached_input: 0.1, output: 10 })).toBe(0.0064);
  });

  test("is the model's own where it has prices, and the general one else", () => {
    const prices: Prices = { currency: "EUR", input: 1, output: 1, models: { small: { input: 0, output: 2 } } };
    expect(costOf({ model: "small", usage: COUNTED }, prices)).toBe(0.001);
    expect(costOf({ model: "large", usage: COUNTED }, prices)).toBe(0.0015);
    expect(costOf({ model: "toString", usage: COUNTED }, prices)).toBe(0.0015);
  });

  test("of something free is 0, and not unknown", () => {
    expect(costOf({ usage: COUNTED }, { currency: "EUR", input: 0, output: 0 })).toBe(0);
  });

  test("does not exist without usage, without a count of the prompt, or without prices", () => {
    expect(costOf({ usage: null })).toBeNull();
    expect(costOf({ usage: { completion_tokens: null } })).toBeNull();
    expect(costOf({ usage: { completion_tokens: 0 } })).toBeNull();
    expect(costOf({ usage: { prompt_tokens: null } })).toBeNull();
    expect(costOf({ usage: COUNTED }, null)).toBeNull();
  });

  test("is known for a stream that failed, when the server still counted", () => {
    expect(costOf({ verdict: "truncated", tokens: 10, usage: COUNTED })).toBe(0.0058);
  });

  test("has no noise of binary fractions", () => {
    const cost = createCostOf({ currency: "EUR", input: 0.1, output: 0.7 });
    for (let tokens = 1; tokens < 2000; tokens++) {
      const amount = cost("m", {
        tokens,
        tokens_source: "usage",
        prompt_tokens: 3,
        cached_prompt_tokens: null,
        reasoning_tokens: null,
        reasoning_apart: false,
      });
      expect(String(amount).length).toBeLessThan(12);
    }
  });
});
