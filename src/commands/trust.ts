// node:fs because Bun.write can neither set a mode nor rename.
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { readSmall, readText } from "../config/read-file.ts";
import { loadSettings } from "../config/load.ts";
import { FILE_NAME, trustPath } from "../config/paths.ts";
import { readTrusted, withTrusted } from "../config/trust.ts";
import { UserError } from "../config/user-error.ts";
import { redactUrl } from "../wire/endpoint.ts";
import type { Context } from "./context.ts";
import { codeOf } from "./files.ts";

/** `llmaas config trust`: remembers `./config.json`, or the file that is named, by its content. */
export async function configTrust({ cwd, env, messages }: Context, named: string | undefined): Promise<string> {
  const path = resolve(cwd, named ?? FILE_NAME);
  const text = await readText(path, readSmall);
  if (text === null) throw new UserError({ code: "config_missing", path, origin: "llmaas config trust" });
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
