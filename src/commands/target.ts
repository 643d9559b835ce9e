import { checkFoundEndpoint, checkKeyPolicy, isPlaceholder, isExempt, proxyOf } from "../config/key-policy.ts";
import { loadSettings, type Loaded } from "../config/load.ts";
import { secretsOf, SHORTEST_SECRET } from "../config/secrets.ts";
import { type Settings, KEY_FILE_VARIABLE } from "../config/settings.ts";
import { UserError } from "../config/user-error.ts";
import { load, type Messages } from "../i18n/load.ts";
import { oneLine, sayFailure, sayOrigin, type About, type Command } from "../i18n/say.ts";
import { createCostOf } from "../metrics/tokens.ts";
import type { Say } from "../metrics/record.ts";
import type { RecorderOptions } from "../metrics/recorder.ts";
import type { JobOptions } from "../run/jobs.ts";
import { createMask, type Mask } from "../stream/mask.ts";
import { isLlmaas, redactUrl } from "../wire/endpoint.ts";
import { systemLocale, type Context } from "./context.ts";
import { promptIsGiven } from "./prompts.ts";
import { readHeaders } from "./request-options.ts";
import { absolute } from "../config/files.ts";

/** Whom to ask, and with what; nothing has been sent yet. */
export type Target = {
  loaded: Loaded;
  settings: Settings;
  headers: Record<string, string>;
  key: string | null;
  /** A proxy that the runtime does not find by itself. */
  proxy: string | undefined;
  secrets: readonly string[];
  mask: Mask;
  /** The endpoint as it may be shown. */
  endpoint: string;
  /** "asked": `--demo`. "unconfigured": there is nobody else to ask. */
  demo: "asked" | "unconfigured" | null;
  messages: Messages;
  about: About;
  /** Ends the built-in server, if it was started. */
  close(): Promise<void>;
};

/** What a verb wants of the endpoint. */
type Need = "answer" | "list" | "load";

/** The settings of a verb, from all that says them. */
export function readSettings({ args, env, cwd }: Context): Promise<Loaded> {
  return loadSettings({ env, cwd, flags: args.flags, config: args.one("config"), locale: systemLocale() });
}

/** Settings, key and endpoint of a verb that goes to the network; the built-in server where nothing is configured. */
export async function openTarget(context: Context, loaded: Loaded, need: Need = "answer"): Promise<Target> {
  const { args, env, out, err } = context;
  out.open();
  err.open();
  const given = await readHeaders(args);
  const messages =
    loaded.settings.lang === context.messages.lang ? context.messages : await load(loaded.settings.lang, "messages");
  const demo = demoReason(context, loaded, need);
  const secrets = secretsOf(loaded, env, given.secret);
  const mask = createMask(secrets, loaded.settings.endpoint);
  context.hide(mask);
  if (demo === "asked" && args.has("endpoint")) await context.err.warn(messages.warning.demoInstead);
  if (demo !== null) return { ...(await openDemo(context, loaded, messages, demo, need)), secrets, mask };

  checkKeyPolicy(loaded, given.all);
  if (env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0") await context.err.warn(messages.warning.insecureTls);
  const { settings, key } = loaded;
  const found = checkFoundEndpoint(loaded, need !== "list" && (await isUnseen(context)));
  if (found !== null)
    await context.err.warn(messages.warning.foundEndpoint(found.endpoint, found.file, context.command));
  await remarkOnKey(context, loaded, messages, given.files);
  const endpoint = redactUrl(settings.endpoint);
  const proxy = proxyOf(settings.endpoint, env);
  return {
    loaded,
    settings,
    headers: requestHeaders(context.version, settings.headers, given.all),
    key: key?.value ?? null,
    proxy: proxy?.told ? proxy.url : undefined,
    secrets,
    mask,
    endpoint,
    demo,
    messages,
    about: {
      endpoint,
      llmaas: isLlmaas(settings.endpoint),
      keyOrigin: key === null ? null : sayOrigin(messages, key.origin),
      proxy: proxy === null || isExempt(settings.endpoint, env) ? null : redactUrl(proxy.url),
      maxWait: settings.maxWait,
      api: settings.api === "chat" ? undefined : settings.api,
      command: context.command,
    },
    close: async () => undefined,
  };
}

type Asked = Pick<JobOptions, "prompts" | "models" | "repeat" | "params" | "images" | "observe">;

/** What every request to a target is made of. */
export function jobOptions(
  { settings, headers, key, proxy, secrets, endpoint: shownEndpoint, demo }: Target,
  asked: Asked,
): JobOptions {
  return { ...asked, settings, headers, key, proxy, secrets, shownEndpoint, demo: demo !== null };
}

type Recording = Required<Pick<RecorderOptions, "stall" | "say" | "costOf" | "currency">>;

/** How the records of its streams are made. */
export function recordingOf({ messages, about, settings }: Target): Recording {
  const { stall, prices } = settings;
  const say: Say = (failure) => oneLine(sayFailure(messages, failure, about));
  return { stall, say, costOf: createCostOf(prices), currency: prices?.currency ?? null };
}

/** Whether nobody sees what is asked: it does not stand on the command line, and where it goes is not shown either. */
async function isUnseen({ args, err }: Context): Promise<boolean> {
  return (args.has("quiet") || !err.terminal) && !(await promptIsGiven(args));
}

/**
 * A list of models has something to say even where nothing is configured; an answer must not be made up in a pipe, and a
 * measurement nowhere.
 */
function demoReason({ args, out }: Context, loaded: Loaded, need: Need): Target["demo"] {
  if (args.has("demo")) return "asked";
  if (loaded.configured) return null;
  if (need === "load") throw new UserError({ code: "unconfigured", demo: args.takes("demo") });
  if (need === "list" || out.terminal || args.has("demo-if-unconfigured")) return "unconfigured";
  throw new UserError({ code: "unconfigured", demo: args.takes("demo") });
}

/** No key and none of the owner's headers go to the built-in server. */
async function openDemo(
  context: Context,
  loaded: Loaded,
  messages: Messages,
  demo: "asked" | "unconfigured",
  need: Need,
): Promise<Omit<Target, "secrets" | "mask">> {
  const simulator = need === "load" ? await startBeside(context) : await startWithin(messages, context.command);
  const endpoint = simulator.url;
  return {
    loaded,
    settings: { ...loaded.settings, endpoint, prices: null },
    headers: requestHeaders("demo"),
    key: null,
    proxy: undefined,
    endpoint,
    demo,
    messages,
    about: {
      endpoint,
      llmaas: true,
      keyOrigin: null,
      proxy: null,
      maxWait: loaded.settings.maxWait,
      api: loaded.settings.api === "chat" ? undefined : loaded.settings.api,
      command: context.command,
    },
    close: () => simulator.stop(),
  };
}

/** What is measured must not work in the process that measures. */
async function startBeside(context: Context) {
  const { startSimulatorProcess } = await import("./own-process.ts");
  return startSimulatorProcess(context, []);
}

async function startWithin(messages: Messages, command: Command) {
  const [{ startSimulator }, { demoAnswer }] = await Promise.all([
    import("../simulator/server.ts"),
    import("../i18n/demo.ts"),
  ]);
  return startSimulator({ answer: ({ model }) => demoAnswer(messages.lang, model, command) });
}

function requestHeaders(version: string, ...more: readonly Record<string, string>[]): Record<string, string> {
  const ours = {
    "content-type": "application/json",
    accept: "text/event-stream",
    // Compression would batch tokens: what is measured would be the compressor.
    "accept-encoding": "identity",
    "user-agent": `llmaas-stream/${version}`,
  };
  return Object.assign(ours, ...more);
}

/** Bits of a mode by which its group or all others may read a file. */
const OTHERS_READ = 0o044;

/** Says what is wrong with a key that can be used all the same; `files` are further ones that hold a secret. */
export async function remarkOnKey(
  context: Context,
  loaded: Loaded,
  messages: Messages,
  files: readonly string[] = [],
): Promise<void> {
  const { key } = loaded;
  if (key !== null && key.value.length < SHORTEST_SECRET)
    await context.err.warn(messages.warning.shortKey(sayOrigin(messages, key.origin)));
  await remarkReadable(context, loaded, messages, files);
}

/** Says of each file with a key in it that others can read it. */
async function remarkReadable(
  { args, cwd, env, err }: Context,
  { file, fileToken, key }: Loaded,
  { warning }: Messages,
  files: readonly string[],
): Promise<void> {
  // Windows has other rights than these, and they are always set there.
  if (args.has("quiet") || process.platform === "win32") return;
  const paths = files.map((path) => absolute(cwd, path));
  if (file !== null && fileToken !== null && !isPlaceholder(fileToken)) paths.push(file.path);
  const keyFile = env[KEY_FILE_VARIABLE];
  if (keyFile && key?.origin.kind === "env" && key.origin.name === KEY_FILE_VARIABLE)
    paths.push(absolute(cwd, keyFile));
  for (const path of new Set(paths)) if (await othersCanRead(path)) await err.warn(warning.readable(path));
}

async function othersCanRead(path: string): Promise<boolean> {
  try {
    const stats = await Bun.file(path).stat();
    return stats.isFile() && (stats.mode & OTHERS_READ) !== 0;
  } catch {
    // It was read, and is gone: there is nothing to be said of it.
    return false;
  }
}
