import { tokensOf } from "./args.ts";
import { oneDash } from "./other-names.ts";
import { everyOption, everywhere } from "./options.ts";

/**
 * The command line with its verb in front: the first word that is no option. `stream` where that is a prompt, or where
 * there is none; a word that may be a verb misspelt comes first as it is.
 */
export function verbFirst(argv: readonly string[], verbs: Readonly<Record<string, unknown>>): string[] {
  const at = firstWord(argv, verbs);
  const word = argv[at];
  if (word === undefined) return isForNoVerb(argv) ? [...argv] : ["stream", ...argv];
  const others = argv.toSpliced(at, 1);
  if (word === "help") return helpFirst(others, verbs);
  if (Object.hasOwn(verbs, word)) {
    const help = helpIn(word, others);
    if (help >= 0) return helpFirst([word, ...others.toSpliced(help, 1)], verbs);
  }
  if (!Object.hasOwn(verbs, word) && isPrompt(word)) return ["stream", ...argv];
  return [word, ...others];
}

/** The verb of a verb that its first word names, and the command line without it; `null` where it names none. */
export function nestedFirst(
  rawArgs: readonly string[],
  verbs: Readonly<Record<string, unknown>>,
): { name: string | null; rest: string[] } {
  const at = firstWord(rawArgs, verbs);
  const word = rawArgs[at];
  if (word === undefined || !Object.hasOwn(verbs, word)) return { name: null, rest: [...rawArgs] };
  return { name: word, rest: rawArgs.toSpliced(at, 1) };
}

/** Where the first word stands, or -1: behind `--` there are only prompts. */
function firstWord(argv: readonly string[], verbs: Readonly<Record<string, unknown>>): number {
  // What follows an option that nobody knows may be its value, and the option is what there is to be said of.
  let unknown = false;
  const known = everyOption();
  for (const token of tokensOf(argv, known)) {
    if (token.kind === "option-terminator") return -1;
    if (token.kind === "option") {
      unknown ||= !Object.hasOwn(known, token.name) || oneDash(argv[token.index] ?? "") !== null;
      continue;
    }
    if (!unknown || token.value === "help" || Object.hasOwn(verbs, token.value)) return token.index;
  }
  return -1;
}

/**
 * Where behind a verb stands the word that asks for its help, or -1: `bench help`, `batch run help`. What `stream` is given
 * is a prompt, and so are several words of `bench`.
 */
function helpIn(verb: string, others: readonly string[]): number {
  const words = tokensOf(others, everyOption()).filter(({ kind }) => kind === "positional");
  if (verb === "stream" || others.includes("--") || (verb === "bench" && words.length > 1)) return -1;
  return [words[0], words.at(-1)].find((word) => others[word?.index ?? -1] === "help")?.index ?? -1;
}

/** `help bench` is `bench --help`. */
function helpFirst(others: readonly string[], verbs: Readonly<Record<string, unknown>>): string[] {
  const rest = others.filter((arg) => arg !== "-h" && arg !== "--help");
  const at = firstWord(rest, verbs);
  const word = rest[at];
  const front = word === undefined || word === "help" ? [] : [word];
  return [...front, ...(at < 0 ? rest : rest.toSpliced(at, 1)), "--help"];
}

/** White space, nothing at all, or standard input. */
function isPrompt(word: string): boolean {
  return /\s/.test(word) || word === "" || word === "-";
}

/** Whether options without a verb ask nothing of a model: the short help is what there is to say, or what they ask for. */
function isForNoVerb(argv: readonly string[]): boolean {
  const known = everyOption();
  const names = tokensOf(argv, known).flatMap((token) => (token.kind === "option" ? [token.name] : []));
  const asks = names.includes("help") || names.includes("version");
  return (
    !argv.includes("--") &&
    names.every((name) => Object.hasOwn(everywhere, name) || (asks && !Object.hasOwn(known, name)))
  );
}
