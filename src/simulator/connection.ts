import type { Socket } from "bun";
import { createHttpParser, type HttpProblem, type HttpRequest } from "./http.ts";
import { invalid } from "./errors.ts";
import { refusalReply } from "./replies.ts";
import { CLOSE, type Ending, type Script } from "./script.ts";
import { writeStamp } from "./stamp.ts";

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
    if (ending.how === "close" && ending.after > 0) {
      setTimeout(() => over || finish(CLOSE, false), ending.after);
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
    script: refusalReply(refusal, "chat", [["Connection", "close"]], CLOSE),
    begun: performance.now(),
    onDone: () => {},
  };
}

/** Writes to one socket, in order, without keeping more than one refused piece. */
type SocketWriter = {
  /** False when the socket is full: the piece is kept, and the next may come once `drained` says true. */
  send(data: string | Uint8Array): boolean;
  /** The socket has room again; true when everything has left. */
  drained(): boolean;
  /** Bytes the socket took. */
  written(): number;
};

function createSocketWriter(socket: Pick<Socket, "write">): SocketWriter {
  let pending: Uint8Array | null = null;
  let written = 0;

  /** The number of bytes taken; a closed socket (-1) takes everything and forgets it. */
  function write(data: string | Uint8Array): number {
    const taken = socket.write(data);
    if (taken > 0) written += taken;
    return taken < 0 ? Infinity : taken;
  }

  return {
    send(data) {
      if (pending !== null) {
        pending = Buffer.concat([pending, Buffer.from(data)]);
        return false;
      }
      const taken = write(data);
      if (taken === data.length && typeof data !== "string") return true;
      const size = typeof data === "string" ? Buffer.byteLength(data) : data.length;
      if (taken >= size) return true;
      pending = Buffer.from(data).subarray(taken);
      return false;
    },
    drained() {
      if (pending === null) return true;
      const taken = write(pending);
      pending = taken >= pending.length ? null : pending.subarray(taken);
      return pending === null;
    },
    written: () => written,
  };
}

/** Plays one script into a socket. */
type Player = {
  /** The socket has room again. */
  resume(): void;
  /** The client is gone: nothing more is made. */
  stop(): void;
};

type PlayerHandlers = {
  /** Just before a token event is written; of a block of events, the first. */
  onWrite?: ((at: number, token: number) => void) | undefined;
  onEnd(ending: Ending): void;
};

/** Most bytes and steps written before other sockets, and the news that this one closed, get their turn. */
const TURN_BYTES = 1024 * 1024;
const TURN_STEPS = 256;
const LONGEST_TIMER = 2 ** 31 - 1;

/** Writes each step when it is due after `start` (`performance.now()`), so that lateness does not add up. */
function play(script: Script, writer: SocketWriter, start: number, { onWrite, onEnd }: PlayerHandlers): Player {
  let next = script.next();
  let timer: Timer | undefined;
  let turn: ReturnType<typeof setImmediate> | undefined;
  let full = false;
  let stopped = false;

  function pump(): void {
    turn = undefined;
    timer = undefined;
    let bytes = 0;
    for (let steps = 0; !stopped; steps++) {
      if (next.done) return finish(next.value);
      const { due, data, token, stamp } = next.value;
      const early = due - (performance.now() - start);
      if (early > 0) {
        // A timer of a fraction of a millisecond fires early.
        timer = setTimeout(pump, Math.min(LONGEST_TIMER, Math.ceil(early)));
        return;
      }
      if (steps >= TURN_STEPS || bytes >= TURN_BYTES) {
        turn = setImmediate(pump);
        return;
      }
      if (token >= 0 && onWrite) onWrite(performance.timeOrigin + performance.now(), token);
      if (stamp !== undefined && typeof data !== "string")
        writeStamp(data, stamp, performance.timeOrigin + performance.now());
      full = !writer.send(data);
      bytes += data.length;
      next = script.next();
      if (full) return;
    }
  }

  function finish(ending: Ending): void {
    stopped = true;
    onEnd(ending);
  }

  pump();
  return {
    resume() {
      if (!full || !writer.drained()) return;
      full = false;
      pump();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      clearImmediate(turn);
    },
  };
}
