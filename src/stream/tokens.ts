import type { Chunk } from "../wire/api.ts";
import { BOUNDS, type Excess } from "../wire/bounds.ts";
import { addPiece, createFingerprint, matches } from "../wire/fingerprint.ts";
import { createToolCalls, type ToolDelta } from "../wire/tool-calls.ts";
import type { DeltaEvent, Ms } from "./event.ts";
import type { Facts } from "./judge.ts";

const NO_TOOLS: readonly ToolDelta[] = [];

/**
 * The token events of one answer: what each brings that was not said before, within the bounds of an answer. What those of
 * one read bring is collected until it is taken.
 */
export function createTokens(facts: Facts): {
  add(chunk: Chunk): void;
  /** One that brings words of the answer and nothing else. */
  addWords(words: string): void;
  /** What came since it was last taken; `null` for nothing. */
  take(at: Ms): DeltaEvent | null;
  /** Whether reasoning came. */
  reasoned(): boolean;
} {
  /** Of the text that was taken, to know it again where a server repeats the whole of it in its last event. */
  const said = createFingerprint();
  let calls: ReturnType<typeof createBoundCalls> | null = null;
  let events = 0;
  let text = "";
  let reasoning = "";
  let refusal = "";
  let tools: ToolDelta[] = [];
  let reasoned = false;

  function repeats({ form, content }: Chunk): boolean {
    return form === "completion" || (content !== "" && matches(said, content, text));
  }

  /** What a `message` says for the first time. */
  function withoutRepetition(chunk: Chunk): Chunk {
    if (!repeats(chunk)) return chunk;
    return {
      ...chunk,
      content: facts.visible || text !== "" ? "" : chunk.content,
      reasoning: reasoned || reasoning !== "" ? "" : chunk.reasoning,
      refusal: facts.refusal !== "" || refusal !== "" ? "" : chunk.refusal,
      tools: facts.tools || tools.length > 0 ? [] : chunk.tools,
    };
  }

  function addWords(words: string): void {
    facts.tokens++;
    events++;
    text = text === "" ? words : text + words;
  }

  return {
    addWords,
    add(chunk) {
      const { form } = chunk;
      const fresh = form === "delta" || form === "whole" ? chunk : withoutRepetition(chunk);
      if (fresh.content === "" && fresh.reasoning === "" && fresh.refusal === "" && fresh.tools.length === 0) return;
      if (fresh.tools.length > 0 || fresh.refusal !== "") {
        calls ??= createBoundCalls();
        const called = calls.resolve(fresh.tools);
        facts.excess = calls.excessWith(called, fresh.refusal);
        if (facts.excess !== null) return;
        tools.push(...called);
        refusal += fresh.refusal;
      }
      reasoning += fresh.reasoning;
      addWords(fresh.content);
    },
    take(at) {
      if (events === 0) return null;
      const words = withoutHalf(text);
      const delta: DeltaEvent = {
        type: "delta",
        at,
        text: words,
        reasoning: "",
        refusal: "",
        tools: NO_TOOLS,
        events,
        backpressure: 0,
        idle: 0,
      };
      events = 0;
      text = text.slice(words.length);
      if (words !== "") {
        facts.visible = true;
        addPiece(said, words);
      }
      if (reasoning !== "") {
        delta.reasoning = withoutHalf(reasoning);
        reasoning = reasoning.slice(delta.reasoning.length);
        reasoned ||= delta.reasoning !== "";
      }
      if (refusal !== "") {
        delta.refusal = withoutHalf(refusal);
        refusal = refusal.slice(delta.refusal.length);
        facts.refusal += delta.refusal;
      }
      if (tools.length > 0) {
        delta.tools = tools;
        tools = [];
        facts.tools = true;
      }
      return delta;
    },
    reasoned: () => reasoned,
  };
}

/** A text in pieces. A surrogate pair may come as two escapes in two events: its first half waits for the second. */
function withoutHalf(text: string): string {
  return (text.charCodeAt(text.length - 1) & 0xfc00) === 0xd800 ? text.slice(0, -1) : text;
}

/** The tool calls of one answer, which most have none of. */
function createBoundCalls() {
  return { ...createToolCalls(), ...createAnswerBounds() };
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
