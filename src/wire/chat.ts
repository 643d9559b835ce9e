/**
 * The shapes of the chat completions API: what we send, and what we accept from a server.
 * Narrowed by hand: a chunk is the hot path, and a schema library costs more than the JSON parser.
 */

import { excessOf, parseJson, type Excess } from "./bounds.ts";
import { errorBeside, errorOfEvent, type ApiError } from "./errors.ts";
import { isFields, NO_FIELDS, stringOrNull, toText, type Fields } from "./fields.ts";
import { isThought, reasoningOf } from "./reasoning.ts";
import { readToolFragments, type ToolFragment } from "./tool-calls.ts";
import { readUsage, type Usage } from "./usage.ts";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

type ContentPart = { type: "text"; text: string } | { type: "image_url"; image_url: { url: string } };

type ChatMessage = { role: string; content: string | ContentPart[] };

/** Body of `POST /chat/completions`; every further parameter is passed on as it is. */
export type ChatBody = {
  model: string;
  messages: ChatMessage[];
  stream: boolean;
  [parameter: string]: Json | ChatMessage[];
};

/** What one chunk (or one whole completion) says of the answer; `content` is the visible text only. */
export type Chunk = {
  content: string;
  refusal: string;
  reasoning: string;
  tools: readonly ToolFragment[];
  finishReason: string | null;
  usage: Usage | null;
  /** Other choices share it with that of the answer. */
  otherChoices: boolean;
  /** "delta": a piece. "message": a piece, or the whole of what came before. "completion": the whole. */
  form: "delta" | "message" | "completion";
  /** What the server says went wrong beside what it still sends. */
  error: ApiError | null;
  id: string | null;
  model: string | null;
  backend: string | null;
};

/** One model as the endpoint lists it; only `id` can be relied on. */
export type Model = { id: string; ownedBy: string | null; contextLength: number | null };

export type Parsed =
  | { kind: "chunk"; chunk: Chunk }
  | { kind: "error"; error: ApiError }
  | { kind: "malformed"; why: string }
  /** It holds more than is read. */
  | { kind: "excess"; excess: Excess };

/**
 * Reads the data of one event, or the body of an answer that was not streamed. `several`: more than one choice was asked
 * for or is known to come, so that a choice that stands alone may be another than that of the answer.
 */
export function parseChunk(data: string, several = false): Parsed {
  const excess = excessOf(data);
  if (excess !== null) return { kind: "excess", excess };
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (error) {
    return { kind: "malformed", why: error instanceof Error ? error.message : String(error) };
  }
  const event: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (!isFields(event)) return { kind: "malformed", why: "not a JSON object" };
  const parsed = readChunk(event, several);
  if (parsed.kind !== "malformed" && event === value) return parsed;
  // Only errors come as a list of one.
  const error = errorBeside(event) ?? (parsed.kind === "chunk" ? null : errorOfEvent(event));
  if (error !== null) return { kind: "error", error };
  return parsed.kind === "malformed" ? parsed : { kind: "malformed", why: "not a JSON object" };
}

/** The models of an answer to `GET /models`; `null` when it is no list. */
export function parseModels(body: string): Model[] | null {
  const value = parseJson(body);
  const list = isFields(value) ? value["data"] : value;
  // Some servers have no list where they have no model.
  const data = list === null && isFields(value) && value["object"] === "list" ? [] : list;
  if (!Array.isArray(data)) return null;
  return data.filter(isFields).flatMap(({ id, owned_by, max_model_len: length }) => {
    const contextLength = typeof length === "number" ? length : null;
    return typeof id === "string" ? [{ id, ownedBy: stringOrNull(owned_by), contextLength }] : [];
  });
}

function readChunk(value: Fields, several: boolean): Parsed {
  const choices = value["choices"] ?? [];
  if (!Array.isArray(choices)) return { kind: "malformed", why: "choices is not an array" };
  const choice = choiceOf(choices, several);
  if (choice === null) return { kind: "malformed", why: "a choice is not an object" };
  const error = errorBeside(value) ?? errorBeside(choice) ?? errorOfGroq(value["x_groq"]);
  if (!saysSomething(choice) && !hasCounted(value["usage"])) {
    const other = error ?? errorOfEvent(value);
    if (other !== null) return { kind: "error", error: other };
  }
  const delta = deltaOf(choice);
  if (!isFields(delta)) return { kind: "malformed", why: "delta is not an object" };
  const content = textOf(delta === NO_FIELDS ? choice["text"] : delta["content"]);
  if (content === null) return { kind: "malformed", why: "content is not text" };
  const chunk: Chunk = {
    content: content || spokenIn(delta),
    refusal: textOf(delta["refusal"]) ?? "",
    reasoning: reasoningOf(delta),
    tools: readToolFragments(delta),
    finishReason: toFinishReason(choice["finish_reason"]),
    usage: readUsage(value, choice),
    otherChoices: choices.length > 1 || (choices.length === 1 && choice === NO_FIELDS),
    form: delta === choice["message"] ? formOf(value["object"]) : "delta",
    error,
    id: stringOrNull(value["id"]),
    model: stringOrNull(value["model"]),
    backend: value["backend"] === undefined ? null : toBackend(value["backend"]),
  };
  return { kind: "chunk", chunk };
}

/** Whether a choice is one: what a server puts beside an error may hold none. */
function saysSomething(choice: Fields): boolean {
  const said = choice["delta"] ?? choice["message"] ?? choice["text"] ?? choice["finish_reason"];
  return said !== undefined && said !== null;
}

function hasCounted(usage: unknown): boolean {
  return isFields(usage) && Object.values(usage).some((count) => typeof count === "number" && count > 0);
}

function errorOfGroq(value: unknown): ApiError | null {
  return isFields(value) ? errorBeside(value) : null;
}

/**
 * The choice of the answer: the only one, whatever its number; of several the first by number, else by position.
 * `null` when one is no object.
 */
function choiceOf(choices: readonly unknown[], several: boolean): Fields | null {
  let first: Fields = NO_FIELDS;
  let zero: Fields | null = null;
  for (let i = 0; i < choices.length; i++) {
    const choice: unknown = choices[i];
    if (!isFields(choice)) return null;
    if (i === 0) first = choice;
    const number = choice["index"] ?? i;
    if (zero === null && (number === 0 || number === "0")) zero = choice;
  }
  return zero ?? (several ? NO_FIELDS : first);
}

/** What a choice says: in its `delta`, or in its `message` where that is empty. */
function deltaOf({ delta, message }: Fields): unknown {
  const piece = delta ?? NO_FIELDS;
  if (message === undefined || message === null || !isFields(piece)) return piece;
  return Object.keys(piece).length === 0 ? message : piece;
}

function formOf(object: unknown): Chunk["form"] {
  if (object === "chat.completion") return "completion";
  return object === "chat.completion.chunk" ? "delta" : "message";
}

/** What is said in audio, as text. */
function spokenIn({ audio }: Fields): string {
  return isFields(audio) ? (stringOrNull(audio["transcript"]) ?? "") : "";
}

/** Empty texts, and texts that spell out nothing, are none; what is no text counts as given. */
function toFinishReason(value: unknown): string | null {
  if (value === null || value === undefined || value === false) return null;
  return typeof value !== "string" ? toText(value) : /^\s*(null|none)?\s*$/i.test(value) ? null : value;
}

/** Text, or the text parts of an array of parts (as some servers send); `null` for anything else. */
function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  if (!Array.isArray(value)) return null;
  let text = "";
  for (const part of value) {
    if (isFields(part) && typeof part["text"] === "string" && !isThought(part)) text += part["text"];
  }
  return text;
}

/** `{engine_type, machine_name}` on LLMaaS: shown as "engine machine". */
function toBackend(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (!isFields(value)) return null;
  const parts = [value["engine_type"], value["machine_name"]].filter((part) => typeof part === "string");
  return parts.length > 0 ? parts.join(" ") : null;
}
