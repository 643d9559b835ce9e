import * as v from "valibot";
import type { Environment } from "./language.ts";
import { CONFIG_VARIABLE, type Field, fields, keyFault, rows, type Values } from "./settings.ts";
import { redactUrl } from "../wire/endpoint.ts";
import { isObject } from "./kinds.ts";
import { meantInFile } from "./meant.ts";
import { nearest } from "./nearest.ts";
import { findJsonProblem } from "../wire/json-problem.ts";
import { absolute, FILE_NAME, join, userConfigPath, readText, type ReadFile } from "./files.ts";
import { trustOf } from "./trust.ts";
import { type Accepted, type Problem, UserError } from "./user-error.ts";

/** A `./config.json` that is not ours; `problem`: why nobody can tell whose it is, `null` where it can be read. */
export type Ignored = { path: string; problem: Problem | null };

/**
 * A configuration file that was read; `own` is false for a `./config.json` that nobody named or trusted. `shadows`: the
 * user's own file, whose place it then takes; `changed`: it was trusted, and was another.
 */
export type ConfigFile = {
  path: string;
  own: boolean;
  values: Partial<Values>;
  shadows: string | null;
  changed: boolean;
};

const OWN = { own: true, shadows: null, changed: false } as const;

type Search = { env: Environment; cwd: string; config: string | undefined; readFile: ReadFile };

/** The one file that is read, checked, and the `./config.json` passed over because it is not ours. */
export async function findConfigFile(search: Search): Promise<{ file: ConfigFile | null; ignored: Ignored | null }> {
  const { env, cwd } = search;
  const named = search.config ?? (env[CONFIG_VARIABLE] || undefined);
  if (named !== undefined) {
    const origin = search.config === undefined ? CONFIG_VARIABLE : "--config";
    const path = absolute(cwd, named);
    const text = await readText(path, search.readFile);
    if (text === null && /^\d+(,\d+)*$/.test(search.config ?? ""))
      throw new UserError({ code: "config_number", value: named });
    if (text === null) throw new UserError({ code: "config_missing", path, origin });
    return { file: { path, ...OWN, values: await readContent(path, text) }, ignored: null };
  }
  const local = join(cwd, FILE_NAME);
  const users = userConfigPath(env);
  let ignored: Ignored | null = null;
  for (const path of users === null || users === local ? [local] : [local, users]) {
    const own = path === users;
    const found = await readFound(path, own, search.readFile);
    if (found === null) continue;
    if (typeof found === "object") ignored = found;
    else {
      const values = await readContent(path, found);
      return { file: { path, values, ...(own ? OWN : await standing(search, path, found, users)) }, ignored };
    }
  }
  return { file: null, ignored };
}

/** What a file that was merely found is to the user. */
async function standing(
  { env, readFile }: Search,
  path: string,
  text: string,
  users: string | null,
): Promise<Pick<ConfigFile, "own" | "shadows" | "changed">> {
  const trust = await trustOf(env, readFile, path, text);
  if (trust === "trusted") return OWN;
  return { own: false, shadows: await whereThere(users, readFile), changed: trust === "changed" };
}

async function whereThere(path: string | null, readFile: ReadFile): Promise<string | null> {
  if (path === null) return null;
  try {
    return (await readText(path, readFile)) === null ? null : path;
  } catch {
    // One that cannot be read, or is too large, is there.
    return path;
  }
}

/** The text of a file of ours, or why it is none; `null` when there is no such file. */
async function readFound(path: string, own: boolean, readFile: ReadFile): Promise<string | Ignored | null> {
  try {
    const text = await readText(path, readFile);
    return text === null || own || looksOurs(text) ? text : { path, problem: await syntaxProblem(path, text) };
  } catch (error) {
    // So large a file in the current folder is another program's.
    if (!own && error instanceof UserError && error.problem.code === "file_size")
      return { path, problem: error.problem };
    throw error;
  }
}

const SECTIONS = new Set<string>();
const FIELD_OF_KEY = new Map<string, Field>();
for (const field of fields) {
  const { key } = rows[field];
  FIELD_OF_KEY.set(key, field);
  if (key.includes(".")) SECTIONS.add(key.slice(0, key.indexOf(".")));
}
const SHAPE: Accepted = { kind: "like", example: '{"api": {…}, "defaults": {…}}' };
const SECTION: Accepted = { kind: "like", example: "{…}" };
// Never set by the owner: they belong to the exchange itself, or would replace the key.
const RESERVED_HEADER =
  /^(authorization|host|content-(length|type|encoding)|accept(-encoding)?|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*)$/;

/** What the text of a configuration file sets, checked against the table. */
async function readContent(path: string, text: string): Promise<Partial<Values>> {
  // What is no UTF-8 came out so, and would be sent so.
  if (text.includes("\uFFFD")) throw new UserError({ code: "config_unreadable", path, why: "EILSEQ" });
  const content = await parse(path, text);
  if (!isObject(content)) throw badValue(path, "$", null, content, SHAPE);
  const values: Partial<Values> = {};
  for (const [name, section] of Object.entries(content)) {
    if (name === "$schema") continue;
    if (!SECTIONS.has(name)) take(values, path, name, section);
    else if (!isObject(section)) throw badValue(path, name, null, section, SECTION);
    else for (const [key, value] of Object.entries(section)) take(values, path, `${name}.${key}`, value);
  }
  for (const name in values.headers)
    if (RESERVED_HEADER.test(name)) throw new UserError({ code: "reserved_header", path, name });
  return values;
}

function take(values: Partial<Values>, path: string, key: string, value: unknown): void {
  const field = FIELD_OF_KEY.get(key);
  if (field === undefined) {
    throw new UserError({ code: "config_unknown_key", path, key, nearest: nearestKey(key) });
  }
  if (value === null && rows[field].default === null) return;
  const wrong = put(values, field, value);
  if (wrong === null) return;
  const where = [key, ...wrong.path].join(".");
  if (field === "token" && typeof value === "string")
    throw new UserError({ code: "bad_key", origin: `${path}, ${key}`, why: keyFault(value) ?? "empty" });
  throw badValue(path, where, field, wrong.value, rows[field].kind.accepted);
}

/** What was wrong, and where inside of the value; `null` when it was taken. */
function put<F extends Field>(
  values: Partial<Values>,
  field: F,
  value: unknown,
): { path: string[]; value: unknown } | null {
  const result = v.safeParse(rows[field].kind.schema(), value);
  if (result.success) {
    values[field] = result.output;
    return null;
  }
  // The inside of a secret is not named.
  const steps: readonly { key: unknown; value: unknown }[] = rows[field].secret ? [] : (result.issues[0].path ?? []);
  // What is missing has no value to be quoted: then what it is missing from is named.
  const deepest = steps.findLast((step) => step.value !== undefined);
  if (deepest === undefined) return { path: [], value };
  const path = steps.slice(0, steps.indexOf(deepest) + 1).map((step) => String(step.key));
  return { path, value: deepest.value };
}

function badValue(path: string, key: string, field: Field | null, value: unknown, accepted: Accepted): UserError {
  const meant = field === null || rows[field].secret ? null : meantInFile(rows[field].kind, value);
  return new UserError({ code: "config_value", where: path, key, found: quote(field, value), accepted, meant });
}

// First among the neighbours, then by the last part alone: `token` at the top is meant as `api.token`.
function nearestKey(key: string): string | null {
  const parent = key.includes(".") ? key.slice(0, key.lastIndexOf(".") + 1) : "";
  const leaf = key.slice(parent.length);
  const everyKey = [...FIELD_OF_KEY.keys()];
  const neighbours =
    parent === ""
      ? [...SECTIONS, ...everyKey.filter((known) => !known.includes("."))]
      : everyKey.filter((known) => known.startsWith(parent));
  const near = nearest(
    leaf,
    neighbours.map((known) => known.slice(parent.length)),
  );
  if (near !== null) return parent + near;
  const leaves = new Map(everyKey.map((known) => [known.slice(known.lastIndexOf(".") + 1), known]));
  return leaves.get(nearest(leaf, [...leaves.keys()]) ?? "") ?? null;
}

/** A value as a message may quote it: shapes only where it could be a secret. */
function quote(field: Field | null, value: unknown): string {
  if (Array.isArray(value)) return "[…]";
  if (typeof value === "object" && value !== null) return "{…}";
  if (field === null || rows[field].secret) return value === null ? "null" : "•••";
  // Before it stands in quotes: a URL is one from its first letter on.
  const text = JSON.stringify(typeof value === "string" ? quotable(value) : value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

/** What stands where a setting is wanted, without what is secret in it; a key may have been put in the wrong place. */
export function quotable(text: string): string {
  return redactUrl(text).replace(KEY_LIKE, (key) => "•".repeat(key.length));
}

/** What makes this text no JSON; `null` when it is JSON. */
async function syntaxProblem(path: string, text: string): Promise<Problem | null> {
  try {
    await parse(path, text);
    return null;
  } catch (error) {
    if (error instanceof UserError) return error.problem;
    throw error;
  }
}

/** `true` for a file that names `api` or `defaults`, broken or not: else another program's config.json would stop us. */
function looksOurs(text: string): boolean {
  try {
    const content: unknown = JSON.parse(text);
    return isObject(content) && (Object.hasOwn(content, "api") || Object.hasOwn(content, "defaults"));
  } catch {
    return /["'](api|defaults)["']\s*:/.test(text);
  }
}

async function parse(path: string, text: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/^\s*(?:[{[]|\/[/*])/.test(text) && text.trim() !== "") throw new UserError({ code: "config_not_json", path });
    const problem = await findJsonProblem(text);
    // Nested too deeply for JSON.parse, though every character is right.
    if (problem === null) throw new UserError({ code: "config_unreadable", path, why: String(error) });
    const { why, offset } = problem;
    throw new UserError({ code: "config_syntax", path, ...excerptAt(text, offset), why, ours: looksOurs(text) });
  }
}

/** A place in a text: line and column count from 1; `caret` is its position in `text`, which may be cut. */
type Excerpt = { line: number; column: number; text: string; caret: number };

// A file may be one long line: this much of it is shown around the place.
const BEFORE = 60;
const AFTER = 40;

// Lines that may hold a secret; the file is broken, so this goes by looks and rather too far.
const SENSITIVE = /(?<!max_|first_)token|headers|key|secret|auth|cookie|pass|[@?]/i;
const OPEN_HEADERS = /headers["']?\s*:?\s*\{[^}]*$/i;
const LOOSE_WORD = /[^\s{}[\]:,"']+/g;
// What looks like a key wherever it stands.
const LONG_TEXT = /[^\s"']{16,}/g;
const KEY_LIKE = /(?<![\p{L}\p{N}])sk-[^\s"']*/giu;

/** The line of a broken configuration file around an offset; what may be secret is dots of the same width. */
export function excerptAt(source: string, offset: number): Excerpt {
  const before = source.slice(0, offset);
  const lines = before.split(/\r\n|\r|\n/);
  const column = lines.at(-1)?.length ?? 0;
  const start = offset - column;
  const rest = source.slice(offset).split(/[\r\n]/, 1)[0] ?? "";
  const whole = source.slice(start, offset) + rest;
  const previous = lines.slice(0, -1).findLast((line) => line.trim() !== "") ?? "";
  const [line, above, all] = [whole, previous, source.slice(0, start)].map(withoutEscapes);
  const sensitive = SENSITIVE.test(`${line}\n${above}`) || OPEN_HEADERS.test(all ?? "");
  const safe = dotted(whole, sensitive ? [LOOSE_WORD, LONG_TEXT] : [LONG_TEXT, KEY_LIKE]).replaceAll("\t", " ");
  const first = Math.max(0, column - BEFORE);
  return { line: lines.length, column: column + 1, text: safe.slice(first, column + AFTER), caret: column - first };
}

/** A key may be spelt with escapes, too. */
function withoutEscapes(text: string): string {
  return text.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** Words of the file's own are left, with what punctuation stands at them. */
function dotted(line: string, patterns: readonly RegExp[]): string {
  const keys = Object.values(rows).flatMap(({ key }) => key.split("."));
  const known = new Set([...keys, "$schema", "true", "false", "null"]);
  const dots = (text: string): string => {
    const words = text.match(LOOSE_WORD) ?? [];
    return words.every((word) => known.has(word)) ? text : "•".repeat(text.length);
  };
  return patterns.reduce((shown, pattern) => shown.replace(pattern, dots), line);
}
