/** Which places hold a connection that the runtime keeps open for the next request. */
export type Connections = {
  /** A request begins; whether it may go out on a connection that was kept. */
  take(origin: string): boolean;
  /** A response was read to its end: its connection is kept, unless a header says that it closes. */
  give(origin: string, headers: Headers): void;
};

/**
 * Counts the connections that are kept. The runtime (Bun 1.4) does not tell on which one a request goes: one that the
 * server closes before it answers is stale where it was kept, and else the server's doing.
 */
export function createConnections(): Connections {
  const kept = new Map<string, number>();
  return {
    take(origin) {
      const count = kept.get(origin) ?? 0;
      if (count > 0) kept.set(origin, count - 1);
      return count > 0;
    },
    give(origin, headers) {
      if (/\bclose\b/i.test(headers.get("connection") ?? "")) return;
      kept.set(origin, (kept.get(origin) ?? 0) + 1);
    },
  };
}
