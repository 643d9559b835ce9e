/** The place of an instant in a token's text: ms since the epoch with three decimals, and a space. */
export const STAMP = "0000000000000.000 ";

/** The header that says when the request was read, in the same notation. */
export const READ_AT = "x-simulator-read-at";

const ZERO = 48;
/** Decimals stand after the point, which is not written. */
const DECIMALS = 3;
const DIGITS = 16;

/** Writes an instant (ms since the epoch) over the STAMP that begins at `offset`. */
export function writeStamp(bytes: Uint8Array, offset: number, at: number): void {
  let left = Math.round(at * 1000);
  for (let digit = DIGITS - 1; digit >= 0; digit--) {
    const rest = Math.floor(left / 10);
    bytes[offset + digit + (digit >= DIGITS - DECIMALS ? 1 : 0)] = ZERO + left - 10 * rest;
    left = rest;
  }
}

/** The instants in the text of some token events, ms since the epoch, in their order. */
export function readStamps(text: string): number[] {
  const stamps: number[] = [];
  for (let at = 0; at < text.length; at += STAMP.length) stamps.push(Number(text.slice(at, at + STAMP.length)));
  return stamps;
}
