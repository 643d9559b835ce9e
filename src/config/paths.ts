import type { Environment } from "./language.ts";

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
