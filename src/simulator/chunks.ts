import { USAGE } from "./whole.ts";
import type { Told } from "./script.ts";
import type { Piece } from "./speech.ts";
import { usageAfter, type ApiEvent, type Unusual, type Writer } from "./writer.ts";

const OBJECTS = { chat: "chat.completion.chunk", completions: "text_completion" } as const;
const DONE: ApiEvent = { name: "", data: "[DONE]" };
const CALL = "call_1";

/** Writes chunks with `choices`; all but the words is written once, because this is the hot path. */
export function createChunks({ plan, speech }: Told, api: keyof typeof OBJECTS): Writer {
  const { id, created, model, backend } = plan.identity;
  const tail = `,"created":${created},"id":${JSON.stringify(id)},"model":${JSON.stringify(model)},"object":"${OBJECTS[api]}"`;
  const afterSaid = `,"finish_reason":null,"index":0}]${tail}`;
  const served = `,"backend":${JSON.stringify(backend)}`;
  const said = api === "chat" ? deltaOf : textOf;
  const nothing = api === "chat" ? '"delta":{}' : '"text":""';
  const everywhere = plan.usage === "every" || plan.usage === "null";

  const event = (data: string): ApiEvent => ({ name: "", data });

  function choices(list: string, extra = ""): ApiEvent {
    return event(`{"choices":${list}${tail}${extra}}`);
  }

  /** Usage after the tokens before event `e`. */
  function usage(e: number): string {
    return `,"usage":${JSON.stringify(USAGE[api](usageAfter(plan, speech.counts(e))))}`;
  }

  /** What each chunk says of the usage, where each does. */
  function soFar(e: number): string {
    return everywhere ? (plan.usage === "null" ? ',"usage":null' : usage(e)) : "";
  }

  const alone = (inner: string, extra = ""): ApiEvent => event(`{"choices":[{${inner}${afterSaid}${extra}}`);

  return {
    opening() {
      if (api === "completions") return [];
      return [alone('"delta":{"content":"","role":"assistant"}', served + soFar(0))];
    },
    begin: () => [],
    token: (e, piece) => event(`{"choices":[{${said(piece)}${afterSaid}${everywhere ? soFar(e + 1) : ""}}`),
    tokenOfTwo(e, piece) {
      const other = `{${said({ kind: "content", json: '"other "' })},"finish_reason":null,"index":1}`;
      return choices(`[${other},{${said(piece)},"finish_reason":null,"index":0}]`, soFar(e + 1));
    },
    extra: (piece) => alone(said(piece)),
    closing(reason) {
      const { count } = speech;
      const last = plan.usage === "on-finish" || plan.usage === "every" ? usage(count) : "";
      const own = plan.usage === "always" || plan.usage === "null" || (plan.usage === "asked" && plan.usageAsked);
      return {
        part: [],
        reason: choices(`[{${nothing},"finish_reason":${JSON.stringify(reason)},"index":0}]`, served + last),
        usage: own ? choices("[]", usage(count)) : null,
        mark: DONE,
      };
    },
    failure: (error) => event(JSON.stringify({ error })),
    error: (error) => ({ name: "error", data: JSON.stringify(error) }),
    unusual: (what) => unusual(what),
    ping: "event: ping\n\n",
    numberOf: null,
  };

  function unusual(what: Unusual): ApiEvent | null {
    switch (what) {
      case "no-choices":
        return event(`{${tail.slice(1)}}`);
      case "empty-choices":
        return choices("[]");
      case "no-delta":
        return choices('[{"finish_reason":null,"index":0}]');
      case "empty-delta":
        return alone(nothing);
      case "null-content":
        return alone(said({ kind: "content", json: "null" }));
      case "role-only":
        return api === "chat" ? alone('"delta":{"role":"assistant"}') : null;
      case "other-choice-finished":
        return choices(`[{${nothing},"finish_reason":"length","index":1}]`);
      case "unknown":
        return null;
    }
  }
}

function deltaOf({ kind, json }: Piece): string {
  switch (kind) {
    case "content":
      return `"delta":{"content":${json}}`;
    case "reasoning":
      return `"delta":{"reasoning_content":${json}}`;
    case "refusal":
      return `"delta":{"refusal":${json}}`;
    case "call":
      return `"delta":{"tool_calls":[{"index":0,"id":"${CALL}","type":"function","function":{"name":${json},"arguments":""}}]}`;
    case "arguments":
      return `"delta":{"tool_calls":[{"index":0,"function":{"arguments":${json}}}]}`;
  }
}

function textOf({ json }: Piece): string {
  return `"text":${json}`;
}
