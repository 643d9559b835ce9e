import type { Prices } from "../config/kinds.ts";
import type { Figures } from "./timeline.ts";

/** The token counts of one stream that a bill is made of. */
type Counts = Pick<Figures, "tokens" | "tokens_source" | "prompt_tokens" | "reasoning_tokens">;

/** What one stream cost in the currency of the prices; `null` where that cannot be known. */
export type CostOf = (model: string, counts: Counts) => number | null;

/**
 * prompt × input + (completion − reasoning) × output + reasoning × its own price; `null` without usage or prices.
 * Tokens that only we counted are no usage: nobody bills by them.
 */
export function createCostOf(prices: Prices | null): CostOf {
  if (prices === null) return () => null;
  const { models = {} } = prices;
  return (model, { tokens, tokens_source: source, prompt_tokens: prompt, reasoning_tokens: reasoning }) => {
    if (source !== "usage" || prompt === null) return null;
    const rate = (Object.hasOwn(models, model) ? models[model] : undefined) ?? prices;
    const thought = Math.min(reasoning ?? 0, tokens);
    const millionfold =
      prompt * rate.input + (tokens - thought) * rate.output + thought * (rate.reasoning ?? rate.output);
    return toPicos(millionfold / 1_000_000);
  };
}

/** Cuts the noise of binary fractions off: 0.0012855999999999998 is 0.0012856. */
function toPicos(amount: number): number {
  return Math.round(amount * 1e12) / 1e12;
}
