import type { Chunk } from "../wire/api.ts";
import { BOUNDS, type Excess } from "../wire/bounds.ts";
import { createFingerprint } from "../wire/fingerprint.ts";
import { createToolCalls, type ToolDelta } from "../wire/tool-calls.ts";
import type { Facts } from "./judge.ts";
import { createPieces, type Pieces } from "./pieces.ts";

const NO_TOOLS: readonly ToolDelta[] = [];

/** The token events of one answer: what each brings that was not said before, within the bounds of an answer. */
export function createTokens(facts: Facts): {
  add(chunk: Chunk): void;
  /** What came since it was last taken; `null` for nothing. */
  take(): Pieces | null;
  /** Whether reasoning came. */
  reasoned(): boolean;
} {
  const pieces = createPieces();
  const said = createSaid();
  const calls = createToolCalls();
  const bounds = createAnswerBounds();

  return {
    add(chunk) {
      const { form } = chunk;
      const fresh = form === "delta" || form === "whole" ? chunk : said.withoutRepetition(chunk, pieces.pending());
      const { content, reasoning, refusal, tools } = fresh;
      if (content === "" && reasoning === "" && refusal === "" && tools.length === 0) return;
      let called = NO_TOOLS;
      if (tools.length > 0 || refusal !== "") {
        called = calls.resolve(tools);
        facts.excess = bounds.excessWith(called, refusal);
        if (facts.excess !== null) return;
      }
      facts.tokens++;
      pieces.add(fresh, called);
    },
    take() {
      const brought = pieces.take();
      if (brought.events === 0) return null;
      said.add(brought);
      facts.visible ||= brought.text !== "";
      facts.tools ||= brought.tools.length > 0;
      facts.refusal += brought.refusal;
      return brought;
    },
    reasoned: said.reasoning,
  };
}

/** What an answer has said so far, to know it again where a server repeats the whole of it in its last event. */
function createSaid(): {
  /** What was handed on. */
  add(pieces: Pieces): void;
  reasoning(): boolean;
  /** What a `message` says for the first time; `pending`: what came and was not handed on yet. */
  withoutRepetition(chunk: Chunk, pending: Pieces): Chunk;
} {
  const text = createFingerprint();
  const came = { text: false, reasoning: false, refusal: false, tools: false };

  function repeats({ form, content }: Chunk, pending: Pieces): boolean {
    return form === "completion" || (content !== "" && text.matches(content, pending.text));
  }

  return {
    add(pieces) {
      text.add(pieces.text);
      came.text ||= pieces.text !== "";
      came.reasoning ||= pieces.reasoning !== "";
      came.refusal ||= pieces.refusal !== "";
      came.tools ||= pieces.tools.length > 0;
    },
    reasoning: () => came.reasoning,
    withoutRepetition(chunk, pending) {
      if (!repeats(chunk, pending)) return chunk;
      return {
        ...chunk,
        content: came.text || pending.text !== "" ? "" : chunk.content,
        reasoning: came.reasoning || pending.reasoning !== "" ? "" : chunk.reasoning,
        refusal: came.refusal || pending.refusal !== "" ? "" : chunk.refusal,
        tools: came.tools || pending.tools.length > 0 ? [] : chunk.tools,
      };
    },
  };
}

/** What one answer has brought of what is kept whole, whoever shows it: its tool calls and its refusal. */
export function createAnswerBounds(): {
  /** Which bound the answer passes with these; `null`: none. */
  excessWith(tools: readonly ToolDelta[], refusal: string): Excess | null;
} {
  const calls = new Set<number>();
  let argumentUnits = 0;
  let refusalUnits = 0;

  return {
    excessWith(tools, refusal) {
      refusalUnits += refusal.length;
      for (const call of tools) {
        calls.add(call.index);
        argumentUnits += call.arguments.length + (call.name?.length ?? 0);
      }
      if (calls.size > BOUNDS.tool_calls) return "tool_calls";
      if (argumentUnits > BOUNDS.arguments) return "arguments";
      return refusalUnits > BOUNDS.refusal ? "refusal" : null;
    },
  };
}
