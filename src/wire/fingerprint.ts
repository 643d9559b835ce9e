const START = 0x811c9dc5;
const PRIME = 0x01000193;

/** Length and hash (FNV-1a over UTF-16 units) of a text that comes in pieces, to know it again without keeping it. */
export function createFingerprint(): {
  add(piece: string): void;
  /** Whether this text is the one so far, and then `pending`. */
  matches(text: string, pending?: string): boolean;
  length(): number;
} {
  let hash = START;
  let length = 0;
  return {
    add(piece) {
      hash = hashOf(piece, piece.length, hash);
      length += piece.length;
    },
    matches(text, pending = "") {
      if (text.length !== length + pending.length || !text.endsWith(pending)) return false;
      return hashOf(text, length, START) === hash;
    },
    length: () => length,
  };
}

function hashOf(text: string, length: number, start: number): number {
  let hash = start;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  return hash;
}
