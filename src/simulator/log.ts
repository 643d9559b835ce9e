import type { HttpRequest } from "./http.ts";

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
export function createLog(): {
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
