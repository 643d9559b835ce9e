import { fstatSync, readSync } from "node:fs";

/** Bytes that are read at once: of what four times as many bring, the heap grows by 50 MB (Bun 1.4.5). */
const BLOCK = 256 * 1024;
/** Bytes after which others get their turn: signals, and what shows the progress. */
const TURN = 64 * BLOCK;

/** Most MiB of one line: a request with several images, or the answer to it. */
export const LONGEST_LINE = 64;
/** The same in bytes. */
export const MOST_BYTES = LONGEST_LINE * 1024 * 1024;

/** A line of a file, without its line feed. */
export type Line = {
  /** From 1. */
  number: number;
  /** Bytes before it in the file. */
  offset: number;
  /** Good until the next block is asked for. Of a line that is too long there is only the beginning. */
  bytes: Buffer;
  /** Whether its line feed is there. */
  ended: boolean;
  tooLong: boolean;
};

/** The lines of an open file, a block of them at a time, as far as the file goes when it is read, or up to the byte `to`. */
export async function* readLines(file: number, from = 0, to = Infinity): AsyncGenerator<readonly Line[]> {
  let buffer: Buffer = Buffer.allocUnsafe(2 * BLOCK);
  /** Bytes at the front of the buffer that are the beginning of a line. */
  let kept = 0;
  let number = 1;
  let offset = from;
  let turn = TURN;
  /** The line that is read is longer than any may be; what comes of it is dropped. */
  let dropping = false;
  let position = from;
  for (;;) {
    if (kept + BLOCK > buffer.length) buffer = Buffer.concat([buffer.subarray(0, kept)], 2 * (kept + BLOCK));
    const length = readSync(file, buffer, kept, Math.min(BLOCK, to - position), position);
    if (length === 0) break;
    position += length;
    const lines: Line[] = [];
    const end = kept + length;
    let start = 0;
    for (let at = buffer.indexOf(LINE_FEED, kept); at >= 0 && at < end; at = buffer.indexOf(LINE_FEED, start)) {
      const bytes = buffer.subarray(start, at);
      const tooLong: boolean = dropping || bytes.length > MOST_BYTES;
      lines.push({ number: number++, offset, bytes, ended: true, tooLong });
      dropping = false;
      start = at + 1;
      offset = position - (end - start);
    }
    if (lines.length > 0) yield lines;
    kept = end - start;
    if (kept > MOST_BYTES) {
      dropping = true;
      start = end - BEGINNING;
      kept = BEGINNING;
    }
    buffer.copyWithin(0, start, end);
    turn -= length;
    if (turn > 0) continue;
    turn = TURN;
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (kept > 0) yield [{ number, offset, bytes: buffer.subarray(0, kept), ended: false, tooLong: dropping }];
}

/** ASCII blanks alone, as bytes a hundred times faster than as text. */
export function isBlank(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== SPACE && (byte < TAB || byte > CARRIAGE_RETURN)) return false;
  return true;
}

const TAB = 9;
const CARRIAGE_RETURN = 13;
const SPACE = 32;

const BYTE_ORDER_MARK = Buffer.from("\uFEFF");

/** The bytes behind the mark with which some programs begin UTF-8. */
export function unmarked(bytes: Buffer): Buffer {
  const isMarked = bytes[0] === BYTE_ORDER_MARK[0] && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK);
  return isMarked ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes;
}

/** What tells whether an open file is still as it was. */
export function stateOf(file: number): { size: number; state: string } {
  const { size, mtimeMs, ino } = fstatSync(file);
  return { size, state: JSON.stringify([size, mtimeMs, ino]) };
}

/** Bytes of the file up to the end of these lines. */
export function endOf(lines: readonly Line[]): number {
  const last = lines.at(-1);
  return last === undefined ? 0 : last.offset + last.bytes.length + (last.ended ? 1 : 0);
}

const LINE_FEED = 10;
/** Bytes kept of a line that is too long. */
const BEGINNING = 1024;
