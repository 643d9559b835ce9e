/** Length and CRC of a text that comes in pieces, to know it again without keeping it. */
export type Fingerprint = { hash: number; length: number };

/** Nothing came yet. */
export function createFingerprint(): Fingerprint {
  return { hash: 0, length: 0 };
}

/** The next piece; Bun.hash.crc32 goes on from a seed. */
export function addPiece(fingerprint: Fingerprint, piece: string): void {
  fingerprint.hash = Bun.hash.crc32(piece, fingerprint.hash);
  fingerprint.length += piece.length;
}

/** Whether a text is the one that came, and then `pending`. */
export function matches({ hash, length }: Fingerprint, text: string, pending = ""): boolean {
  if (text.length !== length + pending.length || !text.endsWith(pending)) return false;
  return Bun.hash.crc32(text.slice(0, length)) === hash;
}
