import { createConnection, type Connection, type Performance } from "./connection.ts";
import type { Control } from "./control.ts";
import type { FaultName } from "./faults.ts";
import type { HttpRequest } from "./http.ts";
import { createLog, type SeenRequest } from "./log.ts";
import type { SimulatedModel } from "./plan.ts";
import { createRoutes, type AnswerRequest, type RouteOptions } from "./routes.ts";

export type { AnswerRequest, Control, FaultName, SeenRequest, SimulatedModel };
export { FAULTS } from "./faults.ts";
export { MODELS } from "./plan.ts";
export { createTokens, joinTokens, splitTokens } from "./tokens.ts";

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
