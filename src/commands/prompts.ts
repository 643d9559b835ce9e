import { UserError } from "../config/user-error.ts";
import type { Messages } from "../i18n/messages.ts";
import type { Door } from "./door.ts";
import { readStdin, stdinIsSource } from "./stdin.ts";

/** The prompts of the command line; standard input where it is asked for, or where there is nothing else. */
export async function readPrompts({ args, err }: Door, messages: Messages): Promise<string[]> {
  const given = [...args.positionals];
  const dashes = given.filter((prompt) => prompt === "-").length;
  const readers = [...Array<string>(dashes).fill("-"), ...(args.has("stdin") ? ["--stdin"] : [])];
  if (readers.length > 1) throw new UserError({ code: "stdin_twice", readers });
  if (given.length > 1) throw new UserError({ code: "several_prompts", count: given.length, second: given[1] ?? "" });

  const read = (): Promise<string> => readStdin(() => void err.write(`⏳ ${messages.warning.waitingForStdin}\n`));
  if (dashes === 1) return [await read()];
  if (args.has("stdin")) {
    const appended = await read();
    return given.length === 0 ? [appended] : given.map((prompt) => `${prompt}\n\n${appended}`);
  }
  if (given.length > 0) return given;
  return [stdinIsSource() ? await read() : messages.defaultPrompt];
}
