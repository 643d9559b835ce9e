import { entriesOf, isFields, type Fields } from "./fields.ts";

/** Names under which servers send reasoning as a text, or as an object or a list around it; the first that says something counts. */
const NAMES = ["reasoning_content", "reasoning", "reasoning_text", "thinking", "thinking_blocks", "reasoning_details"];
/** Where the words stand in such an object. */
const INSIDE = ["thinking", "reasoning", "content", "text", "summary"];
/** Types of parts that hold no words, whatever stands in them. */
const NO_WORDS = /encrypted|redacted|signature/;
/** Types of parts that are reasoning, in words or not. */
const THOUGHT = /^(redacted_|encrypted_)?(thinking|reasoning)\b/;
/** A list of parts, a part, and the parts of that one. */
const DEPTH = 4;

/** The reasoning of a delta, whatever the server calls it; of several names the first, since others repeat it. */
export function reasoningOf(delta: Fields): string {
  for (const name of NAMES) {
    const value = delta[name];
    if (value === undefined || value === null || value === "") continue;
    const text = wordsIn(value, DEPTH);
    if (text !== "") return text;
  }
  const { content } = delta;
  if (typeof content !== "object" || content === null) return "";
  return wordsIn((entriesOf(content) ?? []).filter(isThought), DEPTH);
}

/** Whether a part of a `content` list is reasoning, and no visible text. */
export function isThought(part: unknown): boolean {
  return isFields(part) && typeof part["type"] === "string" && THOUGHT.test(part["type"]);
}

function wordsIn(value: unknown, depth: number): string {
  if (typeof value === "string") return value;
  if (depth === 0) return "";
  if (Array.isArray(value)) return value.map((part: unknown) => wordsIn(part, depth - 1)).join("");
  if (!isFields(value)) return "";
  if (typeof value["type"] === "string" && NO_WORDS.test(value["type"])) return "";
  for (const name of INSIDE) {
    const text = wordsIn(value[name], depth - 1);
    if (text !== "") return text;
  }
  return "";
}
