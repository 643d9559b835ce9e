import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, HAS_REDIS, PASSWORD, startRedis } from "../batch/queue/redis-server.ts";
import { batchLine, batchLines, startBatchServer } from "../batch/server.ts";
import { AUTHORITY, CERTIFICATES, KEY as PRIVATE_KEY } from "../fixtures/certificates.ts";
import { endAll, extra, feed, folderWith, idsIn, idsOf, KEY, startWorker } from "./batch-queue.ts";
import { runProgram } from "./program.ts";

/** Long enough that few of them fill the memory of `startSmall`. */
const longLines = (count: number): string =>
  idsOf(count)
    .map((id) => batchLine(id, `${id} ${"x".repeat(30_000)}`))
    .join("");

/** An engine with room for some forty of these. */
async function startSmall() {
  const redis = await startRedis("--maxmemory-policy", "noeviction");
  const [, used] = /used_memory:(\d+)/.exec(String(await redis.send("INFO", "memory"))) ?? [];
  await redis.send("CONFIG", "SET", "maxmemory", String(Number(used) + 1_500_000));
  return redis;
}

describe.skipIf(!HAS_REDIS)("a queue whose memory is full", () => {
  test("loses nothing: batch run waits, says so, and goes on, with limits that all workers share too", async () => {
    await using redis = await startSmall();
    await using server = startBatchServer();
    using folder = folderWith(longLines(120));
    const limits = ["--requests-per-minute", "100000", "--tokens-per-minute", "900000000"];
    const run = await feed({ redis, server, ...folder }, ...limits);
    await run.until("The memory of the queue is full");
    const workers = await Promise.all([1, 2].map(() => startWorker({ redis, server }, "-j", "4")));
    const { code, stderr } = await run.ended;
    const ends = await endAll(workers);
    expect([code, idsIn(folder.results()), extra(server)]).toEqual([0, idsOf(120), 0]);
    expect(ends.map((end) => end.code)).toEqual([0, 0]);
    // It is said once, however often it waits.
    expect(stderr.split("The memory of the queue is full").length).toBe(2);
  }, 60_000);

  test("gives what a dead worker had to others while it waits", async () => {
    await using redis = await startSmall();
    await using server = startBatchServer(({ prompt, nth }) => (server.got.length <= 4 && nth === 1 ? null : prompt));
    using folder = folderWith(longLines(80));
    const run = await feed({ redis, server, ...folder }, "--lease", "1s");
    const dying = await startWorker({ redis, server }, "-j", "4");
    await server.came(4);
    await run.until("The memory of the queue is full");
    dying.signal("SIGKILL");
    const other = await startWorker({ redis, server }, "-j", "4");
    const { code } = await run.ended;
    await endAll([other]);
    expect([code, idsIn(folder.results()), extra(server)]).toEqual([0, idsOf(80), 4]);
  }, 60_000);
});

/** The way to an engine that hangs up on the first who come: it has not come up yet. */
async function startLate(port: number, early: number, own = freePort()) {
  let connections = 0;
  const way = createServer((client) => {
    client.on("error", () => undefined);
    if (connections++ < early) return void client.destroy();
    const engine = connect(port, "127.0.0.1").on("error", () => void client.destroy());
    client.pipe(engine).pipe(client);
  });
  way.listen(own, "127.0.0.1");
  await once(way, "listening");
  return { url: `redis://:${PASSWORD}@127.0.0.1:${own}`, [Symbol.dispose]: () => void way.close() };
}

describe.skipIf(!HAS_REDIS)("a queue that comes up while it is asked", () => {
  // After the first silence a stranger is let in, who is told that a password is wanted.
  test.each([1, 3])(
    "is used, with the password that was given, however often it was silent: %d",
    async (early) => {
      await using redis = await startRedis();
      using late = await startLate(redis.port, early);
      await using server = startBatchServer();
      using folder = folderWith(batchLines(10));
      const worker = await startWorker({ redis: late, server });
      const { code } = await (await feed({ redis, server, cwd: folder.cwd })).ended;
      const [end] = await endAll([worker]);
      expect([code, end?.code, idsIn(folder.results())]).toEqual([0, 0, idsOf(10)]);
    },
    60_000,
  );
});

describe.skipIf(!HAS_REDIS)("a queue that is not there", () => {
  test("keeps no worker that is told to end and has nothing to bring", async () => {
    await using redis = await startRedis();
    await using server = startBatchServer();
    const worker = await startWorker({ redis, server });
    redis.signal("SIGKILL");
    await worker.until("is away");
    worker.signal("SIGTERM");
    const { code, stderr } = await worker.ended;
    expect([code, stderr]).toEqual([0, expect.stringContaining("0 requests answered.")]);
  });

  test("is waited for by batch run where --queue-timeout is given, and refused at once where it is not", async () => {
    await using redis = await startRedis();
    const way = freePort();
    const early = { url: `redis://:${PASSWORD}@127.0.0.1:${way}` };
    await using server = startBatchServer();
    using folder = folderWith(batchLines(10));
    const at = { redis: early, server, cwd: folder.cwd };
    const refused = await (await feed(at)).ended;
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("Nothing listens at")]);
    const run = await feed(at, "--queue-timeout", "1m");
    await run.until("Waiting for it.");
    using there = await startLate(redis.port, 0, way);
    const worker = await startWorker({ redis: there, server });
    const [{ code }] = [await run.ended, await endAll([worker])];
    expect([code, idsIn(folder.results())]).toEqual([0, idsOf(10)]);
  }, 60_000);
});

describe.skipIf(!HAS_REDIS)("a queue whose machine lost its power", () => {
  test("is asked for what the last bytes of its file held: each request stands in the results once", async () => {
    await using redis = await startRedis("--appendonly", "yes", "--appendfsync", "everysec");
    await using server = startBatchServer(async ({ prompt }) => {
      await Bun.sleep(20 + Math.random() * 40);
      return prompt;
    });
    using folder = folderWith(batchLines(300));
    const workers = await Promise.all([1, 2, 3].map(() => startWorker({ redis, server }, "-j", "8")));
    const run = await feed({ redis, server, ...folder }, "--lease", "1s");
    for (const [came, bytes] of [
      [80, 2_000],
      [200, 60_000],
    ] as const) {
      await server.came(came);
      expect(await redis.loseTail(bytes)).toBeGreaterThan(bytes);
    }
    const { code, stderr } = await run.ended;
    await endAll(workers);
    expect([code, idsIn(folder.results())]).toEqual([0, idsOf(300)]);
    expect(stderr).toContain("is back");
  }, 60_000);

  test("is asked, too, for what it holds and would hand out to nobody any more", async () => {
    await using redis = await startRedis();
    const { promise: set, resolve: goOn } = Promise.withResolvers<void>();
    await using server = startBatchServer(async ({ prompt }) => {
      await set;
      return prompt;
    });
    using folder = folderWith(batchLines(20));
    const worker = await startWorker({ redis, server }, "-j", "2");
    const run = await feed({ redis, server, ...folder }, "--lease", "1s");
    await server.came(2);
    // A file of the queue that was cut within a step of it, twice, leaves such requests (Redis 7.0).
    const [key] = [await redis.send("KEYS", "llmaas:*:req")].flat();
    await redis.send("XGROUP", "SETID", String(key), "w", "$");
    goOn();
    const { code } = await run.ended;
    await endAll([worker]);
    expect([code, idsIn(folder.results()), extra(server)]).toEqual([0, idsOf(20), 0]);
  }, 60_000);
});

describe.skipIf(!HAS_REDIS)("a queue behind TLS", () => {
  /** An engine that speaks TLS with a certificate of our own authority, and the file of that authority. */
  async function startTls(certificate: keyof typeof CERTIFICATES) {
    const dir = mkdtempSync(join(tmpdir(), "llmaas-tls-"));
    const files = { "ca.pem": AUTHORITY, "key.pem": PRIVATE_KEY, "cert.pem": CERTIFICATES[certificate] };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
    const at = (name: string): string => join(dir, name);
    const port = freePort();
    const tls = [
      "--tls-cert-file",
      at("cert.pem"),
      "--tls-key-file",
      at("key.pem"),
      "--tls-ca-cert-file",
      at("ca.pem"),
    ];
    const redis = await startRedis("--tls-port", String(port), ...tls, "--tls-auth-clients", "no");
    return {
      redis: { ...redis, url: `rediss://:${PASSWORD}@127.0.0.1:${port}` },
      trusted: { NODE_EXTRA_CA_CERTS: at("ca.pem") },
      async [Symbol.asyncDispose]() {
        await redis[Symbol.asyncDispose]();
        rmSync(dir, { recursive: true });
      },
    };
  }

  test("carries a batch where its authority is trusted", async () => {
    await using tls = await startTls("good");
    await using server = startBatchServer();
    using folder = folderWith(batchLines(40));
    const at = { redis: tls.redis, server, env: tls.trusted };
    const worker = await startWorker(at);
    const { code } = await (await feed({ ...at, cwd: folder.cwd })).ended;
    const status = await runProgram(["batch", "status", "--queue", tls.redis.url], { env: tls.trusted });
    const [end] = await endAll([worker]);
    expect([code, end?.code, status.code, idsIn(folder.results())]).toEqual([0, 0, 0, idsOf(40)]);
  }, 60_000);

  test.each([
    ["of an authority that nobody has named", "good", {}, "en", "is not trusted", "NODE_EXTRA_CA_CERTS"],
    ["the same, in French", "good", {}, "fr", "n’est pas reconnu", "NODE_EXTRA_CA_CERTS"],
    ["that signed itself", "self", {}, "en", "is not trusted", "NODE_EXTRA_CA_CERTS"],
    ["that has expired", "expired", "trusted", "en", "is not trusted (CERT_HAS_EXPIRED)", "NODE_EXTRA_CA_CERTS"],
    ["of another host", "otherName", "trusted", "en", "is not trusted (ERR_TLS_CERT_ALTNAME_INVALID)", ""],
  ] as const)(
    "with a certificate %s is refused, and the words say what to do",
    async (_, name, trust, lang, says, todo) => {
      await using tls = await startTls(name);
      const env = { LLMAAS_API_KEY: KEY, LLMAAS_QUEUE: tls.redis.url, ...(trust === "trusted" ? tls.trusted : {}) };
      const args = ["-e", "http://127.0.0.1:9/v1", "--lang", lang];
      const files = { "in.jsonl": batchLines(2) };
      const [run, worker] = await Promise.all([
        runProgram(["batch", "run", "in.jsonl", "--out", "out.jsonl", ...args], { env, files }),
        runProgram(["batch", "worker", ...args], { env }),
      ]);
      for (const { code, stderr } of [run, worker])
        expect([code, stderr.replaceAll(/\s/g, " ")]).toEqual([2, expect.stringContaining(says)]);
      expect(run.stderr).toContain(todo);
      expect(JSON.stringify([run, worker])).not.toContain(PASSWORD);
    },
    60_000,
  );
});
