import { isUtf8 } from "node:buffer";

const NONE = new Uint8Array();

/** Whether bytes are text that can be sent: no binary file, and no Latin-1, whose accents would be lost on the way. */
export function isText(bytes: Uint8Array): boolean {
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
