import type { Chunk } from "../wire/api.ts";
import type { Assembler } from "../wire/assembler.ts";
import { BOUNDS, type Excess } from "../wire/bounds.ts";
import { addPiece, createFingerprint, matches, type Fingerprint } from "../wire/fingerprint.ts";
import { createToolCalls, type ToolDelta } from "../wire/tool-calls.ts";
import type { DeltaEvent, Ms } from "./event.ts";
import type { Facts } from "./judge.ts";

const NO_TOOLS: readonly ToolDelta[] = [];

/**
 * The token events of one answer: what each brings that was not said before, within the bounds of an answer. What those of
 * one read bring is collected until it is taken.
 */
export type Tokens = {
  facts: Facts;
  events: number;
  text: string;
  reasoning: string;
  refusal: string;
  tools: ToolDelta[] | null;
  /** Of the text that was taken, to know it again where a server repeats the whole of it in its last event. */
  said: Fingerprint;
  /** Whether reasoning was taken. */
  reasoned: boolean;
  calls: ReturnType<typeof createBoundCalls> | null;
  /** Puts the answer together, where that is asked for. */
  assembler: Assembler | null;
};

/** No token came yet. */
export function createTokens(facts: Facts, assembler: Assembler | null): Tokens {
  return {
    facts,
    events: 0,
    text: "",
    reasoning: "",
    refusal: "",
    tools: null,
    said: createFingerprint(),
    reasoned: false,
    calls: null,
    assembler,
  };
}

/** A token event, unless it says nothing that is new. */
export function addToken(tokens: Tokens, chunk: Chunk): void {
  const { facts } = tokens;
  const { form } = chunk;
  const fresh = form === "delta" || form === "whole" ? chunk : withoutRepetition(tokens, chunk);
  if (fresh.content === "" && fresh.reasoning === "" && fresh.refusal === "" && fresh.tools.length === 0) return;
  let told = NO_TOOLS;
  if (fresh.tools.length > 0 || fresh.refusal !== "") {
    const calls = (tokens.calls ??= createBoundCalls());
    const called = calls.resolve(fresh.tools);
    facts.excess = calls.excessWith(called, fresh.refusal);
    if (facts.excess !== null) return;
    if (called.length > 0) (tokens.tools ??= []).push(...called);
    tokens.refusal += fresh.refusal;
    told = called;
  }
  if (tokens.assembler !== null) tokens.assembler.said(fresh.content, fresh.refusal, told);
  if (fresh.reasoning !== "") tokens.reasoning += fresh.reasoning;
  addWords(tokens, fresh.content);
}

/** An event that brings words of the answer and nothing else. */
export function addPlain(tokens: Tokens, words: string): void {
  const { facts, assembler } = tokens;
  if (assembler !== null) {
    assembler.words(words);
    if (assembler.isFull()) facts.excess = "body";
  }
  facts.events++;
  addWords(tokens, words);
}

function addWords(tokens: Tokens, words: string): void {
  tokens.facts.tokens++;
  tokens.events++;
  tokens.text = tokens.text === "" ? words : tokens.text + words;
}

/** What a `message` says for the first time. */
function withoutRepetition(tokens: Tokens, chunk: Chunk): Chunk {
  const { facts, said, text } = tokens;
  const repeats = chunk.form === "completion" || (chunk.content !== "" && matches(said, chunk.content, text));
  if (!repeats) return chunk;
  return {
    ...chunk,
    content: facts.visible || text !== "" ? "" : chunk.content,
    reasoning: tokens.reasoned || tokens.reasoning !== "" ? "" : chunk.reasoning,
    refusal: facts.refusal !== "" || tokens.refusal !== "" ? "" : chunk.refusal,
    tools: facts.tools || tokens.tools !== null ? [] : chunk.tools,
  };
}

/** What came since it was last taken; `null` for nothing. */
export function takeDelta(tokens: Tokens, at: Ms): DeltaEvent | null {
  const { facts, events, text, reasoning, refusal, tools } = tokens;
  if (events === 0) return null;
  tokens.events = 0;
  const words = withoutHalf(text);
  tokens.text = text.slice(words.length);
  if (words !== "") {
    facts.visible = true;
    addPiece(tokens.said, words);
  }
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
  if (reasoning !== "") {
    delta.reasoning = withoutHalf(reasoning);
    tokens.reasoning = reasoning.slice(delta.reasoning.length);
    tokens.reasoned ||= delta.reasoning !== "";
  }
  if (refusal !== "") {
    delta.refusal = withoutHalf(refusal);
    tokens.refusal = refusal.slice(delta.refusal.length);
    facts.refusal += delta.refusal;
  }
  if (tools !== null) {
    delta.tools = tools;
    tokens.tools = null;
    facts.tools = true;
  }
  return delta;
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
