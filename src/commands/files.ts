import { statSync } from "node:fs";
import { UserError } from "../config/user-error.ts";

/** What a path holds that can be read: a file that can be read again, or a pipe that cannot; else says why not. */
export function readableKind(path: string): "file" | "pipe" {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw new UserError({ code: "file_unreadable", path, why: "EISDIR" });
    if (stats.isCharacterDevice() || stats.isBlockDevice())
      throw new UserError({ code: "file_unreadable", path, why: "ENODEV" });
    return stats.isFile() ? "file" : "pipe";
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError({ code: "file_unreadable", path, why: codeOf(error) });
  }
}

/** The system's own code of an error, such as ENOENT. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);
}
