import type { Prices } from "../config/kinds.ts";
import type { Usage } from "../stream/event.ts";
import { countsReasoningApart } from "../stream/usage.ts";

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

/** The tokens of one stream, as its record has them. */
export type TokenCounts = {
  tokens: number;
  tokens_source: "usage" | "events";
  token_events: number;
  streamed_tokens: number;
  prompt_tokens: number | null;
  /** Of the prompt's tokens, those from the server's cache. */
  cached_prompt_tokens: number | null;
  reasoning_tokens: number | null;
  /** Usage counts reasoning, and no event carried any. */
  reasoning_hidden: boolean;
  /** Usage counts reasoning beside `tokens`, and not in them. */
  reasoning_apart: boolean;
};

/** The server's count, and the number of token events where it does not count. `reasoned`: an event carried reasoning. */
export function tokensOf(usage: Usage | null, came: { tokenEvents: number; reasoned: boolean }): TokenCounts {
  const { tokenEvents, reasoned } = came;
  const counted = usage?.completion_tokens ?? null;
  const told = {
    prompt_tokens: usage?.prompt_tokens ?? null,
    cached_prompt_tokens: usage?.cached_prompt_tokens ?? null,
    reasoning_tokens: usage?.reasoning_tokens ?? null,
  };
  if (usage === null || counted === null || (counted === 0 && tokenEvents > 0)) {
    return {
      tokens: tokenEvents,
      tokens_source: "events",
      token_events: tokenEvents,
      streamed_tokens: tokenEvents,
      ...told,
      reasoning_hidden: false,
      reasoning_apart: false,
    };
  }
  const reasoning = told.reasoning_tokens ?? 0;
  const hidden = reasoning > 0 && !reasoned;
  const apart = countsReasoningApart(usage);
  return {
    tokens: counted,
    tokens_source: "usage",
    token_events: tokenEvents,
    streamed_tokens: (apart ? counted + reasoning : counted) - (hidden ? reasoning : 0),
    ...told,
    reasoning_hidden: hidden,
    reasoning_apart: apart,
  };
}
