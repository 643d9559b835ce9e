import { pathOf } from "../wire/apis.ts";
import { splitEndpoint } from "../wire/endpoint.ts";
import { type ConfigFile, findConfigFile, type Ignored, quotable } from "./file.ts";
import { readSmall, type ReadFile, readText, absolute } from "./files.ts";
import { parseText } from "./kinds.ts";
import { meantBy } from "./meant.ts";
import { type Environment, languageOf, localeVariable } from "./language.ts";
import { originOf } from "../wire/endpoint.ts";
import {
  DEFAULT_ENDPOINT,
  type Field,
  fields,
  flagName,
  KEY_FILE_VARIABLE,
  KEY_VARIABLE,
  OPENAI_ENDPOINT_VARIABLE,
  OPENAI_KEY_VARIABLE,
  keyFault,
  rows,
  type SettingField,
  type Settings,
  type Values,
} from "./settings.ts";
import { UserError } from "./user-error.ts";

/** Where a value comes from, as data. */
export type Origin =
  { kind: "default" } | { kind: "file"; path: string } | { kind: "env"; name: string } | { kind: "flag"; name: string };

/** The settings, and all that is needed to say where each comes from and where the key may go. */
export type Loaded = {
  settings: Settings;
  origins: Record<SettingField, Origin>;
  key: { value: string; origin: Origin } | null;
  /** `endpoint` is the one this file names; `untaken` are its keys that only a file of the owner's own may set. */
  file: { path: string; own: boolean; endpoint: string | null; untaken: readonly string[] } | null;
  /** What a merely found file takes the place of, and whether it was trusted before it changed; `null` for others. */
  found: { shadows: string | null; changed: boolean } | null;
  /** The key in that file, used or not. */
  fileToken: string | null;
  ignored: Ignored | null;
  /** `false` when there is no file, no key, and no endpoint but the default. */
  configured: boolean;
};

/** Texts from the command line, by setting; a yes-no option is `"true"`. */
export type Flags = Partial<Record<SettingField | "timeout", string>>;

type LoadOptions = {
  env: Environment;
  /** Absolute path of the current folder. */
  cwd: string;
  flags?: Flags;
  /** Value of `--config`. */
  config?: string | undefined;
  /** Locale of a system that has no such variables. */
  locale?: string | undefined;
  readFile?: ReadFile;
};

type Layer = { values: Partial<Values>; origin: (field: Field) => Origin };

/** Defaults ← file ← environment ← flags; throws a UserError that says what is wrong and where. */
export async function loadSettings(options: LoadOptions): Promise<Loaded> {
  const { env, cwd, flags = {}, config, locale, readFile = readSmall } = options;
  const { file, ignored } = await findConfigFile({ env, cwd, config, readFile });
  const { values, origins } = merge([defaults(), fromFile(file), fromEnvironment(env), fromFlags(flags)]);
  const { token, timeout: _timeout, timeoutOpen, lang, api, ...rest } = values;
  const borrowed = origins.endpoint.kind === "default" && !hasSecrets(file) ? openaiEndpoint(env) : null;
  if (borrowed !== null) origins.endpoint = { kind: "env", name: OPENAI_ENDPOINT_VARIABLE };
  const named = borrowed === null ? null : splitEndpoint(borrowed);
  const endpoint = named?.endpoint ?? rest.endpoint;
  if (api === null && named?.api) origins.api = origins.endpoint;
  // What tokens cost is a matter between the file and its endpoint.
  const priced = isOfFile(file, endpoint);
  if (!priced) origins.prices = { kind: "default" };
  if (lang === null) origins.lang = localeOrigin(env);
  // Many servers and proxies send their headers with the first token: the wait for both is one.
  if (timeoutOpen === null) origins.timeoutOpen = origins.timeoutFirstToken;
  const settings = {
    ...rest,
    endpoint,
    prices: priced ? rest.prices : null,
    api: api ?? named?.api ?? "chat",
    timeoutOpen: timeoutOpen ?? rest.timeoutFirstToken,
    lang: lang ?? languageOf(localeVariable(env)?.value ?? locale ?? ""),
  };
  const key = (await findKey(env, cwd, readFile, token, origins.token)) ?? openaiKey(env, endpoint);
  return {
    settings,
    origins,
    key,
    file: file && { path: file.path, own: file.own, endpoint: file.values.endpoint ?? null, untaken: untaken(file) },
    found: file === null || file.own ? null : { shadows: file.shadows, changed: file.changed },
    fileToken: file?.values.token || null,
    ignored,
    configured: file !== null || key !== null || origins.endpoint.kind !== "default",
  };
}

function defaults(): Layer {
  const values: Partial<Values> = {};
  const take = <F extends Field>(field: F) => (values[field] = rows[field].default);
  fields.forEach(take);
  return { values, origin: () => ({ kind: "default" }) };
}

function fromFile(file: ConfigFile | null): Layer {
  const values: Partial<Values> = { ...file?.values };
  if (file && !file.own) for (const field of fields) if (rows[field].ownerOnly) delete values[field];
  const path = file?.path ?? "";
  return { values, origin: () => ({ kind: "file", path }) };
}

function untaken(file: ConfigFile): string[] {
  if (file.own) return [];
  const given = (field: Field): boolean => field in file.values && file.values[field] !== rows[field].default;
  return fields.filter((field) => rows[field].ownerOnly && given(field)).map((field) => rows[field].key);
}

function fromEnvironment(env: Environment): Layer {
  const values: Partial<Values> = {};
  const nameOf = (field: Field) => rows[field].env ?? "";
  for (const field of fields) {
    const given = env[nameOf(field)];
    const { kind, key, fromEnv } = rows[field];
    if (!given || putText(values, field, fromEnv ? fromEnv(given) : given)) continue;
    const problem = { where: nameOf(field), key, found: quotable(given), accepted: kind.accepted };
    throw new UserError({ code: "config_value", ...problem, meant: meantBy(kind, given) });
  }
  return { values, origin: (field) => ({ kind: "env", name: nameOf(field) }) };
}

function fromFlags(flags: Flags): Layer {
  const values: Partial<Values> = {};
  const given: Partial<Record<Field, string>> = flags;
  for (const field of fields) {
    const text = given[field];
    if (text === undefined || putText(values, field, text)) continue;
    const { kind, secret } = rows[field];
    const value = secret ? "•••" : quotable(text);
    const meant = secret ? null : meantBy(kind, text);
    throw new UserError({ code: "bad_option", option: flagName(field), value, accepted: kind.accepted, meant });
  }
  const meant = values.endpoint === undefined ? null : splitEndpoint(values.endpoint).api;
  if (meant !== null && values.api && values.api !== meant)
    throw new UserError({ code: "options_conflict", options: [`--api ${values.api}`, `--endpoint …${pathOf(meant)}`] });
  const nameOf = (field: Field) => flagName(given[field] === undefined ? "timeout" : field);
  return { values, origin: (field) => ({ kind: "flag", name: nameOf(field) }) };
}

function putText<F extends Field>(values: Partial<Values>, field: F, text: string): boolean {
  const value = parseText(rows[field].kind, text);
  if (value === undefined) return false;
  values[field] = value;
  return true;
}

function merge(layers: readonly Layer[]): { values: Values; origins: Record<Field, Origin> } {
  const values: Partial<Values> = {};
  const origins: Partial<Record<Field, Origin>> = {};
  /** The endpoint so far has chosen the API: another endpoint does not speak it for that. */
  let chosen = false;
  for (const { values: given, origin } of layers) {
    const layer = spreadTimeout(given);
    for (const field of fields) if (field in layer) origins[field] = origin(field);
    Object.assign(values, layer);
    if (layer.api) chosen = false;
    if (layer.endpoint === undefined) continue;
    const { endpoint, api } = splitEndpoint(layer.endpoint);
    values.endpoint = endpoint;
    if (layer.api || (api === null && !chosen)) continue;
    values.api = api;
    origins.api = api === null ? { kind: "default" } : origin("endpoint");
    chosen = api !== null;
  }
  if (!hasAll(values) || !hasAll(origins)) throw new Error("a setting has no default");
  return { values, origins };
}

// Within one layer a more specific timer wins; over an earlier layer `timeout` wins.
function spreadTimeout(values: Partial<Values>): Partial<Values> {
  const { timeout } = values;
  if (timeout === undefined || timeout === null) return values;
  return { timeoutOpen: null, timeoutFirstToken: timeout, timeoutIdle: timeout, ...values };
}

function hasAll<T extends Record<Field, unknown>>(record: Partial<T>): record is T {
  for (const field of fields) if (!(field in record)) return false;
  return true;
}

/** Whether a file holds a key or headers: they belong to the endpoint it names, or to the default. */
function hasSecrets(file: ConfigFile | null): boolean {
  return Boolean(file?.values.token) || Object.keys(file?.values.headers ?? {}).length > 0;
}

/** Whether a file speaks of this endpoint: it names it, or none and this is the default. */
function isOfFile(file: ConfigFile | null, endpoint: string): boolean {
  return file !== null && originOf(file.values.endpoint ?? DEFAULT_ENDPOINT) === originOf(endpoint);
}

/** The endpoint that other programs are told of; `null` where they are told of none. */
function openaiEndpoint(env: Environment): string | null {
  const given = env[OPENAI_ENDPOINT_VARIABLE];
  if (!given) return null;
  const { kind, key } = rows.endpoint;
  const endpoint = parseText(kind, given);
  if (endpoint !== undefined) return endpoint;
  const problem = { where: OPENAI_ENDPOINT_VARIABLE, key, found: quotable(given), accepted: kind.accepted };
  throw new UserError({ code: "config_value", ...problem, meant: meantBy(kind, given) });
}

/** Where OPENAI_API_KEY goes, unless OPENAI_BASE_URL names another place. */
const OPENAI = "https://api.openai.com";

/** The key of other programs: it travels to the endpoint that they are told of, and to OpenAI, and nowhere else. */
function openaiKey(env: Environment, endpoint: string): Loaded["key"] {
  const given = env[OPENAI_KEY_VARIABLE]?.trim();
  if (!given) return null;
  const theirs = parseText(rows.endpoint.kind, env[OPENAI_ENDPOINT_VARIABLE] ?? "");
  const places = theirs === undefined ? [OPENAI] : [OPENAI, originOf(theirs)];
  return places.includes(originOf(endpoint)) ? keyFrom(OPENAI_KEY_VARIABLE, given) : null;
}

function localeOrigin(env: Environment): Origin {
  const variable = localeVariable(env);
  return variable ? { kind: "env", name: variable.name } : { kind: "default" };
}

async function findKey(
  env: Environment,
  cwd: string,
  readFile: ReadFile,
  token: string | null,
  tokenOrigin: Origin,
): Promise<Loaded["key"]> {
  const given = env[KEY_VARIABLE]?.trim();
  if (given) return keyFrom(KEY_VARIABLE, given);
  const named = env[KEY_FILE_VARIABLE];
  if (!named) return token ? { value: token, origin: tokenOrigin } : null;
  const path = absolute(cwd, named);
  const unreadable = (why: string) => ({ code: "key_file_unreadable", path, origin: KEY_FILE_VARIABLE, why }) as const;
  const text = await readText(path, readFile, unreadable);
  if (text === null) throw new UserError(unreadable("ENOENT"));
  return keyFrom(KEY_FILE_VARIABLE, text);
}

function keyFrom(name: string, text: string): Loaded["key"] {
  const value = parseText(rows.token.kind, text);
  if (value) return { value, origin: { kind: "env", name } };
  throw new UserError({ code: "bad_key", origin: name, why: keyFault(text) ?? "empty" });
}
