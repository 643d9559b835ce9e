import { plainPrompt, type Prompt } from "./prompts.ts";
import { createRandom } from "./random.ts";

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
