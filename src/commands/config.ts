import { mkdir, readFile, writeFile, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { checkKeyPolicy, isPlaceholder } from "../config/key-policy.ts";
import { type Loaded, type Origin, loadSettings } from "../config/load.ts";
import { configJsonSchema, exampleConfig, SCHEMA_FILE } from "../config/schema.ts";
import { secretsOf } from "../config/secrets.ts";
import type { Environment } from "../config/language.ts";
import { fields, rows, type Field, type Values } from "../config/settings.ts";
import { UserError } from "../config/user-error.ts";
import type { Messages } from "../i18n/load.ts";
import { nameOf, sayOrigin, type Command } from "../i18n/say.ts";
import { parseSlo } from "../metrics/thresholds.ts";
import { createMask, type Mask } from "../stream/mask.ts";
import { linesOf } from "../text/row.ts";
import { table } from "../text/table.ts";
import { flat, visibleJson } from "../text/visible.ts";
import { originOf, redactUrl } from "../wire/endpoint.ts";
import { unknownWord } from "./args.ts";
import type { Context, Verb } from "./context.ts";
import { remarkOnKey, readSettings } from "./target.ts";
import { EXIT } from "./exit.ts";
import { codeOf } from "./output-file.ts";
import { asking, connecting, everywhere, output } from "./options.ts";
import { readSmall, readText, FILE_NAME, trustPath } from "../config/files.ts";
import { readTrusted, withTrusted } from "../config/trust.ts";

// node:fs because Bun.write can neither refuse an existing file in one step nor set its mode.

/** What `config` says, in one language. */
export type ConfigWords = Messages["config"] & Pick<Messages, "origin"> & { command: Command };

const HIDDEN = "•••";
const ABSENT = "–";
const ACTIONS = ["init", "show", "check", "trust", "schema"] as const;

/** Those that read settings, which options may change. */
const READING: ReadonlySet<string> = new Set(["show", "check", "trust"]);

/** `llmaas config init|show|check|trust|schema`. */
export const config: Verb = {
  meta: { name: "config" },
  args: {
    model: asking.model,
    endpoint: connecting.endpoint,
    api: connecting.api,
    config: connecting.config,
    "allow-http": connecting["allow-http"],
    json: output.json,
    ...everywhere,
  },
  words: ACTIONS,
  async run(context) {
    await context.out.write(await act(context));
    return EXIT.ok;
  },
};

async function act(context: Context): Promise<string> {
  const { args, cwd, env, messages, command } = context;
  const [wanted, ...more] = args.positionals;
  const action = ACTIONS.find((name) => name === wanted);
  const words = { ...messages.config, origin: messages.origin, command };
  if (wanted === undefined) throw new UserError({ code: "missing_word", verb: "config", words: ACTIONS });
  if (action === undefined) throw unknownWord("config", wanted, ACTIONS);
  for (const option of ["model", "endpoint", "allow-http", "json"] as const)
    if (args.has(option) && (option === "json" ? action !== "show" : !READING.has(action)))
      throw new UserError({ code: "unknown_option", option: `--${option}`, verb: `config ${action}`, nearest: null });
  const path = args.one("config") ?? (action === "init" || action === "trust" ? more.shift() : undefined);
  if (more[0] !== undefined) throw new UserError({ code: "unexpected_argument", argument: more[0], verb: "config" });
  if (action === "schema") return configSchema();
  if (action === "init") return configInit({ cwd, words, ...(path === undefined ? {} : { path }) });
  if (action === "trust") return configTrust(context, path);
  const loaded = await readSettings(context);
  context.hide(createMask(secretsOf(loaded, env), loaded.settings.endpoint));
  if (action === "check") await remarkOnKey(context, loaded, messages);
  return action === "show"
    ? configShow({ loaded, env, words, json: args.has("json") })
    : configCheck({ loaded, words });
}

/** Writes a configuration file only its owner may read, and its schema beside it; never over an existing file. */
export async function configInit(options: { cwd: string; path?: string; words: ConfigWords }): Promise<string> {
  const path = resolve(options.cwd, options.path ?? "config.json");
  const schemaPath = join(dirname(path), SCHEMA_FILE);
  const schema = configJsonSchema();
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const present = await readIfThere(schemaPath);
    if (present !== null && present !== schema) throw new UserError({ code: "config_exists", path: schemaPath });
    await writeNew(path, exampleConfig(`./${SCHEMA_FILE}`), 0o600);
    if (present === null) await writeNew(schemaPath, schema, 0o644);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError({ code: "file_unwritable", path, why: codeOf(error) });
  }
  return `${options.words.created(path, schemaPath)}\n`;
}

/** Every value with its origin, secrets masked; for people, or as JSON. */
export function configShow(options: { loaded: Loaded; env: Environment; words: ConfigWords; json?: boolean }): string {
  const { loaded, env, words, json = false } = options;
  const mask = createMask(secretsOf(loaded, env), loaded.settings.endpoint);
  const shown = fields.filter((field) => field !== "timeout");
  if (json) return `${visibleJson(asJson(loaded, shown, mask), 2)}\n`;
  const lines = shown.map((field) => {
    const value = flat(mask(inWords(field, shownValue(loaded, field), words)));
    const origin = originOfField(loaded, field);
    return [rows[field].key, value, origin ? flat(sayOrigin(words, origin)) : ""];
  });
  const source = loaded.file ? words.file(flat(loaded.file.path)) : words.noFile;
  const values = linesOf(table(lines, "l", [2]));
  return [source, ...asides(loaded, words), "", values].join("\n");
}

/** Says that the configuration is valid and where the key would go, without any network; throws a UserError otherwise. */
export function configCheck(options: { loaded: Loaded; words: ConfigWords }): string {
  const { loaded, words } = options;
  // Elsewhere it may be another program's; who asks whether all is well wants to hear of it.
  if (loaded.ignored?.problem) throw new UserError(loaded.ignored.problem);
  checkKeyPolicy(loaded);
  const { file, key, settings, origins } = loaded;
  parseSlo(settings.slo, origins.slo.kind === "file" ? origins.slo.path : null);
  const endpoint = originOf(settings.endpoint);
  const valid = file ? words.valid(flat(file.path)) : words.validWithoutFile;
  const goes = key !== null && isPlaceholder(key.value) ? words.placeholderGoes : words.keyGoes;
  const travel = key ? goes(flat(sayOrigin(words, key.origin)), endpoint) : words.noKey(endpoint);
  return `${[valid, travel, ...asides(loaded, words)].join("\n")}\n`;
}

/** The JSON Schema of the configuration file. */
export function configSchema(): string {
  return configJsonSchema();
}

function asides({ file, ignored }: Loaded, words: ConfigWords): string[] {
  const lines: string[] = [];
  if (file && !file.own) lines.push(words.foundInFolder(words.command));
  if (file && file.untaken.length > 0) lines.push(words.untaken(file.untaken.join(", ")));
  if (ignored !== null) {
    const path = flat(ignored.path);
    lines.push(ignored.problem ? words.ignoredUnread(path, words.command) : words.ignored(path));
  }
  return lines;
}

function asJson(loaded: Loaded, shown: readonly Field[], mask: Mask) {
  const { file, ignored, configured } = loaded;
  const settings = shown.map((field) => {
    const text = JSON.stringify(shownValue(loaded, field));
    const value: unknown = JSON.parse(text, (_, leaf) => (typeof leaf === "string" ? mask(leaf) : leaf));
    return { key: rows[field].key, value, origin: originOfField(loaded, field) };
  });
  const source = file && { path: file.path, own: file.own, untaken: file.untaken };
  return { v: 1, file: source, ignored: ignored?.path ?? null, configured, settings };
}

// As it would stand in the file, without what is secret.
function shownValue({ settings, key }: Loaded, field: Field): unknown {
  const values: Values = { ...settings, token: key && HIDDEN, timeout: null };
  if (field === "headers") {
    return Object.fromEntries(Object.keys(values.headers).map((name) => [name, HIDDEN]));
  }
  if (field === "endpoint") return redactUrl(values.endpoint);
  const { toFile } = rows[field].kind;
  return toFile ? toFile(values[field]) : values[field];
}

function inWords(field: Field, value: unknown, words: ConfigWords): string {
  if (value === null) return ABSENT;
  if (typeof value === "string") return value;
  if (!rows[field].kind.toFile) return JSON.stringify(value);
  return value === 0 ? `0 (${words.off})` : `${value}s`;
}

function originOfField({ origins, key }: Loaded, field: Field): Origin | null {
  if (field === "token") return key?.origin ?? null;
  return field === "timeout" ? null : origins[field];
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  try {
    await writeFile(path, text, { flag: "wx", mode });
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw new UserError({ code: "config_exists", path });
    throw error;
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

// node:fs because Bun.write can neither set a mode nor rename.

/** `llmaas config trust`: remembers `./config.json`, or the file that is named, by its content. */
async function configTrust({ cwd, env, messages }: Context, named: string | undefined): Promise<string> {
  const path = resolve(cwd, named ?? FILE_NAME);
  const text = await readText(path, readSmall);
  if (text === null) throw new UserError({ code: "config_missing", path, origin: nameOf("config trust") });
  // What cannot be used cannot be trusted, and both look at the same text.
  const { settings } = await loadSettings({
    env: {},
    cwd,
    config: path,
    readFile: async (read) => (read === path ? text : await readSmall(read)),
  });
  const memory = trustPath(env);
  if (memory === null) throw new UserError({ code: "trust_nowhere" });
  await replace(memory, withTrusted(await readTrusted(env, readSmall), path, text));
  return `${messages.config.trusted(path, redactUrl(settings.endpoint))}\n`;
}

/** Writes a file that only its owner may read, whole or not at all. */
async function replace(path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(beside, text, { mode: 0o600 });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw new UserError({ code: "file_unwritable", path, why: codeOf(error) });
  }
}
