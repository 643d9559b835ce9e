import { readControl, type Control } from "./control.ts";

/** What a chat request asks for, read from its body. */
export type Ask = {
  model: string;
  prompt: string;
  stream: boolean;
  maxTokens: number | null;
  usageAsked: boolean;
  /** Parameters a server may refuse by name. */
  names: ReadonlySet<string>;
  tool: string | null;
  control: Control;
};

/** Why a request is refused, in the API's words. */
export type Refusal = { status: number; message: string; type: string; code?: string; param?: string };

type Fields = Record<string, unknown>;

/** Reads the body of `POST /v1/chat/completions`. */
export function readAsk(body: Uint8Array): Ask | Refusal {
  const value = parse(body);
  if (!isFields(value)) return invalid("The request body is not a JSON object.");
  const { model, messages, stream = false } = value;
  if (typeof model !== "string" || model === "") return invalid("'model' must be the name of a model.", "model");
  if (!Array.isArray(messages) || messages.length === 0)
    return invalid("'messages' must be an array of at least one message.", "messages");
  if (!messages.every(isFields)) return invalid("Each of 'messages' must be an object.", "messages");
  if (typeof stream !== "boolean") return invalid("'stream' must be true or false.", "stream");
  for (const name of ["max_tokens", "max_completion_tokens"])
    if (!isCount(value[name] ?? 1)) return invalid(`'${name}' must be a whole number of at least 1.`, name);
  const limits = [value["max_tokens"], value["max_completion_tokens"]].filter(isCount);
  const control = readControl(value["simulate"]);
  if (typeof control === "string") return invalid(control, "simulate");
  const options = value["stream_options"];
  return {
    model,
    prompt: promptOf(messages),
    stream,
    maxTokens: limits.length > 0 ? Math.min(...limits) : null,
    usageAsked: isFields(options) && options["include_usage"] === true,
    names: new Set(Object.keys(value)),
    tool: toolOf(value["tools"]),
    control,
  };
}

/** A refusal with status 400 and the API's type for it. */
export function invalid(message: string, param?: string): Refusal {
  return { status: 400, message, type: "invalid_request_error", ...(param === undefined ? {} : { param }) };
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

/** The text of the last message of the user. */
function promptOf(messages: readonly Fields[]): string {
  const last = messages.findLast((message) => message["role"] === "user") ?? messages.at(-1);
  const content = last?.["content"];
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => (isFields(part) && typeof part["text"] === "string" ? part["text"] : "")).join("");
}

function toolOf(tools: unknown): string | null {
  if (!Array.isArray(tools) || !isFields(tools[0])) return null;
  const { function: fn } = tools[0];
  return isFields(fn) && typeof fn["name"] === "string" ? fn["name"] : null;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1;
}

/** Whether a value is a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
