import type { Transfer } from "./body.ts";
import { FAULT_NAMES, isFaultName, type FaultName } from "./faults.ts";
import { invalid, type Refusal } from "./replies.ts";
import type { FaultParameters, UsageMode } from "./script.ts";

const LONGEST_TIMER = 2 ** 31 - 1;
const MOST_TOKENS = 100_000_000;

type Range = { min: number; max: number; integer: boolean };

/** The numbers that may be asked for, and their bounds. */
export const RANGES = {
  at: { min: 0, max: MOST_TOKENS, integer: true },
  /** The fault is shown only to the first `times` requests with the same prompt. */
  times: { min: 1, max: 1_000_000, integer: true },
  ms: { min: 0, max: LONGEST_TIMER, integer: false },
  bytes: { min: 0, max: 2 ** 40, integer: true },
  offset: { min: 0, max: 2 ** 40, integer: true },
  status: { min: 300, max: 599, integer: true },
  rate_limit_reset: { min: -86_400, max: 86_400, integer: false },
  /** Tokens per second; 0 is as fast as the socket takes them. */
  rate: { min: 0, max: 1_000_000_000, integer: false },
  ttft_ms: { min: 0, max: LONGEST_TIMER, integer: false },
  jitter: { min: 0, max: 1, integer: false },
  /** Exactly this many tokens: the text is cut or repeated. */
  tokens: { min: 0, max: MOST_TOKENS, integer: true },
  tokens_per_event: { min: 1, max: 10_000, integer: true },
  reasoning_tokens: { min: 0, max: MOST_TOKENS, integer: true },
  seed: { min: 0, max: 2 ** 32 - 1, integer: true },
} satisfies Record<string, Range>;

type NumberName = keyof typeof RANGES;

/** What one request (its JSON key `simulate`) or a whole server may ask of the simulator. */
export type Control = FaultParameters & {
  [name in Exclude<NumberName, keyof FaultParameters>]?: number | undefined;
} & {
  fault?: FaultName | "none" | undefined;
  usage?: UsageMode | undefined;
  text?: string | undefined;
  /** How the body's end is marked. */
  transfer?: Transfer | undefined;
  /** The text of each token event is the instant just before its write (of a stream without a fault). */
  stamp?: boolean | undefined;
};

const USAGES: readonly UsageMode[] = ["asked", "always", "null", "every", "on-finish", "never"];
const TRANSFERS: readonly Transfer[] = ["chunked", "close"];
const TEXTS = ["finish_reason", "message", "location", "text"] as const;
const OTHERS = ["fault", "retry_after", "usage", "transfer", "stamp"] as const;

/** Reads the `simulate` object of a request; a text says what is wrong with it and what is accepted. */
export function readControl(value: unknown): Control | string {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) return "'simulate' must be an object.";
  const control: Control = {};
  for (const [key, given] of Object.entries(value)) {
    const problem = readOne(control, key, given);
    if (problem !== null) return `'simulate.${key}' ${problem}`;
  }
  return control;
}

function readOne(control: Control, key: string, value: unknown): string | null {
  if (isNumberName(key)) return readNumber(control, key, value);
  const text = TEXTS.find((name) => name === key);
  if (text !== undefined) {
    if (typeof value !== "string") return "must be a text.";
    if (text === "location" && !/^[\x21-\x7e]+$/.test(value)) return "must be a URL without spaces.";
    control[text] = value;
    return null;
  }
  switch (key) {
    case "fault":
      if (value !== "none" && !isFaultName(value)) return `must be one of: none, ${FAULT_NAMES.join(", ")}.`;
      control.fault = value;
      return null;
    case "retry_after":
      if (typeof value !== "string" && !(typeof value === "number" && value >= 0)) return "must be seconds or a date.";
      if (typeof value === "string" && !/^[\x20-\x7e]*$/.test(value)) return "must be seconds or a date.";
      control.retry_after = value;
      return null;
    case "usage":
      control.usage = USAGES.find((name) => name === value);
      return control.usage === undefined ? `must be one of: ${USAGES.join(", ")}.` : null;
    case "transfer":
      control.transfer = TRANSFERS.find((name) => name === value);
      return control.transfer === undefined ? `must be one of: ${TRANSFERS.join(", ")}.` : null;
    case "stamp":
      if (typeof value !== "boolean") return "must be true or false.";
      control.stamp = value;
      return null;
    default:
      return `is not known; known are: ${[...OTHERS, ...Object.keys(RANGES), ...TEXTS].join(", ")}.`;
  }
}

function readNumber(control: Control, key: NumberName, value: unknown): string | null {
  const { min, max, integer } = RANGES[key];
  const fits = typeof value === "number" && value >= min && value <= max && (!integer || Number.isInteger(value));
  if (!fits) return `must be a ${integer ? "whole " : ""}number from ${min} to ${max}.`;
  control[key] = value;
  return null;
}

function isNumberName(key: string): key is NumberName {
  return Object.hasOwn(RANGES, key);
}

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
function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
