import { UserError } from "../config/user-error.ts";
import { isTerminal } from "./terminal.ts";

/** After this many ms without a byte we say what we wait for; after the second we give up. */
const HINT_MS = 2000;
const SILENT_MS = 30_000;

/** Whether standard input holds something: a pipe, a file or a socket, but no terminal, `/dev/null` or closed one. */
export async function stdinIsSource(): Promise<boolean> {
  try {
    const stats = await Bun.stdin.stat();
    return stats.isFIFO() || stats.isFile() || stats.isSocket();
  } catch {
    // A closed standard input has nothing to say.
    return false;
  }
}

/** Most bytes of standard input that make a prompt: far more than any model reads. */
const LIMIT = 64 * 1024 * 1024;

/** All of standard input, without one final newline. `hint` is called when it keeps silent. */
export async function readStdin(hint: () => void): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of asUtf8(stdinChunks(hint))) {
    size += chunk.byteLength;
    if (size > LIMIT) throw new UserError({ code: "stdin_size", limit: LIMIT });
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (!isText(bytes)) throw new UserError({ code: "stdin_not_text", line: firstBroken(bytes) });
  const text = new TextDecoder().decode(bytes).replace(/\r?\n$/, "");
  if (text.trim() === "") throw new UserError({ code: "stdin_empty" });
  return text;
}

/** The number of the first line that is no text. */
function firstBroken(bytes: Uint8Array): number {
  let line = 1;
  for (let from = 0; from < bytes.byteLength; line++) {
    const end = bytes.indexOf(10, from);
    if (end < 0 || !isText(bytes.subarray(from, end))) return line;
    from = end + 1;
  }
  return line;
}

let isOpen = false;

/** Whether somebody may still write what nobody reads any more: that alone would keep the process. */
export function stdinIsOpen(): boolean {
  return isOpen;
}

/** Standard input as it comes. */
export async function* stdinChunks(hint: () => void): AsyncGenerator<Uint8Array> {
  isOpen = true;
  const reader = Bun.stdin.stream().getReader();
  const hinting = setTimeout(hint, HINT_MS);
  const first = await Promise.race([reader.read(), silence()]).finally(() => clearTimeout(hinting));
  for (let read = first; read.value !== undefined; read = await reader.read()) yield read.value;
  isOpen = false;
}

/** Rejects when nobody writes; a person at a terminal may take longer. */
function silence(): Promise<never> {
  return new Promise((_, reject) => {
    if (isTerminal(0)) return;
    const timer = setTimeout(
      () => reject(new UserError({ code: "stdin_silent", seconds: SILENT_MS / 1000 })),
      SILENT_MS,
    );
    timer.unref();
  });
}

const NONE = new Uint8Array();

/** Whether bytes are text that can be sent: no binary file, and no Latin-1, whose accents would be lost on the way. */
export function isText(bytes: Uint8Array): boolean {
  // Loaded where something is read: at start it would take a millisecond.
  const { isUtf8 }: typeof import("node:buffer") = require("node:buffer");
  return isUtf8(bytes) && !bytes.includes(0);
}

/** Bytes as they come, in UTF-8 where they begin with the mark of UTF-16, as Windows programs save text. */
export async function* asUtf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | null = NONE;
  let utf16: ReturnType<typeof createUtf16> | null = null;
  for await (const chunk of chunks) {
    const bytes: Uint8Array = head === null ? chunk : joined(head, chunk);
    if (head !== null) {
      head = bytes.byteLength < 2 ? bytes : null;
      if (head !== null) continue;
      const mark = (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);
      if (mark === 0xfffe || mark === 0xfeff) utf16 = createUtf16(mark === 0xfeff);
    }
    yield utf16 === null ? bytes : utf16.read(bytes);
  }
  if (head !== null) yield head;
  else if (utf16 !== null) yield utf16.end();
}

/** Half of a character: no text has it, and so `isText` finds the line in which it stands. */
const BROKEN = "\0";

/** UTF-16 in pieces that may be cut anywhere. */
function createUtf16(bigEndian: boolean) {
  let odd = NONE;
  let half = "";
  return {
    read(chunk: Uint8Array): Uint8Array {
      const bytes = Buffer.from(joined(odd, chunk));
      const even = bytes.byteLength - (bytes.byteLength % 2);
      odd = Uint8Array.from(bytes.subarray(even));
      const units = bytes.subarray(0, even);
      const text = half + (bigEndian ? units.swap16() : units).toString("utf16le");
      half = /[\uD800-\uDBFF]$/.exec(text)?.[0] ?? "";
      return encoded(text.slice(0, text.length - half.length));
    },
    end: (): Uint8Array => encoded(half + (odd.byteLength > 0 ? BROKEN : "")),
  };
}

function encoded(text: string): Uint8Array {
  return Buffer.from(text.replace(/\p{Surrogate}/gu, BROKEN));
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  return first.byteLength === 0 ? second : Buffer.concat([first, second]);
}
