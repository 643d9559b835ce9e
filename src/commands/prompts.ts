import { UserError } from "../config/user-error.ts";
import type { Messages } from "../i18n/messages.ts";
import { plainPrompt, type Prompt } from "../run/prompts.ts";
import type { Context } from "./context.ts";
import { openPromptsFile } from "./prompts-file.ts";
import { readStdin, stdinIsSource } from "./stdin.ts";

/** What is to be asked. */
export type Prompts = {
  prompts: Iterable<Prompt> | AsyncIterable<Prompt>;
  /** How many there are for a number of models; `null` when nobody has counted. */
  count(models: number): number | null;
  /** Who is going to be asked: these models, unless every prompt names its own, and those that prompts name, as far as they were read. */
  models(asked: readonly string[]): readonly string[];
  /** None asks for an answer of its own length; `false` while nobody has looked. */
  bounded: boolean;
  /** The first invalid line and how many were left out. */
  skipped(): { count: number; first: string };
};

/** The prompts of the command line, of a file, or of standard input where it is asked for or nothing else is given. */
export async function readPrompts(context: Context, messages: Messages): Promise<Prompts> {
  const { args, err } = context;
  const given = [...args.positionals];
  const file = args.one("prompts");
  const hint = (): void => void err.write(`⏳ ${messages.warning.waitingForStdin}\n`);
  checkReaders(context);
  if (given.some((prompt) => prompt.trim() === "")) throw new UserError({ code: "empty_prompt" });
  if (file !== undefined) return openPromptsFile(file, { skipInvalid: args.has("skip-invalid"), hint, messages });
  if (given.length > 1 && !args.has("each")) checkWords(given);
  if (given.includes("-") || args.has("stdin"))
    return listed(withStdin(given, args.has("stdin"), await readStdin(hint)));
  if (given.length > 0) return listed(given);
  return listed([(await stdinIsSource()) ? await readStdin(hint) : messages.defaultPrompt]);
}

function withStdin(given: readonly string[], appended: boolean, text: string): string[] {
  if (given.length === 0) return [text];
  return given.map((prompt) => (prompt === "-" ? text : appended ? `${prompt}\n\n${text}` : prompt));
}

function listed(texts: readonly string[]): Prompts {
  return {
    prompts: texts.map(plainPrompt),
    count: (models) => texts.length * models,
    models: (asked) => asked,
    bounded: true,
    skipped: () => ({ count: 0, first: "" }),
  };
}

/** Standard input can be read once, and prompts come from one place. */
function checkReaders({ args }: Context): void {
  const dashes = args.positionals.filter((prompt) => prompt === "-");
  const readers = [
    ...dashes,
    ...(args.has("stdin") ? ["--stdin"] : []),
    ...(args.one("prompts") === "-" ? ["--prompts -"] : []),
  ];
  if (readers.length > 1) throw new UserError({ code: "stdin_twice", readers });
  const [prompt] = args.positionals;
  if (args.has("prompts") && prompt !== undefined)
    throw new UserError({ code: "options_conflict", options: ["--prompts", JSON.stringify(prompt)] });
  if (args.has("prompts") && args.has("stdin"))
    throw new UserError({ code: "options_conflict", options: ["--prompts", "--stdin"] });
}

/** A forgotten quote must not become five paid requests. */
function checkWords(prompts: readonly string[]): void {
  const single = prompts.find((prompt) => !/\s/.test(prompt) && prompt !== "-");
  if (single !== undefined) throw new UserError({ code: "several_prompts", count: prompts.length, word: single });
}
