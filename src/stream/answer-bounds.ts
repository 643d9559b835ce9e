import { BOUNDS, type Excess } from "../wire/bounds.ts";
import type { ToolDelta } from "../wire/tool-calls.ts";

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
