import type { NoticeCode, StreamEvent, ToolDelta } from "../stream/event.ts";
import { isJsonText } from "./json-text.ts";

/** One tool call put together; `invalid` when its arguments should be JSON and are none. */
export type ToolCall = { index: number; id: string | null; name: string; arguments: string; invalid: boolean };

/** What a stream said, apart from its figures. */
export type Content = { text: string; reasoning: string; tools: ToolCall[]; notices: NoticeCode[] };

/** Short pieces that are kept apart: in memory each takes ten times its letters. */
const APART = 64;
/** From so many UTF-16 units on, joining a piece to others saves nothing. */
const LONG = 1024;

/** Puts together what one stream says. `keepText`: most UTF-16 units that are kept of its text, and of its reasoning. */
export function createContent(keepText: number): { on(event: StreamEvent): void; content(): Content } {
  const text = createGrowingText(keepText);
  const reasoning = createGrowingText(keepText);
  const tools = createToolCalls();
  const notices: NoticeCode[] = [];
  return {
    on(event) {
      if (event.type === "notice") notices.push(event.code);
      if (event.type !== "delta") return;
      if (event.tools.length > 0) tools.add(event.tools);
      if (keepText === 0) return;
      if (event.text !== "") text.add(event.text);
      if (event.reasoning !== "") reasoning.add(event.reasoning);
    },
    content: () => ({ text: text.text(), reasoning: reasoning.text(), tools: tools.calls(), notices }),
  };
}

/**
 * A text that comes in pieces, many and small as a rule; it takes little more memory than its letters. What is beyond
 * `limit` is not kept.
 */
export function createGrowingText(limit = Infinity): { add(piece: string): void; text(): string } {
  const joined: string[] = [];
  let apart: string[] = [];
  let left = limit;

  function join(): void {
    if (apart.length > 0) joined.push(apart.join(""));
    apart = [];
  }

  return {
    add(whole) {
      const piece = whole.length > left ? whole.slice(0, left) : whole;
      left -= piece.length;
      if (piece.length < LONG) apart.push(piece);
      if (piece.length < LONG && apart.length < APART) return;
      join();
      if (piece.length >= LONG) joined.push(piece);
    },
    text: () => joined.join("") + apart.join(""),
  };
}

/** Joins the fragments of tool calls by their index. */
function createToolCalls(): { add(deltas: readonly ToolDelta[]): void; calls(): ToolCall[] } {
  const calls = new Map<number, { id: string | null; name: string; custom: boolean; parts: string[] }>();
  return {
    add(deltas) {
      for (const delta of deltas) {
        const call = calls.get(delta.index) ?? { id: null, name: "", custom: delta.custom, parts: [] };
        calls.set(delta.index, call);
        call.id ??= delta.id;
        call.custom = delta.custom;
        call.name += delta.name ?? "";
        if (delta.arguments !== "") call.parts.push(delta.arguments);
      }
    },
    calls() {
      return [...calls].map(([index, { id, name, custom, parts }]) => {
        const text = parts.join("");
        return { index, id, name, arguments: text, invalid: !custom && !isJsonText(text === "" ? "{}" : text) };
      });
    },
  };
}
