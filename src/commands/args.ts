import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { parseText, type Kind } from "../config/kinds.ts";
import type { Flags } from "../config/load.ts";
import { meantBy } from "../config/meant.ts";
import { nearest } from "../config/nearest.ts";
import { UserError, type Accepted } from "../config/user-error.ts";
import { oneDash, problemOfName } from "./other-names.ts";
import type { Option, OptionName, Options } from "./options.ts";

/** The command line of one verb, checked. */
export type Args = {
  positionals: readonly string[];
  has(option: OptionName): boolean;
  /** Whether the verb has this option. */
  takes(option: OptionName): boolean;
  one(option: OptionName): string | undefined;
  /** The value that was given, or the default of one that has one. */
  value(option: OptionName): string;
  all(option: OptionName): readonly string[];
  /** What the options say of the settings. */
  flags: Flags;
};

/**
 * Reads the arguments of a verb; refuses what it does not take, what is given twice, and what lacks its value. Nothing is
 * used of what citty (0.2) has read: it forgets all but the last of repeated options and lets unknown ones pass.
 */
export function readArgs(verb: string, rawArgs: readonly string[], options: Options): Args {
  const known = new Map<string, Option>(Object.entries(options));
  const given = new Map<string, string[]>();
  const positionals: string[] = [];

  for (const token of tokensOf(rawArgs, options)) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const { name } = token;
    const option = known.get(name);
    const typed = oneDash(rawArgs[token.index] ?? "") ?? token.rawName;
    if (option === undefined || typed !== token.rawName)
      throw unknownOption({ verb, option: typed, given: valueBehind(rawArgs, token.index) }, options);
    const values = given.get(name) ?? [];
    if (values.length > 0 && option.repeatable !== true)
      throw new UserError({ code: "repeated_option", option: `--${name}` });
    given.set(name, [...values, valueOf(token, option)]);
  }

  if (!given.has("help") && !given.has("version")) checkPartners(given, options);

  function value(name: string): string {
    const found = given.get(name)?.[0] ?? known.get(name)?.default;
    if (found === undefined) throw new TypeError(`--${name} of ${verb} has no default`);
    return String(found);
  }

  const flags: Flags = {};
  for (const [name, [value]] of given) {
    const setting = known.get(name)?.setting;
    if (setting !== undefined && value !== undefined) flags[setting] = value;
  }
  return {
    positionals,
    has: (name) => given.has(name),
    takes: (name) => known.has(name),
    one: (name) => given.get(name)?.[0],
    value,
    all: (name) => given.get(name) ?? [],
    flags,
  };
}

/** A text that begins as a list in Markdown does, or a rule: no option has white space behind its dashes. */
const LIST = /^-+\s/;

/** The parts of a command line; an option that is not among these takes no value. */
export function tokensOf(rawArgs: readonly string[], known: Options) {
  const options: ParseArgsOptionsConfig = {};
  for (const [name, { type = "boolean", alias }] of Object.entries(known))
    options[name] = alias === undefined ? { type, multiple: true } : { type, multiple: true, short: alias };
  const args = rawArgs.map((arg) => (LIST.test(arg) ? ` ${arg}` : arg));
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
  return tokens.map((token) => {
    if (token.kind === "positional") return { ...token, value: rawArgs[token.index] ?? token.value };
    if (token.kind !== "option" || token.inlineValue !== false) return token;
    return { ...token, value: rawArgs[token.index + 1] ?? token.value };
  });
}

type GivenOption = { name: string; value: string | undefined; inlineValue: boolean | undefined };

function valueOf({ name, value, inlineValue }: GivenOption, known: Option): string {
  const { type, valueHint = "", choices = [] } = known;
  const option = `--${name}`;
  if (type !== "string") {
    if (value !== undefined) throw new UserError({ code: "unexpected_value", option, value });
    return "true";
  }
  // "-m --json" forgot the value; a value that begins with two dashes is written --system=--so.
  if (value === undefined || (inlineValue !== true && value.startsWith("--"))) {
    const example = known.default === undefined ? null : String(known.default);
    throw new UserError({ code: "missing_value", option, hint: valueHint, choices, example });
  }
  if (choices.length > 0 && !choices.includes(value)) {
    const accepted = { kind: "choice", words: choices } as const;
    throw new UserError({ code: "bad_option", option, value, accepted, meant: nearest(value, choices) });
  }
  return value;
}

/** Refuses options that mean nothing without another one that is not there. */
function checkPartners(given: ReadonlyMap<string, unknown>, options: Options): void {
  for (const [name, option] of Object.entries(options)) {
    if (option.needs === undefined || option.needsOrSetting === true || !given.has(name)) continue;
    const partners = partnersOf(option, options);
    if (partners.length > 0 && !partners.some(([partner]) => given.has(partner)))
      throw withoutPartner(name, option, options);
  }
}

/** The options of which one must stand beside an option, as far as the verb takes them. */
export function partnersOf({ needs = [] }: Option, options: Options): [name: string, option: Option][] {
  const known = new Map<string, Option>(Object.entries(options));
  return needs.flatMap((name) => {
    const partner = known.get(name);
    return partner === undefined ? [] : [[name, partner]];
  });
}

/** An option stands without the one that gives it a meaning. */
export function withoutPartner(name: string, option: Option, options: Options): UserError {
  const partners = partnersOf(option, options);
  const [first, { example = "" } = {}] = partners[0] ?? [];
  return new UserError({
    code: "needs_option",
    option: `--${name}`,
    needed: partners.map(([partner]) => `--${partner}`),
    example: `--${first} ${example}`,
  });
}

/** What stands behind an option that nobody knows, and may be its value. */
function valueBehind(rawArgs: readonly string[], index: number): string | null {
  const inline = /^-[^=\s]+=(.*)$/s.exec(rawArgs[index] ?? "")?.[1];
  const next = rawArgs[index + 1];
  return inline ?? (next === undefined || /^-./.test(next) ? null : next);
}

function unknownOption(typed: { verb: string; option: string; given: string | null }, options: Options): UserError {
  const { verb, option } = typed;
  const shown = Object.entries<Option>(options).filter(([, { group }]) => group !== undefined);
  const names = shown.map(([name]) => `--${name}`);
  return new UserError(
    problemOfName(typed, options) ?? { code: "unknown_option", option, verb, nearest: nearest(option, names) },
  );
}

/** What stands behind a verb is none of the words that it knows. */
export function unknownWord(verb: "config" | "completion", word: string, words: readonly string[]): UserError {
  return new UserError({ code: "unknown_word", verb, word, words, nearest: nearest(word, words) });
}

/** What was given is no value of this option. */
export function badOption(
  option: OptionName,
  value: string,
  accepted: Accepted,
  meant: string | null = null,
): UserError {
  return new UserError({ code: "bad_option", option: `--${option}`, value, accepted, meant });
}

/** What the value of an option stands for, or its default. */
export function readOption<T>(args: Args, option: OptionName, kind: Kind<T>): T {
  const given = args.value(option);
  const value = parseText(kind, given);
  if (value !== undefined) return value;
  throw badOption(option, given, kind.accepted, meantBy(kind, given));
}

/** The same; `undefined` where nothing was given. */
export function readGiven<T>(args: Args, option: OptionName, kind: Kind<T>): T | undefined {
  return args.has(option) ? readOption(args, option, kind) : undefined;
}

/** The one word that stands behind a verb; `hint`: what it could be. */
export function onlyWord({ positionals: [word, extra] }: Args, verb: string, hint: string): string {
  if (word === undefined)
    throw new UserError({ code: "missing_value", option: `llmaas ${verb}`, hint, choices: [], example: null });
  if (extra !== undefined) throw new UserError({ code: "unexpected_argument", argument: extra, verb });
  return word;
}
