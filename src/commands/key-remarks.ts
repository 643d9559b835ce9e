import { absolute } from "../config/paths.ts";
import { isPlaceholder } from "../config/key-policy.ts";
import type { Loaded } from "../config/load.ts";
import { SHORTEST_SECRET } from "../config/secrets.ts";
import { KEY_FILE_VARIABLE } from "../config/settings.ts";
import type { Messages } from "../i18n/load.ts";
import { sayOrigin } from "../i18n/say.ts";
import type { Context } from "./context.ts";

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
