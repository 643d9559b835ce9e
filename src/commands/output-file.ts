import { UserError, type FileKind } from "../config/user-error.ts";
import { OutputError } from "./output.ts";
import type { Loaded } from "../config/load.ts";
import { KEY_FILE_VARIABLE } from "../config/settings.ts";
import type { Args } from "./args.ts";
import type { Environment } from "../config/language.ts";

/** Loaded where a file is named: at start it would take 2 ms. */
const fs = (): typeof import("node:fs") => require("node:fs");
const path = (): typeof import("node:path") => require("node:path");

/** What stands where something is to be written; nothing is lost with an empty file or a "special" one: pipe, socket, device. */
type Found = "nothing" | "empty" | "file" | "special";

/** Looks, and refuses what this user may not write. */
export function lookAt(name: string): Found {
  const stats = tried(name, () => fs().statSync(name, { throwIfNoEntry: false }));
  if (stats === undefined) return "nothing";
  if (stats.isDirectory()) throw unwritable(name, "EISDIR");
  if (stats.isBlockDevice()) throw unwritable(name, "ENODEV");
  tried(name, () => fs().accessSync(name, fs().constants.W_OK));
  if (stats.isFile()) return stats.size === 0 ? "empty" : "file";
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = fs().constants;
  // A pipe may wait for its reader; a device or a socket opens at once or not at all.
  if (!stats.isFIFO()) tried(name, () => fs().closeSync(fs().openSync(name, O_WRONLY | O_NONBLOCK | O_NOCTTY)));
  return "special";
}

/** Opens a file; prompts, answers and errors are the user's own business, and so nobody else may read it. */
export function openFile(name: string, flag: "a" | "wx" | "wx+"): number {
  return tried(name, () => fs().openSync(name, flag, 0o600));
}

function unwritable(name: string, why: string): UserError {
  return new UserError({ code: "file_unwritable", path: name, why });
}

function tried<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unwritable(name, codeOf(error));
  }
}

/** All of it, or it throws: a disk that fills up takes a part and reports no error; the next call does. */
export function writeAll(file: number, bytes: Uint8Array, onPart: (written: number) => void = () => undefined): void {
  for (let written = 0; written < bytes.byteLength;) {
    written += fs().writeSync(file, bytes, written);
    onPart(written);
  }
}

/** A file that grows beside the one it is to be, and takes its place when it is whole. */
export type Beside = {
  /** Where it stands until then. */
  path: string;
  file: number;
  /** Puts it in its place; `replace`: also where something stands by now. */
  commit(replace: boolean): void;
  /** Takes it away, or leaves it where it is. */
  abandon(keep: boolean): void;
};

/** Those that nothing was written into yet: a process that is ended in the middle leaves none. */
const unused = new Set<string>();

/** Opens a file beside `name`, in the folder where that really is. */
export function openBeside(name: string): Beside {
  const { target, folder, begins } = besideOf(name);
  const beside = path().join(folder, `${begins}${process.pid}-${Math.random().toString(36).slice(2, 8)}.partial`);
  const rights = (fs().statSync(target, { throwIfNoEntry: false })?.mode ?? 0o600) & 0o777;
  const file = tried(name, () => fs().openSync(beside, "wx", 0o600));
  let isOpen = true;
  const close = (): void => {
    if (isOpen) fs().closeSync(file);
    isOpen = false;
  };
  tried(name, () => fs().fchmodSync(file, rights));
  if (unused.size === 0) process.once("exit", removeUnused);
  unused.add(beside);
  return {
    path: beside,
    file,
    commit(replace) {
      unused.delete(beside);
      fs().fsyncSync(file);
      close();
      if (replace) fs().renameSync(beside, target);
      else putWhereNothingIs(beside, target);
    },
    abandon(keep) {
      unused.delete(beside);
      close();
      if (!keep) fs().rmSync(beside, { force: true });
    },
  };
}

/** Where a file really stands, and with what the names begin of those that grow beside it. */
export function besideOf(name: string) {
  const target = tried(name, () => placeOf(name));
  return { target, folder: path().dirname(target), begins: `.${path().basename(target).slice(0, 100)}.` };
}

/** What is written into from now on is kept, whatever ends the process. */
export function keepFromNow(beside: Beside): void {
  unused.delete(beside.path);
}

function removeUnused(): void {
  for (const beside of unused) fs().rmSync(beside, { force: true });
}

/** In one step, so that nothing that came there in the meantime is lost. */
function putWhereNothingIs(beside: string, target: string): void {
  try {
    fs().linkSync(beside, target);
  } catch (error) {
    // An empty file, or a file system without hard links.
    if ((fs().statSync(target, { throwIfNoEntry: false })?.size ?? 0) > 0) throw error;
    fs().renameSync(beside, target);
    return;
  }
  fs().rmSync(beside);
}

/** Where a path leads, links followed, be there something or not. */
function placeOf(name: string): string {
  const { basename, dirname, join, resolve } = path();
  const at = join(fs().realpathSync(dirname(resolve(name))), basename(name));
  return fs().lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()
    ? placeOf(resolve(dirname(at), fs().readlinkSync(at)))
    : at;
}

/** A pipe or a device, whose reader may be slow, stop, or never come: nobody but who waits for it is held by that. */
type Special = {
  write(text: string): Promise<void>;
  /** Settles when all is taken; rejects when it can be no more. */
  drained(): Promise<void>;
  /** Waits a little for what is not taken yet. */
  close(): Promise<void>;
};

/** Ms that a pipe gets for what it has not taken when the run is over. */
const PATIENCE = 1000;

/** Writes under way that may never end: they would keep the process. */
let stuck = 0;

/** Whether something still waits for a pipe. */
export function isStuck(): boolean {
  return stuck > 0;
}

/** Opens a pipe or a device; to wait for the reader of a pipe, or for it to read, is another thread's. */
export function openSpecial(name: string): Special {
  const { promises, constants } = fs();
  const busy = async <T>(work: Promise<T>): Promise<T> => {
    stuck++;
    return work.finally(() => stuck--);
  };
  const opening = busy(promises.open(name, constants.O_WRONLY));
  async function put(text: string): Promise<void> {
    try {
      const file = await opening;
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.byteLength;)
        written += (await busy(file.write(bytes, written))).bytesWritten;
    } catch (error) {
      throw new OutputError(codeOf(error), error, name);
    }
  }
  let last: Promise<void> = Promise.resolve();
  opening.catch(() => undefined);
  return {
    write(text) {
      last = last.then(() => put(text));
      // It is met by who waits for it.
      last.catch(() => undefined);
      return last;
    },
    drained: () => last,
    async close() {
      await Promise.race([last.catch(() => undefined), Bun.sleep(PATIENCE)]);
      if (isStuck()) return;
      await opening.then(
        (file) => file.close(),
        () => undefined,
      );
    },
  };
}

/** A file, as the command line calls it, and what it is, however it is spelled; `null` for what cannot be spoilt. */
type Place = { name: string; identity: string | null };

/** Refuses to write into what is read, or two things into one file: one would spoil the other. */
export function checkFiles({ args, env }: { args: Args; env: Environment }, { file }: Pick<Loaded, "file">): void {
  const named = (option: "prompts" | "image" | "records" | "report" | "baseline"): Place[] =>
    args
      .all(option)
      .filter((path) => path !== "-")
      .map((path) => placeAt(path, `--${option} ${path}`));
  const prompts = named("prompts");
  const images = named("image");
  const baseline = named("baseline");
  const written = [...named("records"), ...named("report")];
  if (prompts.length + images.length + baseline.length + written.length === 0) return;
  const variables = [KEY_FILE_VARIABLE, "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];
  const read = [
    ...prompts,
    ...images,
    ...baseline,
    ...(file === null ? [] : [placeAt(file.path, file.path)]),
    ...variables.flatMap((name) => (env[name] ? [placeAt(env[name], `${name}=${env[name]}`)] : [])),
    ...[...args.all("header"), ...args.all("header-secret")].flatMap((header) => {
      const path = /^[^:=]*=@(.+)$/s.exec(header)?.[1];
      return path === undefined ? [] : [placeAt(path, `--header ${header}`)];
    }),
    openAt(0, "stdin"),
  ];
  // Both standard outputs may be one file: they take turns.
  const [out, err] = [openAt(1, "stdout"), openAt(2, "stderr")];
  for (const [at, place] of written.entries()) checkOne(place, [...read, ...written.slice(0, at), out, err]);
  for (const place of [out, err]) checkOne(place, read);
}

/** Refuses to write into the one file that is read, or two things into one. */
export function checkOutputs(source: string, names: readonly string[]): void {
  const written = names.map((name) => placeAt(name, name));
  const read = placeAt(source, source);
  for (const [at, place] of written.entries()) checkOne(place, [read, ...written.slice(0, at)]);
}

function checkOne({ name, identity }: Place, others: readonly Place[]): void {
  const other = others.find((place) => identity !== null && place.identity === identity);
  if (other !== undefined) throw new UserError({ code: "same_file", first: other.name, second: name });
}

/** Device and inode of what is there, links followed; of what is not, the place where it would be. */
function placeAt(path: string, name: string): Place {
  try {
    const stats = fs().statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return { name, identity: placeOf(path) };
    return { name, identity: stats.isFile() || stats.isFIFO() ? `${stats.dev}:${stats.ino}` : null };
  } catch {
    // Whoever opens it says why it cannot be.
    return { name, identity: null };
  }
}

/** A pipe may be named too, as /dev/stdout: what is written into it follows on. */
function openAt(descriptor: number, name: string): Place {
  try {
    const stats = fs().fstatSync(descriptor, { bigint: true });
    return { name, identity: stats.isFile() ? `${stats.dev}:${stats.ino}` : null };
  } catch {
    return { name, identity: null };
  }
}

/** Whether what is written there goes to standard output, by one of the names that systems have for it. */
export function isStdout(name: string): boolean {
  try {
    const [named, ours] = [fs().statSync(name, { bigint: true }), fs().fstatSync(1, { bigint: true })];
    return named.dev === ours.dev && named.ino === ours.ino;
  } catch {
    return false;
  }
}

/** What a path holds that can be read: a file that can be read again, or a pipe that cannot; else says why not. */
export function readableKind(file: string, kind: FileKind): "file" | "pipe" {
  const unreadable = (why: string): UserError => new UserError({ code: "file_unreadable", path: file, why, kind });
  const stats = attempt(() => fs().statSync(file), unreadable);
  if (stats.isDirectory()) throw unreadable("EISDIR");
  if (stats.isCharacterDevice() || stats.isBlockDevice()) throw unreadable("ENODEV");
  return stats.isFile() ? "file" : "pipe";
}

/** What is said where a file cannot be read. */
export function asUserError(error: unknown, path: string, kind: FileKind): UserError {
  if (error instanceof UserError) return error;
  return new UserError({ code: "file_unreadable", path, why: codeOf(error), kind });
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
