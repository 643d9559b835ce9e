/**
 * Content encodings written as stored (uncompressed) blocks, one a part: every event can be read as soon as it
 * is sent, which Bun 1.4.5 cannot do otherwise (CompressionStream has no flush), and the bytes are always the same.
 */

export type Encoding = "gzip" | "br" | "zstd";

export type Encoder = {
  /** What comes before the first block. */
  head(): Uint8Array;
  block(data: Uint8Array): Uint8Array;
  /** The final block and what the format wants after it. */
  end(): Uint8Array;
};

/** Longest stored block that all three formats allow. */
const BLOCK = 65_535;

export function createEncoder(encoding: Encoding): Encoder {
  switch (encoding) {
    case "gzip":
      return gzip();
    case "br":
      return brotli();
    case "zstd":
      return zstd();
  }
}

/** RFC 1952 around the stored blocks of RFC 1951. */
function gzip(): Encoder {
  let crc = 0;
  let size = 0;
  return {
    head: () => new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]),
    block(data) {
      crc = Bun.hash.crc32(data, crc);
      size += data.byteLength;
      return inBlocks(data, (length) => [0, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255]);
    },
    end() {
      const trailer = new DataView(new ArrayBuffer(13));
      [1, 0, 0, 255, 255].forEach((byte, i) => trailer.setUint8(i, byte));
      trailer.setUint32(5, crc, true);
      trailer.setUint32(9, size, true);
      return new Uint8Array(trailer.buffer);
    },
  };
}

/** RFC 7932: an empty metadata block ends on a byte, so that every later meta-block begins on one. */
function brotli(): Encoder {
  const header = (length: number): number[] => {
    const bits = ((length - 1) << 3) | (1 << 19);
    return [bits & 255, (bits >> 8) & 255, bits >> 16];
  };
  return {
    head: () => new Uint8Array([0x0c]),
    block: (data) => inBlocks(data, header),
    end: () => new Uint8Array([3]),
  };
}

/** RFC 8878: one frame of raw blocks without checksum, window of 1 MiB. */
function zstd(): Encoder {
  const header = (length: number): number[] => [(length << 3) & 255, (length >> 5) & 255, length >> 13];
  return {
    head: () => new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0, 10 << 3]),
    block: (data) => inBlocks(data, header),
    end: () => new Uint8Array([1, 0, 0]),
  };
}

function inBlocks(data: Uint8Array, header: (length: number) => number[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let from = 0; from < data.byteLength; from += BLOCK) {
    const piece = data.subarray(from, from + BLOCK);
    parts.push(new Uint8Array(header(piece.byteLength)), piece);
  }
  return Buffer.concat(parts);
}
