import { runCommand, type CommandDef } from "citty";
import { preferredLanguage, type Environment } from "../config/language.ts";
import { SHORTEST_SECRET } from "../config/secrets.ts";
import { KEY_VARIABLE, OPENAI_KEY_VARIABLE, rows } from "../config/settings.ts";
import { UserError } from "../config/user-error.ts";
import { load, type HelpTexts, type Lang, type Messages } from "../i18n/load.ts";
import { sayProblem, type Command } from "../i18n/say.ts";
import { createMask, type Mask } from "../stream/mask.ts";
import type { WorkerClient } from "../worker/client.ts";
import { readArgs, type Args } from "./args.ts";
import { EXIT } from "./exit.ts";
import type { Options } from "./options.ts";
import { colorChoice, isReaderGone, openOutputs, OutputError, type ErrorOutput, type Output } from "./output.ts";
import { codeOf, isStuck } from "./output-file.ts";
import { stdinIsOpen } from "./stdin.ts";
import { createCommand, type Called } from "./typed-command.ts";

/** Exit codes above this one are 128 + a signal. */
const SIGNALLED = 128;
/** Ms in which, after a signal, a slow reader may take what is written. */
export const DRAIN_MS = 1000;

/** What a verb knows of where it runs. */
type Host = {
  argv: readonly string[];
  called: Called;
  env: Environment;
  cwd: string;
  version: string;
  verbs: Partial<Verbs>;
  /** What `--version` says. */
  title: string;
  /** The thread that streams; where one was begun with the program, that one first. */
  openWorker(): WorkerClient;
};

/** Every verb that the help knows, each loaded when it is called. */
export type Verbs = Readonly<Record<Exclude<VerbName, `${string} ${string}`>, () => Promise<Verb>>>;

type VerbName = keyof HelpTexts["verbs"];

/** What a verb works with. */
export type Context = Host & {
  args: Args;
  out: Output;
  err: ErrorOutput;
  messages: Messages;
  command: Command;
  /** From now on what this masks stands in no stack either. */
  hide(mask: Mask): void;
};

/** A command of citty's, whose `run` is given what a verb works with. `llmaas` is the program without a verb. */
export type Verb = {
  meta: { name: VerbName | "llmaas" };
  args: Options;
  /** Its own verbs, by the word that follows it; it does the work of none itself. */
  verbs?: Readonly<Record<string, () => Promise<Verb>>>;
  /** What may follow it and is no option: the words there are, or paths. */
  words?: readonly string[] | "file";
  /** Does the work and returns the exit code. */
  run(context: Context): Promise<number>;
};

/** Runs the verb that the command line begins with; without one, the short help. */
export async function runProgram(rawArgs: readonly string[], host: Host): Promise<void> {
  const command = Object.hasOwn(host.verbs, rawArgs[0] ?? "")
    ? {
        subCommands: Object.fromEntries(
          Object.entries(host.verbs).map(([name, load]) => [name, () => toCommand(host, load)]),
        ),
      }
    : await toCommand(host, async () => (await import("./help.ts")).overview);
  await runCommand(command, { rawArgs: [...rawArgs] });
}

/** Its options are kept from citty (0.2), whose reading of them nobody uses: it takes 1.5 ms, a tenth of the start. */
async function toCommand(host: Host, load: () => Promise<Verb>): Promise<CommandDef> {
  const verb = await load();
  return { meta: verb.meta, run: ({ rawArgs }) => runNested(host, verb, rawArgs) };
}

/** Runs the verb of a verb that the first word names, where it has some. */
async function runNested(host: Host, verb: Verb, rawArgs: readonly string[]): Promise<void> {
  if (verb.verbs === undefined) return runVerb(host, verb, rawArgs);
  const { nestedFirst } = await import("./first-word.ts");
  const { name, rest } = nestedFirst(rawArgs, verb.verbs);
  const load = name === null ? undefined : verb.verbs[name];
  return load === undefined ? runVerb(host, verb, rawArgs) : runVerb(host, await load(), rest);
}

/** Runs a verb and sets the exit code; nothing it throws goes further. */
async function runVerb(host: Host, verb: Verb, rawArgs: readonly string[]): Promise<void> {
  const { env } = host;
  const color = colorChoice(optionIn(rawArgs, "--color"), env);
  const { out, err } = openOutputs(color, env["TERM"] === "dumb", await guardsOf(env, verb.meta.name, rawArgs));
  const lang = spokenLanguage(rawArgs, env);
  let mask = createMask(secretsOfEnvironment(env), env[rows.endpoint.env ?? ""]);
  const command = createCommand(host.called, host.cwd, rawArgs);
  const hide = (better: Mask): void => void (mask = better);
  let code: number;
  try {
    // What follows a word that is no verb is an option of none.
    const unknown = verb.meta.name === "llmaas" && rawArgs[0]?.startsWith("-") === false;
    const args = readArgs(verb.meta.name, unknown ? rawArgs.slice(0, 1) : rawArgs, verb.args);
    const messages = await load(lang, "messages");
    const context: Context = { ...host, args, out, err, messages, command, hide };
    code = await answer(context, verb);
    await finished(out, code);
  } catch (error) {
    code = await explain(error, { messages: await load(lang, "messages"), command }, err, mask);
  }
  await finished(err, code);
  // After a signal nobody waits for a reader that has stopped reading, nor ever for who goes on writing.
  if (code > SIGNALLED || stdinIsOpen() || isStuck()) process.exit(code);
  process.exitCode = code;
}

/** Whatever reads the log of some CI systems obeys lines that others may have written; an answer stays as it is. */
async function guardsOf(env: Environment, verb: Verb["meta"]["name"], rawArgs: readonly string[]) {
  if (!env["GITHUB_ACTIONS"] && !env["TF_BUILD"] && !env["TEAMCITY_VERSION"]) return { out: null, err: null };
  const { createLogGuard, EXACT } = await import("./log-guard.ts");
  const isExact = EXACT.has(verb) && !rawArgs.includes("--json");
  return { out: isExact ? null : createLogGuard(), err: createLogGuard() };
}

/** Settles when all is written; after a signal a slow reader gets DRAIN_MS and no more. */
function finished(output: Output, code: number): Promise<void> {
  return code > SIGNALLED ? Promise.race([output.drained(), Bun.sleep(DRAIN_MS)]) : output.drained();
}

/** Turns what was thrown into words on stderr and an exit code. */
async function explain(
  error: unknown,
  { messages, command }: Pick<Context, "messages" | "command">,
  err: ErrorOutput,
  mask: Mask,
): Promise<number> {
  if (error instanceof UserError) {
    const { what, todo } = sayProblem(await load(messages.lang, "problems"), error.problem, command);
    await err.complain(mask(todo === null ? what : `${what}\n${todo}`));
    return EXIT.usage;
  }
  if (error instanceof OutputError) {
    if (isReaderGone(error)) return EXIT.readerGone;
    const { code: why, path, kept } = error;
    const problem = { code: "file_unwritable", path: path ?? "", why } as const;
    const file = path === null ? null : sayProblem(await load(messages.lang, "problems"), problem, command);
    const what = file?.what ?? messages.warning.outputFailed(why);
    await err.complain(kept === null ? what : `${what}\n${messages.warning.kept(kept)}`);
    return EXIT.failed;
  }
  if (["EMFILE", "ENFILE"].includes(codeOf(error))) {
    await err.complain(messages.warning.tooManyFiles);
    return EXIT.failed;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  await err.complain(`${messages.bug}\n${mask(stack)}`);
  return EXIT.bug;
}

/** What every verb takes comes before what it does. */
async function answer(context: Context, verb: Verb): Promise<number> {
  const { args, out, messages, title, called, cwd } = context;
  if (args.has("help")) {
    const [{ renderHelp }, { helpColumns }] = await Promise.all([import("./help.ts"), import("./terminal.ts")]);
    await out.write(await renderHelp(messages.lang, verb, createCommand(called, cwd, []), helpColumns(out)));
  } else if (args.has("version")) await out.write(title);
  else return verb.run(context);
  return EXIT.ok;
}

/** Even what fails before the settings are read must not show the key. */
function secretsOfEnvironment(env: Environment): string[] {
  return [env[KEY_VARIABLE] ?? "", env[OPENAI_KEY_VARIABLE] ?? ""].filter((value) => value.length >= SHORTEST_SECRET);
}

/** The language before the arguments are checked, whose errors have one too; a verb that reads settings speaks theirs. */
function spokenLanguage(rawArgs: readonly string[], env: Environment): Lang {
  const wish = optionIn(rawArgs, "--lang");
  return wish === "fr" || wish === "en" ? wish : preferredLanguage(env, systemLocale());
}

/** macOS and Windows keep the language elsewhere than in the environment. */
export function systemLocale(): string | undefined {
  const elsewhere = process.platform === "darwin" || process.platform === "win32";
  return elsewhere ? Intl.DateTimeFormat().resolvedOptions().locale : undefined;
}

function optionIn(rawArgs: readonly string[], name: string): string | undefined {
  const index = rawArgs.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  return rawArgs[index]?.split("=")[1] ?? rawArgs[index + 1];
}
