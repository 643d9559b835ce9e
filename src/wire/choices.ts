/**
 * Reads what stands in `choices`: the chunks of chat completions and of completions. Narrowed by hand: a chunk is the hot
 * path, and a schema library costs more than the JSON parser.
 */

import { readObject, toBackend, toFinishReason, type Brought, type Chunk, type Read } from "./api.ts";
import type { Assembler } from "./assembler.ts";
import { errorBeside, errorOfEvent, type ApiError } from "./errors.ts";
import { entriesOf, isFields, NO_FIELDS, stringOrNull, type Fields } from "./fields.ts";
import { createKnownForms, createRepeats } from "./known-forms.ts";
import { isThought, reasoningOf } from "./reasoning.ts";
import { createTemplate } from "./template.ts";
import { readToolFragments } from "./tool-calls.ts";
import { countOrNull, readUsage } from "./usage.ts";

/**
 * Reads the data of one event, or the body of an answer that was not streamed. `several`: more than one choice was asked
 * for or is known to come, so that a choice that stands alone may be another than that of the answer.
 */
export function parseChunk(data: string, several = false, assembler: Assembler | null = null): Brought {
  return readObject(data, "", assembler, (event) => readChunk(event, several));
}

/** What answers taught in which one choice was asked for: one that stands alone may be another one in the others. */
const KNOWN = { forms: createKnownForms(), repeats: createRepeats() };

/** Reads the chunks of one answer. Once choices shared a chunk, one that stands alone may be another one. */
export function createChunkReader(several = false, assembler: Assembler | null = null, known = KNOWN): Read {
  const { forms, repeats } = known;
  let others = several;

  function parse(data: string, _name: string, taking: Assembler | null): Brought {
    if (others) return parseChunk(data, true, taking);
    const repeat = repeats.find(data);
    if (repeat !== null) {
      taking?.take(repeat.event, "");
      return repeat.brought;
    }
    const brought = parseChunk(data, false, taking);
    repeats.learn(data, brought, (text) => parseChunk(text));
    if (brought.kind === "chunk" && brought.chunk.otherChoices) {
      others = true;
      forget();
    }
    return brought;
  }

  const { read, forget } = createTemplate(parse, assembler, forms);
  if (several) forget();
  return read;
}

function readChunk(value: Fields, several: boolean): Brought {
  const { choices: given } = value;
  const choices = given === undefined || given === null ? [] : entriesOf(given);
  if (choices === null) return { kind: "malformed", why: "choices is not an array" };
  const choice = choiceOf(choices, several);
  if (choice === null) return { kind: "malformed", why: "a choice is not an object" };
  const delta = deltaOf(choice);
  const error = errorBeside(value) ?? errorBeside(choice) ?? errorIn(value["x_groq"]) ?? errorIn(delta);
  if (!saysSomething(choice) && !hasCounted(value["usage"])) {
    const other = error ?? errorOfEvent(value);
    if (other !== null) return { kind: "error", error: other };
  }
  if (!isFields(delta)) return { kind: "malformed", why: "delta is not an object" };
  const content = textOf(delta === NO_FIELDS ? choice["text"] : delta["content"]);
  if (content === null) return { kind: "malformed", why: "content is not text" };
  const chunk: Chunk = {
    content: content || spokenIn(delta),
    refusal: textOf(delta["refusal"]) ?? "",
    reasoning: reasoningOf(delta),
    tools: readToolFragments(delta),
    finishReason: toFinishReason(choice["finish_reason"]),
    usage: readUsage(value, choice, delta),
    server: null,
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
  return isFields(usage) && Object.values(usage).some((count) => (countOrNull(count) ?? 0) > 0);
}

function errorIn(value: unknown): ApiError | null {
  return isFields(value) ? errorBeside(value) : null;
}

/**
 * The choice of the answer: the only one, whatever its number; of several the first by number, else by position.
 * `null` when one is no object.
 */
export function choiceOf(choices: readonly unknown[], several: boolean): Fields | null {
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
export function deltaOf({ delta, message }: Fields): unknown {
  const piece = delta ?? NO_FIELDS;
  if (message === undefined || message === null || !isFields(piece)) return piece;
  return Object.keys(piece).length === 0 ? message : piece;
}

/** Whether a choice is that of a whole answer, and no piece of one. */
export function isWholeChoice({ object }: Fields, choice: Fields): boolean {
  return object === "chat.completion" && isFields(choice["message"]) && deltaOf(choice) === choice["message"];
}

function formOf(object: unknown): Chunk["form"] {
  if (object === "chat.completion") return "completion";
  return object === "chat.completion.chunk" ? "delta" : "message";
}

/** What is said in audio, as text. */
function spokenIn({ audio }: Fields): string {
  return isFields(audio) ? (stringOrNull(audio["transcript"]) ?? "") : "";
}

/** Text, or the text parts of a part or of several (as some servers send); `null` for anything else. */
function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  const parts = entriesOf(value);
  if (parts === null || (isFields(value) && !parts.every(isPart))) return null;
  let text = "";
  for (const part of parts) {
    if (typeof part === "string") text += part;
    else if (isFields(part) && typeof part["text"] === "string" && !isThought(part)) text += part["text"];
  }
  return text;
}

function isPart(part: unknown): boolean {
  return isFields(part) && (typeof part["type"] === "string" || typeof part["text"] === "string");
}
