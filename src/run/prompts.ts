import type { LineReason } from "../config/batch-problem.ts";
import type { ChatBody, Json } from "../stream/event.ts";
import { createRandom } from "./random.ts";

/** One prompt, and what its line says of model and sampling. */
export type Prompt = {
  /** What is shown of it: the text, or the last message of the user. */
  text: string;
  /** The whole conversation, when the line holds one. */
  messages: ChatBody["messages"] | null;
  model: string | null;
  /** Parameters of the request that only this line has. */
  params: Record<string, Json>;
  /** A prompt that was there before: which one, and how often it came. */
  again?: { index: number; pass: number };
};

export type PromptFormat = "text" | "jsonl";

type ParsedLine = { prompt: Prompt } | { why: LineReason; key: string };

/** Parameters whose values are known; every other one goes into the request as it is, and so does `null`, which leaves it out. */
const PARAMS: Readonly<Record<string, (value: unknown) => boolean>> = {
  max_tokens: isCount,
  max_completion_tokens: isCount,
  temperature: within(0, 2),
  top_p: within(0, 1),
  presence_penalty: within(-2, 2),
  frequency_penalty: within(-2, 2),
  seed: Number.isInteger,
  stop: (value) => typeof value === "string" || Array.isArray(value),
  user: (value) => typeof value === "string",
  tools: Array.isArray,
  response_format: (value) => typeof value === "object",
};

/** Keys that say nothing to the model: users number their lines. */
const IGNORED = new Set(["id", "custom_id"]);

/** A prompt from the command line. */
export function plainPrompt(text: string): Prompt {
  return { text, messages: null, model: null, params: {} };
}

/** One line of a prompts file: a text, or an object with `prompt` or `messages` and its own model and sampling. */
export function parsePromptLine(line: string, format: PromptFormat): ParsedLine {
  if (format === "text") return { prompt: plainPrompt(line) };
  let value: Json;
  try {
    value = JSON.parse(line);
  } catch {
    return { why: "not_json", key: "" };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { why: "not_an_object", key: "" };
  const { prompt = null, messages = null, model = null, ...rest } = value;
  if (prompt !== null && messages !== null) return { why: "both", key: "messages" };
  if (prompt === null && messages === null) return { why: "no_prompt", key: "prompt" };
  const ids = isTokenIds(prompt) ? prompt : null;
  if (prompt !== null && ids === null && (typeof prompt !== "string" || prompt.trim() === ""))
    return { why: "bad_prompt", key: "prompt" };
  if (messages !== null && !isConversation(messages)) return { why: "bad_messages", key: "messages" };
  if (model !== null && (typeof model !== "string" || model === "")) return { why: "bad_value", key: "model" };
  const params: [string, Json][] = [];
  for (const [key, given] of Object.entries(rest)) {
    // What every request of ours says, and a body that was sent elsewhere may say too.
    if (IGNORED.has(key) || (key === "stream" && given === true)) continue;
    if (key === "stream") return { why: "reserved_key", key };
    const accepts = Object.hasOwn(PARAMS, key) ? PARAMS[key] : undefined;
    if (given !== null && accepts?.(given) === false) return { why: "bad_value", key };
    params.push([key, given]);
  }
  const said = { model, params: Object.fromEntries(params) };
  if (ids !== null) return { prompt: { text: JSON.stringify(ids), messages: [tokenIds(ids)], ...said } };
  const text = typeof prompt === "string" ? prompt : lastText(messages);
  return { prompt: { text, messages, ...said } };
}

function isTokenIds(prompt: Json): prompt is number[] {
  return (
    Array.isArray(prompt) && prompt.length > 0 && prompt.every((id) => Number.isSafeInteger(id) && Number(id) >= 0)
  );
}

function tokenIds(ids: number[]): ChatBody["messages"][number] {
  return { role: "user", content: [{ type: "token_ids", token_ids: ids }] };
}

/** Whether a line of text is JSON that holds a prompt, or was meant to. */
export function isPromptInJson(line: string): boolean {
  if (!/^\s*\{.*"(?:prompt|messages)".*\}\s*$/s.test(line)) return false;
  const parsed = parsePromptLine(line, "jsonl");
  return "prompt" in parsed || !["not_json", "not_an_object", "no_prompt"].includes(parsed.why);
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1;
}

function within(min: number, max: number): (value: unknown) => boolean {
  return (value) => typeof value === "number" && value >= min && value <= max;
}

function isConversation(value: Json | undefined): value is ChatBody["messages"] & Json[] {
  return Array.isArray(value) && value.length > 0 && value.every(isMessage);
}

/** What an answer of the assistant may hold in place of a content. */
const INSTEAD = ["tool_calls", "function_call", "refusal", "audio"] as const;

function isMessage(value: Json): value is { role: string; [key: string]: Json } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { role, content = null } = value;
  if (typeof role !== "string" || role === "") return false;
  if (content === null) return "content" in value || INSTEAD.some((key) => (value[key] ?? null) !== null);
  return typeof content === "string" || Array.isArray(content);
}

function lastText(messages: Json | undefined): string {
  const all = Array.isArray(messages) ? messages.filter(isMessage) : [];
  const last = all.findLast(({ role }) => role === "user") ?? all.at(-1);
  const content = typeof last === "object" && last !== null && !Array.isArray(last) ? last["content"] : undefined;
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .flatMap((part) =>
      typeof part === "object" && part !== null && !Array.isArray(part) && typeof part["text"] === "string"
        ? [part["text"]]
        : [],
    )
    .join("\n");
}

/** Words that the usual tokenizers keep whole: about one token each, with the space before them. */
const WORDS = (
  "the of and to in is that for it as was with be by on not he this are or his from at which but have an had they you " +
  "were their one all we can her has there been if more when will would who so no out up into them then some time two " +
  "could only other new may first its now over such any these after like well also back most made even because where " +
  "much before must through years very still should work great world life being never same another know while last " +
  "might us old year off come since against go came right used take three home small end put left part early door line"
).split(" ");

/** Tokens of the instruction that ends each prompt. */
const TASK = "Continue this text at length.";
const TASK_TOKENS = 6;

/**
 * Prompts of about `tokens` tokens, without end, all different, and from their first words on: what a server kept of an
 * earlier prompt is of no use for the next. The same seed gives the same prompts.
 */
export function* createSyntheticPrompts(tokens: number, seed: number): Generator<Prompt> {
  const random = createRandom(seed);
  const first = Math.floor(random() * WORDS.length ** 2);
  for (let number = first; ; number++) {
    const words = inWords(number);
    while (words.length < tokens - TASK_TOKENS) words.push(WORDS[Math.floor(random() * WORDS.length)] ?? "");
    yield plainPrompt(`${words.join(" ")}\n${TASK}`);
  }
}

/** A number written in words, the last digit first: no two are the same, and neighbours differ in their first word. */
function inWords(number: number): string[] {
  const words: string[] = [];
  for (let left = number; left > 0 || words.length === 0; left = Math.floor(left / WORDS.length))
    words.push(WORDS[left % WORDS.length] ?? "");
  return words;
}
