import type { SocketWriter } from "./socket-writer.ts";
import type { Ending, Script } from "./script.ts";
import { writeStamp } from "./stamp.ts";

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
export function play(script: Script, outbox: SocketWriter, start: number, { onWrite, onEnd }: PlayerHandlers): Player {
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
      full = !outbox.send(data);
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
      if (!full || !outbox.drained()) return;
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
