import { type Problem, UserError } from "./user-error.ts";
import type { Environment } from "./language.ts";

/** Reads a whole text file; rejects with a `code` such as `ENOENT` when it cannot. */
export type ReadFile = (path: string) => Promise<string>;

/** Most bytes of a file with settings or a key. */
const LIMIT = 1024 * 1024;

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
export async function readBounded(path: string, limit: number): Promise<Uint8Array> {
  const file = Bun.file(path);
  const stats = await file.stat();
  if (stats.isCharacterDevice() || stats.isBlockDevice()) throw Object.assign(new Error(path), { code: "ENODEV" });
  // A pipe has no size, and neither have the files of the system's own.
  const bytes = stats.isFile() && stats.size > 0 ? await file.slice(0, limit + 1).bytes() : await readPipe(file, limit);
  if (bytes.byteLength > limit) throw new UserError({ code: "file_size", path, limit });
  return bytes;
}

/** All of it, or of more than so many bytes the beginning. */
async function readPipe(file: Bun.BunFile, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of file.stream()) {
    parts.push(part);
    size += part.byteLength;
    if (size > limit) break;
  }
  return Buffer.concat(parts);
}

/** The text of a file with settings or a key. */
export async function readSmall(path: string): Promise<string> {
  return textOf(await readBounded(path, LIMIT));
}

/** Bytes as text: UTF-8, or UTF-16 with its mark, as Windows shells write what is sent into a file. */
export function textOf(bytes: Uint8Array): string {
  const [first = 0, second = 0] = bytes;
  const mark = (first << 8) | second;
  if (mark !== 0xfffe && mark !== 0xfeff) return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 2));
  return new TextDecoder(mark === 0xfeff ? "utf-16be" : "utf-16le", { ignoreBOM: true }).decode(whole);
}

/** Name of a file with settings, wherever it stands. */
export const FILE_NAME = "config.json";
const TRUST_NAME = "trusted.json";

/** Where the user's own file is looked for; `null` when the environment names no home. */
export function userConfigPath(env: Environment): string | null {
  const xdg = env["XDG_CONFIG_HOME"];
  // The XDG specification has relative paths ignored; here they would be a planted folder.
  if (xdg && isAbsolute(xdg)) return join(xdg, "llmaas", FILE_NAME);
  if (env["OS"] === "Windows_NT" && env["APPDATA"]) return join(env["APPDATA"], "llmaas", FILE_NAME);
  return env["HOME"] ? join(env["HOME"], ".config", "llmaas", FILE_NAME) : null;
}

/** Where it is remembered which found files the user trusts; `null` when the environment names no home. */
export function trustPath(env: Environment): string | null {
  const xdg = env["XDG_STATE_HOME"];
  if (xdg && isAbsolute(xdg)) return join(xdg, "llmaas", TRUST_NAME);
  if (env["OS"] === "Windows_NT" && env["LOCALAPPDATA"]) return join(env["LOCALAPPDATA"], "llmaas", TRUST_NAME);
  return env["HOME"] ? join(env["HOME"], ".local", "state", "llmaas", TRUST_NAME) : null;
}

/** Where the last reports are kept; `null` when the environment names no home. */
export function cachePath(env: Environment): string | null {
  const xdg = env["XDG_CACHE_HOME"];
  if (xdg && isAbsolute(xdg)) return join(xdg, "llmaas", "reports");
  if (env["OS"] === "Windows_NT" && env["LOCALAPPDATA"]) return join(env["LOCALAPPDATA"], "llmaas", "reports");
  return env["HOME"] ? join(env["HOME"], ".cache", "llmaas", "reports") : null;
}

/** A path as the user wrote it, seen from the current folder. */
export function absolute(cwd: string, path: string): string {
  return isAbsolute(path) ? path : join(cwd, path.replace(/^(\.[\\/]+)+/, ""));
}

function isAbsolute(path: string): boolean {
  return /^([A-Za-z]:)?[\\/]/.test(path);
}

/** Parts of a path, with a slash between them. */
export function join(...parts: string[]): string {
  return parts.map((part, index) => (index === 0 ? part.replace(/[\\/]+$/, "") : part)).join("/");
}
