import { UserError } from "../config/user-error.ts";
import { asUtf8, isText } from "./encoding.ts";
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
