import type { ApiKind, Json } from "../stream/event.ts";
import { parsePromptLine, plainPrompt, type Prompt } from "../run/prompts.ts";
import type { LineReason } from "../config/batch-problem.ts";
import { API_KINDS, pathOf } from "../wire/apis.ts";

/** The APIs whose requests may stand in a batch file, by the path that chooses them. */
const APIS = new Map<unknown, ApiKind>(API_KINDS.map((kind) => [`/v1${pathOf(kind)}`, kind]));

/** A request in the form of its API. */
type RequestBody = { readonly [key: string]: Json; readonly model: string };

/** What is asked: a body as the API wants it, or a prompt that gets one from the settings. */
export type Asked = { kind: "body"; api: ApiKind; body: RequestBody } | { kind: "prompt"; prompt: Prompt };

type Wrong = { why: LineReason; key: string };

/** What a line of a batch file asks under which id, or what is wrong with it, under the id that it has all the same. */
type ParsedRequest = { id: string; asked: Asked } | (Wrong & { id: string | null });

/** "text": a prompt a line. "jsonl": requests of the Batch API, or objects with a prompt. */
export type InputFormat = "text" | "jsonl";

/** Where the prompt of each API stands. */
const PROMPT_KEY = { chat: "messages", responses: "input", messages: "messages", completions: "prompt" } as const;

/** Reads one line; a request without an id of its own is called by its line. */
export function parseRequest(text: string, line: number, format: InputFormat): ParsedRequest {
  if (format === "text") return { id: `line-${line}`, asked: { kind: "prompt", prompt: plainPrompt(text) } };
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    return { id: null, why: "not_json", key: "" };
  }
  if (!isJsonObject(value)) return { id: null, why: "not_an_object", key: "" };
  const { custom_id: given } = value;
  const isBody = "body" in value || "url" in value;
  const parsed = isBody ? fromBody(value) : fromPrompt(text, given, line);
  if (!("why" in parsed)) return parsed;
  const made = isBody || given !== undefined ? null : `line-${line}`;
  return { ...parsed, id: typeof given === "string" && given !== "" ? given : made };
}

function fromBody(value: { readonly [key: string]: Json }): { id: string; asked: Asked } | Wrong {
  const { custom_id: id, method, url, body } = value;
  if (typeof id !== "string" || id === "") return missing("custom_id", id);
  if (method !== "POST") return missing("method", method);
  const api = APIS.get(url);
  if (api === undefined && url !== undefined) return { why: "bad_url", key: [...APIS.keys()].join(", ") };
  if (api === undefined) return missing("url", url);
  if (body === undefined || !isJsonObject(body)) return missing("body", body);
  if (!hasModel(body)) return missing("body.model", body["model"]);
  const prompt = PROMPT_KEY[api];
  const asked = body[prompt];
  if (asked === undefined || asked === null) return missing(`body.${prompt}`, undefined);
  if (!isAsked(asked, prompt)) return missing(`body.${prompt}`, asked);
  return { id, asked: { kind: "body", api, body } };
}

/** Every server refuses messages that are no list of objects. */
function isAsked(asked: Json, prompt: string): boolean {
  if (Array.isArray(asked)) return prompt !== "messages" || asked.every(isJsonObject);
  return prompt !== "messages" && typeof asked === "string";
}

function hasModel(body: { readonly [key: string]: Json }): body is RequestBody {
  return typeof body["model"] === "string" && body["model"] !== "";
}

/** Levels of JSON that are read; servers stop at a thousand or before. */
const DEEPEST = 1000;

/** What a number may look like that is none of JavaScript's. */
const ODD_NUMBER = /\d{16}|\d[eE]\+?\d{3}/;

/** What of a request would be lost where it is streamed: the body is written anew, and one answer is read. */
export function lossOf(asked: Asked, text: string): Wrong | null {
  if (isDeep(text)) return { why: "too_deep", key: String(DEEPEST) };
  const number = ODD_NUMBER.test(text) ? inexactIn(text) : null;
  if (number !== null) return { why: "inexact_number", key: number };
  const params = asked.kind === "body" ? asked.body : asked.prompt.params;
  if (Number(params["n"]) > 1) return { why: "several_answers", key: "n" };
  const prompts = asked.kind === "body" && asked.api === "completions" ? asked.body["prompt"] : null;
  const several = Array.isArray(prompts) && prompts.length > 1 && typeof prompts[0] !== "number";
  return several ? { why: "several_answers", key: "prompt" } : null;
}

function isDeep(text: string): boolean {
  let brackets = 0;
  for (const bracket of ["{", "["]) {
    for (let at = text.indexOf(bracket); at >= 0 && brackets <= DEEPEST; at = text.indexOf(bracket, at + 1)) brackets++;
  }
  return brackets > DEEPEST && depthOf(JSON.parse(text)) > DEEPEST;
}

/** Level by level: what is too deep for a recursion is told, too. */
function depthOf(value: unknown): number {
  let depth = 0;
  for (let level: unknown[] = [value]; level.length > 0 && depth <= DEEPEST; depth++) {
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
  }
  return depth;
}

/** The first number that would be another when it is written again. */
function inexactIn(text: string): string | null {
  let found: string | null = null;
  JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source ?? "";
    if (typeof value === "number" && !isExact(value, source)) found ??= source;
    return value;
  });
  return found;
}

/** A fraction is rounded by whoever reads it. */
function isExact(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false;
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(source) || JSON.stringify(value) === source;
}

function fromPrompt(text: string, id: Json | undefined, line: number): { id: string; asked: Asked } | Wrong {
  if (id !== undefined && (typeof id !== "string" || id === "")) return missing("custom_id", id);
  const parsed = parsePromptLine(text, "jsonl");
  return "why" in parsed ? parsed : { id: id ?? `line-${line}`, asked: { kind: "prompt", prompt: parsed.prompt } };
}

function missing(key: string, found: Json | undefined): Wrong {
  return { why: found === undefined ? "missing_key" : "bad_value", key };
}

/** An object, not a list and not null. */
export function isJsonObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
