import type { Socket } from "bun";
import { createHttpParser, type HttpProblem, type HttpRequest } from "./http.ts";
import { createSocketWriter, play, type Player } from "./player.ts";
import { invalid, refusalReply } from "./replies.ts";
import { CLOSE, type Ending, type Script } from "./script.ts";

/** One client's connection: requests one after the other, each with its script. */
export type Connection = {
  push(bytes: Uint8Array): void;
  drain(): void;
  /** The socket is closed, by whomever. */
  closed(): void;
  /** Closes it now. */
  terminate(): void;
};

/** A reply to play, and who wants to know how it went. */
export type Performance = {
  script: Script;
  /** `performance.now()` when the request was complete: the schedule counts from there. */
  begun: number;
  onWrite?: ((at: number, token: number) => void) | undefined;
  /** `bytes`: what the socket took of this reply; `byClient`: the client left before its end. */
  onDone(bytes: number, byClient: boolean): void;
};

/** Requests that may wait for the one before them. */
const PIPELINE_LIMIT = 64;
/** Ms in which a client may read a refusal that came before the end of its request. */
const LINGER = 1000;
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

export function createConnection(socket: Socket<unknown>, perform: (request: HttpRequest) => Performance): Connection {
  const writer = createSocketWriter(socket);
  const waiting: HttpRequest[] = [];
  let current: { player: Player | null; done(byClient: boolean): void } | null = null;
  let problem: HttpProblem | null = null;
  let over = false;

  const parser = createHttpParser({
    onRequest(request) {
      waiting.push(request);
      if (waiting.length > PIPELINE_LIMIT) terminate();
      else serveNext();
    },
    onExpect: () => void (current === null && writer.send(CONTINUE)),
    onProblem(found) {
      problem = found;
      serveNext();
    },
  });

  function serveNext(): void {
    if (current !== null || over) return;
    const request = waiting.shift();
    if (request !== undefined) start(perform(request), request.keepAlive);
    else if (problem !== null) start(refuse(problem), false);
  }

  function start({ script, begun, onWrite, onDone }: Performance, keepAlive: boolean): void {
    const before = writer.written();
    const mine: NonNullable<typeof current> = {
      player: null,
      done: (byClient) => onDone(writer.written() - before, byClient),
    };
    current = mine;
    // Played after this turn: onEnd needs the player's slot, and a pipelined reply must not nest in the one before.
    queueMicrotask(() => {
      if (over || current !== mine) return;
      mine.player = play(script, writer, begun, { onWrite, onEnd: (ending) => finish(ending, keepAlive) });
    });
  }

  function finish(ending: Ending, keepAlive: boolean): void {
    if (ending.how === "hang") return;
    if (ending.how === "reset") {
      setTimeout(reset, ending.after);
      return;
    }
    current?.done(false);
    current = null;
    if (ending.how === "keep" && keepAlive) return serveNext();
    over = true;
    if (problem === null) socket.end();
    else linger();
  }

  function reset(): void {
    if (over) return;
    current?.done(false);
    current = null;
    terminate();
  }

  /** Closing a socket with unread bytes sends a reset, and the refusal would be lost. */
  function linger(): void {
    socket.shutdown();
    setTimeout(() => socket.terminate(), LINGER).unref();
  }

  function terminate(): void {
    over = true;
    socket.terminate();
  }

  return {
    push: (bytes) => void (over || parser.push(bytes)),
    drain() {
      if (current?.player) current.player.resume();
      else writer.drained();
    },
    closed() {
      parser.close();
      current?.player?.stop();
      current?.done(!over);
      over = true;
      current = null;
    },
    terminate,
  };
}

function refuse({ status, message }: HttpProblem): Performance {
  const refusal = { ...invalid(`Not a request: ${message}.`), status };
  return {
    script: refusalReply(refusal, [["Connection", "close"]], CLOSE),
    begun: performance.now(),
    onDone: () => {},
  };
}
