import { looksOurs, readContent } from "./content.ts";
import { CONFIG_VARIABLE, type Environment, type Values } from "./settings.ts";
import { UserError } from "./user-error.ts";

/** Reads a whole text file; rejects with a `code` such as `ENOENT` when it cannot. */
export type ReadFile = (path: string) => Promise<string>;

/** A configuration file that was read; `own` is false for a `./config.json` nobody named. */
export type ConfigFile = { path: string; own: boolean; values: Partial<Values> };

type Search = { env: Environment; cwd: string; config: string | undefined; readFile: ReadFile };

const FILE_NAME = "config.json";

/** The one file that is read, checked, and the `./config.json` passed over because it is not ours. */
export async function findConfigFile(search: Search): Promise<{ file: ConfigFile | null; ignored: string | null }> {
  const { env, cwd } = search;
  const named = search.config ?? (env[CONFIG_VARIABLE] || undefined);
  if (named !== undefined) {
    const origin = search.config === undefined ? CONFIG_VARIABLE : "--config";
    const path = absolute(cwd, named);
    const text = await readText(path, search.readFile);
    if (text === null) throw new UserError({ code: "config_missing", path, origin });
    return { file: { path, own: true, values: readContent(path, text) }, ignored: null };
  }
  const local = join(cwd, FILE_NAME);
  const users = userConfigPath(env);
  let ignored: string | null = null;
  for (const path of users === null || users === local ? [local] : [local, users]) {
    const own = path === users;
    const text = await readText(path, search.readFile);
    if (text === null) continue;
    if (own || looksOurs(text)) {
      return { file: { path, own, values: readContent(path, text) }, ignored };
    }
    ignored = path;
  }
  return { file: null, ignored };
}

/** Where the user's own file is looked for; `null` when the environment names no home. */
export function userConfigPath(env: Environment): string | null {
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

/** The text of a file without its byte order mark; `null` when there is no such file. */
export async function readText(path: string, readFile: ReadFile): Promise<string | null> {
  try {
    return (await readFile(path)).replace(/^\uFEFF/, "");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new UserError({ code: "config_unreadable", path, why: code });
  }
}

function isAbsolute(path: string): boolean {
  return /^([A-Za-z]:)?[\\/]/.test(path);
}

function join(...parts: string[]): string {
  return parts.map((part, index) => (index === 0 ? part.replace(/[\\/]+$/, "") : part)).join("/");
}
