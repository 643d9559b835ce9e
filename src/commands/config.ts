// node:fs because Bun.write can neither refuse an existing file in one step nor set its mode.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { originOf, redactUrl } from "../config/endpoint.ts";
import type { Loaded, Origin } from "../config/load.ts";
import { configJsonSchema, exampleConfig, SCHEMA_FILE } from "../config/schema.ts";
import { type Environment, type Field, fields, rows, type Values } from "../config/settings.ts";
import { secretsOf } from "../config/secrets.ts";
import { checkKeyTravel } from "../config/travel.ts";
import { UserError } from "../config/user-error.ts";
import { mask } from "../stream/mask.ts";

/** What `config` says, in one language. */
export type ConfigWords = {
  origin: {
    default: string;
    file(path: string): string;
    environment(name: string): string;
    flag(name: string): string;
  };
  /** After `init`: what was written, and what to do now. */
  created(path: string, schemaPath: string): string;
  file(path: string): string;
  /** For a `./config.json` that nobody named. */
  foundInFolder: string;
  noFile: string;
  ignored(path: string): string;
  untaken(keys: string): string;
  off: string;
  valid(path: string): string;
  validWithoutFile: string;
  keyGoes(keyOrigin: string, endpoint: string): string;
  noKey(endpoint: string): string;
};

const HIDDEN = "•••";
const ABSENT = "–";
// What moves the cursor, and the marks that reorder text on a terminal.
const UNSAFE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

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
  const secrets = secretsOf(loaded, env);
  const shown = fields.filter((field) => field !== "timeout");
  if (json) return `${JSON.stringify(asJson(loaded, shown, secrets), null, 2)}\n`;
  const lines = shown.map((field) => {
    const value = visible(mask(inWords(field, shownValue(loaded, field), words), secrets));
    const origin = originOfField(loaded, field);
    return [rows[field].key, value, origin ? visible(originInWords(origin, words)) : ""] as const;
  });
  const widths = [0, 1].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const table = lines.map(([key, value, origin]) =>
    `${key.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${origin}`.trimEnd(),
  );
  const source = loaded.file ? words.file(visible(loaded.file.path)) : words.noFile;
  return `${[source, ...asides(loaded, words), "", ...table].join("\n")}\n`;
}

/** Says that the configuration is valid and where the key would go, without any network; throws a UserError otherwise. */
export function configCheck(options: { loaded: Loaded; words: ConfigWords }): string {
  const { loaded, words } = options;
  checkKeyTravel(loaded);
  const { file, key, settings } = loaded;
  const endpoint = originOf(settings.endpoint);
  const valid = file ? words.valid(visible(file.path)) : words.validWithoutFile;
  const travel = key ? words.keyGoes(visible(originInWords(key.origin, words)), endpoint) : words.noKey(endpoint);
  return `${[valid, travel, ...asides(loaded, words)].join("\n")}\n`;
}

/** The JSON Schema of the configuration file. */
export function configSchema(): string {
  return configJsonSchema();
}

/** The origin of a value in words. */
export function originInWords(origin: Origin, { origin: words }: Pick<ConfigWords, "origin">): string {
  switch (origin.kind) {
    case "default":
      return words.default;
    case "file":
      return words.file(origin.path);
    case "env":
      return words.environment(origin.name);
    case "flag":
      return words.flag(origin.name);
  }
}

function asides({ file, ignored }: Loaded, words: ConfigWords): string[] {
  const lines: string[] = [];
  if (file && !file.own) lines.push(words.foundInFolder);
  if (file && file.untaken.length > 0) lines.push(words.untaken(file.untaken.join(", ")));
  if (ignored !== null) lines.push(words.ignored(visible(ignored)));
  return lines;
}

function asJson(loaded: Loaded, shown: readonly Field[], secrets: readonly string[]) {
  const { file, ignored, configured } = loaded;
  const settings = shown.map((field) => {
    const text = JSON.stringify(shownValue(loaded, field));
    const value: unknown = JSON.parse(text, (_, leaf) => (typeof leaf === "string" ? mask(leaf, secrets) : leaf));
    return { key: rows[field].key, value, origin: originOfField(loaded, field) };
  });
  const source = file && { path: file.path, own: file.own, untaken: file.untaken };
  return { v: 1, file: source, ignored, configured, settings };
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

function visible(text: string): string {
  return text.replace(UNSAFE, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`);
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

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
