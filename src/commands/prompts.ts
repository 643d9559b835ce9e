import type { LineReason, Unsayable } from "../config/batch-problem.ts";
import { UserError, type Problem } from "../config/user-error.ts";
import { load, type Messages } from "../i18n/load.ts";
import { sayProblem } from "../i18n/say.ts";
import { isLimited } from "../run/jobs.ts";
import { isPromptInJson, parsePromptLine, plainPrompt, type Prompt, type PromptFormat } from "../run/prompts.ts";
import type { Context } from "./context.ts";
import type { Line } from "./lines.ts";
import { asUtf8, readStdin, stdinChunks, stdinIsSource } from "./stdin.ts";
import { codeOf, readableKind } from "./output-file.ts";
import type { UnsaidOf } from "./request-options.ts";

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
  skipped(): Skipped;
};

type Skipped = { count: number; first: Problem | null };

/** The prompts of the command line, of a file, or of standard input where it is asked for or nothing else is given. */
export async function readPrompts(context: Context, messages: Messages, unsaidOf: UnsaidOf): Promise<Prompts> {
  const { args, err } = context;
  const given = [...args.positionals];
  const file = args.one("prompts");
  const hint = (): void => void err.write(`⏳ ${messages.warning.waitingForStdin}\n`);
  checkReaders(context);
  if (given.some((prompt) => prompt.trim() === "")) throw new UserError({ code: "empty_prompt" });
  if (file !== undefined)
    return openPromptsFile(file, {
      skipInvalid: args.has("skip-invalid"),
      hint,
      warn: err.warn,
      messages,
      unsaidOf,
    });
  if (given.length > 1 && !args.has("each")) checkWords(given);
  if (given.includes("-") || args.has("stdin"))
    return listed(withStdin(given, args.has("stdin"), await readStdin(hint)));
  if (given.length > 0) return listed(given);
  return listed([(await stdinIsSource()) ? await readStdin(hint) : messages.defaultPrompt]);
}

/** Whether all that is asked stands on the command line, or nothing is asked but what we ask ourselves. */
export async function promptIsGiven(args: Context["args"]): Promise<boolean> {
  const { has, positionals } = args;
  if (has("prompts") || has("stdin") || has("image") || positionals.includes("-")) return false;
  return positionals.length > 0 || has("prompt-tokens") || !(await stdinIsSource());
}

/** Says how many lines `--skip-invalid` left out, and names the first. */
export async function saySkipped(
  { err, command }: Context,
  { lang, warning }: Messages,
  prompts: Prompts,
): Promise<void> {
  const { count, first } = prompts.skipped();
  if (first === null) return;
  await err.warn(warning.skippedLines(count, sayProblem(await load(lang, "problems"), first, command).what));
}

function withStdin(given: readonly string[], appended: boolean, text: string): string[] {
  const all = given.map((prompt) => (prompt === "-" ? text : appended ? `${prompt}\n\n${text}` : prompt));
  return all.length === 0 ? [text] : all;
}

/** Prompts that are all there. */
export function listed(texts: readonly string[]): Prompts {
  return {
    prompts: texts.map(plainPrompt),
    count: (models) => texts.length * models,
    models: (asked) => asked,
    bounded: true,
    skipped: () => ({ count: 0, first: null }),
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
  if (args.has("each") && prompt === undefined) throw new UserError({ code: "each_alone" });
  if (args.has("prompts") && prompt !== undefined)
    throw new UserError({ code: "own_prompts", maker: "--prompts", other: prompt });
  if (args.has("prompts") && args.has("stdin"))
    throw new UserError({ code: "options_conflict", options: ["--prompts", "--stdin"], why: "prompts_stdin" });
}

/** A forgotten quote must not become five paid requests. */
function checkWords(prompts: readonly string[]): void {
  const single = prompts.find((prompt) => !/\s/.test(prompt) && prompt !== "-");
  if (single !== undefined) throw new UserError({ code: "several_prompts", count: prompts.length, word: single });
}

/** Most bytes of a file that are checked before the first request is sent: half a second, however long the file. */
const CHECKED_BYTES = 8 * 1024 * 1024;
const LINE_FEED = 10;

type Options = {
  skipInvalid: boolean;
  hint: () => void;
  warn: (text: string) => Promise<void>;
  messages: Messages;
  unsaidOf: UnsaidOf;
};
/** What is wrong with a line, wherever it stands. */
type Wrong = { code: "prompt_line"; why: LineReason; key: string } | ({ code: "prompt_unsaid" } & Unsayable);

/**
 * Prompts one a line, read as they are needed. A file is checked before anything is sent, up to CHECKED_BYTES; beyond
 * them, and where nothing can be read twice, a line is checked before it is sent.
 */
async function openPromptsFile(path: string, options: Options): Promise<Prompts> {
  const name = path === "-" ? "stdin" : path;
  const skipped: Skipped = { count: 0, first: null };
  const skip: LineWatch["skip"] = ({ number: line }, why) => {
    const problem: Problem = { source: name, line, ...why };
    if (!options.skipInvalid) throw new UserError(problem);
    skipped.count++;
    skipped.first ??= problem;
  };
  const isPipe = path === "-" || readableKind(path, "prompts") === "pipe";
  let warning: Promise<void> | null = null;
  const better = isPipe ? null : path.replace(/(?<=[^/\\])\.[^./\\]*$|$/, ".jsonl");
  const suspect: LineWatch["suspect"] = ({ number }) =>
    void (warning ??= options.warn(options.messages.warning.looksLikeJson(name, number, better)));
  const watch = { skip, suspect, unsaidOf: options.unsaidOf };
  if (isPipe) {
    const chunks = path === "-" ? stdinChunks(options.hint) : Bun.file(path).stream();
    return {
      prompts: atLeastOne(promptsOf(chunks, null, watch), name),
      count: () => null,
      models: (asked) => asked,
      bounded: false,
      skipped: () => skipped,
    };
  }
  const format = formatOfName(path);
  const start = beginning(fileChunks(path), CHECKED_BYTES);
  const checked = await check(promptsOf(start.chunks, format, watch));
  const whole = start.whole();
  await warning;
  // The check has counted them: reading again counts again.
  Object.assign(skipped, { count: 0, first: null });
  if (checked.prompts === 0 && whole) throw new UserError({ code: "no_prompts", path });
  const count = (models: number): number | null =>
    whole ? checked.own + (checked.prompts - checked.own) * models : null;
  const models = (asked: readonly string[]): readonly string[] => [
    ...new Set([...(whole && checked.own === checked.prompts ? [] : asked), ...checked.named]),
  ];
  return {
    prompts: atLeastOne(noFewer(promptsOf(fileChunks(path), format, watch), path, checked.prompts), path),
    count,
    models,
    bounded: whole && checked.bounded,
    skipped: () => skipped,
  };
}

/** What a file holds; it may have been taken away since it was last looked at. */
async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* Bun.file(path).stream();
  } catch (error) {
    throw new UserError({ code: "file_unreadable", path, why: codeOf(error), kind: "prompts" });
  }
}

/** The same prompts; a file that gives fewer than were counted was changed, and what was asked is not what was meant. */
async function* noFewer(prompts: AsyncIterable<Prompt>, path: string, counted: number): AsyncGenerator<Prompt> {
  let found = 0;
  for await (const prompt of prompts) {
    found++;
    yield prompt;
  }
  if (found < counted) throw new UserError({ code: "prompts_changed", path, counted, found });
}

/** The same prompts; none at all is the user's mistake, as it is in a file. */
async function* atLeastOne(prompts: AsyncIterable<Prompt>, path: string): AsyncGenerator<Prompt> {
  let none = true;
  for await (const prompt of prompts) {
    none = false;
    yield prompt;
  }
  if (none) throw new UserError({ code: "no_prompts", path });
}

/** `own`: how many name a model of their own; `named`: which. `bounded`: none says how long its answer may be. */
type Checked = { prompts: number; own: number; named: ReadonlySet<string>; bounded: boolean };

/** Reads prompts to their end. */
async function check(prompts: AsyncIterable<Prompt>): Promise<Checked> {
  let count = 0;
  let own = 0;
  const named = new Set<string>();
  let bounded = true;
  for await (const prompt of prompts) {
    count++;
    if (prompt.model !== null) {
      own++;
      named.add(prompt.model);
    }
    bounded &&= !isLimited(prompt.params);
  }
  return { prompts: count, own, named, bounded };
}

/** The first `limit` bytes, without the line that they cut in two, and whether that is all. */
function beginning(all: AsyncIterable<Uint8Array>, limit: number) {
  let whole = true;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let left = limit;
    for await (const chunk of asUtf8(all)) {
      if (chunk.byteLength > left) {
        whole = false;
        yield chunk.subarray(0, chunk.subarray(0, left).lastIndexOf(LINE_FEED) + 1);
        return;
      }
      left -= chunk.byteLength;
      yield chunk;
    }
  }
  return { chunks: chunks(), whole: () => whole };
}

/** Who is told of a line that is no prompt, and of a text that looks like the JSON of one. */
type LineWatch = { skip(line: Line, why: Wrong): void; suspect(line: Line): void; unsaidOf: UnsaidOf };

async function* promptsOf(
  chunks: AsyncIterable<Uint8Array>,
  named: PromptFormat | null,
  { skip, suspect, unsaidOf }: LineWatch,
): AsyncGenerator<Prompt> {
  const { linesOf, LONGEST_LINE } = await import("./lines.ts");
  let format = named;
  for await (const line of linesOf(asUtf8(chunks))) {
    if (line.text.trim() === "" && line.broken === null) continue;
    format ??= line.text.trimStart().startsWith("{") ? "jsonl" : "text";
    const parsed =
      line.broken !== null
        ? { why: line.broken, key: line.broken === "too_long" ? String(LONGEST_LINE) : "" }
        : parsePromptLine(line.text, format);
    if (format === "text" && isPromptInJson(line.text)) suspect(line);
    const unsaid = "prompt" in parsed ? unsaidOf(parsed.prompt) : null;
    if (!("prompt" in parsed)) skip(line, { code: "prompt_line", ...parsed });
    else if (unsaid !== null) skip(line, { code: "prompt_unsaid", ...unsaid });
    else yield parsed.prompt;
  }
}

function formatOfName(path: string): PromptFormat | null {
  return /\.(jsonl|ndjson)$/i.test(path) ? "jsonl" : /\.(txt|text|md)$/i.test(path) ? "text" : null;
}
