import type { Usage } from "../stream/event.ts";
import { countsReasoningApart } from "../stream/usage.ts";

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
