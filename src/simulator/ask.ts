import type { ApiKind } from "../wire/apis.ts";
import { fieldsOf, isFields, stringOrNull, type Fields } from "../wire/fields.ts";
import { readControl, type Control } from "./control.ts";
import { invalid, type Refusal } from "./errors.ts";

/** What a request asks for, read from its body. */
export type Ask = {
  api: ApiKind;
  model: string;
  /** The text of the last message of the user. */
  prompt: string;
  /** Of everything the model is given to read. */
  promptTokens: number;
  stream: boolean;
  maxTokens: number | null;
  usageAsked: boolean;
  /** Parameters a server may refuse by name. */
  names: ReadonlySet<string>;
  tool: string | null;
  control: Control;
};

/** What the model is given to read, and its last question. */
type Input = { prompt: string; promptTokens: number };

/** Where each API has the limit of the answer's tokens. */
const LIMITS: Readonly<Record<ApiKind, readonly string[]>> = {
  chat: ["max_tokens", "max_completion_tokens"],
  responses: ["max_output_tokens"],
  messages: ["max_tokens"],
  completions: ["max_tokens"],
};

const INPUTS: Readonly<Record<ApiKind, (body: Fields) => Input | Refusal>> = {
  chat: (body) => inputOf("messages", body["messages"]),
  responses({ input, instructions }) {
    const items = typeof input === "string" ? [{ role: "user", content: input }] : input;
    return inputOf("input", items, instructions);
  },
  messages({ messages, system }) {
    const strange = Array.isArray(messages) && messages.filter(isFields).find(({ role }) => !TURNS.has(role));
    if (strange) return invalid("'messages' are of the roles user and assistant; 'system' stands beside them.");
    return inputOf("messages", messages, system);
  },
  completions: ({ prompt }) => promptOf(prompt),
};

const TURNS: ReadonlySet<unknown> = new Set(["user", "assistant"]);

/** Reads the body of a request in this API. */
export function readAsk(api: ApiKind, bytes: Uint8Array): Ask | Refusal {
  const body = parse(bytes);
  if (!isFields(body)) return invalid("The request body is not a JSON object.");
  const { model, stream = false } = body;
  if (typeof model !== "string" || model === "") return invalid("'model' must be the name of a model.", "model");
  const input = INPUTS[api](body);
  if ("status" in input) return input;
  if (typeof stream !== "boolean") return invalid("'stream' must be true or false.", "stream");
  for (const name of LIMITS[api])
    if (!isCount(body[name] ?? (api === "messages" ? null : 1)))
      return invalid(`'${name}' must be a whole number of at least 1.`, name);
  const limits = LIMITS[api].map((name) => body[name]).filter(isCount);
  const control = readControl(body["simulate"]);
  if (typeof control === "string") return invalid(control, "simulate");
  return {
    api,
    model,
    ...input,
    stream,
    maxTokens: limits.length > 0 ? Math.min(...limits) : null,
    usageAsked: fieldsOf(body["stream_options"])["include_usage"] === true,
    names: new Set(Object.keys(body)),
    tool: toolOf(body["tools"]),
    control,
  };
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

/** A conversation, and what stands beside it for the model to read. */
function inputOf(name: string, messages: unknown, system?: unknown): Input | Refusal {
  if (!Array.isArray(messages) || messages.length === 0)
    return invalid(`'${name}' must be an array of at least one message.`, name);
  if (!messages.every(isFields)) return invalid(`Each of '${name}' must be an object.`, name);
  const last = messages.findLast(({ role }) => role === "user") ?? messages.at(-1) ?? {};
  const texts = messages.map(({ content }) => textOf(content));
  return { prompt: textOf(last["content"]), promptTokens: tokensIn([textOf(system), ...texts].join("")) };
}

/** One text, or one prompt that was cut into tokens already. */
function promptOf(prompt: unknown): Input | Refusal {
  const only: unknown =
    Array.isArray(prompt) && prompt.length === 1 && typeof prompt[0] !== "number" ? prompt[0] : prompt;
  if (typeof only === "string") return { prompt: only, promptTokens: tokensIn(only) };
  if (Array.isArray(only) && only.length > 0 && only.every((id) => Number.isInteger(id)))
    return { prompt: only.join(" "), promptTokens: only.length };
  return invalid("'prompt' must be one text, or the token ids of one.", "prompt");
}

/** About as many as a model would count. */
function tokensIn(text: string): number {
  return Math.max(1, Math.round(text.length / 4));
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => stringOrNull(fieldsOf(part)["text"]) ?? "").join("");
}

/** The name of the first tool, with the braces of chat completions around it or without. */
function toolOf(tools: unknown): string | null {
  if (!Array.isArray(tools)) return null;
  const tool = fieldsOf(tools[0]);
  return stringOrNull(fieldsOf(tool["function"] ?? tool)["name"]);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1;
}
