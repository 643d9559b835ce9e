/** How the end of a body is marked: by chunked encoding, or by the end of the connection. */
export type Transfer = "chunked" | "close";

/** Turns pieces of a body into bytes of the connection. */
export type Body = {
  part(data: string | Uint8Array): string | Uint8Array;
  end(): string | Uint8Array;
};

export function createBody(transfer: Transfer, encoding: Encoding | null): Body {
  const frame = transfer === "chunked" ? chunk : (data: string | Uint8Array) => data;
  const last = transfer === "chunked" ? "0\r\n\r\n" : "";
  if (encoding === null) return { part: frame, end: () => last };
  const encoder = ENCODERS[encoding]();
  let head: Uint8Array = encoder.head;
  const encoded = (block: Uint8Array): Uint8Array => {
    const bytes = Buffer.concat([head, block]);
    head = new Uint8Array();
    return bytes;
  };
  return {
    part: (data) => frame(encoded(encoder.block(Buffer.from(data)))),
    end: () => Buffer.concat([Buffer.from(frame(encoded(encoder.end()))), Buffer.from(last)]),
  };
}

/** One chunk of chunked encoding. */
export function chunk(data: string | Uint8Array): string | Uint8Array {
  if (typeof data === "string") return `${Buffer.byteLength(data).toString(16)}\r\n${data}\r\n`;
  return Buffer.concat([Buffer.from(`${data.byteLength.toString(16)}\r\n`), data, Buffer.from("\r\n")]);
}

export type Header = readonly [name: string, value: string];

/** The three headers of the API, for a client far from its limit. `created`: seconds since the epoch. */
export function rateLimits(created: number): Header[] {
  return [
    ["X-RateLimit-Limit-Requests", "1000"],
    ["X-RateLimit-Remaining-Requests", "999"],
    ["X-RateLimit-Reset-Requests", String(created + 1)],
  ];
}

/** Status line and headers, with the blank line. */
export function responseHead(status: number, headers: readonly Header[]): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${REASONS[status] ?? "Status"}\r\n${lines.join("")}\r\n`;
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  204: "No Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  417: "Expectation Failed",
  422: "Unprocessable Content",
  425: "Too Early",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/**
 * Content encodings written as stored (uncompressed) blocks, one a part: every event can be read as soon as it
 * is sent, which Bun 1.4.5 cannot do otherwise (CompressionStream has no flush), and the bytes are always the same.
 */
export type Encoding = "gzip" | "br" | "zstd";

type Encoder = {
  /** What comes before the first block. */
  head: Uint8Array;
  block(data: Uint8Array): Uint8Array;
  /** The final block and what the format wants after it. */
  end(): Uint8Array;
};

/** Longest stored block that all three formats allow. */
const BLOCK = 65_535;

const ENCODERS: Readonly<Record<Encoding, () => Encoder>> = { gzip, br: brotli, zstd };

/** RFC 1952 around the stored blocks of RFC 1951. */
function gzip(): Encoder {
  let crc = 0;
  let size = 0;
  return {
    head: new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]),
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
    head: new Uint8Array([0x0c]),
    block: (data) => inBlocks(data, header),
    end: () => new Uint8Array([3]),
  };
}

/** RFC 8878: one frame of raw blocks without checksum, window of 1 MiB. */
function zstd(): Encoder {
  const header = (length: number): number[] => [(length << 3) & 255, (length >> 5) & 255, length >> 13];
  return {
    head: new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0, 10 << 3]),
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
