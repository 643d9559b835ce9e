import type { Flags } from "../config/load.ts";
import { nearest } from "../config/nearest.ts";
import { UserError } from "../config/user-error.ts";
import { readArgv } from "./argv.ts";

/** One option of the command line. A `value` is shown in the help as it stands; without one it is a switch. */
export type Option = {
  short?: string;
  value?: string;
  /** The only values there are. */
  choices?: readonly string[];
  /** May be repeated, and every occurrence counts. */
  many?: true;
  /** The setting it stands for. */
  setting?: keyof Flags;
  hidden?: true;
};

/** Every option there is; verbs name those they take. */
export const OPTIONS = {
  model: { short: "m", value: "A,B", setting: "model" },
  each: {},
  repeat: { short: "n", value: "N" },
  prompts: { value: "FILE|-" },
  "skip-invalid": {},
  image: { value: "FILE", many: true },
  concurrency: { short: "j", value: "N", setting: "concurrency" },
  "fail-fast": {},
  system: { short: "s", value: "TEXT", setting: "system" },
  config: { short: "c", value: "PATH" },
  endpoint: { short: "e", value: "URL", setting: "endpoint" },
  header: { value: "'NAME: VALUE'", many: true },
  "allow-http": { setting: "allowHttp" },
  "max-tokens": { value: "N", setting: "maxTokens" },
  temperature: { value: "0…2", setting: "temperature" },
  "top-p": { value: "0…1", setting: "topP" },
  param: { value: "KEY=JSON", many: true },
  timeout: { value: "DURATION", setting: "timeout" },
  "timeout-open": { value: "DURATION", setting: "timeoutOpen" },
  "timeout-first-token": { value: "DURATION", setting: "timeoutFirstToken" },
  "timeout-idle": { value: "DURATION", setting: "timeoutIdle" },
  "timeout-total": { value: "DURATION", setting: "timeoutTotal" },
  retries: { value: "N", setting: "retries" },
  stdin: {},
  reasoning: { value: "show|hide", choices: ["show", "hide"], setting: "reasoning" },
  quiet: { short: "q" },
  json: {},
  records: { value: "FILE.jsonl" },
  append: {},
  force: {},
  debug: { short: "d" },
  demo: {},
  "demo-if-unconfigured": { hidden: true },
  lang: { value: "fr|en", choices: ["fr", "en"], setting: "lang" },
  color: { value: "auto|always|never", choices: ["auto", "always", "never"], setting: "color" },
  host: { value: "ADDRESS" },
  port: { value: "N" },
  models: { value: "NAME=SPEED,…" },
  rate: { value: "N" },
  ttft: { value: "DURATION" },
  jitter: { value: "0…1" },
  "tokens-per-event": { value: "N" },
  "reasoning-tokens": { value: "N" },
  usage: { value: "WHEN", choices: ["asked", "always", "null", "every", "on-finish", "never"] },
  seed: { value: "N" },
  fault: { value: "NAME[@N][:SHARE]", many: true },
  "api-key": { value: "KEY" },
  "while-stdin": { hidden: true },
  requests: { value: "N" },
  duration: { value: "DURATION" },
  drain: { value: "DURATION" },
  warmup: { value: "N|DURATION" },
  arrival: { value: "constant|poisson", choices: ["constant", "poisson"] },
  "max-in-flight": { value: "N" },
  "prompt-tokens": { value: "N" },
  slo: { value: "EXPRESSION", many: true },
  "abort-on-fail": {},
  report: { value: "FILE", many: true },
  "help-numbers": {},
  "fail-if": { value: "EXPRESSION", many: true },
  strict: {},
  help: { short: "h" },
  version: {},
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;

/** The command line of one verb, checked. */
export type Args = {
  positionals: readonly string[];
  has(option: OptionName): boolean;
  one(option: OptionName): string | undefined;
  all(option: OptionName): readonly string[];
  /** What the options say of the settings. */
  flags: Flags;
};

/** Reads the arguments of a verb; refuses what it does not take, what is given twice, and what lacks its value. */
export function readArgs(verb: string, rawArgs: readonly string[], names: readonly OptionName[]): Args {
  const spellings = names.map((name) => {
    const { short, value } = optionOf(name);
    return { name, short, takesValue: value !== undefined };
  });
  const given = new Map<OptionName, string[]>();
  const positionals: string[] = [];

  for (const word of readArgv(rawArgs, spellings)) {
    if (word.kind === "positional") {
      positionals.push(word.value);
      continue;
    }
    const name = names.find((candidate) => candidate === word.name);
    if (name === undefined) throw unknown(verb, word.rawName, names);
    const option = optionOf(name);
    const values = given.get(name) ?? [];
    if (values.length > 0 && option.many !== true)
      throw new UserError({ code: "repeated_option", option: `--${name}` });
    values.push(valueOf(name, option, word.value, word.inline));
    given.set(name, values);
  }

  const one = (name: OptionName): string | undefined => given.get(name)?.[0];
  return {
    positionals,
    has: (name) => given.has(name),
    one,
    all: (name) => given.get(name) ?? [],
    flags: flagsOf(given),
  };
}

function valueOf(name: OptionName, option: Option, value: string | undefined, inline: boolean): string {
  const shown = `--${name}`;
  if (option.value === undefined) {
    if (value !== undefined) throw new UserError({ code: "unexpected_value", option: shown, value });
    return "true";
  }
  // "-m --json" forgot the value; a value that begins with two dashes is written --system=--so.
  if (value === undefined || (!inline && value.startsWith("--"))) {
    throw new UserError({ code: "missing_value", option: shown, accepted: option.value });
  }
  if (option.choices !== undefined && !option.choices.includes(value)) {
    throw new UserError({ code: "bad_option", option: shown, value, accepted: option.choices.join(" | ") });
  }
  return value;
}

function flagsOf(given: ReadonlyMap<OptionName, string[]>): Flags {
  const flags: Flags = {};
  for (const [name, [value]] of given) {
    const { setting } = optionOf(name);
    if (setting !== undefined && value !== undefined) flags[setting] = value;
  }
  return flags;
}

function unknown(verb: string, option: string, names: readonly OptionName[]): UserError {
  const candidates = names.filter((name) => optionOf(name).hidden !== true).map((name) => `--${name}`);
  return new UserError({ code: "unknown_option", option, verb, nearest: nearest(option, candidates) });
}

export function optionOf(name: OptionName): Option {
  return OPTIONS[name];
}
