import type { Chunk } from "../wire/api.ts";
import type { ToolDelta } from "../wire/tool-calls.ts";

/** What several token events brought. */
export type Pieces = {
  text: string;
  reasoning: string;
  refusal: string;
  tools: readonly ToolDelta[];
  /** Token events. */
  events: number;
};

/** Collects what the token events of one read bring. */
export function createPieces(): {
  /** One token event; `tools`: what it says of tool calls. */
  add(chunk: Chunk, tools: readonly ToolDelta[]): void;
  /** What was not taken yet. */
  pending(): Pieces;
  take(): Pieces;
} {
  const [text, reasoning, refusal] = [createWords(), createWords(), createWords()];
  let tools: ToolDelta[] = [];
  let events = 0;
  return {
    add(chunk, called) {
      events++;
      if (chunk.content !== "") text.add(chunk.content);
      if (chunk.reasoning !== "") reasoning.add(chunk.reasoning);
      if (chunk.refusal !== "") refusal.add(chunk.refusal);
      if (called.length > 0) tools.push(...called);
    },
    pending: () => ({
      text: text.pending(),
      reasoning: reasoning.pending(),
      refusal: refusal.pending(),
      tools,
      events,
    }),
    take() {
      const taken = { text: text.take(), reasoning: reasoning.take(), refusal: refusal.take(), tools, events };
      tools = [];
      events = 0;
      return taken;
    },
  };
}

/** A text in pieces. A surrogate pair may come as two escapes in two events: its first half waits for the second. */
function createWords() {
  let words = "";
  return {
    add(text: string): void {
      words += text;
    },
    pending: () => words,
    take(): string {
      const half = (words.charCodeAt(words.length - 1) & 0xfc00) === 0xd800;
      const taken = half ? words.slice(0, -1) : words;
      words = half ? words.slice(-1) : "";
      return taken;
    },
  };
}
