import { describe, expect, test } from "bun:test";
import { HAS_REDIS, PASSWORD, freePort, startRedis } from "../batch/queue/redis-server.ts";
import { batchLines, startBatchServer } from "../batch/server.ts";
import { endAll, extra, feed, folderWith, idsIn, idsOf, KEY, startWorker } from "./batch-queue.ts";
import { runProgram, startProgram } from "./program.ts";

const busy = (seconds: number): Response =>
  Response.json({ error: { message: "slow down" } }, { status: 429, headers: { "retry-after": String(seconds) } });

describe.skipIf(!HAS_REDIS)("workers share", () => {
  test("one limit of requests a minute", async () => {
    await using redis = await startRedis();
    await using server = startBatchServer();
    using folder = folderWith(batchLines(30));
    const workers = await Promise.all([1, 2, 3].map(() => startWorker({ redis, server }, "-j", "8")));
    const from = performance.now();
    const run = await feed({ redis, server, ...folder }, "--requests-per-minute", "600");
    expect((await run.ended).code).toBe(0);
    await endAll(workers);
    // Ten at once, then ten a second: 30 take two seconds at least.
    expect(performance.now() - from).toBeGreaterThan(1900);
    expect([idsIn(folder.results()), extra(server)]).toEqual([idsOf(30), 0]);
  }, 60_000);

  test("the wait that a server asks of one of them, and the attempts of nobody", async () => {
    await using redis = await startRedis();
    const at: number[] = [];
    let refusedAt = 0;
    await using server = startBatchServer(async ({ prompt }) => {
      at.push(performance.now());
      if (refusedAt === 0 && at.length > 40) {
        refusedAt = performance.now();
        return busy(3);
      }
      await Bun.sleep(100);
      return prompt;
    });
    using folder = folderWith(batchLines(120));
    const workers = await Promise.all([1, 2, 3].map(() => startWorker({ redis, server }, "-j", "4")));
    expect((await (await feed({ redis, server, ...folder })).ended).code).toBe(0);
    await endAll(workers);
    // What another worker was told is known a moment later.
    const during = at.filter((time) => time > refusedAt + 1200 && time < refusedAt + 2800);
    expect([idsIn(folder.results()), during]).toEqual([idsOf(120), []]);
  }, 60_000);

  test("--concurrency of batch run: all together never run more", async () => {
    await using redis = await startRedis();
    await using server = startBatchServer(async ({ prompt }) => {
      await Bun.sleep(30);
      return prompt;
    });
    using folder = folderWith(batchLines(80));
    const workers = await Promise.all([1, 2, 3].map(() => startWorker({ redis, server }, "-j", "8")));
    // Each knows of the others.
    await Bun.sleep(1500);
    const run = await feed({ redis, server, ...folder }, "-j", "5");
    expect((await run.ended).code).toBe(0);
    await endAll(workers);
    expect(server.most()).toBeLessThanOrEqual(5);
  }, 60_000);

  test("an account that has nothing left: the batch stops, says why, and goes on later", async () => {
    await using redis = await startRedis();
    let empty = true;
    await using server = startBatchServer(({ prompt, nth }) =>
      empty && Number(prompt.slice(1)) >= 10
        ? Response.json({ error: { code: "insufficient_quota", message: "no money" } }, { status: 429 })
        : nth > 0
          ? prompt
          : null,
    );
    using folder = folderWith(batchLines(30));
    const workers = await Promise.all([1, 2].map(() => startWorker({ redis, server }, "-j", "2")));
    const stopped = await (await feed({ redis, server, ...folder })).ended;
    expect([stopped.code, stopped.stderr]).toEqual([1, expect.stringContaining("stopped the batch: ")]);
    expect(stopped.stderr).toContain("What was answered is kept.");
    empty = false;
    const { code } = await (await feed({ redis, server, ...folder })).ended;
    await endAll(workers);
    expect([code, idsIn(folder.results())]).toEqual([0, idsOf(30)]);
  }, 60_000);
});

describe.skipIf(!HAS_REDIS)("batch run on a queue", () => {
  test("Ctrl+C ends it within a moment; the answers under way wait for the next run", async () => {
    await using redis = await startRedis();
    await using server = startBatchServer(async ({ prompt }) => {
      await Bun.sleep(200);
      return prompt;
    });
    using folder = folderWith(batchLines(60));
    const worker = await startWorker({ redis, server }, "-j", "8");
    const run = await feed({ redis, server, ...folder });
    await server.came(16);
    const at = performance.now();
    run.signal("SIGINT");
    const { code, stderr } = await run.ended;
    expect(performance.now() - at).toBeLessThan(5000);
    expect([code, stderr]).toEqual([130, expect.stringContaining("their answers wait there for a week")]);
    const again = await (await feed({ redis, server, ...folder })).ended;
    await endAll([worker]);
    expect([again.code, idsIn(folder.results()), extra(server)]).toEqual([0, idsOf(60), 0]);
  }, 60_000);

  test("says that nobody is there to answer, and with what to start somebody", async () => {
    await using redis = await startRedis();
    await using server = startBatchServer();
    using folder = folderWith(batchLines(3));
    const run = await feed({ redis, server, ...folder });
    await run.until("No worker yet.");
    await run.until("batch worker");
    run.signal("SIGTERM");
    expect((await run.ended).code).toBe(143);
  }, 60_000);

  test.each([
    ["a password that is wrong", "redis://:nope@127.0.0.1:PORT", "refuses this user name or password"],
    ["no password", "redis://127.0.0.1:PORT", "asks for a password"],
    ["a port where nobody listens", "redis://:nope@127.0.0.1:FREE", "Nothing listens at"],
    ["TLS where there is none", "rediss://:nope@127.0.0.1:PORT", "does not speak TLS"],
    ["a host that nobody knows", "redis://:nope@queue.invalid:6379", "is unknown"],
    ["a database that is not there", "redis://:PASSWORD@127.0.0.1:PORT/99", "has no database 99"],
    ["no address", "queue", "is not the address of a queue"],
    ["an address of another kind", "http://127.0.0.1:PORT", "is not the address of a queue"],
  ])("refuses %s, and says what to do", async (_, address, says) => {
    await using redis = await startRedis();
    const url = address
      .replace("PORT", String(redis.port))
      .replace("FREE", String(freePort()))
      .replace("PASSWORD", new URL(redis.url).password);
    const args = ["batch", "run", "in.jsonl", "--out", "out.jsonl", "-e", "http://127.0.0.1:9/v1", "--queue", url];
    const run = await runProgram(args, { files: { "in.jsonl": batchLines(2) }, env: { LLMAAS_API_KEY: KEY } });
    expect([run.code, run.stderr]).toEqual([2, expect.stringContaining(says)]);
    expect([run.stderr.includes("nope"), "out.jsonl" in run.files]).toEqual([false, false]);
  });

  test("a server that is no queue is told from one", async () => {
    await using web = startBatchServer();
    const url = `redis://${new URL(web.url).host}`;
    const run = await runProgram(["batch", "status", "--queue", url], {});
    expect([run.code, run.stderr]).toEqual([2, expect.stringContaining("is neither Redis nor Valkey")]);
  });
});

describe.skipIf(!HAS_REDIS)("batch worker", () => {
  test("waits for a queue that is not there yet, and gives up after --queue-timeout", async () => {
    const url = `redis://127.0.0.1:${freePort()}`;
    const args = ["batch", "worker", "-e", "http://127.0.0.1:9/v1", "--queue", url, "--queue-timeout", "1500ms"];
    const { code, stderr } = await runProgram(args, { env: { LLMAAS_API_KEY: KEY } });
    expect([code, stderr]).toEqual([2, expect.stringContaining("Waiting for it.")]);
  });

  test("gives up when the queue is away for longer than --queue-timeout", async () => {
    const redis = await startRedis();
    await using server = startBatchServer();
    const worker = await startWorker({ redis, server }, "--queue-timeout", "1500ms");
    await redis[Symbol.asyncDispose]();
    const { code, stderr } = await worker.ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining("(--queue-timeout): giving up.")]);
  }, 60_000);

  test("takes no further word, for it asks what is in the queue", async () => {
    const { code, stderr } = await runProgram(["batch", "worker", "in.jsonl", "--queue", "redis://127.0.0.1:9"], {
      env: { LLMAAS_API_KEY: KEY },
    });
    expect([code, stderr]).toEqual([2, expect.stringContaining('does not know what to do with "in.jsonl"')]);
  });

  test("is not outrun by a lease that is shorter than its signs of life", async () => {
    const args = ["batch", "run", "in.jsonl", "--out", "out.jsonl", "-e", "http://127.0.0.1:9/v1", "--lease", "0"];
    const files = { "in.jsonl": batchLines(2) };
    const env = { LLMAAS_API_KEY: KEY };
    const { code, stderr } = await runProgram([...args, "--queue", "redis://127.0.0.1:9"], { files, env });
    expect([code, stderr]).toEqual([2, expect.stringContaining("15s")]);
  });

  test("without a queue says what is missing", async () => {
    const { code, stderr } = await runProgram(["batch", "worker", "-e", "http://127.0.0.1:9/v1"], {
      env: { LLMAAS_API_KEY: KEY },
    });
    expect([code, stderr]).toEqual([2, expect.stringContaining("--queue redis://")]);
  });

  test("whose key is refused leaves; the batch and the status say so, and it goes on with the others", async () => {
    await using redis = await startRedis();
    await using server = startBatchServer(({ prompt, headers }) =>
      headers.get("authorization") === `Bearer ${KEY}` ? prompt : new Response("no", { status: 401 }),
    );
    using folder = folderWith(batchLines(40));
    const env = { LLMAAS_API_KEY: "sk-wrong-9876543210", LLMAAS_QUEUE: redis.url };
    const wrong = await startProgram(["batch", "worker", "-e", server.url], { env });
    await wrong.until("Waiting for work");
    const run = await feed({ redis, server, ...folder });
    const left = await wrong.ended;
    expect([left.code, left.stderr]).toEqual([1, expect.stringContaining("Its work went back to the others.")]);
    await run.until("does not accept the key (HTTP 401)");
    await run.until("no worker for");
    expect(run.stderr()).toMatch(
      /Worker \S+ has left: The server does not accept the key.*\n(.*\n)*.*no worker for .*batch worker --queue 'redis:/,
    );
    const status = (...more: string[]) => runProgram(["batch", "status", "--queue", redis.url, ...more], {});
    const [text, french, json] = await Promise.all([status(), status("--lang", "fr"), status("--json")]);
    expect(text.stdout).toMatch(/No worker\.\n\nWorker \S+ left .* ago: The server does not accept the key/);
    expect(french.stdout).toMatch(/Le worker \S+ est parti il y a .*: The server/);
    const [departed] = JSON.parse(json.stdout).departed;
    expect(departed).toMatchObject({ endpoint: server.url, said: expect.stringContaining("HTTP 401") });
    expect(`${run.stderr()}${text.stdout}${json.stdout}`).not.toContain("sk-wrong-9876543210");
    const right = await startWorker({ redis, server });
    expect((await run.ended).code).toBe(0);
    await endAll([right]);
    expect(idsIn(folder.results())).toEqual(idsOf(40));
  }, 60_000);

  test("who reaches nobody waits, and the batch and the status say so and why", async () => {
    await using redis = await startRedis();
    const server = startBatchServer();
    await server[Symbol.asyncDispose]();
    using folder = folderWith(batchLines(10));
    const worker = await startWorker({ redis, server });
    const run = await feed({ redis, server, ...folder });
    await run.until("asks nothing for now, and tries again by itself: Nothing listens at");
    const { stdout } = await runProgram(["batch", "status", "--queue", redis.url, "--lang", "fr"], {});
    expect(stdout).toMatch(/Le worker \S+ n’envoie rien pour l’instant/);
    run.signal("SIGTERM");
    await run.ended;
    await endAll([worker]);
  }, 60_000);
});

describe.skipIf(!HAS_REDIS)("batch status --queue", () => {
  test("says how each batch and each worker stands, in both languages and as JSON", async () => {
    await using redis = await startRedis();
    await using server = startBatchServer(({ prompt }) => (prompt < "r1" ? prompt : null));
    using folder = folderWith(batchLines(12));
    const worker = await startWorker({ redis, server }, "-j", "4");
    const run = await feed({ redis, server, ...folder });
    await server.came(5);
    const status = async (...more: string[]): Promise<string> =>
      (await runProgram(["batch", "status", "--queue", redis.url, ...more], {})).stdout;
    // Each tells how it stands once a second.
    while (!/"done":1.*"running":4.*"done":1/.test(await status("--json"))) await Bun.sleep(100);
    const [english, french, json] = await Promise.all([
      status("--lang", "en"),
      status("--lang", "fr"),
      status("--json"),
    ]);
    expect([english, french]).toEqual([
      expect.stringMatching(/1 of 12 done.* 4 running/),
      expect.stringMatching(/1 sur 12 terminées.* 4 en cours/),
    ]);
    expect(JSON.parse(json)).toMatchObject({
      batches: [{ total: 12, done: 1, waiting: 7, endpoint: server.url }],
      workers: [{ concurrency: 4, running: 4, done: 1, state: "working" }],
    });
    expect(english + french + json).not.toContain(PASSWORD);
    run.signal("SIGKILL");
    worker.signal("SIGKILL");
    await Promise.all([run.ended, worker.ended]);
  }, 60_000);

  test("says that there is none", async () => {
    await using redis = await startRedis();
    const { code, stdout } = await runProgram(["batch", "status"], { env: { LLMAAS_QUEUE: redis.url } });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/No batch is in the queue at .*\n\nNo worker\.\n/)]);
  });
});
