import { UserError } from "../config/user-error.ts";
import { optionOf } from "./args.ts";
import { completionScript, type CompletedOption, type CompletedVerb, type Shell } from "./completion-scripts.ts";
import type { Verb } from "./context.ts";
import { EXIT } from "./exit.ts";
import { describedVerbs, type DescribedVerb } from "./help.ts";

const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

/** What follows a verb and is no option. */
const WORDS: Readonly<Record<string, CompletedVerb["words"]>> = {
  compare: "file",
  config: ["init", "show", "check", "schema"],
  completion: SHELLS,
};

/** `llmaas completion SHELL`: prints the script that completes verbs, options and their values. */
export function completion(loadVerbs: () => Promise<readonly Verb[]>): Verb {
  const verb: Verb = {
    name: "completion",
    options: ["lang", "color", "help"],
    async run({ args, out, messages }) {
      const [wanted, extra] = args.positionals;
      const shell = SHELLS.find((name) => name === wanted);
      const accepted = SHELLS.join(" | ");
      if (wanted === undefined) throw new UserError({ code: "missing_value", option: "llmaas completion", accepted });
      if (shell === undefined)
        throw new UserError({ code: "bad_option", option: "llmaas completion", value: wanted, accepted });
      if (extra !== undefined)
        throw new UserError({ code: "unexpected_argument", argument: extra, verb: "completion" });
      const verbs = await describedVerbs(messages.lang, [...(await loadVerbs()), verb]);
      await out.write(completionScript(shell, verbs.map(complete)));
      return EXIT.ok;
    },
  };
  return verb;
}

function complete({ name, summary, options }: DescribedVerb): CompletedVerb {
  return {
    name,
    summary,
    words: WORDS[name] ?? [],
    options: options.map(({ name: option, description }) => {
      const { short, value, choices } = optionOf(option);
      return {
        name: option,
        short,
        description,
        value: value === undefined ? "none" : /FILE|PATH/.test(value) ? "file" : (choices ?? []),
      } satisfies CompletedOption;
    }),
  };
}
