import { WHOLE } from "./whole.ts";
import type { Told } from "./script.ts";
import type { Kind, Piece, Section } from "./speech.ts";
import { CRASH, finishWord, usageAfter, type ApiEvent, type Unusual, type Writer } from "./writer.ts";

type Part = { type: string; text?: string; refusal?: string; annotations?: [] };

/** What each part of an answer is, and the stem of the types of its events. */
const PARTS: Readonly<
  Record<Exclude<Kind, "call">, { stem: string; part(text: string): Part; done: "text" | "refusal" }>
> = {
  content: {
    stem: "response.output_text",
    part: (text) => ({ type: "output_text", text, annotations: [] }),
    done: "text",
  },
  refusal: { stem: "response.refusal", part: (refusal) => ({ type: "refusal", refusal }), done: "refusal" },
  reasoning: { stem: "response.reasoning_text", part: (text) => ({ type: "reasoning_text", text }), done: "text" },
};
const PREFIXES: Readonly<Record<Kind, string>> = { content: "msg", refusal: "msg", reasoning: "rs", call: "fc" };
const ARGUMENTS = "response.function_call_arguments";
/** Finish reasons that have an end of their own. */
const STATUSES: ReadonlySet<string> = new Set(["completed", "failed", "cancelled"]);

/** Writes the events of the responses API: numbered, each of a part of an item of the output. */
export function createResponses({ plan, speech }: Told): Writer {
  const { id, created, model, backend } = plan.identity;
  const output: object[] = [];
  let open: (Section & { id: string; at: number }) | null = null;
  let items = 0;
  /** How many events came that are no token events, and which of those was the last. */
  let others = 0;
  let last = -1;

  function numbered(type: string, number: number, more: object): ApiEvent {
    return { name: type, data: JSON.stringify({ type, sequence_number: number, ...more }) };
  }

  function event(type: string, more: object): ApiEvent {
    return numbered(type, last + 1 + others++, more);
  }

  function response(status: string, reason: string | null, more: object = {}): object {
    const counts = usageAfter(plan, speech.counts(speech.count));
    const usage = reason === null || plan.usage === "never" ? null : counts;
    const answer = { id, model, created, text: "", reasoning: "", tools: [], finishReason: reason, usage };
    return { ...WHOLE.responses(answer), status, output: [...output], backend, ...more };
  }

  function itemOf({ kind, name }: Section, itemId: string, status: string, text: string | null): object {
    if (kind === "call")
      return { id: itemId, type: "function_call", status, call_id: callOf(itemId), name, arguments: text ?? "" };
    const content = text === null ? [] : [PARTS[kind].part(text)];
    if (kind === "reasoning") return { id: itemId, type: "reasoning", summary: [], content };
    return { id: itemId, type: "message", role: "assistant", status, content };
  }

  function ends(status = "completed"): ApiEvent[] {
    if (open === null) return [];
    const { kind, id: item_id, at: output_index, isShort } = open;
    const text = isShort ? open.text() : "";
    const item = itemOf(open, item_id, status, text);
    open = null;
    if (!isShort) return [];
    output.push(item);
    const said = kind === "call" ? saidOfCall(item_id, output_index, text) : saidOf(kind, item_id, output_index, text);
    return [...said, event("response.output_item.done", { output_index, item })];
  }

  function saidOfCall(item_id: string, output_index: number, text: string): ApiEvent[] {
    return [event(`${ARGUMENTS}.done`, { item_id, output_index, arguments: text })];
  }

  function saidOf(kind: Exclude<Kind, "call">, item_id: string, output_index: number, text: string): ApiEvent[] {
    const where = { item_id, output_index, content_index: 0 };
    const { stem, part, done } = PARTS[kind];
    const logprobs = kind === "content" ? { logprobs: [] } : {};
    return [
      event(`${stem}.done`, { ...where, [done]: text, ...logprobs }),
      event("response.content_part.done", { ...where, part: part(text) }),
    ];
  }

  /** The data of a piece, but for its number. */
  function data(kind: Piece["kind"], number: number, json: string): ApiEvent {
    const where = `"item_id":"${open?.id ?? "msg_0"}","output_index":${open?.at ?? 0}`;
    const stem = kind === "arguments" || kind === "call" ? ARGUMENTS : PARTS[kind].stem;
    const part = stem === ARGUMENTS ? "" : ',"content_index":0';
    const name = `${stem}.delta`;
    return { name, data: `{"type":"${name}","sequence_number":${number},${where}${part},"delta":${json}}` };
  }

  function added(section: Section & { id: string; at: number }): { output_index: number; item: object } {
    return { output_index: section.at, item: itemOf(section, section.id, "in_progress", null) };
  }

  function ended(reason: string): ApiEvent {
    const word = finishWord("responses", reason);
    const status = STATUSES.has(word) ? word : "incomplete";
    const message = plan.message ?? CRASH;
    const error = status === "failed" ? { error: { code: "server_error", message } } : {};
    const cut = status === "incomplete" ? word : "completed";
    return event(`response.${status}`, { response: response(status, cut, error) });
  }

  return {
    opening: () =>
      ["created", "in_progress"].map((type) => event(`response.${type}`, { response: response("in_progress", null) })),
    begin(section) {
      const before = ends();
      open = { ...section, id: `${PREFIXES[section.kind]}${id.slice(id.indexOf("_"))}_${items}`, at: items++ };
      if (section.kind === "call") return before;
      const part = PARTS[section.kind].part("");
      const where = { item_id: open.id, output_index: open.at, content_index: 0, part };
      return [...before, event("response.output_item.added", added(open)), event("response.content_part.added", where)];
    },
    token(e, { kind, json }) {
      last = e;
      if (kind !== "call" || open === null) return data(kind, e + others, json);
      return numbered("response.output_item.added", e + others, added(open));
    },
    extra: ({ kind, json }) => data(kind, last + 1 + others++, json),
    closing(reason) {
      const isCut = !STATUSES.has(finishWord("responses", reason));
      return { part: ends(isCut ? "incomplete" : "completed"), reason: ended(reason), usage: null, mark: null };
    },
    failure({ message }) {
      const error = { code: "server_error", message };
      return event("response.failed", { response: response("failed", "completed", { error, usage: null }) });
    },
    error: ({ message, code }) => event("error", { code, message, param: null }),
    unusual: (what) => unusual(what),
    ping: "event: ping\n\n",
    numberOf(e) {
      last = e;
      return e + others;
    },
  };

  function unusual(what: Unusual): ApiEvent | null {
    const where = { item_id: open?.id, output_index: open?.at, content_index: 0 };
    const type = `${PARTS.content.stem}.delta`;
    switch (what) {
      case "no-delta":
        return event(type, where);
      case "empty-delta":
        return event(type, { ...where, delta: "" });
      case "null-content":
        return event(type, { ...where, delta: null });
      case "unknown":
        return event("response.novelty", { note: "nobody knows this" });
      default:
        return null;
    }
  }
}

function callOf(itemId: string): string {
  return itemId.replace("fc_", "call_");
}
