import type { Prices } from "../config/kinds.ts";
import type { TokenCounts } from "./token-counts.ts";

/** The token counts of one stream that a bill is made of. */
type Counts = Omit<TokenCounts, "token_events" | "streamed_tokens" | "reasoning_hidden">;

/** What one stream cost in the currency of the prices; `null` where that cannot be known. */
export type CostOf = (model: string, counts: Counts) => number | null;

/**
 * (prompt − cached) × input + cached × its own price + (completion − reasoning) × output + reasoning × its own price;
 * reasoning is not taken off where it is counted apart. `null` without usage or prices.
 * Tokens that only we counted are no usage: nobody bills by them.
 */
export function createCostOf(prices: Prices | null): CostOf {
  if (prices === null) return () => null;
  const { models = {} } = prices;
  return (model, counts) => {
    const { tokens, tokens_source: source, prompt_tokens: prompt, reasoning_apart: apart } = counts;
    if (source !== "usage" || prompt === null) return null;
    const rate = (Object.hasOwn(models, model) ? models[model] : undefined) ?? prices;
    const reasoning = counts.reasoning_tokens ?? 0;
    const thought = apart ? reasoning : Math.min(reasoning, tokens);
    const cached = counts.cached_prompt_tokens ?? 0;
    const millionfold =
      // More of it than the prompt holds was counted beside it.
      (cached > prompt ? prompt : prompt - cached) * rate.input +
      cached * (rate.cached_input ?? rate.input) +
      (apart ? tokens : tokens - thought) * rate.output +
      thought * (rate.reasoning ?? rate.output);
    return toPicos(millionfold / 1_000_000);
  };
}

/** Cuts the noise of binary fractions off: 0.0012855999999999998 is 0.0012856. */
function toPicos(amount: number): number {
  return Math.round(amount * 1e12) / 1e12;
}
