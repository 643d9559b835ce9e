/** One request as it came in; header names in lower case. */
export type HttpRequest = {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Uint8Array;
  /** The connection may serve another request afterwards. */
  keepAlive: boolean;
};

/** Why the bytes are no acceptable request. */
export class HttpProblem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type HttpHandlers = {
  onRequest(request: HttpRequest): void;
  /** The client waits for leave to send its body. */
  onExpect(): void;
  /** Nothing that comes after it is read. */
  onProblem(problem: HttpProblem): void;
};

/** What comes before a body of this length; `null`: it is chunked. */
type Head = Omit<HttpRequest, "body"> & { length: number | null };

/** Most bytes of one request body. */
const BODY_LIMIT = 64 * 1024 * 1024;
/** The same of an upload: a provider takes files of 200 MB. */
const UPLOAD_LIMIT = 256 * 1024 * 1024;
/** Most bytes of a head, of a line before a chunk, of the trailers. */
const HEAD_LIMIT = 64 * 1024;
/** Ms from the first byte of a request to the end of its head. */
const HEAD_TIME = 10_000;
const REQUEST_LINE = /^([A-Z]{1,20}) (\S+) HTTP\/1\.([01])$/;
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\u0000-\u0008\u000a-\u001f\u007f]*)$/;
const CHUNK_SIZE = /^([0-9a-fA-F]{1,8})(?:[ \t]*;.*)?$/;
const EMPTY = Buffer.alloc(0);

/** Push parser of HTTP/1.1 requests: strict, bounded, any split of the same bytes gives the same requests. */
export function createHttpParser(
  { onRequest, onExpect, onProblem }: HttpHandlers,
  bodyLimit: number = BODY_LIMIT,
  headTime: number = HEAD_TIME,
): {
  push(bytes: Uint8Array): void;
  /** No more bytes will come. */
  close(): void;
} {
  let rest: Buffer = EMPTY;
  let head: Head | null = null;
  let parts: Uint8Array[] = [];
  let size = 0;
  let refused = false;
  let timer: Timer | null = null;

  function close(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  }

  function refuse(problem: HttpProblem): void {
    refused = true;
    close();
    onProblem(problem);
  }

  /** Where this stands, which has to come soon; -1 while it is not there. */
  function find(mark: string, from: number, status: number, why: string): number {
    const at = rest.indexOf(mark, from);
    if (at > HEAD_LIMIT || (at < 0 && rest.length > HEAD_LIMIT)) throw new HttpProblem(status, why);
    return at;
  }

  /** The head of the next request; `null` while it is not there. */
  function takeHead(): Head | null {
    // A TLS handshake begins like no method, and would wait for an answer for ever.
    if (/^[^A-Z]/.test(rest.toString("latin1", 0, 1))) throw new HttpProblem(400, "not an HTTP/1.1 request line");
    const end = find("\r\n\r\n", 0, 431, "the headers are too large");
    if (end < 0) return null;
    const read = parseHead(rest.toString("latin1", 0, end));
    rest = rest.subarray(end + 4);
    checkSize(read.length ?? 0, read);
    if (read.headers["expect"] !== undefined && rest.length === 0 && read.length !== 0) onExpect();
    return read;
  }

  function checkSize(bytes: number, of: Head | null): void {
    const limit = of?.path === "/v1/files" ? Math.max(bodyLimit, UPLOAD_LIMIT) : bodyLimit;
    if (bytes > limit) throw new HttpProblem(413, `the body is larger than ${limit} bytes`);
  }

  function take(count: number): void {
    const piece = rest.subarray(0, count);
    parts.push(piece);
    size += piece.length;
    rest = rest.subarray(piece.length);
  }

  /** Takes what there is of a body; whether it is all of it. */
  function takeBody(length: number | null): boolean {
    if (length === null) return takeChunks();
    take(length - size);
    return size === length;
  }

  function takeChunks(): boolean {
    for (;;) {
      const end = find("\r\n", 0, 400, "a line is too long");
      if (end < 0) return false;
      const digits = CHUNK_SIZE.exec(rest.toString("latin1", 0, end))?.[1];
      if (digits === undefined) throw new HttpProblem(400, "a chunk has no valid size");
      const length = Number.parseInt(digits, 16);
      if (length === 0) {
        // The line of the last chunk ends the trailers too, where there are none.
        const last = find("\r\n\r\n", end, 400, "the trailers are too long");
        if (last >= 0) rest = rest.subarray(last + 4);
        return last >= 0;
      }
      checkSize(size + length, head);
      const after = end + 2 + length;
      if (rest.length < after + 2) return false;
      if (rest.toString("latin1", after, after + 2) !== "\r\n") throw new HttpProblem(400, "a chunk is too long");
      rest = rest.subarray(end + 2);
      take(length);
      rest = rest.subarray(2);
    }
  }

  /** One request; false when it is not there yet. */
  function step(): boolean {
    head ??= takeHead();
    if (head === null || !takeBody(head.length)) return false;
    const request = { ...head, body: parts.length === 1 ? (parts[0] ?? EMPTY) : Buffer.concat(parts) };
    head = null;
    parts = [];
    size = 0;
    onRequest(request);
    return true;
  }

  return {
    push(bytes) {
      if (refused) return;
      const more = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      rest = rest.length === 0 ? more : Buffer.concat([rest, more]);
      try {
        while (step());
      } catch (error) {
        if (!(error instanceof HttpProblem)) throw error;
        return refuse(error);
      }
      // A head that has begun has to end.
      if (head !== null || rest.length === 0) close();
      else timer ??= setTimeout(() => refuse(new HttpProblem(408, "the headers did not come in time")), headTime);
    },
    close,
  };
}

function parseHead(text: string): Head {
  const [first = "", ...lines] = text.split("\r\n");
  const [, method, path, minor] = REQUEST_LINE.exec(first) ?? [];
  if (method === undefined || path === undefined) throw new HttpProblem(400, "not an HTTP/1.1 request line");
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const [, name, value] = HEADER.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new HttpProblem(400, "not a header line");
    const key = name.toLowerCase();
    const known = headers[key];
    headers[key] = known === undefined ? value.trimEnd() : `${known}, ${value.trimEnd()}`;
  }
  const length = headers["content-length"];
  const transfer = headers["transfer-encoding"]?.toLowerCase();
  const expect = headers["expect"]?.toLowerCase() ?? "100-continue";
  if (minor === "1" && headers["host"] === undefined) throw new HttpProblem(400, "no Host header");
  if (length !== undefined && transfer !== undefined) throw new HttpProblem(400, "two lengths of one body");
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw new HttpProblem(400, "no valid Content-Length");
  if (transfer !== undefined && transfer !== "chunked") throw new HttpProblem(501, "only chunked is understood");
  if (expect !== "100-continue") throw new HttpProblem(417, "only 100-continue is expected");
  const connection = headers["connection"]?.toLowerCase() ?? "";
  const keepAlive = minor === "1" ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection);
  return { method, path, headers, keepAlive, length: transfer === undefined ? Number(length ?? 0) : null };
}
