import {
  bearer,
  chunkOf,
  NOTHING,
  readObject,
  readUnknown,
  STREAM_OPTIONS,
  toBackend,
  toFinishReason,
  type Api,
  type Brought,
  type Chunk,
  type Read,
} from "./api.ts";
import type { Assembler } from "./assembler.ts";
import { errorBeside, NO_ERROR } from "./errors.ts";
import { fieldsOf, isFields, stringOrNull, type Fields } from "./fields.ts";
import type { ApiBody, ChatBody } from "./request.ts";
import { createKnownForms } from "./known-forms.ts";
import { createTemplate } from "./template.ts";
import { createResponseCalls, isCallItem } from "./response-calls.ts";
import type { ToolFragment } from "./tool-calls.ts";
import {
  functionIn,
  ONLY_IN_CHAT,
  ONLY_IN_COMPLETIONS,
  parametersIn,
  partsOf,
  pastCalls,
  textOf,
  translated,
  unsaid,
  withoutSystem,
  imageIn,
  type Part,
  type Words,
} from "./translation.ts";
import { toUsage } from "./usage.ts";

/** Responses: events of many types, each of one part of the output, and `response.completed` or the like at the end. */
export const responses: Api = {
  headers: bearer,
  body: (request) => translated(request, toBody),
  streaming: { stream: true, stream_options: { include_obfuscation: false } },
  adaptations: [STREAM_OPTIONS],
  errorUndoes: false,
  createReader,
};

const WORDS: Words = {
  ...ONLY_IN_CHAT,
  ...ONLY_IN_COMPLETIONS,
  max_tokens: "max_output_tokens",
  max_completion_tokens: "max_output_tokens",
  stream_options(value, body) {
    const { include_usage: _usage, ...options } = fieldsOf(value);
    // Each delta would be padded to hide its length.
    body["stream_options"] = { include_obfuscation: false, ...options };
  },
  tools(value, body) {
    body["tools"] = Array.isArray(value) ? value.map(withoutWrapper) : value;
  },
  tool_choice(value, body) {
    body["tool_choice"] = withoutWrapper(value);
  },
  response_format(value, body) {
    const { json_schema: schema, ...format } = fieldsOf(value);
    body["text"] = { ...fieldsOf(body["text"]), format: { ...format, ...fieldsOf(schema) } };
  },
  verbosity(value, body) {
    body["text"] = { ...fieldsOf(body["text"]), verbosity: value };
  },
  reasoning_effort(value, body) {
    body["reasoning"] = { ...fieldsOf(body["reasoning"]), effort: value };
  },
  stop: null,
};

/** `{type: "function", function: {…}}` without its inner braces. */
function withoutWrapper(tool: unknown): unknown {
  const called = functionIn(tool);
  return called === null ? tool : { type: "function", ...called };
}

function toBody(request: ChatBody): ApiBody {
  const { system, rest } = withoutSystem(request.messages);
  const [only, ...more] = rest;
  const plain = only?.["role"] === "user" && more.length === 0 ? only["content"] : null;
  const input = typeof plain === "string" ? plain : rest.flatMap(toItems);
  const instructions = system === null ? {} : { instructions: system };
  return { store: false, ...parametersIn(request, WORDS), ...instructions, input };
}

/** A message in the form of chat completions; the calls of the assistant, and what they came to, are items of their own. */
function toItems(message: Fields): Fields[] {
  const { role, content, tool_call_id: id } = message;
  if (role === "tool") return [{ type: "function_call_output", call_id: id, output: textOf(content) }];
  if (role === "function" || typeof role !== "string") return unsaid("role", String(role));
  const parts = partsOf(content).map((part) => toPart(part, role === "assistant"));
  const calls = pastCalls(message).map(({ id, name, arguments: given, custom }) =>
    custom
      ? { type: "custom_tool_call", call_id: id, name, input: given }
      : { type: "function_call", call_id: id, name, arguments: given },
  );
  if (typeof content === "string" && content !== "") return [{ role, content }, ...calls];
  return parts.length === 0 || content === "" ? calls : [{ role, content: parts }, ...calls];
}

function toPart(part: Part, said: boolean): Fields {
  const { type, text, file } = part;
  switch (type) {
    case "text":
      return { type: said ? "output_text" : "input_text", text };
    case "image_url":
      return { type: "input_image", image_url: imageIn(part).url };
    case "file":
      return { type: "input_file", ...fieldsOf(file) };
    case "token_ids":
      return unsaid("token_ids");
    case "input_audio":
    case "":
      return unsaid("part", type);
    default:
      return part;
  }
}

/** Types of events whose `delta` is a piece of what a model says; those of tools stand in CALLS. */
const PIECES: Readonly<Record<string, "content" | "reasoning" | "refusal">> = {
  output_text: "content",
  refusal: "refusal",
  reasoning_text: "reasoning",
  reasoning_summary_text: "reasoning",
  reasoning_summary: "reasoning",
  reasoning: "reasoning",
  "audio.transcript": "content",
  output_audio_transcript: "content",
};
/** The same of the arguments of a call, and whether they are free text. */
const CALLS: Readonly<Record<string, boolean>> = {
  function_call_arguments: false,
  mcp_call_arguments: false,
  custom_tool_call_input: true,
  code_interpreter_call_code: true,
};
const ENDS = new Set(["completed", "incomplete", "failed", "cancelled"].map((status) => `response.${status}`));
/** Types of events that say nothing of the answer itself; others are not known. */
const KNOWN =
  /^(ping|keepalive|response\.(created|in_progress|queued|(output_item|content_part|reasoning_summary_part)\.(added|done)|output_text\.annotation\.added))$/;
/** What may cut an answer, as servers call it. */
const CUTS = new Set(["max_output_tokens", "max_tokens", "length", "token_limit", "content_filter", "safety"]);

/** Most parts of an answer of which it is known that they came in pieces; of further ones it is taken for granted. */
const MOST_PARTS = 10_000;

const FORMS = createKnownForms();

/**
 * Reads the events of one answer. What servers repeat in `*.done` and in the last event is taken where it did not come in
 * pieces.
 */
function createReader(_several: boolean, assembler: Assembler | null): Read {
  const calls = createResponseCalls();
  const streamed = new Set<string>();
  const came = { content: false, reasoning: false, refusal: false };

  function piece(kind: keyof typeof came, event: Fields, text: string, whole: boolean): Brought {
    const { output_index: output, item_id: item, content_index: content, summary_index: summary } = event;
    const part = `${kind} ${output ?? item} ${content ?? summary ?? 0}`;
    const isFull = streamed.size >= MOST_PARTS;
    if (text === "" || (whole && (isFull || streamed.has(part)))) return chunkOf({});
    if (!isFull) streamed.add(part);
    came[kind] = true;
    return chunkOf({ [kind]: text, form: whole ? "whole" : "delta" });
  }

  /** A part of an item that is whole. */
  function partOf(event: Fields, part: Fields): Brought {
    const kind = PIECES[String(part["type"])];
    return kind === undefined
      ? chunkOf({})
      : piece(kind, event, wordsIn([part], kind === "refusal" ? kind : "text"), true);
  }

  /** What a whole item of the output says that was not said before. */
  function itemOf(item: Fields, key: unknown): Partial<Chunk> {
    const type = stringOrNull(item["type"]) ?? "message";
    if (isCallItem(item)) {
      const tools = calls.item(item, key);
      return tools.length === 0 ? {} : { tools };
    }
    if (type === "reasoning")
      return fresh("reasoning", wordsIn(item["content"], "text") || wordsIn(item["summary"], "text"));
    if (type !== "message") return {};
    return {
      ...fresh("content", wordsIn(item["content"], "text")),
      ...fresh("refusal", wordsIn(item["content"], "refusal")),
    };
  }

  function fresh(kind: keyof typeof came, text: string): Partial<Chunk> {
    return came[kind] || text === "" ? {} : { [kind]: text, form: "whole" };
  }

  /** The end of the stream, or the whole of an answer that was not streamed (`told` is ""). */
  function endOf(response: Fields, told: string): Brought {
    const output = Array.isArray(response["output"]) ? response["output"].filter(isFields) : [];
    const items = output.map((item, index) => itemOf(item, index));
    const untold = calls.untold();
    const status = statusOf(response["status"], told);
    const error = errorBeside({ error: response["error"] });
    const join = (kind: keyof typeof came): string => items.map((item) => item[kind] ?? "").join("");
    const chunk: Chunk = {
      ...startOf(response),
      content: join("content") || fresh("content", stringOrNull(response["output_text"]) ?? "").content || "",
      reasoning: join("reasoning"),
      refusal: join("refusal"),
      tools: [...items.flatMap(({ tools = [] }) => tools), ...untold],
      finishReason: status === "incomplete" ? cutBy(response) : toFinishReason(status === "failed" ? null : status),
      error: error ?? (status === "failed" ? NO_ERROR : null),
      form: "whole",
    };
    return told === "" ? { kind: "chunk", chunk } : { kind: "end", chunk, enough: false };
  }

  function readEvent(event: Fields, name: string): Brought {
    const type = stringOrNull(event["type"]) ?? name;
    const [, stem = "", form = ""] = /^response\.(.+)\.(delta|done)$/.exec(type) ?? [];
    const whole = form === "done";
    const kind = PIECES[stem];
    const { delta, text, refusal, transcript } = event;
    if (kind !== undefined)
      return piece(kind, event, wordsIn([whole ? (text ?? refusal ?? transcript) : delta], "text"), whole);
    const custom = CALLS[stem];
    if (custom !== undefined) return toolsOf(whole ? calls.whole(event, custom) : calls.piece(event, custom));
    const item = fieldsOf(event["item"]);
    const key = event["output_index"] ?? item["id"];
    if (type === "response.output_item.done") return chunkOf(itemOf(item, key));
    if (type === "response.output_item.added" && isCallItem(item)) {
      calls.begin(item, key);
      if (calls.tooMany()) return { kind: "excess", excess: "tool_calls" };
    }
    const part = event["part"];
    if (type === "response.content_part.done" && isFields(part)) return partOf(event, part);
    const inside = event["response"];
    // Some servers leave the response out that the event is about, and write what it says into the event.
    if (ENDS.has(type))
      return endOf(isFields(inside) ? { usage: event["usage"], ...inside } : event, type.slice("response.".length));
    if (type === "" && event["object"] === "response") return endOf(event, "");
    return KNOWN.test(type) ? chunkOf(startOf(fieldsOf(event["response"]))) : readUnknown(event, type);
  }

  return createTemplate((data, name, taking) => readObject(data, name, taking, readEvent), assembler, FORMS).read;
}

function toolsOf(tools: readonly ToolFragment[]): Brought {
  return chunkOf(tools.length === 0 ? {} : { tools });
}

function startOf({ id, model, usage, backend }: Fields): Chunk {
  const who = { id: stringOrNull(id), model: stringOrNull(model), backend: toBackend(backend) };
  return { ...NOTHING, ...who, usage: isFields(usage) ? toUsage(usage) : null };
}

/** Some servers write the status of the beginning into the last event; what its type says of a failure counts. */
function statusOf(given: unknown, told: string): unknown {
  if (told !== "" && told !== "completed") return told;
  return given === undefined || given === null || given === "in_progress" || given === "queued" ? told : given;
}

/** What cut an answer; a word that the API does not have says with it that the answer is not whole. */
function cutBy({ incomplete_details: details }: Fields): string {
  const reason = toFinishReason(isFields(details) ? details["reason"] : details);
  if (reason === null) return "incomplete";
  return CUTS.has(reason) ? reason : `incomplete: ${reason}`;
}

function wordsIn(parts: unknown, name: "text" | "refusal"): string {
  if (!Array.isArray(parts)) return name === "text" ? (stringOrNull(parts) ?? "") : "";
  const words = (part: unknown): string | null =>
    stringOrNull(name === "text" ? part : null) ?? stringOrNull(fieldsOf(part)[name]);
  return parts.map((part: unknown) => words(part) ?? "").join("");
}
