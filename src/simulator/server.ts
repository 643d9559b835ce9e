import { createConnection, type Connection, type Performance } from "./connection.ts";
import type { HttpRequest } from "./http.ts";
import { createRoutes, type RouteOptions } from "./routes.ts";

export type SimulatorOptions = RouteOptions & {
  /** 127.0.0.1 unless given. */
  host?: string;
  /** A free one unless given. */
  port?: number;
  /** Called just before each write of a token event: request number, ms since the epoch, first token event in it. */
  onWrite?: (stream: number, at: number, token: number) => void;
};

/** A running simulator. */
export type Simulator = {
  /** Base URL for a client, such as `http://127.0.0.1:8080/v1`. */
  url: string;
  port: number;
  stop(): Promise<void>;
  /** The last requests, oldest first. */
  requests(): readonly SeenRequest[];
  /** POST requests being answered now, and the most there were at once. */
  active(): number;
  peak(): number;
};

const LOCAL = "127.0.0.1";

/** Starts the simulator: an OpenAI-compatible endpoint with chosen speed and faults. */
export function startSimulator(options: SimulatorOptions = {}): Simulator {
  const { host = LOCAL, port = 0 } = options;
  const log = createLog();
  const routes = createRoutes(options);
  const open = new Set<Connection>();
  let active = 0;
  let peak = 0;

  function perform(request: HttpRequest): Performance {
    const seen = log.add(request);
    const { onWrite } = options;
    const counted = request.method === "POST";
    if (counted) peak = Math.max(peak, ++active);
    return {
      script: routes(request, seen.at),
      begun: seen.at - performance.timeOrigin,
      onWrite: onWrite && ((at, token) => onWrite(seen.stream, at, token)),
      onDone(bytes, byClient) {
        if (counted) active--;
        log.done(seen, bytes, byClient);
      },
    };
  }

  const listener = Bun.listen<Connection>({
    hostname: host,
    port,
    socket: {
      open(socket) {
        socket.setNoDelay(true);
        socket.data = createConnection(socket, perform);
        open.add(socket.data);
      },
      data: (socket, bytes) => socket.data.push(bytes),
      drain: (socket) => socket.data.drain(),
      close(socket) {
        open.delete(socket.data);
        socket.data.closed();
      },
      error(_socket, error) {
        throw error;
      },
    },
  });

  return {
    url: `http://${urlHost(host)}:${listener.port}/v1`,
    port: listener.port,
    async stop() {
      listener.stop();
      for (const connection of open) connection.terminate();
      while (open.size > 0) await Bun.sleep(1);
    },
    requests: log.all,
    active: () => active,
    peak: () => peak,
  };
}

/** A host as it stands in a URL; one that means every address is reached at the local one. */
function urlHost(host: string): string {
  if (host === "0.0.0.0") return LOCAL;
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

/** One request as the simulator saw it. */
export type SeenRequest = {
  /** Number of the request, from 0. */
  stream: number;
  method: string;
  path: string;
  headers: Readonly<Record<string, string>>;
  /** The body as text, at most its first MiB. */
  body: string;
  /** Ms since the epoch at which it was complete. */
  at: number;
  /** Ms since the epoch at which its reply ended; `null` while it runs. */
  endedAt: number | null;
  /** Bytes of the reply that the socket took. */
  bytesWritten: number;
  /** The client left before the end of the reply. */
  closedByClient: boolean;
};

const MOST_REQUESTS = 10_000;
const MOST_CHARACTERS = 32 * 1024 * 1024;
const BODY_CHARACTERS = 1024 * 1024;

/** A bounded memory of the last requests. */
function createLog(): {
  add(request: HttpRequest): SeenRequest;
  done(seen: SeenRequest, bytes: number, byClient: boolean): void;
  all(): readonly SeenRequest[];
} {
  const seen: SeenRequest[] = [];
  let count = 0;
  let characters = 0;

  return {
    add({ method, path, headers, body }) {
      const text = new TextDecoder().decode(body.subarray(0, BODY_CHARACTERS));
      const at = performance.timeOrigin + performance.now();
      const one = { stream: count++, method, path, headers, body: text, at };
      const entry: SeenRequest = { ...one, endedAt: null, bytesWritten: 0, closedByClient: false };
      seen.push(entry);
      characters += text.length;
      while (seen.length > MOST_REQUESTS || (characters > MOST_CHARACTERS && seen.length > 1))
        characters -= seen.shift()?.body.length ?? 0;
      return entry;
    },
    done(entry, bytes, byClient) {
      entry.endedAt = performance.timeOrigin + performance.now();
      entry.bytesWritten = bytes;
      entry.closedByClient = byClient;
    },
    all: () => seen,
  };
}
