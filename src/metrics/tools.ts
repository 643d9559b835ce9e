import type { ToolDelta } from "../stream/event.ts";

/** One tool call put together; `invalid` when its arguments are no JSON. */
export type ToolCall = { index: number; id: string | null; name: string; arguments: string; invalid: boolean };

/** Joins the fragments of tool calls by their index. */
export function createToolCalls(): { add(deltas: readonly ToolDelta[]): void; calls(): ToolCall[] } {
  const calls = new Map<number, { id: string | null; name: string; parts: string[] }>();
  return {
    add(deltas) {
      for (const delta of deltas) {
        const call = calls.get(delta.index) ?? { id: null, name: "", parts: [] };
        calls.set(delta.index, call);
        call.id ??= delta.id;
        call.name += delta.name ?? "";
        if (delta.arguments !== "") call.parts.push(delta.arguments);
      }
    },
    calls() {
      return [...calls].map(([index, { id, name, parts }]) => {
        const text = parts.join("");
        return { index, id, name, arguments: text, invalid: !isJson(text === "" ? "{}" : text) };
      });
    },
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
