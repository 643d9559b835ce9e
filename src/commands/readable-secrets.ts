import { absolute } from "../config/paths.ts";
import { isPlaceholder } from "../config/key-policy.ts";
import type { Loaded } from "../config/load.ts";
import { KEY_FILE_VARIABLE } from "../config/settings.ts";
import type { Messages } from "../i18n/load.ts";
import type { Context } from "./context.ts";

/** Bits of a mode by which its group or all others may read a file. */
const OTHERS_READ = 0o044;

/** Says of each file with a key in it that others can read it; `more` are further files that hold a secret. */
export async function remarkReadable(
  { args, cwd, env, err }: Context,
  { file, fileToken, key }: Loaded,
  { warning }: Messages,
  more: readonly string[] = [],
): Promise<void> {
  // Windows has other rights than these, and they are always set there.
  if (args.has("quiet") || process.platform === "win32") return;
  const paths = more.map((path) => absolute(cwd, path));
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
