import { looksOurs, readContent, syntaxProblem } from "./content.ts";
import { CONFIG_VARIABLE, type Environment, type Values } from "./settings.ts";
import { type Problem, UserError } from "./user-error.ts";

/** Reads a whole text file; rejects with a `code` such as `ENOENT` when it cannot. */
export type ReadFile = (path: string) => Promise<string>;

/** A `./config.json` that is not ours; `problem`: why nobody can tell whose it is, `null` where it can be read. */
export type Ignored = { path: string; problem: Problem | null };

/** A configuration file that was read; `own` is false for a `./config.json` nobody named. */
export type ConfigFile = { path: string; own: boolean; values: Partial<Values> };

type Search = { env: Environment; cwd: string; config: string | undefined; readFile: ReadFile };

const FILE_NAME = "config.json";
/** Most bytes of a file with settings or a key. */
const LIMIT = 1024 * 1024;

/** The one file that is read, checked, and the `./config.json` passed over because it is not ours. */
export async function findConfigFile(search: Search): Promise<{ file: ConfigFile | null; ignored: Ignored | null }> {
  const { env, cwd } = search;
  const named = search.config ?? (env[CONFIG_VARIABLE] || undefined);
  if (named !== undefined) {
    const origin = search.config === undefined ? CONFIG_VARIABLE : "--config";
    const path = absolute(cwd, named);
    const text = await readText(path, search.readFile);
    if (text === null) throw new UserError({ code: "config_missing", path, origin });
    return { file: { path, own: true, values: await readContent(path, text) }, ignored: null };
  }
  const local = join(cwd, FILE_NAME);
  const users = userConfigPath(env);
  let ignored: Ignored | null = null;
  for (const path of users === null || users === local ? [local] : [local, users]) {
    const own = path === users;
    const found = await readFound(path, own, search.readFile);
    if (found === null) continue;
    if (typeof found === "string") return { file: { path, own, values: await readContent(path, found) }, ignored };
    ignored = found;
  }
  return { file: null, ignored };
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

/** Where the user's own file is looked for; `null` when the environment names no home. */
function userConfigPath(env: Environment): string | null {
  const xdg = env["XDG_CONFIG_HOME"];
  // The XDG specification has relative paths ignored; here they would be a planted folder.
  if (xdg && isAbsolute(xdg)) return join(xdg, "llmaas", FILE_NAME);
  if (env["OS"] === "Windows_NT" && env["APPDATA"]) return join(env["APPDATA"], "llmaas", FILE_NAME);
  return env["HOME"] ? join(env["HOME"], ".config", "llmaas", FILE_NAME) : null;
}

/** A path as the user wrote it, seen from the current folder. */
export function absolute(cwd: string, path: string): string {
  return isAbsolute(path) ? path : join(cwd, path.replace(/^(\.[\\/]+)+/, ""));
}

/** The text of a file without its byte order mark; `null` when there is no such file. `why` is the system's code. */
export async function readText(
  path: string,
  readFile: ReadFile,
  problem: (why: string) => Problem = (why) => ({ code: "config_unreadable", path, why }),
): Promise<string | null> {
  try {
    return (await readFile(path)).replace(/^\uFEFF/, "");
  } catch (error) {
    if (error instanceof UserError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new UserError(problem(code));
  }
}

/**
 * A file, or a pipe to its end, of at most `limit` bytes; a device is refused, for it may have no end. Rejects with a
 * UserError, or with the system's `code`.
 */
export async function readBounded(path: string, limit: number): Promise<Buffer> {
  const file = Bun.file(path);
  const stats = await file.stat();
  if (stats.isCharacterDevice() || stats.isBlockDevice()) throw Object.assign(new Error(path), { code: "ENODEV" });
  const parts: Uint8Array[] = [];
  let left = limit;
  for await (const part of file.stream()) {
    parts.push(part);
    left -= part.byteLength;
    if (left < 0) throw new UserError({ code: "file_size", path, limit });
  }
  return Buffer.concat(parts);
}

/** The text of a file with settings or a key. */
export async function readSmall(path: string): Promise<string> {
  return (await readBounded(path, LIMIT)).toString();
}

function isAbsolute(path: string): boolean {
  return /^([A-Za-z]:)?[\\/]/.test(path);
}

function join(...parts: string[]): string {
  return parts.map((part, index) => (index === 0 ? part.replace(/[\\/]+$/, "") : part)).join("/");
}
