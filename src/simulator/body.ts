import { createEncoder, type Encoding } from "./encoding.ts";

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
  const encoder = createEncoder(encoding);
  let begun = false;
  return {
    part(data) {
      const block = encoder.block(Buffer.from(data));
      const whole = begun ? block : Buffer.concat([encoder.head(), block]);
      begun = true;
      return frame(whole);
    },
    end() {
      const final = begun ? encoder.end() : Buffer.concat([encoder.head(), encoder.end()]);
      return Buffer.concat([Buffer.from(frame(final)), Buffer.from(last)]);
    },
  };
}

/** One chunk of chunked encoding. */
export function chunk(data: string | Uint8Array): string | Uint8Array {
  if (typeof data === "string") return `${Buffer.byteLength(data).toString(16)}\r\n${data}\r\n`;
  return Buffer.concat([Buffer.from(`${data.byteLength.toString(16)}\r\n`), data, Buffer.from("\r\n")]);
}

/** Status line and headers, with the blank line. */
export function responseHead(status: number, headers: readonly (readonly [string, string])[]): string {
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
