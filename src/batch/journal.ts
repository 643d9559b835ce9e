import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from "node:fs";
import { UserError } from "../config/user-error.ts";
import { createFinished, type Finished, type Key } from "./finished.ts";
import { beginsAsHead, headOf, type Head } from "./head.ts";
import { endOf, isBlank, readLines, type Line } from "./lines.ts";

/** Ms between two times that what was written is forced to the disk; an answer is lost to a power cut for no longer. */
const SYNC_MS = 50;
/** The end of the file is read in full, for there a crash may have left anything. */
const TAIL = 4 * 1024 * 1024;
/** More than that is not what a crash has left. */
const MOST_CUT = 64 * 1024 * 1024;

/** The results of a batch: an output file that is the record of what is done, too. */
export type Journal = {
  finished: Finished;
  /** Bytes that were cut off because they were no whole line; they stand in `PATH.torn`. */
  cut: number;
  /** Ids that stand there more than once. */
  twice: number;
  /** Adds one line; settles when it stands in the file, where the death of this process cannot take it away. */
  add(line: string, key: Key, request: number, failed: boolean): Promise<void>;
  /** Settles when all that was added is on the disk; rejects when the disk does not take it. */
  durable(): Promise<void>;
  /** Rejects as soon as the disk has failed; never settles otherwise. */
  broken: Promise<never>;
  close(): Promise<void>;
};

/** Told of the bytes that were read, of all. */
export type OnProgress = (read: number, size: number) => void;

/** Opens the results and reads what is done; what a crash has torn is cut off and kept beside. */
export async function openJournal(path: string, onProgress?: OnProgress): Promise<Journal> {
  const file = openSync(path, "a+", 0o600);
  try {
    return createJournal(path, file, await scan(path, file, onProgress));
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** What is done, for who writes nothing: what is torn is left as it is. */
export async function readResults(path: string, onProgress?: OnProgress): Promise<Finished> {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const finished = createFinished();
    for await (const lines of readLines(file)) {
      for (const line of lines) {
        if (isBlank(line.bytes)) continue;
        const head = headIn(line, false);
        if (head === null) return finished;
        finished.add(head.key, head.request, head.failed);
      }
      onProgress?.(endOf(lines), size);
    }
    return finished;
  } finally {
    closeSync(file);
  }
}

type Scanned = { finished: Finished; size: number; cut: number; twice: number };

async function scan(path: string, file: number, onProgress?: OnProgress): Promise<Scanned> {
  const { size } = fstatSync(file);
  const finished = createFinished();
  const scanned = { finished, size, cut: 0, twice: 0 };
  for await (const lines of readLines(file)) {
    for (const line of lines) {
      if (line.ended && line.number > 1 && isBlank(line.bytes)) continue;
      const head = headIn(line, line.offset >= size - TAIL);
      if (head === null) return { ...scanned, ...cutAt(path, file, line, size) };
      if (!finished.add(head.key, head.request, head.failed)) scanned.twice++;
      if (line.ended) continue;
      writeAll(file, LINE_END);
      scanned.size++;
    }
    onProgress?.(endOf(lines), size);
  }
  return scanned;
}

/** Of a line that lacks nothing but its line feed, too, as some editors leave the last one. */
function headIn(line: Line, full: boolean): Head | null {
  return line.tooLong ? null : headOf(line, full || !line.ended);
}

/** Cuts the file where its first line begins that is not whole, and keeps what is cut: it was paid for. */
function cutAt(path: string, file: number, line: Line, size: number): Pick<Scanned, "size" | "cut"> {
  const cut = size - line.offset;
  if (cut > MOST_CUT || (line.offset === 0 && !beginsAsHead(line)))
    throw new UserError({ code: "not_results", path, line: line.number });
  const torn = openSync(`${path}.torn`, "a", 0o600);
  try {
    const part = Buffer.allocUnsafe(Math.min(cut, 1024 * 1024));
    for (let at = line.offset; at < size;) {
      const length = readSync(file, part, 0, Math.min(part.length, size - at), at);
      if (length === 0) break;
      writeAll(torn, part.subarray(0, length));
      at += length;
    }
    writeAll(torn, LINE_END);
    fsyncSync(torn);
  } finally {
    closeSync(torn);
  }
  ftruncateSync(file, line.offset);
  fdatasyncSync(file);
  return { size: line.offset, cut };
}

const LINE_END = Buffer.from("\n");

/** Writes the results into another file, without those that are not kept. */
export async function copyResults(path: string, to: number, keep: (head: Head) => boolean): Promise<void> {
  const from = openSync(path, "r");
  try {
    for await (const lines of readLines(from)) {
      const kept = lines.filter((line) => keepsLine(line, keep));
      if (kept.length > 0) writeAll(to, Buffer.concat(kept.flatMap(({ bytes }) => [bytes, LINE_END])));
    }
  } finally {
    closeSync(from);
  }
}

function keepsLine(line: Line, keep: (head: Head) => boolean): boolean {
  const head = headOf(line, false);
  return head !== null && keep(head);
}

/** All of it, or it throws: a disk that fills up takes a part and reports no error; the next call does. */
export function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.byteLength;) written += writeSync(file, bytes, written);
}

function createJournal(path: string, file: number, { finished, size, cut, twice }: Scanned): Journal {
  let good = size;
  let waiting: string[] = [];
  /** The write that takes all that waits. */
  let writing: PromiseWithResolvers<void> | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let syncing: Promise<void> | null = null;
  /** Something was written that is not on the disk for certain. */
  let dirty = false;
  let failure: unknown = null;
  let closed = false;
  const { promise: broken, reject: breakDown } = Promise.withResolvers<never>();
  broken.catch(() => undefined);

  /** After a failure nothing is written any more: a second fsync would say that all is well. */
  function fail(error: unknown): void {
    failure ??= error;
    breakDown(failure);
  }

  function write(): void {
    const written = writing;
    writing = null;
    if (waiting.length > 0 && failure === null) writeWaiting();
    written?.resolve();
  }

  function writeWaiting(): void {
    const bytes = Buffer.from(waiting.join(""));
    waiting = [];
    try {
      writeAll(file, bytes);
      good += bytes.length;
      dirty = true;
      timer ??= setTimeout(sync, SYNC_MS);
    } catch (error) {
      fail(error);
      try {
        // What fits of a line on a full disk is no line.
        ftruncateSync(file, good);
      } catch {
        // It is cut off when the results are opened again.
      }
    }
  }

  /** Somebody else has moved, removed, cut or written the file: what is added is found by nobody, or paid for twice. */
  function displaced(): Error | null {
    // Who has written nothing has nothing to lose.
    if (good === size) return null;
    const { size: length, ino } = fstatSync(file);
    if (length === good && statSync(path, { throwIfNoEntry: false })?.ino === ino) return null;
    return Object.assign(new Error(`${path} is not the file that was opened`), { code: "ESTALE" });
  }

  function sync(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    return (syncing ??= new Promise<void>((resolve) => {
      dirty = false;
      fdatasync(file, (error) => {
        syncing = null;
        const problem = error ?? displaced();
        if (problem) fail(problem);
        resolve();
      });
    }));
  }

  async function durable(): Promise<void> {
    write();
    while ((dirty || syncing !== null) && failure === null) await (syncing ?? sync());
    const problem = displaced();
    if (problem) fail(problem);
    if (failure !== null) throw failure;
  }

  return {
    finished,
    cut,
    twice,
    broken,
    durable,
    add(line, key, request, failed) {
      if (!finished.add(key, request, failed)) return Promise.resolve();
      waiting.push(line, "\n");
      if (writing === null) {
        writing = Promise.withResolvers();
        setImmediate(write);
      }
      return writing.promise;
    },
    async close() {
      if (closed) return;
      closed = true;
      try {
        // Whoever waited for it was told what has failed before.
        if (failure === null) await durable();
      } finally {
        closeSync(file);
      }
    },
  };
}
