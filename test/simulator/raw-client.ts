import type { Control } from "../../src/simulator/control.ts";
import { pathOf, type ApiKind } from "../../src/wire/apis.ts";

/** Everything a raw TCP client saw of one exchange. */
export type Seen = {
  bytes: Buffer;
  /** How the server ended the connection; `open` when the client left first. */
  end: "fin" | "reset" | "open";
  /** How many reads it took. */
  reads: number;
};

export type Leave = (seen: Buffer) => boolean;

/** Ms for which a client stays after it saw enough: an end or more bytes would show in that time. */
const STAY = 50;

/** Sends these bytes and reads until the connection ends, or for a while after `leave` is true. */
export async function exchange(port: number, request: string | Uint8Array, leave?: Leave): Promise<Seen> {
  const parts: Uint8Array[] = [];
  const { promise, resolve } = Promise.withResolvers<Seen["end"]>();
  let rest = Buffer.from(request);
  let sawFin = false;
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      open: write,
      drain: write,
      data(_socket, bytes) {
        parts.push(Buffer.from(bytes));
        if (leave?.(Buffer.concat(parts))) setTimeout(() => resolve("open"), STAY);
      },
      end: () => void (sawFin = true),
      close: (_socket, error) => resolve(error || !sawFin ? "reset" : "fin"),
      error: () => {},
    },
  });
  function write(to: { write(data: Uint8Array): number }): void {
    rest = rest.subarray(Math.max(0, to.write(rest)));
  }
  const end = await promise;
  socket.terminate();
  return { bytes: Buffer.concat(parts), end, reads: parts.length };
}

/** The bytes of one chat request that closes its connection afterwards. */
export function chatRequest(body: Record<string, unknown>, headers = "Connection: close\r\n"): string {
  return httpRequest("POST", "/v1/chat/completions", JSON.stringify(body), headers);
}

export function httpRequest(method: string, path: string, body = "", headers = "Connection: close\r\n"): string {
  return `${method} ${path} HTTP/1.1\r\nHost: test\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** A request in each API, but for its model. */
export const BODIES: Readonly<Record<ApiKind, object>> = {
  chat: { messages: [{ role: "user", content: "hi" }] },
  responses: { input: "hi" },
  messages: { messages: [{ role: "user", content: "hi" }], max_tokens: 1_000_000 },
  completions: { prompt: "hi" },
};

/** A streamed request in this API, with this `simulate` object. */
export function askIn(api: ApiKind, simulate: Control, more: Record<string, unknown> = {}): string {
  const body = JSON.stringify({ model: "m", ...BODIES[api], stream: true, ...more, simulate });
  return httpRequest("POST", `/v1${pathOf(api)}`, body, "Connection: close\r\nanthropic-version: 2023-06-01\r\n");
}

/** A streamed chat request with this `simulate` object. */
export function ask(simulate: Control, more: Record<string, unknown> = {}): string {
  return chatRequest({ model: "m", messages: [{ role: "user", content: "hi" }], stream: true, ...more, simulate });
}

export type Response = { status: string; headers: Record<string, string>; body: Buffer };

/** Cuts a response at its blank line; the body is as it came over the wire. */
export function parseResponse(bytes: Buffer): Response {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) throw new Error(`no head in ${JSON.stringify(bytes.toString())}`);
  const [status = "", ...lines] = bytes.toString("utf8", 0, end).split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) headers[line.slice(0, line.indexOf(":")).toLowerCase()] = line.slice(line.indexOf(":") + 2);
  return { status, headers, body: bytes.subarray(end + 4) };
}

/** The chunks of a chunked body, and what follows the last whole one. */
export function dechunk(body: Buffer): { chunks: Buffer[]; rest: string } {
  const chunks: Buffer[] = [];
  let rest = body;
  for (;;) {
    const end = rest.indexOf("\r\n");
    const size = Number.parseInt(rest.toString("latin1", 0, Math.max(0, end)), 16);
    if (end < 0 || size === 0 || rest.length < end + 4 + size) return { chunks, rest: rest.toString() };
    if (rest.toString("latin1", end + 2 + size, end + 4 + size) !== "\r\n") throw new Error("a chunk without its end");
    chunks.push(rest.subarray(end + 2, end + 2 + size));
    rest = rest.subarray(end + 4 + size);
  }
}

/** The whole body when it is chunked and ends as it should. */
export function wholeBody(body: Buffer): string {
  const { chunks, rest } = dechunk(body);
  if (rest !== "0\r\n\r\n") throw new Error(`the body does not end: ${JSON.stringify(rest.slice(0, 200))}`);
  return Buffer.concat(chunks).toString();
}
