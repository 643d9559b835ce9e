import type { Lang } from "./messages.ts";

/** What `--help` says of one verb. */
export type VerbHelp<Option extends string = string> = {
  /** Its line in the short help. */
  summary: string;
  /** Commands that run as they stand. */
  examples: readonly [string, string, string];
  usage: string;
  about: string;
  /** Where an option means something else than with the other verbs. */
  options?: Partial<Record<Option, string>>;
};

/** Codes and what they mean. */
type ExitCodes = readonly (readonly [code: string, meaning: string])[];

/** All that `--help` says, in one language; `commands/help.ts` names the options, verbs and groups it needs. */
export type HelpTexts<Option extends string = string, Verb extends string = string, Group extends string = string> = {
  /** What stands around the texts below. */
  heads: { examples: string; usage: string; verbs: string; exit: string; faults: string };
  groups: Record<Group, string>;
  verbs: Record<Verb, VerbHelp<Option>>;
  options: Record<Option, string>;
  byDefault(value: string): string;
  /** A default that holds as long as `--duration` is not given. */
  withoutDuration(value: string): string;
  /** A limit that is not set. */
  off: string;
  /** The language that holds when none is chosen. */
  systemLanguage: string;
  /** A word in capitals that stands for a value, such as NAME. */
  hint(hint: string): string;
  /** Exit codes of `stream`. */
  exit: ExitCodes;
  /** Of the verbs that measure. */
  ownExit: Readonly<Record<"bench" | "compare" | "selftest", ExitCodes>>;
  /** How to ask for a fault in one request. */
  faults: string;
  more: string;
  overview: { sentence: string; examples: readonly [string, string, string]; more: string };
};

/** The help texts of one language; only that language's module is loaded. */
export async function loadHelp(lang: Lang) {
  return lang === "fr" ? (await import("./fr/help.ts")).frHelp : (await import("./en/help.ts")).enHelp;
}
