import type { Socket } from "bun";
import type { Ending, Script } from "./script.ts";
import { writeStamp } from "./stamp.ts";

/** Writes to one socket, in order, without keeping more than one refused piece. */
export type SocketWriter = {
  /** False when the socket is full: the piece is kept, and the next may come once `drained` says true. */
  send(data: string | Uint8Array): boolean;
  /** The socket has room again; true when everything has left. */
  drained(): boolean;
  /** Bytes the socket took. */
  written(): number;
};

export function createSocketWriter(socket: Pick<Socket, "write">): SocketWriter {
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
export type Player = {
  /** The socket has room again. */
  resume(): void;
  /** The client is gone: nothing more is made. */
  stop(): void;
};

export type PlayerHandlers = {
  /** Just before a token event is written; of a block of events, the first. */
  onWrite?: ((at: number, token: number) => void) | undefined;
  onEnd(ending: Ending): void;
};

/** Most bytes and steps written before other sockets, and the news that this one closed, get their turn. */
const TURN_BYTES = 1024 * 1024;
const TURN_STEPS = 256;
const LONGEST_TIMER = 2 ** 31 - 1;

/** Writes each step when it is due after `start` (`performance.now()`), so that lateness does not add up. */
export function play(script: Script, writer: SocketWriter, start: number, { onWrite, onEnd }: PlayerHandlers): Player {
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
