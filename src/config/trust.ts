import * as v from "valibot";
import type { Environment } from "./language.ts";
import { trustPath } from "./files.ts";

/** Which files the user trusts: by path, the SHA-256 of path and content. */
type Trusted = Readonly<Record<string, string>>;

/** "changed": it was trusted when its content was another. */
type Trust = "trusted" | "changed" | "unknown";

const schema = () => v.object({ v: v.literal(1), trusted: v.record(v.string(), v.string()) });

/** Whether the user trusts a file that was found, with this content. */
export async function trustOf(
  env: Environment,
  readFile: (path: string) => Promise<string>,
  path: string,
  text: string,
): Promise<Trust> {
  const remembered = (await readTrusted(env, readFile))[path];
  if (remembered === undefined) return "unknown";
  return remembered === fingerprint(path, text) ? "trusted" : "changed";
}

/** All that is remembered; nothing where that cannot be read. */
export async function readTrusted(env: Environment, readFile: (path: string) => Promise<string>): Promise<Trusted> {
  const path = trustPath(env);
  if (path === null) return {};
  try {
    return v.parse(schema(), JSON.parse(await readFile(path))).trusted;
  } catch {
    // Nothing is trusted that is not remembered for certain: the user is asked again.
    return {};
  }
}

/** The text of the file that remembers, with one more file, or the same with its content of today. */
export function withTrusted(trusted: Trusted, path: string, text: string): string {
  return `${JSON.stringify({ v: 1, trusted: { ...trusted, [path]: fingerprint(path, text) } }, null, 2)}\n`;
}

/** A file that is moved, or copied elsewhere, is another. */
function fingerprint(path: string, text: string): string {
  return new Bun.CryptoHasher("sha256").update(`${path}\0${text}`).digest("hex");
}
