import type { Socket } from "bun";

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
