import type { Ms } from "../stream/event.ts";
import { round } from "./distribution.ts";
import { unpaused, type Pauses } from "./pauses.ts";
import type { TokenCounts } from "./tokens.ts";

/** How fast one answer came; `null` where that cannot be told. */
export type Speeds = {
  tpot_ms: number | null;
  tokens_per_second: number | null;
  decode_tokens_per_second: number | null;
};

/** What an answer took: from its request to its end, and from its first token event to its last. */
type Times = { duration: Ms; spread: Ms; events: number };

/** Tokens of usage that may have no event of their own: an end of text, a stop sequence. */
const WITHOUT_EVENT = 2;
/** Fewer events with more tokens each tell no steady speed: a tool call that the server held back comes so. */
const FEW_EVENTS = 8;
const MANY_TOKENS = 4;

/** Ms a token, between the first one and the last; `null` where that cannot be told. */
function tpotOf(spread: Ms, streamed: number, events: number): number | null {
  if (events < FEW_EVENTS && streamed > MANY_TOKENS * events) return null;
  const excess = streamed - events;
  const tokens = excess >= 0 && excess <= WITHOUT_EVENT ? events : streamed;
  return tokens >= 2 && spread > 0 ? spread / (tokens - 1) : null;
}

/** How fast an answer came; `null` where there is none, or a pause of ours hides it. */
export function speedsOf(
  { tokens, streamed_tokens: streamed }: TokenCounts,
  { duration, spread, events }: Times,
  pauses: Readonly<Pauses>,
): Speeds {
  const own = unpaused(spread, events - 1, pauses);
  const tpot = own === null ? null : tpotOf(own, streamed, events);
  const time = own === null || pauses.toFirst > 0 ? 0 : duration - spread + own;
  return {
    tpot_ms: tpot === null ? null : round(tpot),
    tokens_per_second: tokens > 0 && time > 0 ? round((1000 * tokens) / time) : null,
    decode_tokens_per_second: tpot === null ? null : round(1000 / tpot),
  };
}
