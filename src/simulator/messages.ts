import { USAGE, WHOLE } from "./whole.ts";
import type { Told } from "./script.ts";
import type { Kind, Piece, Section } from "./speech.ts";
import { finishWord, usageAfter, type ApiEvent, type Unusual, type Writer } from "./writer.ts";

/** The block that each part of an answer is, where it begins. */
const BLOCKS: Readonly<Record<Exclude<Kind, "call">, object>> = {
  content: { type: "text", text: "" },
  refusal: { type: "text", text: "" },
  reasoning: { type: "thinking", thinking: "", signature: "" },
};
/** The type of a delta, and the field in which it has the words. */
const DELTAS: Readonly<Record<Piece["kind"], readonly [type: string, field: string]>> = {
  content: ["text_delta", "text"],
  refusal: ["text_delta", "text"],
  reasoning: ["thinking_delta", "thinking"],
  arguments: ["input_json_delta", "partial_json"],
  call: ["input_json_delta", "partial_json"],
};
const DELTA = "content_block_delta";

/** Writes the events of the messages API: blocks of content in pieces. */
export function createMessages({ plan, speech }: Told): Writer {
  const { id, created, model, backend } = plan.identity;
  const counted = plan.usage !== "never";
  let index = -1;
  let open: Section | null = null;
  let refused = false;

  function event(type: string, more: object = {}): ApiEvent {
    return { name: type, data: JSON.stringify({ type, ...more }) };
  }

  function delta(fields: string): ApiEvent {
    return { name: DELTA, data: `{"type":"${DELTA}","index":${Math.max(0, index)}${fields}}` };
  }

  function written({ kind, json }: Piece): ApiEvent {
    if (kind === "call") {
      const name: unknown = JSON.parse(json);
      const block = { type: "tool_use", id: `toolu_${index}`, name, input: {} };
      return event("content_block_start", { index, content_block: block });
    }
    const [type, field] = DELTAS[kind];
    return delta(`,"delta":{"type":"${type}","${field}":${json}}`);
  }

  function ends(): ApiEvent[] {
    if (open === null) return [];
    const signed = open.kind === "reasoning" ? [delta(',"delta":{"type":"signature_delta","signature":"c2ln"}')] : [];
    open = null;
    return [...signed, event("content_block_stop", { index })];
  }

  return {
    opening() {
      const answer = { id, model, created, text: "", reasoning: "", tools: [], finishReason: null };
      const told = counted && plan.usage !== "null" && plan.usage !== "on-finish";
      const usage = told ? usageAfter(plan, { content: 0, reasoning: 0 }) : null;
      const { usage: counts, ...whole } = WHOLE.messages({ ...answer, usage });
      const message = { ...whole, content: [], backend, ...(counted ? { usage: counts } : {}) };
      return [event("message_start", { message })];
    },
    begin(section) {
      const before = ends();
      open = section;
      index++;
      refused ||= section.kind === "refusal";
      if (section.kind === "call") return before;
      return [...before, event("content_block_start", { index, content_block: BLOCKS[section.kind] })];
    },
    token: (_, piece) => written(piece),
    extra: written,
    closing(reason) {
      const stop = finishWord("messages", reason, refused);
      const usage = counted ? { usage: USAGE.messages(usageAfter(plan, speech.counts(speech.count))) } : {};
      return {
        part: ends(),
        reason: event("message_delta", { delta: { stop_reason: stop, stop_sequence: null }, ...usage }),
        usage: null,
        mark: event("message_stop"),
      };
    },
    failure: ({ message }) => ({ ...errorOf(message), name: "" }),
    error: ({ message }) => errorOf(message),
    unusual: (what) => unusual(what),
    ping: 'event: ping\ndata: {"type":"ping"}\n\n',
    numberOf: null,
  };

  function errorOf(message: string): ApiEvent {
    return event("error", { error: { type: "api_error", message } });
  }

  function unusual(what: Unusual): ApiEvent | null {
    switch (what) {
      case "no-delta":
        return delta("");
      case "empty-delta":
        return delta(',"delta":{}');
      case "null-content":
        return delta(',"delta":{"type":"text_delta","text":null}');
      case "unknown":
        return event("content_block_novelty", { index, note: "nobody knows this" });
      default:
        return null;
    }
  }
}
