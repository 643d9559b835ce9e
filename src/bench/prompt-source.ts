import type { Job } from "../run/event.ts";
import type { Prompt } from "../run/prompts.ts";

/** Most prompts that are remembered to be asked again. */
const REMEMBERED = 100_000;

/**
 * Prompts without end, for a load that is longer than the list of them. What was read once is remembered: a pipe cannot
 * be read again. Of a longer list the first REMEMBERED come again.
 */
export async function* overAndOver(prompts: Iterable<Prompt> | AsyncIterable<Prompt>): AsyncGenerator<Prompt> {
  const known: Prompt[] = [];
  for await (const prompt of prompts) {
    if (known.length < REMEMBERED) known.push(prompt);
    yield prompt;
  }
  for (let pass = 1; known.length > 0; pass++)
    for (const [index, prompt] of known.entries()) yield { ...prompt, again: { index, pass } };
}

/** The jobs of one step: its end must not end the source, which the next step goes on with. */
export function endless(source: AsyncGenerator<Job>): AsyncIterable<Job> {
  return { [Symbol.asyncIterator]: () => ({ next: () => source.next() }) };
}
