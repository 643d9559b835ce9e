import type { LineReason } from "../config/user-error.ts";
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

/** Keys of a JSONL line that go into the request as they are. */
const PARAMS: Readonly<Record<string, (value: unknown) => boolean>> = {
  max_tokens: (value) => Number.isInteger(value) && Number(value) >= 1,
  temperature: within(0, 2),
  top_p: within(0, 1),
  presence_penalty: within(-2, 2),
  frequency_penalty: within(-2, 2),
  seed: Number.isInteger,
  stop: (value) => typeof value === "string" || Array.isArray(value),
  user: (value) => typeof value === "string",
  tools: Array.isArray,
  tool_choice: (value) => value !== null,
  response_format: (value) => typeof value === "object" && value !== null,
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
  const { prompt, messages, model, ...rest } = value;
  if (prompt !== undefined && messages !== undefined) return { why: "both", key: "messages" };
  if (prompt === undefined && messages === undefined) return { why: "no_prompt", key: "prompt" };
  if (prompt !== undefined && (typeof prompt !== "string" || prompt.trim() === ""))
    return { why: "bad_prompt", key: "prompt" };
  if (messages !== undefined && !isConversation(messages)) return { why: "bad_messages", key: "messages" };
  if (model !== undefined && (typeof model !== "string" || model === "")) return { why: "bad_value", key: "model" };
  const params: Record<string, Json> = {};
  for (const [key, given] of Object.entries(rest)) {
    if (IGNORED.has(key)) continue;
    const accepts = Object.hasOwn(PARAMS, key) ? PARAMS[key] : undefined;
    if (accepts === undefined) return { why: "unknown_key", key };
    if (!accepts(given)) return { why: "bad_value", key };
    params[key] = given;
  }
  const said = typeof prompt === "string" ? prompt : lastText(messages);
  return { prompt: { text: said, messages: isConversation(messages) ? messages : null, model: model ?? null, params } };
}

/** The keys a JSONL line may have. */
export const LINE_KEYS: readonly string[] = ["prompt", "messages", "model", ...Object.keys(PARAMS), ...IGNORED];

function within(min: number, max: number): (value: unknown) => boolean {
  return (value) => typeof value === "number" && value >= min && value <= max;
}

function isConversation(value: Json | undefined): value is ChatBody["messages"] & Json[] {
  return Array.isArray(value) && value.length > 0 && value.every(isMessage);
}

function isMessage(value: Json): value is { role: string; [key: string]: Json } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const content = value["content"];
  return (
    typeof value["role"] === "string" && (typeof content === "string" || Array.isArray(content) || content === null)
  );
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
