/** One request as it came in; header names in lower case. */
export type HttpRequest = {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Uint8Array;
  /** The connection may serve another request afterwards. */
  keepAlive: boolean;
};

export type HttpProblem = { status: number; message: string };

export type HttpHandlers = {
  onRequest(request: HttpRequest): void;
  /** The client waits for leave to send its body. */
  onExpect(): void;
  /** The bytes are no acceptable request; nothing after them is read. */
  onProblem(problem: HttpProblem): void;
};

type Head = { method: string; path: string; headers: Record<string, string>; keepAlive: boolean };

type State =
  | { at: "head" }
  | { at: "body"; head: Head; left: number }
  | { at: "chunk-size" | "chunk-end" | "trailers"; head: Head }
  | { at: "chunk"; head: Head; left: number }
  | { at: "refused" };

/** Most bytes of one request body. */
export const BODY_LIMIT = 64 * 1024 * 1024;
const HEAD_LIMIT = 64 * 1024;
const LINE_LIMIT = 4 * 1024;
/** Ms from the first byte of a request to the end of its head. */
export const HEAD_TIME = 10_000;
const REQUEST_LINE = /^([A-Z]{1,20}) (\S+) HTTP\/1\.([01])$/;
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\u0000-\u0008\u000a-\u001f\u007f]*)$/;
const EMPTY = Buffer.alloc(0);

/** Push parser of HTTP/1.1 requests: strict, bounded, any split of the same bytes gives the same requests. */
export function createHttpParser(
  handlers: HttpHandlers,
  bodyLimit: number = BODY_LIMIT,
  headTime: number = HEAD_TIME,
): {
  push(bytes: Uint8Array): void;
  /** No more bytes will come. */
  close(): void;
} {
  let rest: Buffer = EMPTY;
  let state: State = { at: "head" };
  let parts: Uint8Array[] = [];
  let size = 0;
  let timer: Timer | null = null;

  /** A head that has begun has to end. */
  function watchHead(): void {
    const begun = state.at === "head" && rest.length > 0;
    if (begun) timer ??= setTimeout(() => refuse(408, "the headers did not come in time"), headTime);
    else close();
  }

  function close(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  }

  function refuse(status: number, message: string): false {
    state = { at: "refused" };
    rest = EMPTY;
    parts = [];
    handlers.onProblem({ status, message });
    return false;
  }

  function finish(head: Head): true {
    const body = parts.length === 1 ? (parts[0] ?? EMPTY) : Buffer.concat(parts);
    parts = [];
    size = 0;
    state = { at: "head" };
    handlers.onRequest({ ...head, body });
    return true;
  }

  /** A line without its CRLF; `null` when it is not there yet or was refused. */
  function line(limit: number): string | null {
    const end = rest.indexOf("\r\n");
    if (end < 0 && rest.length <= limit + 1) return null;
    if (end < 0 || end > limit) {
      refuse(400, "a line is too long");
      return null;
    }
    const text = rest.toString("latin1", 0, end);
    rest = rest.subarray(end + 2);
    return text;
  }

  function readHead(): boolean {
    // A TLS handshake begins like no method, and would wait for an answer for ever.
    if (rest.length > 0 && !isLetter(rest[0])) return refuse(400, "not an HTTP/1.1 request line");
    const end = rest.indexOf("\r\n\r\n");
    if (end > HEAD_LIMIT || (end < 0 && rest.length > HEAD_LIMIT)) return refuse(431, "the headers are too large");
    if (end < 0) return false;
    close();
    const read = parseHead(rest.toString("latin1", 0, end));
    rest = rest.subarray(end + 4);
    if ("status" in read) return refuse(read.status, read.message);
    if (read.length > bodyLimit) return refuse(413, `the body is larger than ${bodyLimit} bytes`);
    if (read.expects && rest.length === 0 && (read.chunked || read.length > 0)) handlers.onExpect();
    if (!read.chunked && read.length === 0) return finish(read.head);
    state = read.chunked ? { at: "chunk-size", head: read.head } : { at: "body", head: read.head, left: read.length };
    return true;
  }

  function readChunkSize(head: Head): boolean {
    const text = line(LINE_LIMIT);
    if (text === null) return false;
    const digits = /^([0-9a-fA-F]{1,8})(?:[ \t]*;.*)?$/.exec(text)?.[1];
    if (digits === undefined) return refuse(400, "a chunk has no valid size");
    const left = Number.parseInt(digits, 16);
    size += left;
    if (size > bodyLimit) return refuse(413, `the body is larger than ${bodyLimit} bytes`);
    state = left === 0 ? { at: "trailers", head } : { at: "chunk", head, left };
    return true;
  }

  function readData(at: "body" | "chunk", head: Head, left: number): boolean {
    if (rest.length === 0) return false;
    const piece = rest.subarray(0, left);
    parts.push(piece);
    rest = rest.subarray(piece.length);
    if (piece.length < left) state = { at, head, left: left - piece.length };
    else if (at === "body") return finish(head);
    else state = { at: "chunk-end", head };
    return true;
  }

  function readLine(at: "chunk-end" | "trailers", head: Head): boolean {
    const text = line(at === "chunk-end" ? 0 : LINE_LIMIT);
    if (text === null) return false;
    if (at === "chunk-end") state = { at: "chunk-size", head };
    else if (text === "") return finish(head);
    return true;
  }

  /** One step; false when it needs more bytes, or no more are wanted. */
  function step(): boolean {
    switch (state.at) {
      case "head":
        return readHead();
      case "chunk-size":
        return readChunkSize(state.head);
      case "body":
      case "chunk":
        return readData(state.at, state.head, state.left);
      case "chunk-end":
      case "trailers":
        return readLine(state.at, state.head);
      case "refused":
        return false;
    }
  }

  return {
    push(bytes) {
      if (state.at === "refused") return;
      rest =
        rest.length === 0
          ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
          : Buffer.concat([rest, bytes]);
      while (step());
      watchHead();
    },
    close,
  };
}

/** A to Z, in which methods are written. */
function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a;
}

function parseHead(text: string): { head: Head; length: number; chunked: boolean; expects: boolean } | HttpProblem {
  const [first = "", ...lines] = text.split("\r\n");
  const [, method, path, minor] = REQUEST_LINE.exec(first) ?? [];
  if (method === undefined || path === undefined) return { status: 400, message: "not an HTTP/1.1 request line" };
  const headers: Record<string, string> = Object.create(null);
  for (const one of lines) {
    const [, name, value] = HEADER.exec(one) ?? [];
    if (name === undefined || value === undefined) return { status: 400, message: "not a header line" };
    const key = name.toLowerCase();
    const known = headers[key];
    if (known !== undefined && key === "content-length") return { status: 400, message: "two lengths of one body" };
    headers[key] = known === undefined ? value.trimEnd() : `${known}, ${value.trimEnd()}`;
  }
  const length = headers["content-length"];
  const transfer = headers["transfer-encoding"]?.toLowerCase();
  const expect = headers["expect"]?.toLowerCase();
  if (minor === "1" && headers["host"] === undefined) return { status: 400, message: "no Host header" };
  if (length !== undefined && transfer !== undefined) return { status: 400, message: "two lengths of one body" };
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return { status: 400, message: "no valid Content-Length" };
  if (transfer !== undefined && transfer !== "chunked") return { status: 501, message: "only chunked is understood" };
  if (expect !== undefined && expect !== "100-continue")
    return { status: 417, message: "only 100-continue is expected" };
  const connection = headers["connection"]?.toLowerCase() ?? "";
  const keepAlive = minor === "1" ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection);
  const head = { method, path, headers, keepAlive };
  return { head, length: Number(length ?? 0), chunked: transfer !== undefined, expects: expect !== undefined };
}
