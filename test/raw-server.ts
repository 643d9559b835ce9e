import type { Socket } from "bun";

/** A request as it came. */
export type RawRequest = {
  method: string;
  path: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
  /** ms of `performance.now()` at which it was whole. */
  at: number;
};

/** How the client left: "fin" closed, "reset" tore the connection down. */
export type Left = { how: "fin" | "reset"; at: number };

/** One exchange: the test writes bytes by hand. Nothing here throws when the client is gone. */
export type Exchange = {
  request: RawRequest;
  /** Number of the request at this server, from 1. */
  number: number;
  /** Hands bytes to the system and settles when it took them all, or when the client is gone. */
  write(data: string | Uint8Array): Promise<void>;
  /** Each piece in a packet of its own, `ms` apart. */
  drip(pieces: Iterable<string | Uint8Array>, ms: number): Promise<void>;
  /** Ends the connection cleanly. */
  fin(): void;
  /** Tears it down. */
  reset(): void;
  /** Bytes that the system took on this connection. */
  written(): number;
  /** Settles when the client leaves; also when we did. */
  left: Promise<Left>;
  gone(): boolean;
};

export type RawServer = {
  port: number;
  /** Base URL of the API at this server. */
  url: string;
  requests: RawRequest[];
  exchanges: Exchange[];
  /** Connections that were opened, with or without a request. */
  connections(): number;
  [Symbol.asyncDispose](): Promise<void>;
};

export type Answer = (exchange: Exchange) => void | Promise<void>;

export type RawServerOptions = { tls?: { key: string; cert: string }; onConnection?(socket: Socket<unknown>): void };

type Line = { push(bytes: Uint8Array): void; drain(): void; close(error: unknown): void };

/** A TCP server that reads one request after the other and answers with what `answer` writes. */
export function startRawServer(answer: Answer, options: RawServerOptions = {}): RawServer {
  const requests: RawRequest[] = [];
  const exchanges: Exchange[] = [];
  const open = new Set<Socket<Line>>();
  let connections = 0;

  function onRequest(socket: Socket<Line>, request: RawRequest, line: Outgoing): void {
    requests.push(request);
    const exchange = createExchange(socket, request, requests.length, line);
    exchanges.push(exchange);
    void answer(exchange);
  }

  const listener = Bun.listen<Line>({
    hostname: "127.0.0.1",
    port: 0,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    socket: {
      open(socket) {
        connections++;
        open.add(socket);
        socket.setNoDelay(true);
        socket.data = createLine(socket, onRequest);
        options.onConnection?.(socket);
      },
      data: (socket, bytes) => socket.data.push(bytes),
      drain: (socket) => socket.data.drain(),
      close(socket, error) {
        open.delete(socket);
        socket.data?.close(error);
      },
      error() {},
    },
  });
  return {
    port: listener.port,
    url: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${listener.port}/v1`,
    requests,
    exchanges,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.terminate();
      listener.stop(true);
    },
  };
}

type Outgoing = { write(data: string | Uint8Array): Promise<void>; written(): number; left: Promise<Left> };

function createLine(
  socket: Socket<Line>,
  onRequest: (socket: Socket<Line>, request: RawRequest, line: Outgoing) => void,
): Line {
  let received = Buffer.alloc(0);
  let sending: Buffer = Buffer.alloc(0);
  let sent: (() => void) | null = null;
  let written = 0;
  let closed = false;
  const { promise: left, resolve: leave } = Promise.withResolvers<Left>();

  function drain(): void {
    if (!closed && sending.length > 0) {
      const took = Math.max(0, socket.write(sending));
      written += took;
      sending = sending.subarray(took);
    }
    if (sending.length > 0 && !closed) return;
    sent?.();
    sent = null;
  }

  const outgoing: Outgoing = {
    write(data) {
      sending = Buffer.concat([sending, Buffer.from(data as string)]);
      return new Promise((resolve) => {
        const before = sent;
        sent = () => {
          before?.();
          resolve();
        };
        drain();
      });
    },
    written: () => written,
    left,
  };

  return {
    push(bytes) {
      received = Buffer.concat([received, bytes]);
      for (let next = cutRequest(received); next !== null; next = cutRequest(received)) {
        received = Buffer.from(received.subarray(next.length));
        onRequest(socket, next.request, outgoing);
      }
    },
    drain,
    close(error) {
      closed = true;
      leave({ how: error ? "reset" : "fin", at: performance.now() });
      drain();
    },
  };
}

function createExchange(socket: Socket<Line>, request: RawRequest, number: number, line: Outgoing): Exchange {
  let gone = false;
  void line.left.then(() => (gone = true));
  return {
    request,
    number,
    write: line.write,
    async drip(pieces, ms) {
      for (const piece of pieces) {
        if (gone) return;
        await line.write(piece);
        await Bun.sleep(ms);
      }
    },
    fin: () => void socket.end(),
    reset: () => socket.terminate(),
    written: line.written,
    left: line.left,
    gone: () => gone,
  };
}

/** The first whole request in these bytes, and how long it is. */
function cutRequest(bytes: Buffer): { request: RawRequest; length: number } | null {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [first = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const [method = "", path = ""] = first.split(" ");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const length = end + 4 + Number(headers["content-length"] ?? 0);
  if (bytes.length < length) return null;
  const body = bytes.toString("utf8", end + 4, length);
  return { request: { method, path, headers, body, at: performance.now() }, length };
}
