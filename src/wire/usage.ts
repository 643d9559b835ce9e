import { isFields, NO_FIELDS, type Fields } from "./fields.ts";

/** Token counts as the server states them; `null` where it does not. */
export type Usage = {
  prompt_tokens: number | null;
  completion_tokens: number | null;
  total_tokens: number | null;
  reasoning_tokens: number | null;
};

/** No server counts more in one answer: beyond it is no count, and sums of it would be no numbers. */
const MOST_TOKENS = 1e9;

/** Token counts out of a usage object. */
export function toUsage(usage: Fields): Usage {
  const details = isFields(usage["completion_tokens_details"]) ? usage["completion_tokens_details"] : NO_FIELDS;
  return {
    prompt_tokens: countOrNull(usage["prompt_tokens"]),
    completion_tokens: countOrNull(usage["completion_tokens"]),
    total_tokens: countOrNull(usage["total_tokens"]),
    reasoning_tokens: countOrNull(usage["reasoning_tokens"]) ?? countOrNull(details["reasoning_tokens"]),
  };
}

function countOrNull(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= MOST_TOKENS ? value : null;
}
