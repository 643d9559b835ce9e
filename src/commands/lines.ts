import { isText } from "./stdin.ts";

/** Longest line, in MiB, and in bytes. */
export const LONGEST_LINE = 8;
const LINE_LIMIT = LONGEST_LINE * 1024 * 1024;
const LINE_FEED = 10;
const TAB = 9;
const CARRIAGE_RETURN = 13;
const SPACE = 32;

/** A line of prompts. `broken`: why it is no text that can be sent; of a line that is too long there is only the beginning. */
export type Line = { number: number; text: string; broken: "too_long" | "not_text" | null };

/** How far from here on lines are blank, in ASCII: as bytes a hundred times faster than as lines. */
function blankLines(chunk: Uint8Array, from: number): { end: number; lines: number } {
  let end = from;
  let lines = 0;
  for (let at = from; at < chunk.byteLength; at++) {
    const byte = chunk[at] ?? 0;
    if (byte === LINE_FEED) {
      lines++;
      end = at + 1;
    } else if (byte !== SPACE && (byte < TAB || byte > CARRIAGE_RETURN)) break;
  }
  return { end, lines };
}

/**
 * Lines without their end, numbered from 1, and few of the blank ones; never more in memory than a chunk and LINE_LIMIT
 * bytes.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let number = 0;
  let pieces: Uint8Array[] = [];
  let size = 0;
  const add = (piece: Uint8Array): void => {
    if (size < LINE_LIMIT) pieces.push(piece.subarray(0, LINE_LIMIT - size));
    size += piece.byteLength;
  };
  const line = (): Line => {
    const bytes = Buffer.concat(pieces);
    const broken = size > LINE_LIMIT ? "too_long" : !isText(bytes) ? "not_text" : null;
    pieces = [];
    size = 0;
    number++;
    const text = bytes.toString().replace(number === 1 ? /^\uFEFF|\r$/g : /\r$/, "");
    return { number, text, broken };
  };
  const skipBlank = (chunk: Uint8Array, from: number): number => {
    const { end, lines } = blankLines(chunk, from);
    number += lines;
    return end;
  };
  for await (const chunk of chunks) {
    let from = size === 0 ? skipBlank(chunk, 0) : 0;
    for (let end = chunk.indexOf(LINE_FEED, from); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      add(chunk.subarray(from, end));
      yield line();
      from = skipBlank(chunk, end + 1);
    }
    if (from < chunk.byteLength) add(chunk.subarray(from));
  }
  if (size > 0) yield line();
}
