import { fieldsOf, isFields, type Fields } from "./fields.ts";

/** Token counts as the server states them; `null` where it does not. */
export type Usage = {
  prompt_tokens: number | null;
  completion_tokens: number | null;
  total_tokens: number | null;
  reasoning_tokens: number | null;
  /** Of the prompt's tokens, those that the server had in its cache. */
  cached_prompt_tokens: number | null;
};

/** No server counts more in one answer: beyond it is no count, and sums of it would be no numbers. */
const MOST_TOKENS = 1e9;

/** The token counts of a chunk, wherever they stand in it. */
export function readUsage(chunk: Fields, choice: Fields, delta: Fields): Usage | null {
  const { x_groq: groq, timings } = chunk;
  let usage = isFields(timings) ? usageOfTimings(timings) : null;
  if (isFields(groq) && isFields(groq["usage"])) usage = mergeUsage(usage, toUsage(groq["usage"]));
  if (isFields(delta["usage"])) usage = mergeUsage(usage, toUsage(delta["usage"]));
  if (isFields(choice["usage"])) usage = mergeUsage(usage, toUsage(choice["usage"]));
  if (isFields(chunk["usage"])) usage = mergeUsage(usage, toUsage(chunk["usage"]));
  return usage;
}

/** llama.cpp tells beside its times how much of the prompt it read, and how much it had in its cache. */
function usageOfTimings({ cache_n: cached, prompt_n: read }: Fields): Usage | null {
  const [inCache, fresh] = [countOrNull(cached), countOrNull(read)];
  if (inCache === null) return null;
  const prompt = fresh === null ? null : inCache + fresh;
  return { ...UNKNOWN, prompt_tokens: prompt, cached_prompt_tokens: inCache };
}

const UNKNOWN: Usage = {
  prompt_tokens: null,
  completion_tokens: null,
  total_tokens: null,
  reasoning_tokens: null,
  cached_prompt_tokens: null,
};

const COUNTS = [
  "prompt_tokens",
  "completion_tokens",
  "total_tokens",
  "reasoning_tokens",
  "cached_prompt_tokens",
] as const satisfies readonly (keyof Usage)[];

/** The last word on each count: a number other than 0 is undone by another such number alone. */
export function mergeUsage(before: Usage | null, after: Usage): Usage {
  if (before === null) return after;
  let merged = after;
  for (const name of COUNTS) {
    const count = before[name];
    if (after[name] || count === null || count === after[name]) continue;
    if (merged === after) merged = { ...after };
    merged[name] = count;
  }
  return merged;
}

/** The counts of one object, under all their names. */
export function toUsage(usage: Fields): Usage {
  const output = fieldsOf(usage["completion_tokens_details"] ?? usage["output_tokens_details"]);
  const input = fieldsOf(usage["prompt_tokens_details"] ?? usage["input_tokens_details"]);
  return {
    prompt_tokens: firstCount(usage["prompt_tokens"], inputOf(usage)),
    completion_tokens: firstCount(usage["completion_tokens"], usage["output_tokens"]),
    total_tokens: firstCount(usage["total_tokens"], null),
    reasoning_tokens: firstCount(usage["reasoning_tokens"], output["reasoning_tokens"]),
    cached_prompt_tokens: firstCount(input["cached_tokens"], cachedIn(usage)),
  };
}

/** As the messages API, DeepSeek and Moonshot write it. */
function cachedIn(usage: Fields): number | null {
  return firstCount(usage["cache_read_input_tokens"], usage["prompt_cache_hit_tokens"] ?? usage["cached_tokens"]);
}

/** The messages API counts what it had in its cache, or put there, beside its input and not in it. */
function inputOf(usage: Fields): number | null {
  const input = countOrNull(usage["input_tokens"]);
  const written = countOrNull(usage["cache_creation_input_tokens"]) ?? 0;
  return input === null ? null : input + written + (countOrNull(usage["cache_read_input_tokens"]) ?? 0);
}

/** The first that is a count; a 0 only where the other is none either. */
function firstCount(first: unknown, second: unknown): number | null {
  const count = countOrNull(first);
  return count || (countOrNull(second) ?? count);
}

const DIGITS = /^\d+$/;

/** A count, which some servers write as a text; `null` for what is none. */
export function countOrNull(value: unknown): number | null {
  const count = typeof value === "string" && DIGITS.test(value) ? Number(value) : value;
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 && count <= MOST_TOKENS ? count : null;
}
