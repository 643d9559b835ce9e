import * as v from "valibot";
import { isComplete } from "../stream/event.ts";
import { createHistogram, type Histogram } from "./histogram.ts";
import type { LoadRecord } from "./load-record.ts";
import { about, count, maybe, span, texts } from "./schema.ts";

/** What was asked and how long the answers were: without it nobody can tell what the figures of a load are worth. */

/** Different prompts that are told apart; a load may bring millions. */
const MOST_PROMPTS = 10_000;

/** So many prompts of a part are named, and digits of each of their hashes. */
const NAMED = 1000;
const HASH_DIGITS = 16;

const range = v.object({
  min: about(span, "Least, in tokens."),
  p50: about(span, "Median, in tokens."),
  max: about(span, "Most, in tokens."),
  hdr: v.exactOptional(
    about(v.nullable(v.string()), "Of a shard: how they are distributed, in the form of the histograms."),
  ),
});

/** As it stands in the JSON report. */
export const lengths = v.object({
  different_prompts: count(
    `Different prompts among the measured streams; no more than ${MOST_PROMPTS} are told apart.`,
  ),
  prompt_tokens: about(v.nullable(range), "Tokens of the prompts; null where no usage gave them."),
  answer_tokens: about(v.nullable(range), "Tokens of the whole answers; null without one."),
  prompts: v.exactOptional(
    about(texts, "Of a shard that asked few: the first digits of the SHA-256 of each different prompt."),
  ),
  cached_prompt_tokens: about(maybe, "Prompt tokens that the server had in its cache; null where no usage gave them."),
  cached_out_of: v.exactOptional(
    about(maybe, "Prompt tokens of the streams for which it said so; null where no usage did."),
  ),
});

export type LengthsReport = v.InferOutput<typeof lengths>;
type Range = v.InferOutput<typeof range>;

/** Adds up the lengths of measured streams; `parted`: so that those of several parts can be added. */
export function createLengths(parted = false) {
  const different = new Set<string>();
  const prompts = createHistogram();
  const answers = createHistogram();
  const cache = { any: false, cached: 0, prompts: 0 };

  function addCached({ cached_prompt_tokens: cached, prompt_tokens: prompt }: LoadRecord): void {
    if (cached === null) return;
    cache.any = true;
    cache.cached += cached;
    // More of it than the prompt holds was counted beside it.
    cache.prompts += prompt === null || cached > prompt ? cached + (prompt ?? 0) : prompt;
  }

  return {
    add(record: LoadRecord): void {
      if (different.size < MOST_PROMPTS) different.add(record.request.messages_sha256);
      if (record.prompt_tokens !== null) prompts.record(record.prompt_tokens);
      if (isComplete(record)) answers.record(record.tokens);
      addCached(record);
    },
    report: (): LengthsReport => ({
      different_prompts: different.size,
      prompt_tokens: rangeOf(prompts, parted),
      answer_tokens: rangeOf(answers, parted),
      cached_prompt_tokens: cache.any ? cache.cached : null,
      cached_out_of: cache.any ? cache.prompts : null,
      ...(parted && different.size <= NAMED
        ? { prompts: [...different].map((hash) => hash.slice(0, HASH_DIGITS)) }
        : {}),
    }),
  };
}

/** The share of the prompt tokens that came from a cache, over all of these; `null` where nobody said. */
export function cachedShareIn(results: readonly { lengths?: LengthsReport | undefined }[]): number | null {
  const cached = results.reduce((sum, { lengths }) => sum + (lengths?.cached_prompt_tokens ?? 0), 0);
  const prompts = results.reduce((sum, { lengths }) => sum + (lengths?.cached_out_of ?? 0), 0);
  return prompts === 0 ? null : cached / prompts;
}

/** Tokens are whole, and of three digits the histogram keeps. */
export function rangeOf(values: Histogram, parted = false): Range | null {
  const [min, p50, max] = [values.min(), values.percentile(50), values.max()];
  return min === null || p50 === null || max === null
    ? null
    : { min, p50: Math.round(p50), max, ...(parted ? { hdr: values.encode() } : {}) };
}
