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
import { isTornHead, headOf, type Head } from "./head.ts";
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
  /** Lines between results that are none; they stand there too, and go when the results are written anew. */
  brokenLines: number;
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
        if (head !== null) finished.add(head.key, head.request, head.failed);
      }
      onProgress?.(endOf(lines), size);
    }
    return finished;
  } finally {
    closeSync(file);
  }
}

type Scanned = Pick<Journal, "finished" | "cut" | "brokenLines" | "twice"> & { size: number };

async function scan(path: string, file: number, onProgress?: OnProgress): Promise<Scanned> {
  const { size } = fstatSync(file);
  const finished = createFinished();
  const scanned = { finished, size, cut: 0, brokenLines: 0, twice: 0 };
  const torn = createTorn(path, file);
  for await (const lines of readLines(file)) {
    for (const line of lines) {
      if (line.ended && line.number > 1 && isBlank(line.bytes)) continue;
      const head = headIn(line, isAtEnd(line, size));
      if (head === null) {
        torn.add(line, endOf([line]));
        continue;
      }
      scanned.brokenLines = torn.lines();
      if (!finished.add(head.key, head.request, head.failed)) scanned.twice++;
      if (line.ended) continue;
      writeAll(file, LINE_END);
      scanned.size++;
    }
    onProgress?.(endOf(lines), size);
  }
  const from = torn.keep(size);
  if (from === null) return scanned;
  ftruncateSync(file, from);
  fdatasyncSync(file);
  return { ...scanned, size: from, cut: size - from };
}

/** What a crash may have left is read in full. */
function isAtEnd(line: Line, size: number): boolean {
  return line.offset >= size - TAIL;
}

/** Of a line that lacks nothing but its line feed, too, as some editors leave the last one. */
function headIn(line: Line, full: boolean): Head | null {
  return line.tooLong ? null : headOf(line, full || !line.ended);
}

/** What of the results is no whole line, and is kept beside them: it was paid for. */
function createTorn(path: string, file: number) {
  const ranges: { from: number; to: number }[] = [];
  let [bytes, lines] = [0, 0];
  return {
    lines: () => lines,
    add(line: Line, to: number): void {
      lines++;
      bytes += to - line.offset;
      if (bytes > MOST_CUT || !isTornHead(line)) throw new UserError({ code: "not_results", path, line: line.number });
      const last = ranges.at(-1);
      if (last?.to === line.offset) last.to = to;
      else ranges.push({ from: line.offset, to });
    },
    /** Writes it beside; where that begins which the file ends with, `null`: it ends with a whole line. */
    keep(size: number): number | null {
      const last = ranges.at(-1);
      if (last === undefined) return null;
      copyTo(`${path}.torn`, file, ranges);
      return last.to >= size ? last.from : null;
    },
  };
}

function copyTo(path: string, file: number, ranges: readonly { from: number; to: number }[]): void {
  const to = openSync(path, "a", 0o600);
  try {
    const part = Buffer.allocUnsafe(1024 * 1024);
    for (const range of ranges) {
      for (let at = range.from; at < range.to;) {
        const length = readSync(file, part, 0, Math.min(part.length, range.to - at), at);
        if (length === 0) break;
        writeAll(to, part.subarray(0, length));
        at += length;
      }
      writeAll(to, LINE_END);
    }
    fsyncSync(to);
  } finally {
    closeSync(to);
  }
}

const LINE_END = Buffer.from("\n");
/** Bytes of lines that are written together without memory of their own. */
const TOGETHER = 1024 * 1024;

/** Writes the results into another file, without those that are not kept. */
export async function copyResults(path: string, to: number, keep: (head: Head) => boolean): Promise<void> {
  const from = openSync(path, "r");
  try {
    const { size } = fstatSync(from);
    for await (const lines of readLines(from)) {
      const kept = lines.filter((line) => keepsLine(line, isAtEnd(line, size), keep));
      if (kept.length > 0) writeAll(to, Buffer.concat(kept.flatMap(({ bytes }) => [bytes, LINE_END])));
    }
  } finally {
    closeSync(from);
  }
}

function keepsLine(line: Line, full: boolean, keep: (head: Head) => boolean): boolean {
  const head = headIn(line, full);
  return head !== null && keep(head);
}

/** All of it, or it throws: a disk that fills up takes a part and reports no error; the next call does. */
export function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.byteLength;) written += writeSync(file, bytes, written);
}

/** A text as UTF-8, in a buffer that is there where it fits: of a UTF-16 unit come three bytes at most. */
function bytesOf(text: string, buffer: Buffer): Buffer {
  return 3 * text.length > buffer.length ? Buffer.from(text) : buffer.subarray(0, buffer.write(text));
}

function createJournal(path: string, file: number, { finished, size, cut, brokenLines, twice }: Scanned): Journal {
  let good = size;
  let waiting = "";
  const together = Buffer.allocUnsafe(TOGETHER);
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
    if (waiting !== "" && failure === null) writeWaiting();
    written?.resolve();
  }

  function writeWaiting(): void {
    const bytes = bytesOf(waiting, together);
    waiting = "";
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
    brokenLines,
    twice,
    broken,
    durable,
    add(line, key, request, failed) {
      if (!finished.add(key, request, failed)) return Promise.resolve();
      waiting += `${line}\n`;
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
