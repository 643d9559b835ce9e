import { UserError } from "../config/user-error.ts";

/** Loaded where a file is named: at start it would take 2 ms. */
const fs = (): typeof import("node:fs") => require("node:fs");

/** What a path holds that can be read: a file that can be read again, or a pipe that cannot; else says why not. */
export function readableKind(file: string): "file" | "pipe" {
  const unreadable = (why: string): UserError => new UserError({ code: "file_unreadable", path: file, why });
  const stats = attempt(() => fs().statSync(file), unreadable);
  if (stats.isDirectory()) throw unreadable("EISDIR");
  if (stats.isCharacterDevice() || stats.isBlockDevice()) throw unreadable("ENODEV");
  return stats.isFile() ? "file" : "pipe";
}

/** The system's own code of an error, such as ENOENT. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);
}

function attempt<T>(work: () => T, refused: (code: string) => Error): T {
  try {
    return work();
  } catch (error) {
    throw refused(codeOf(error));
  }
}
