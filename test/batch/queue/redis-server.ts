import { RedisClient } from "bun";
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const program = process.env["QUEUE_SERVER"] ?? Bun.which("redis-server") ?? Bun.which("valkey-server");
/**
 * Where there is none, the tests of the queue are left out; on Debian: apt-get install redis-server. QUEUE_SERVER names
 * another one, such as the path of a valkey-server.
 */
export const HAS_REDIS = program !== null;
if (!HAS_REDIS) console.log("skipped: redis-server missing (apt-get install redis-server)");

/** What no output may show. */
export const PASSWORD = "queue-password-4711";

export type RedisServer = {
  url: string;
  port: number;
  /** Asks it something. */
  send(command: string, ...args: string[]): Promise<unknown>;
  signal(name: NodeJS.Signals): void;
  /** Kills it, and starts it again on the same port after so many ms: what it did not write is forgotten. */
  restart(pause?: number): Promise<void>;
  /** The same as a power cut has it: so many of the last bytes that it wrote are gone; how many there were. */
  loseTail(bytes: number): Promise<number>;
  /** Every command that it gets from now on, as text. */
  monitor(): { text(): string; stop(): void };
  [Symbol.asyncDispose](): Promise<void>;
};

/** A real engine on a free port, which keeps nothing unless `args` say so. */
export async function startRedis(...args: string[]): Promise<RedisServer> {
  if (program === null) throw new Error("redis-server is missing");
  const server = program;
  const dir = mkdtempSync(join(tmpdir(), "llmaas-redis-"));
  const port = freePort();
  const url = `redis://:${PASSWORD}@127.0.0.1:${port}`;

  async function start() {
    const keeping = args.includes("--appendonly") ? [] : ["--appendonly", "no"];
    const all = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir, "--save", "", ...keeping];
    const child = Bun.spawn([server, ...all, "--requirepass", PASSWORD, ...args], {
      stdout: "ignore",
      stderr: "ignore",
    });
    for (let tries = 0; tries < 500; tries++) {
      if (await isThere(url)) return child;
      await Bun.sleep(20);
    }
    throw new Error("redis-server does not start");
  }

  let child = await start();
  return {
    url,
    port,
    async send(command, ...rest) {
      const client = new RedisClient(url);
      try {
        return await client.send(command, rest);
      } finally {
        client.close();
      }
    },
    signal: (name) => child.kill(name),
    async loseTail(bytes) {
      child.kill("SIGKILL");
      await child.exited;
      const folder = join(dir, "appendonlydir");
      const path = join(folder, readdirSync(folder).find((name) => name.endsWith(".incr.aof")) ?? "none");
      const { size } = statSync(path);
      truncateSync(path, Math.max(0, size - bytes));
      child = await start();
      return size;
    },
    async restart(pause = 0) {
      child.kill("SIGKILL");
      await child.exited;
      await Bun.sleep(pause);
      child = await start();
    },
    monitor() {
      const cli = Bun.spawn(
        [Bun.which("redis-cli") ?? "valkey-cli", "-p", String(port), "-a", PASSWORD, "--no-auth-warning", "monitor"],
        {
          stdout: "pipe",
        },
      );
      let text = "";
      void (async () => {
        const utf8 = new TextDecoder();
        for await (const bytes of cli.stdout) text += utf8.decode(bytes, { stream: true });
      })();
      return { text: () => text, stop: () => cli.kill() };
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function isThere(url: string): Promise<boolean> {
  const client = new RedisClient(url, { autoReconnect: false, connectionTimeout: 1000 });
  try {
    return (await client.send("PING", [])) === "PONG";
  } catch {
    return false;
  } finally {
    client.close();
  }
}

/** Nobody has it at this moment. */
export function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const { port } = server;
  server.stop(true);
  return port;
}
