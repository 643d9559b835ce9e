import { shellWord, type Command } from "../i18n/say.ts";
import { redactUrl } from "../wire/endpoint.ts";
import { tokensOf } from "./args.ts";
import { everyOption, type OptionName } from "./options.ts";
import { isCompiled } from "./own-process.ts";

/** How the program was called. */
export type Called = {
  /** What the user typed for the program. */
  argv0: string;
  /** Options of the runtime that stood before it. */
  execArgv: readonly string[];
  /** The file that runs; inside of a compiled program. */
  main: string;
  /** The scripts that the project has, by name. */
  scripts: Readonly<Record<string, string>>;
};

/** Where the program's own file stands in the project. */
const SOURCE = "/src/main.ts";
const ASKING = ["endpoint", "config", "allow-http", "demo"] as const;
/** The same for the batches of a provider. */
const REACHING = [...ASKING, "api", "header", "header-secret", "timeout", "timeout-open", "timeout-idle"] as const;

/** What of the user's own command line a verb needs in order to ask the same server in the same way. */
const KEPT: Readonly<Record<string, readonly OptionName[]>> = {
  stream: [...ASKING, "model"],
  bench: [...ASKING, "model"],
  models: ASKING,
  // All that a request is made of, or it is taken for another; and the bounds that were given.
  "batch run": [
    "out",
    "csv",
    "prompt",
    "order",
    "schema",
    "schema-retries",
    "shard",
    "queue",
    "queue-timeout",
    "lease",
    "skip-invalid",
    "concurrency",
    "retries",
    "tier",
    "requests-per-minute",
    "tokens-per-minute",
    "tokens-per-hour",
    "max-cost",
    "max-tokens-total",
    "model",
    "system",
    "max-tokens",
    "temperature",
    "top-p",
    "param",
    ...ASKING,
    "api",
    "header",
    "header-secret",
    "trust-done",
    "timeout",
    "timeout-open",
    "timeout-first-token",
    "timeout-idle",
    "timeout-total",
    "quiet",
    "json",
  ],
  "batch submit": [
    ...REACHING,
    "part-requests",
    "skip-invalid",
    "wait",
    "model",
    "system",
    "max-tokens",
    "temperature",
    "top-p",
    "param",
  ],
  "batch status": REACHING,
  "batch list": REACHING,
  "batch fetch": [...REACHING, "out"],
  "batch worker": [...ASKING, "api", "header", "header-secret"],
  "config show": ["config"],
  "config check": ["config"],
};

/** How a hint names a command so that it can be typed as it stands: as this program was called, with what it keeps. */
export function createCommand(called: Called, cwd: string, rawArgs: readonly string[]): Command {
  return (line) => {
    const [verb = "", word = ""] = line.split(" ");
    const kept = line.endsWith("--help") ? [] : (KEPT[verb] ?? KEPT[`${verb} ${word}`] ?? []);
    return [programFor(verb, called, cwd), line, ...optionsIn(rawArgs, kept)].join(" ");
  };
}

/** In its own folder the project has a script for most verbs; elsewhere the file itself can be called. */
function programFor(verb: string, { argv0, execArgv, main, scripts }: Called, cwd: string): string {
  if (isCompiled(main)) return shellWord(argv0);
  if (`${cwd}${SOURCE}` === main.replaceAll("\\", "/"))
    return Object.hasOwn(scripts, verb) ? "bun run" : "bun run llmaas";
  return ["bun", ...execArgv, shellWord(main)].join(" ");
}

function optionsIn(rawArgs: readonly string[], names: readonly OptionName[]): string[] {
  const options = everyOption();
  return tokensOf(rawArgs, options).flatMap((token) => {
    const name = token.kind === "option" ? names.find((known) => known === token.name) : undefined;
    if (token.kind !== "option" || name === undefined) return [];
    const alias = options[name]?.alias;
    const value = token.value === undefined ? [] : [shellWord(redactUrl(token.value))];
    return [alias === undefined ? `--${name}` : `-${alias}`, ...value];
  });
}
