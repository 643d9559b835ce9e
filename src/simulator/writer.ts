import type { ApiKind } from "../wire/apis.ts";
import type { WholeUsage } from "./whole.ts";
import type { Piece, Section } from "./speech.ts";

/** Who answers, as it stands in every answer. */
export type Identity = {
  id: string;
  /** Seconds since the epoch. */
  created: number;
  model: string;
  backend: { engine_type: string; machine_name: string };
};

/** One event of a stream before it is framed; a `name` of "" stands for none. */
export type ApiEvent = { name: string; data: string };

/** How a stream ends, in this order. */
export type Closing = {
  /** What ends the part of the answer that was written last. */
  part: ApiEvent[];
  /** How it finished. */
  reason: ApiEvent;
  /** The usage, where it has an event of its own. */
  usage: ApiEvent | null;
  /** The mark of the end, where it is an event of its own. */
  mark: ApiEvent | null;
};

/** Events that mean nothing, or lack something. */
export type Unusual =
  | "no-choices"
  | "empty-choices"
  | "no-delta"
  | "empty-delta"
  | "null-content"
  | "role-only"
  | "other-choice-finished"
  | "unknown";

/** What broke off a stream. */
export type Crash = { message: string; type: string; code: string };

/** Writes the events of one answer as its API has them. */
export type Writer = {
  /** What comes before the first part of the answer. */
  opening(): ApiEvent[];
  /** Ends the part before, if any, and begins this one. */
  begin(section: Section): ApiEvent[];
  /** Token event `e`. Asked twice it says the same twice. */
  token(e: number, piece: Piece): ApiEvent;
  /** The same with another choice beside it. */
  tokenOfTwo?(e: number, piece: Piece): ApiEvent;
  /** A piece that is none of the answer's own. */
  extra(piece: Piece): ApiEvent;
  closing(reason: string): Closing;
  /** The stream fails, in the way of this API. */
  failure(error: Crash): ApiEvent;
  /** The same, by an event that is called an error. */
  error(error: Crash): ApiEvent;
  /** `null`: this API has no such thing. */
  unusual(what: Unusual): ApiEvent | null;
  /** The wire text of a sign of life. */
  ping: string;
  /** The number that token event `e` bears, which is now the last that was written; `null` where none is numbered. */
  numberOf: ((e: number) => number) | null;
};

/** What a server says that fails, unless it is told what to say. */
export const CRASH = "The model crashed.";

const FINISHES: Readonly<Record<ApiKind, Readonly<Record<string, string>>>> = {
  chat: {},
  completions: {},
  responses: { stop: "completed", tool_calls: "completed", length: "max_output_tokens" },
  messages: { stop: "end_turn", tool_calls: "tool_use", length: "max_tokens", content_filter: "refusal" },
};

/** A finish reason of chat completions in an API's own word; one that has none stays as it is. */
export function finishWord(api: ApiKind, reason: string, refused = false): string {
  // Where a refusal is no part of its own, the reason alone tells it.
  if (api === "messages" && refused && reason === "stop") return "refusal";
  return FINISHES[api][reason] ?? reason;
}

/** The usage after so many tokens of the answer. */
export function usageAfter(
  plan: { promptTokens: number; cachedTokens: number | null },
  { content, reasoning }: { content: number; reasoning: number },
): WholeUsage {
  return {
    prompt: plan.promptTokens,
    completion: content + reasoning,
    reasoning: reasoning > 0 ? reasoning : null,
    cached: plan.cachedTokens,
  };
}
