const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];
const SPACE = 0x20;

/**
 * Tells whether bytes that begin with a JSON object or list go on after its end: lines of JSON are no JSON document.
 * Returns `true` from the read on in which something else than white space follows.
 */
export function createJsonEnd(): (bytes: Uint8Array) => boolean {
  let depth = 0;
  let inText = false;
  let escaped = false;
  let ended = false;
  let followed = false;

  function take(byte: number): void {
    if (inText) {
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) {
      inText = true;
    } else if (byte === OPEN || byte === OPEN_LIST) {
      depth++;
    } else if (byte === CLOSE || byte === CLOSE_LIST) {
      ended = --depth <= 0;
    }
  }

  return (bytes) => {
    for (const byte of bytes) {
      if (followed) break;
      if (!ended) take(byte);
      else followed = byte > SPACE;
    }
    return followed;
  };
}
