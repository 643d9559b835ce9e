import { closeSync, openSync, readSync } from "node:fs";
import { createFinished, type Key } from "./finished.ts";
import { headOf } from "./head.ts";
import { writeAll } from "./journal.ts";
import { readLines } from "./lines.ts";

/** Where the results of a batch stand in their file: 25 bytes a result, however long they are. */
type ResultIndex = {
  count: number;
  /** The number of a result, from 0, in the order of the file; `null` where the id has none. */
  numberOf(key: Key): number | null;
  /** The bytes of one, without its line feed; good until the next is read. */
  read(number: number): Buffer;
  close(): void;
};

/** Finds the results in a file; of two of one id the first counts. */
export async function indexResults(path: string): Promise<ResultIndex> {
  const file = openSync(path, "r");
  const numbers = createFinished();
  let ends = new Float64Array(1024);
  let starts = new Float64Array(1024);
  let count = 0;
  for await (const lines of readLines(file)) {
    for (const line of lines) {
      const head = line.tooLong ? null : headOf(line, !line.ended);
      if (head === null || !numbers.add(head.key, count, false)) continue;
      if (count === ends.length) {
        starts = grown(starts);
        ends = grown(ends);
      }
      starts[count] = line.offset;
      ends[count++] = line.offset + line.bytes.length;
    }
  }
  let buffer = Buffer.allocUnsafe(64 * 1024);
  return {
    count,
    numberOf: numbers.requestOf,
    read(number) {
      const start = starts[number] ?? 0;
      const length = (ends[number] ?? 0) - start;
      if (length > buffer.length) buffer = Buffer.allocUnsafe(2 * length);
      for (let at = 0; at < length;) {
        const read = readSync(file, buffer, at, length - at, start + at);
        if (read === 0) throw new Error(`${path} was cut while it was read`);
        at += read;
      }
      return buffer.subarray(0, length);
    },
    close: () => closeSync(file),
  };
}

function grown(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * array.length);
  larger.set(array);
  return larger;
}

/** Bytes that are written at once. */
const BLOCK = 4 * 1024 * 1024;

/** Writes the results into another file, in the order of these ids; results of other ids follow. */
export async function copyOrdered(path: string, to: number, keys: AsyncIterable<Key>): Promise<void> {
  const index = await indexResults(path);
  const taken = new Uint8Array(index.count);
  const block = Buffer.allocUnsafe(BLOCK);
  let filled = 0;

  function flush(): void {
    writeAll(to, block.subarray(0, filled));
    filled = 0;
  }

  function put(number: number): void {
    taken[number] = 1;
    const line = index.read(number);
    if (filled + line.length + 1 > BLOCK) flush();
    if (line.length + 1 > BLOCK) writeAll(to, line);
    else filled += line.copy(block, filled);
    block[filled++] = LINE_FEED;
  }

  try {
    for await (const key of keys) {
      const number = index.numberOf(key);
      if (number !== null && taken[number] === 0) put(number);
    }
    for (const [number, was] of taken.entries()) if (was === 0) put(number);
    flush();
  } finally {
    index.close();
  }
}

const LINE_FEED = 10;
