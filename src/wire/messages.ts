import {
  chunkOf,
  IGNORED,
  NOTHING,
  readObject,
  readUnknown,
  toBackend,
  toFinishReason,
  type Api,
  type Brought,
  type Chunk,
  type Read,
} from "./api.ts";
import type { Assembler } from "./assembler.ts";
import { BOUNDS } from "./bounds.ts";
import { entriesOf, fieldsOf, isFields, NO_FIELDS, stringOrNull, toText, type Fields } from "./fields.ts";
import type { ApiBody, ChatBody } from "./request.ts";
import { createKnownForms } from "./known-forms.ts";
import { createTemplate } from "./template.ts";
import type { ToolFragment } from "./tool-calls.ts";
import {
  functionIn,
  imageIn,
  ONLY_IN_CHAT,
  ONLY_IN_COMPLETIONS,
  parametersIn,
  partsOf,
  pastCalls,
  textOf,
  translated,
  unsaid,
  withoutSystem,
  type Part,
  type Words,
} from "./translation.ts";
import { toUsage } from "./usage.ts";

/** Messages: blocks of content in pieces, each of a type of its own, and `message_stop` at the end. */
export const messages: Api = {
  headers: (key) => ({ "anthropic-version": "2023-06-01", ...(key === null ? {} : { "x-api-key": key }) }),
  body: (request) => translated(request, toBody),
  streaming: { stream: true },
  adaptations: [],
  errorUndoes: true,
  createReader,
};

const CHOICES: Readonly<Record<string, string>> = { auto: "auto", none: "none", required: "any" };

const WORDS: Words = {
  ...ONLY_IN_CHAT,
  ...ONLY_IN_COMPLETIONS,
  max_completion_tokens: "max_tokens",
  max_output_tokens: "max_tokens",
  stream_options: () => undefined,
  stop(value, body) {
    body["stop_sequences"] = Array.isArray(value) ? value : [value];
  },
  user(value, body) {
    body["metadata"] = { user_id: value };
  },
  tools(value, body) {
    body["tools"] = Array.isArray(value) ? value.map(toTool) : value;
  },
  tool_choice(value, body) {
    body["tool_choice"] = { ...fieldsOf(body["tool_choice"]), ...toChoice(value) };
  },
  parallel_tool_calls(value, body) {
    const choice = { type: "auto", ...fieldsOf(body["tool_choice"]) };
    body["tool_choice"] = { ...choice, disable_parallel_tool_use: value === false };
  },
  top_logprobs: null,
  response_format: null,
  reasoning_effort: null,
  verbosity: null,
  store: null,
};

function toChoice(choice: unknown): Fields {
  const called = functionIn(choice);
  if (called !== null) return { type: "tool", name: called["name"] };
  if (isFields(choice)) return choice;
  return { type: CHOICES[String(choice)] ?? unsaid("parameter", "tool_choice") };
}

function toTool(tool: unknown): unknown {
  const called = functionIn(tool);
  if (called === null) return tool;
  const { name, description, parameters } = called;
  const about = description === undefined ? {} : { description };
  return { name, ...about, input_schema: parameters ?? { type: "object" } };
}

function toBody(request: ChatBody): ApiBody {
  const { system, rest } = withoutSystem(request.messages);
  const said = parametersIn(request, WORDS);
  if (said["max_tokens"] === undefined) unsaid("limit");
  return { ...said, ...(system === null ? {} : { system }), messages: joined(rest.map(toMessage)) };
}

type Message = { role: unknown; content: unknown };

/** A message in the form of chat completions; blocks that are written in this API's own way stay as they are. */
function toMessage(message: Fields): Message {
  const { role, content } = message;
  if (role === "tool") return { role: "user", content: [toResult(message)] };
  if (role !== "user" && role !== "assistant") return unsaid("role", String(role));
  const calls = pastCalls(message).map(({ id, name, arguments: given, custom }) =>
    custom ? unsaid("part", "custom") : { type: "tool_use", id, name, input: inputOf(given) },
  );
  if (typeof content === "string" && calls.length === 0) return { role, content };
  const parts = partsOf(content).filter((part) => part["text"] !== "");
  return { role, content: [...parts.map(toBlock), ...calls] };
}

function toResult({ tool_call_id: id, content }: Fields): Fields {
  return { type: "tool_result", tool_use_id: id, content: typeof content === "string" ? content : textOf(content) };
}

function inputOf(given: string): unknown {
  try {
    return given === "" ? {} : JSON.parse(given);
  } catch {
    return unsaid("part", "arguments");
  }
}

function toBlock(part: Part): Fields {
  switch (part.type) {
    case "image_url": {
      const { url, type, base64 } = imageIn(part);
      const source = base64 === null ? { type: "url", url } : { type: "base64", media_type: type, data: base64 };
      return { type: "image", source };
    }
    case "refusal":
      return { type: "text", text: part["refusal"] };
    case "token_ids":
      return unsaid("token_ids");
    case "input_audio":
    case "file":
    case "":
      return unsaid("part", part.type);
    default:
      return part;
  }
}

/** Results of tools that follow one another are one message of the user. */
function joined(messages: readonly Message[]): Message[] {
  const all: Message[] = [];
  for (const message of messages) {
    const last = all.at(-1);
    if (last !== undefined && isResults(last) && isResults(message))
      last.content = [last.content, message.content].flat();
    else all.push(message);
  }
  return all;
}

function isResults({ content }: Message): boolean {
  return Array.isArray(content) && content.every((block) => isFields(block) && block["type"] === "tool_result");
}

/** Kinds of counts that are kept of one answer. */
const MOST_COUNTS = 64;
/** Where the pieces of a delta stand, which says of what type it is where it does not itself. */
const UNTYPED = ["text", "thinking", "partial_json"];

/** A call of a tool whose block has begun. */
type Call = { index: number; id: string | null; name: string | null; input: unknown; told: boolean };

const FORMS = createKnownForms();

/** Reads the events of one answer. A call is told with the first piece of its input, or where its block ends without. */
function createReader(_several: boolean, assembler: Assembler | null): Read {
  const calls = new Map<unknown, Call>();
  const counts: Fields = {};
  let begun = 0;

  function toCall(index: unknown, block: Fields): void {
    const { id, name, input } = block;
    calls.set(index, { index: begun++, id: stringOrNull(id), name: stringOrNull(name), input, told: false });
  }

  function tell(call: Call, given: string): ToolFragment {
    const { index, id, name, told } = call;
    call.told = true;
    const who = told ? { id: null, name: null } : { id, name };
    return { index, ...who, arguments: given, custom: false };
  }

  /** The calls, or that of one block, of which no piece of input came. */
  function untold(index?: unknown): ToolFragment[] {
    const ended = index === undefined ? [...calls.values()] : [calls.get(index) ?? []].flat();
    return ended.filter(({ told }) => !told).map((call) => tell(call, isEmpty(call.input) ? "" : toText(call.input)));
  }

  /** Counts are of the whole answer each time they come, but for those that come before it. */
  function count(usage: unknown, before: boolean): Chunk["usage"] {
    if (!isFields(usage)) return null;
    for (const [name, value] of Object.entries(usage)) {
      if (!(name in counts) && Object.keys(counts).length >= MOST_COUNTS) return toUsage(counts);
      if (value && value !== "0" && !(before && name === "output_tokens")) counts[name] = value;
      else counts[name] ??= before ? null : value;
    }
    return toUsage(counts);
  }

  function startOf(message: Fields): Chunk {
    const { id, model, usage, backend, content } = message;
    const who = { id: stringOrNull(id), model: stringOrNull(model), backend: toBackend(backend) };
    return { ...NOTHING, ...who, ...contentOf(content), usage: count(usage, true) };
  }

  function deltaOf(index: unknown, delta: Fields): Brought {
    switch (delta["type"] ?? UNTYPED.find((name) => delta[name] !== undefined)) {
      case "text_delta":
      case "text":
        return chunkOf({ content: stringOrNull(delta["text"]) ?? "" });
      case "thinking_delta":
      case "thinking":
        return chunkOf({ reasoning: stringOrNull(delta["thinking"]) ?? "" });
      case "input_json_delta":
      case "partial_json": {
        const { partial_json: partial } = delta;
        const given = partial === undefined || partial === null ? "" : toText(partial);
        if (given === "") return chunkOf({});
        if (!calls.has(index)) toCall(index, NO_FIELDS);
        const call = calls.get(index);
        return chunkOf({ tools: call === undefined ? [] : [tell(call, given)] });
      }
      case "signature_delta":
      case "citations_delta":
        return chunkOf({});
      default:
        return IGNORED;
    }
  }

  /** What a block holds where it begins, or the whole of one. */
  function blockOf(index: unknown, block: Fields): Partial<Chunk> {
    const type = stringOrNull(block["type"]) ?? "";
    if (type === "text") return { content: stringOrNull(block["text"]) ?? "" };
    if (type === "thinking") return { reasoning: stringOrNull(block["thinking"]) ?? "" };
    if (type.endsWith("tool_use")) toCall(index, block);
    return {};
  }

  /** What blocks say that stand in a message. */
  function contentOf(content: unknown): Pick<Chunk, "content" | "reasoning"> {
    if (typeof content === "string") return { content, reasoning: "" };
    const said = (entriesOf(content) ?? []).filter(isFields).map((block, index) => blockOf(index, block));
    const join = (kind: "content" | "reasoning"): string => said.map((one) => one[kind] ?? "").join("");
    return { content: join("content"), reasoning: join("reasoning") };
  }

  /** The whole of an answer that was not streamed. */
  function wholeOf(message: Fields): Chunk {
    const said = { ...startOf(message), tools: untold(), finishReason: toFinishReason(message["stop_reason"]) };
    return { ...said, usage: count(message["usage"], false), form: "completion" };
  }

  function readEvent(event: Fields, name: string): Brought {
    if (calls.size > BOUNDS.tool_calls) return { kind: "excess", excess: "tool_calls" };
    const type = stringOrNull(event["type"]) ?? name;
    const index = event["index"];
    switch (type) {
      case "message_start":
        return { kind: "chunk", chunk: startOf(fieldsOf(event["message"])) };
      case "ping":
        return chunkOf({});
      case "content_block_start":
        return chunkOf(blockOf(index, fieldsOf(event["content_block"])));
      case "content_block_delta":
        return deltaOf(index, fieldsOf(event["delta"]));
      case "content_block_stop":
        return chunkOf({ tools: untold(index) });
      case "message_delta": {
        const finishReason = toFinishReason(fieldsOf(event["delta"])["stop_reason"] ?? event["stop_reason"]);
        return chunkOf({ tools: untold(), finishReason, usage: count(event["usage"], false) });
      }
      case "message_stop": {
        const finishReason = toFinishReason(event["stop_reason"]);
        return { kind: "end", chunk: { ...NOTHING, tools: untold(), finishReason }, enough: true };
      }
      case "message":
        return { kind: "chunk", chunk: wholeOf(event) };
      default:
        return type === "" && event["role"] === "assistant"
          ? { kind: "chunk", chunk: wholeOf(event) }
          : readUnknown(event, type);
    }
  }

  return createTemplate((data, name, taking) => readObject(data, name, taking, readEvent), assembler, FORMS).read;
}

function isEmpty(input: unknown): boolean {
  return input === undefined || input === null || (isFields(input) && Object.keys(input).length === 0);
}
