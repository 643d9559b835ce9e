/** Length and CRC of a text that comes in pieces, to know it again without keeping it. Bun.hash.crc32 goes on from a seed. */
export function createFingerprint(): {
  add(piece: string): void;
  /** Whether this text is the one so far, and then `pending`. */
  matches(text: string, pending?: string): boolean;
  length(): number;
} {
  let hash = 0;
  let length = 0;
  return {
    add(piece) {
      hash = Bun.hash.crc32(piece, hash);
      length += piece.length;
    },
    matches(text, pending = "") {
      if (text.length !== length + pending.length || !text.endsWith(pending)) return false;
      return Bun.hash.crc32(text.slice(0, length)) === hash;
    },
    length: () => length,
  };
}
