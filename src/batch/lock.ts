import { Database } from "bun:sqlite";
import { readFileSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { UserError } from "../config/user-error.ts";

/** Who writes an output file. */
type Owner = { pid: number; host: string; since: string };

export type Lock = {
  /** What was kept beside the output file under a name; `null` where nothing was. */
  get(name: string): string | null;
  set(name: string, value: string): void;
  release(): void;
  /** The same, and nothing is left of it: there is no output that it could be beside. */
  remove(): void;
};

/**
 * Locks an output file for this process, or says who has it. The lock is an SQLite file: the system frees it with the
 * process, whatever ends that, and a child does not inherit it (Bun 1.4 has no flock).
 */
export function lock(path: string): Lock | Owner {
  const name = `${path}.lock`;
  for (;;) {
    const before = inodeOf(name);
    const locked = lockFile(name);
    // Whoever held it may have taken it away in the meantime: what is locked then is no lock for anybody else.
    const after = inodeOf(name);
    if (!("set" in locked) || (after !== null && (before ?? after) === after)) return locked;
    locked.release();
  }
}

function lockFile(name: string): Lock | Owner {
  const database = written(name, () => new Database(name, { create: true }));
  try {
    database.run("PRAGMA locking_mode = EXCLUSIVE");
    database.run("CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL)");
    database.run("BEGIN EXCLUSIVE");
    database.run("COMMIT");
  } catch (error) {
    database.close();
    if (codeOf(error) === "SQLITE_BUSY") return ownerOf(name);
    throw unwritable(name, error);
  }
  const get = database.query<{ value: string }, [string]>("SELECT value FROM kept WHERE name = ?");
  const insert = "INSERT INTO kept VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value";
  const set = (key: string, value: string): void => void written(name, () => database.run(insert, [key, value]));
  const close = (): void => {
    open.delete(database);
    database.close();
  };
  open.add(database);
  set("owner", `${OWNER}${process.pid} ${hostname()} ${new Date().toISOString()};`);
  return {
    get: (key) => get.get(key)?.value ?? null,
    set,
    release: close,
    remove() {
      rmSync(name, { force: true });
      close();
    },
  };
}

/** What is locked: a database that nobody knows any more is closed with the garbage (Bun 1.4), and its lock with it. */
const open = new Set<Database>();

/** A full disk, or a folder that takes no file: SQLite has codes of its own for these. */
function written<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unwritable(name, error);
  }
}

const SQLITE_CODES: Readonly<Record<string, string>> = {
  SQLITE_FULL: "ENOSPC",
  SQLITE_CANTOPEN: "EACCES",
  SQLITE_READONLY: "EACCES",
  SQLITE_CORRUPT: "SQLITE_NOTADB",
};

function unwritable(path: string, error: unknown): unknown {
  const code = codeOf(error);
  const why = code === null ? null : (SQLITE_CODES[code] ?? code.replace(/^SQLITE_IOERR.*/, "EIO"));
  return why === null ? error : new UserError({ code: "file_unwritable", path, why });
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

function inodeOf(name: string): bigint | null {
  return statSync(name, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
}

const OWNER = "llmaas-owner: ";

/** Read as bytes: the database is closed to everybody else, but SQLite writes a short text as it is. */
function ownerOf(name: string): Owner {
  const [, pid = "0", host = "?", since = "?"] =
    /llmaas-owner: (\d+) (\S+) ([\dTZ:.-]+);/.exec(readFileSync(name, "latin1")) ?? [];
  return { pid: Number(pid), host, since };
}
