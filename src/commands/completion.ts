import { UserError } from "../config/user-error.ts";
import { load, type HelpTexts } from "../i18n/load.ts";
import { shellQuoted } from "../i18n/say.ts";
import type { Verb } from "./context.ts";
import { EXIT } from "./exit.ts";
import { unknownWord } from "./args.ts";
import { describedOptions } from "./help.ts";
import { everywhere } from "./options.ts";

type Shell = "bash" | "zsh" | "fish";
const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

/** `llmaas completion SHELL`: prints the script that completes verbs, options and their values. */
export const completion: Verb = {
  meta: { name: "completion" },
  args: { ...everywhere },
  words: SHELLS,
  async run({ args, verbs, out, messages }) {
    const [wanted, extra] = args.positionals;
    const shell = SHELLS.find((name) => name === wanted);
    if (wanted === undefined) throw new UserError({ code: "missing_word", verb: "completion", words: SHELLS });
    if (shell === undefined) throw unknownWord("completion", wanted, SHELLS);
    if (extra !== undefined) throw new UserError({ code: "unexpected_argument", argument: extra, verb: "completion" });
    const texts = await load(messages.lang, "help");
    const known = await Promise.all(Object.values(verbs).map(async (load) => withNested(await load())));
    await out.write(
      completionScript(
        shell,
        known.flatMap((verb) => complete(verb, texts)),
      ),
    );
    return EXIT.ok;
  },
};

/** A verb with the names of its own verbs, and the options of all of them. */
async function withNested(verb: Verb): Promise<Verb> {
  const { verbs = {} } = verb;
  const nested = await Promise.all(Object.values(verbs).map((load) => load()));
  const args = Object.assign({}, verb.args, ...nested.map((one) => one.args));
  return nested.length === 0 ? verb : { ...verb, args, words: Object.keys(verbs) };
}

function complete({ meta: { name }, args, words = [] }: Verb, texts: HelpTexts): CompletedVerb[] {
  if (name === "llmaas") return [];
  const options = describedOptions(texts, name, args).map(
    ({ name: option, option: { alias, valueHint, choices }, description }) =>
      ({
        name: option,
        short: alias,
        description,
        value: valueHint === undefined ? "none" : /FILE|PATH/.test(valueHint) ? "file" : (choices ?? []),
      }) satisfies CompletedOption,
  );
  return [{ name, summary: texts.verbs[name].summary, words, options }];
}

type CompletedOption = {
  name: string;
  short: string | undefined;
  description: string;
  /** "none": a switch. "file": a path. Else the values there are, which may be none that is known. */
  value: "none" | "file" | readonly string[];
};

type CompletedVerb = {
  name: string;
  summary: string;
  /** What follows it and is no option: the words there are, or paths. */
  words: readonly string[] | "file";
  options: readonly CompletedOption[];
};

/** The script of one shell: all it says is in it, nothing is asked of the network or of the program. */
function completionScript(shell: Shell, verbs: readonly CompletedVerb[]): string {
  switch (shell) {
    case "bash":
      return bash(verbs);
    case "zsh":
      return zsh(verbs);
    case "fish":
      return fish(verbs);
  }
}

function bash(verbs: readonly CompletedVerb[]): string {
  const cases = verbs.map(({ name, words, options }) => {
    const flags = options.flatMap(spellings);
    const values = bashValues(options);
    return [
      `    ${name})`,
      ...(values.length > 0 ? ['      case "$prev" in', ...values, "      esac"] : []),
      `      if [[ $cur == -* ]]; then ${offer(flags)}; else ${words === "file" ? FILES : offer(words)}; fi ;;`,
    ].join("\n");
  });
  // No mapfile and no compopt: macOS has bash 3.2.
  return `# llmaas completion for bash: source <(llmaas completion bash)
_llmaas() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} IFS=$' \\t\\n'
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then ${offer([...verbs.map((verb) => verb.name), "--help", "--version"])}; return; fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
}
complete -F _llmaas llmaas
`;
}

function bashValues(options: readonly CompletedOption[]): string[] {
  const named = (wanted: (option: CompletedOption) => boolean): string =>
    options.filter(wanted).flatMap(spellings).join("|");
  const files = named(({ value }) => value === "file");
  const free = named(({ value }) => typeof value !== "string" && value.length === 0);
  const chosen = options.flatMap((option) =>
    typeof option.value === "string" || option.value.length === 0
      ? []
      : [`${spellings(option).join("|")}) ${offer(option.value)}; return ;;`],
  );
  return [
    ...chosen,
    ...(files === "" ? [] : [`${files}) ${FILES}; return ;;`]),
    ...(free === "" ? [] : [`${free}) return ;;`]),
  ].map((line) => `        ${line}`);
}

const FILES = `IFS=$'\\n'; COMPREPLY=( $(compgen -f -- "$cur") )`;

function offer(words: readonly string[]): string {
  return `COMPREPLY=( $(compgen -W ${shellQuoted(words.join(" "))} -- "$cur") )`;
}

function zsh(verbs: readonly CompletedVerb[]): string {
  const summaries = verbs.map(({ name, summary }) => `    ${shellQuoted(`${name}:${summary}`)}`);
  const cases = verbs.map(({ name, words, options }) => {
    const specs = options.flatMap((option) =>
      spellings(option).map((flag) => shellQuoted(`*${flag}[${plain(option.description)}]${zshValue(option)}`)),
    );
    return `    ${name}) _arguments ${[...specs, shellQuoted(zshRest(words))].join(" \\\n      ")} ;;`;
  });
  return `#compdef llmaas
# llmaas completion for zsh: llmaas completion zsh > "\${fpath[1]}/_llmaas"
_llmaas() {
  local -a verbs=(
${summaries.join("\n")}
  )
  if (( CURRENT == 2 )); then _describe command verbs; return; fi
  local verb=$words[2]
  shift words; (( CURRENT-- ))
  case $verb in
${cases.join("\n")}
  esac
}
if [[ $funcstack[1] == _llmaas ]]; then _llmaas "$@"; else compdef _llmaas llmaas; fi
`;
}

function zshRest(words: CompletedVerb["words"]): string {
  if (words === "file") return "*:file:_files";
  return words.length > 0 ? `*:word:(${words.join(" ")})` : "*:word:";
}

function zshValue({ value }: CompletedOption): string {
  if (value === "none") return "";
  return value === "file" ? ":file:_files" : `:value:(${value.join(" ")})`;
}

function fish(verbs: readonly CompletedVerb[]): string {
  const lines = verbs.flatMap(({ name, summary, words, options }) => [
    `complete -c llmaas -n __fish_use_subcommand -f -a ${name} -d ${fishQuote(summary)}`,
    ...(words === "file" ? [] : words).map(
      (word) => `complete -c llmaas -n "__fish_seen_subcommand_from ${name}" -f -a ${word}`,
    ),
    ...options.map((option) => `complete -c llmaas -n "__fish_seen_subcommand_from ${name}" ${fishOption(option)}`),
  ]);
  return `# llmaas completion for fish: llmaas completion fish | source\n${lines.join("\n")}\n`;
}

function fishOption({ name, short, description, value }: CompletedOption): string {
  const head = `-l ${name}${short === undefined ? "" : ` -s ${short}`} -d ${fishQuote(description)}`;
  if (value === "none") return `-f ${head}`;
  return value === "file"
    ? `-r -F ${head}`
    : `-x ${head}${value.length > 0 ? ` -a ${fishQuote(value.join(" "))}` : ""}`;
}

function spellings({ name, short }: CompletedOption): string[] {
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}

function fishQuote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** Without what `_arguments` reads as its own signs. */
function plain(text: string): string {
  return text.replaceAll("[", "(").replaceAll("]", ")").replaceAll(":", "\\:");
}
