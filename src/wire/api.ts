/** What every API is behind, so that nothing outside of this folder knows which is spoken. */

import type { Assembler } from "./assembler.ts";
import { excessOf, type Excess } from "./bounds.ts";
import { errorBeside, errorOfEvent, errorOfText, isErrorName, NO_ERROR, type ApiError } from "./errors.ts";
import { isFields, stringOrNull, toText, type Fields } from "./fields.ts";
import type { ApiBody, ChatBody, Unsaid } from "./request.ts";
import { mergeServer, readServer, type ServerFigures } from "./server-figures.ts";
import type { ToolFragment } from "./tool-calls.ts";
import type { Usage } from "./usage.ts";

/** What one event, or one whole answer, says; `content` is the visible text only. */
export type Chunk = {
  content: string;
  refusal: string;
  reasoning: string;
  tools: readonly ToolFragment[];
  finishReason: string | null;
  usage: Usage | null;
  /** What the server says of its own work. */
  server: ServerFigures | null;
  /** Other choices share it with that of the answer. */
  otherChoices: boolean;
  /**
   * "delta": a piece. "message": a piece, or the whole of what came before. "completion": the whole. "whole": what is said
   * for the first time, and in one piece.
   */
  form: "delta" | "message" | "completion" | "whole";
  /** What the server says went wrong beside what it still sends. */
  error: ApiError | null;
  id: string | null;
  model: string | null;
  backend: string | null;
};

/** An event that says nothing of the answer. */
export const NOTHING: Chunk = {
  content: "",
  refusal: "",
  reasoning: "",
  tools: [],
  finishReason: null,
  usage: null,
  server: null,
  otherChoices: false,
  form: "delta",
  error: null,
  id: null,
  model: null,
  backend: null,
};

/** An event that says this and nothing else. */
export function chunkOf(said: Partial<Chunk>): { kind: "chunk"; chunk: Chunk } {
  return { kind: "chunk", chunk: { ...NOTHING, ...said } };
}

/** What stands before and after some words. */
export type Around = { before: string; after: string };

/** What an event brought. */
export type Brought =
  /** `around`: what stands before and after the words; with others between them a text is the same chunk. */
  | { kind: "chunk"; chunk: Chunk; around?: Around }
  /** The stream is over. `enough`: the mark says that the answer is whole, with or without a finish reason. */
  | { kind: "end"; chunk: Chunk; enough: boolean }
  | { kind: "error"; error: ApiError }
  /** A sign of life, or an event that nobody knows. */
  | { kind: "ignored" }
  | { kind: "malformed"; why: string }
  /** It holds more than is read. */
  | { kind: "excess"; excess: Excess };

/** Reads the data of one event, or with "" for its name a whole answer. What it returns is good until the next call. */
export type Read = (data: string, name: string) => Brought;

/** A part of a request that some servers refuse, and what is sent in its place. */
export type Adaptation = {
  code: "adapted_stream_options" | "adapted_max_tokens";
  /** Other models of the same endpoint may take it. */
  ofModel: boolean;
  /** Whether a refusal means it. */
  isRefused(body: ApiBody, refusal: string): boolean;
  apply(body: ApiBody): ApiBody;
};

export type Api = {
  /** Headers that carry the key, and those without which nothing is answered. */
  headers(key: string | null): Record<string, string>;
  /** The request as this API wants it, or what of it cannot be said. */
  body(request: ChatBody): { body: ApiBody; unsaid: null } | { body: null; unsaid: Unsaid };
  /** What makes a request in this API's own form a streamed one that tells its usage. */
  streaming: ApiBody;
  adaptations: readonly Adaptation[];
  /** An error that comes between the finish reason and the end mark undoes the answer. */
  errorUndoes: boolean;
  /** For one answer. `several`: more than one choice was asked for. `assembler`: takes every event that is parsed. */
  createReader(several: boolean, assembler: Assembler | null): Read;
};

export const IGNORED: Brought = { kind: "ignored" };
/** The end of a stream in the form of chat completions, which many servers add to every API. */
const DONE: Brought = { kind: "end", chunk: NOTHING, enough: false };

/** What looks the same in every API; `null` for what the API's own reader is to read. */
export function readCommon(data: string, name: string): Brought | null {
  if (data.length < 16 && data.trim() === "[DONE]") return DONE;
  // What is called an error is one, whatever it looks like.
  return isErrorName(name) ? { kind: "error", error: errorOfText(data) ?? NO_ERROR } : null;
}

/** Reads the events of one answer. */
export function createRead(api: Api, several: boolean): Read {
  const read = api.createReader(several, null);
  return (data, name) => readCommon(data, name) ?? read(data, name);
}

/** Reads JSON within our bounds; what is no object is malformed, but for an error in a list of one. */
export function readObject(
  data: string,
  name: string,
  assembler: Assembler | null,
  read: (event: Fields, name: string) => Brought,
): Brought {
  const excess = excessOf(data);
  if (excess !== null) return { kind: "excess", excess };
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (error) {
    // Where a server was cut off in an event, its last words may stand in the next line.
    const last = data.lastIndexOf("\n");
    const brought = last < 0 ? null : readObject(data.slice(last + 1), name, null, read);
    if (brought?.kind === "error") return brought;
    return { kind: "malformed", why: error instanceof Error ? error.message : String(error) };
  }
  const event: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (!isFields(event)) return { kind: "malformed", why: "not a JSON object" };
  const brought = read(event, name);
  if (brought.kind === "chunk" || brought.kind === "end") brought.chunk.server = serverIn(event);
  if (brought.kind !== "malformed" && event === value) {
    if (assembler !== null && brought.kind !== "error") assembler.take(event, name);
    return brought;
  }
  // Only errors come as a list of one.
  const error = errorBeside(event) ?? (brought.kind === "chunk" ? null : errorOfEvent(event));
  if (error !== null) return { kind: "error", error };
  return brought.kind === "malformed" ? brought : { kind: "malformed", why: "not a JSON object" };
}

/** In the event itself, or in the answer that it is about. */
function serverIn(event: Fields): ServerFigures | null {
  const inside = event["response"] ?? event["message"];
  const told = readServer(event);
  const within = isFields(inside) ? readServer(inside) : null;
  return told === null || within === null ? (told ?? within) : mergeServer(within, told);
}

/** What an event of a type that the API does not have comes to: the type is the event's name where it says none. */
export function readUnknown(event: Fields, type: string): Brought {
  const error = errorBeside(event) ?? errorOfEvent(event);
  if (error !== null) return { kind: "error", error };
  return type === "" ? { kind: "malformed", why: "an event without a type" } : IGNORED;
}

/** Asks for token counts, or for deltas without padding: not every server knows how. */
export const STREAM_OPTIONS: Adaptation = {
  code: "adapted_stream_options",
  ofModel: false,
  isRefused: (body, refusal) =>
    body["stream_options"] !== undefined && /stream_options|include_usage|include_obfuscation/.test(refusal),
  apply: ({ stream_options: _options, ...body }) => body,
};

/** `Authorization: Bearer`, as most have it. */
export function bearer(key: string | null): Record<string, string> {
  return key === null ? {} : { authorization: `Bearer ${key}` };
}

/** `{engine_type, machine_name}` on LLMaaS: shown as "engine machine". */
export function toBackend(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (!isFields(value)) return null;
  const { engine_type: engine, machine_name: machine } = value;
  if (typeof engine !== "string") return stringOrNull(machine);
  return typeof machine === "string" ? `${engine} ${machine}` : engine;
}

/** A finish reason as it is given. Empty texts, and texts that spell out nothing, are none; what is no text counts as given. */
export function toFinishReason(value: unknown): string | null {
  if (value === null || value === undefined || value === false) return null;
  return typeof value !== "string" ? toText(value) : /^\s*(null|none)?\s*$/i.test(value) ? null : value;
}
