import { UserError } from "../config/user-error.ts";
import type { Messages } from "../i18n/load.ts";
import type { Prompt } from "../run/prompts.ts";
import { createSyntheticPrompts } from "../run/synthetic.ts";
import type { Context } from "./context.ts";
import type { Load } from "./load.ts";
import { readPrompts, type Prompts } from "./prompts.ts";

/** Most prompts that are remembered to be asked again. */
const REMEMBERED = 100_000;

/** Prompts without end, for a load that is longer than the list of them. */
export type PromptSource = {
  prompts: AsyncIterable<Prompt>;
  /** How many different ones there are; `null` when each is new, or nobody has counted. */
  count: number | null;
  models: Prompts["models"];
  /** No prompt is known to ask for an answer of its own length. */
  bounded: boolean;
  /** Says what lines were left out. */
  say(): Promise<void>;
};

/** The prompts of the user, over and over, or synthetic ones. */
export async function readPromptSource(
  context: Context,
  messages: Messages,
  { promptTokens, seed }: Load,
): Promise<PromptSource> {
  const { args } = context;
  if (promptTokens !== null) {
    const other = args.has("prompts") ? "--prompts" : args.has("stdin") ? "--stdin" : args.positionals[0];
    if (other !== undefined) throw new UserError({ code: "options_conflict", options: ["--prompt-tokens", other] });
    return {
      prompts: synthetic(promptTokens, seed),
      count: null,
      models: (asked) => asked,
      bounded: true,
      say: async () => undefined,
    };
  }
  const { prompts, count, models, bounded, skipped } = await readPrompts(context, messages);
  return {
    prompts: overAndOver(prompts),
    count: count(1),
    models,
    bounded,
    async say() {
      const left = skipped();
      if (left.count > 0) await context.warn(messages.warning.skippedLines(left.count, left.first));
    },
  };
}

async function* synthetic(tokens: number, seed: number): AsyncGenerator<Prompt> {
  yield* createSyntheticPrompts(tokens, seed);
}

/** What was read once is remembered: a pipe cannot be read again. Of a longer list the first REMEMBERED come again. */
async function* overAndOver(prompts: Iterable<Prompt> | AsyncIterable<Prompt>): AsyncGenerator<Prompt> {
  const known: Prompt[] = [];
  for await (const prompt of prompts) {
    if (known.length < REMEMBERED) known.push(prompt);
    yield prompt;
  }
  for (let pass = 1; known.length > 0; pass++)
    for (const [index, prompt] of known.entries()) yield { ...prompt, again: { index, pass } };
}
