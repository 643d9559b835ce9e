import * as v from "valibot";
import { isComplete } from "../stream/event.ts";
import { createHistogram, type Histogram } from "./histogram.ts";
import type { LoadRecord } from "./load-record.ts";
import { about, count, maybe, span } from "./schema.ts";

/** What was asked and how long the answers were: without it nobody can tell what the figures of a load are worth. */

/** Different prompts that are told apart; a load may bring millions. */
const MOST_PROMPTS = 10_000;

const range = v.object({
  min: about(span, "Least, in tokens."),
  p50: about(span, "Median, in tokens."),
  max: about(span, "Most, in tokens."),
});

/** As it stands in the JSON report. */
export const lengths = v.object({
  different_prompts: count(
    `Different prompts among the measured streams; no more than ${MOST_PROMPTS} are told apart.`,
  ),
  prompt_tokens: about(v.nullable(range), "Tokens of the prompts; null where no usage said."),
  answer_tokens: about(v.nullable(range), "Tokens of the whole answers; null without one."),
  cached_prompt_tokens: about(maybe, "Prompt tokens that the server had in its cache; null where no usage said."),
});

type LengthsReport = v.InferOutput<typeof lengths>;
type Range = v.InferOutput<typeof range>;

/** Adds up the lengths of measured streams. */
export function createLengths() {
  const different = new Set<string>();
  const prompts = createHistogram();
  const answers = createHistogram();
  let cached: number | null = null;
  return {
    add(record: LoadRecord): void {
      if (different.size < MOST_PROMPTS) different.add(record.request.messages_sha256);
      if (record.prompt_tokens !== null) prompts.record(record.prompt_tokens);
      if (isComplete(record)) answers.record(record.tokens);
      if (record.cached_prompt_tokens !== null) cached = (cached ?? 0) + record.cached_prompt_tokens;
    },
    report: (): LengthsReport => ({
      different_prompts: different.size,
      prompt_tokens: rangeOf(prompts),
      answer_tokens: rangeOf(answers),
      cached_prompt_tokens: cached,
    }),
  };
}

/** Tokens are whole, and of three digits the histogram keeps. */
function rangeOf(values: Histogram): Range | null {
  const [min, p50, max] = [values.min(), values.percentile(50), values.max()];
  return min === null || p50 === null || max === null ? null : { min, p50: Math.round(p50), max };
}
