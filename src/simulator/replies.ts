import type { Refusal } from "./ask.ts";
import { responseHead } from "./body.ts";
import { completionJson, usageJson } from "./chunks.ts";
import { rateLimits } from "./head.ts";
import { CLOSE, KEEP, type Ending, type Plan, type Script, type Step } from "./script.ts";
import { joinTokens } from "./tokens.ts";

export type Header = readonly [name: string, value: string];

/** A complete reply with a length. */
export function* wholeReply(
  status: number,
  type: string | null,
  body: string,
  headers: readonly Header[] = [],
  due = 0,
  ending: Ending = KEEP,
): Script {
  yield { due, data: wholeText(status, type, body, headers), token: -1 };
  return ending;
}

/** An error in the API's shape. */
export function refusalReply(
  { status, ...error }: Refusal,
  headers: readonly Header[] = [],
  ending: Ending = KEEP,
): Script {
  return wholeReply(status, "application/json", JSON.stringify({ error }), headers, 0, ending);
}

/** The answer of a plan in one piece, when its last token is due. */
export function* completionScript(plan: Plan, fault: string | null): Script {
  const tokens = plan.answer.count + plan.reasoning.count;
  const due = plan.ttft + (plan.rate > 0 ? (1000 * tokens) / plan.rate : 0);
  const text = wholeText(200, "application/json", completionText(plan, fault), rateLimits(plan));
  const cut: Step = { due, data: text.slice(0, text.lastIndexOf("{") + 8), token: -1 };
  switch (fault) {
    case "reset":
      yield cut;
      return { how: "reset", after: plan.ms ?? 20 };
    case "cut-length":
      yield cut;
      return CLOSE;
    case "stall":
      if (plan.ms === undefined) return { how: "hang" };
      yield { due: due + plan.ms, data: text, token: -1 };
      return KEEP;
    default:
      yield { due, data: text, token: -1 };
      return KEEP;
  }
}

/** JSON of the whole answer. */
export function completionText(plan: Plan, fault: string | null = null): string {
  const calls = [
    { id: "call_1", type: "function", function: { name: plan.tool, arguments: '{"city":"Paris","days":3}' } },
  ];
  const counts = { prompt: plan.promptTokens, content: plan.answer.count, reasoning: plan.reasoning.count };
  const thought = plan.reasoning.count > 0 ? { reasoning_content: joinTokens(plan.reasoning) } : {};
  const text = fault === "empty-answer" ? "" : joinTokens(plan.answer);
  const said =
    fault === "tool-calls"
      ? { content: null, tool_calls: calls }
      : fault === "refusal"
        ? { content: null, refusal: text }
        : { content: text };
  const reason = plan.finishReason ?? (fault === "tool-calls" ? "tool_calls" : plan.cut ? "length" : "stop");
  return completionJson(
    plan.identity,
    { ...said, ...thought },
    fault === "finish" ? (plan.finishReason ?? "content_filter") : reason,
    plan.usage === "never" ? null : usageJson(counts),
  );
}

function wholeText(status: number, type: string | null, body: string, headers: readonly Header[]): string {
  return (
    responseHead(status, [
      ...(type === null ? [] : [["Content-Type", type] as const]),
      ...headers,
      ["Content-Length", String(Buffer.byteLength(body))],
    ]) + body
  );
}
