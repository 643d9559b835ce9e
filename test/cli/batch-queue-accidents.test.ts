import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { HAS_REDIS, startRedis } from "../batch/queue/redis-server.ts";
import { batchLine, batchLines, startBatchServer } from "../batch/server.ts";
import { endAll, extra, feed, folderWith, idsIn, idsOf, startWorker } from "./batch-queue.ts";
import type { Program } from "./program.ts";

describe.skipIf(!HAS_REDIS)("nothing is lost and nothing stands twice", () => {
  /** An engine, a server that takes its time, a folder with so many requests, workers, and how the batch is fed. */
  async function open(
    requests: number,
    { workers = 3, redis: args = [] }: { workers?: number; redis?: readonly string[] } = {},
  ) {
    await using opened = new AsyncDisposableStack();
    const redis = opened.use(await startRedis(...args));
    const server = opened.use(
      startBatchServer(async ({ prompt }) => {
        await Bun.sleep(50 + Math.random() * 100);
        return prompt;
      }),
    );
    const folder = opened.use(folderWith(batchLines(requests)));
    const start = (): Promise<Program> => startWorker({ redis, server }, "-j", "8");
    const working = await Promise.all(Array.from({ length: workers }, start));
    const run = (...more: string[]): Promise<Program> => feed({ redis, server, ...folder }, ...more);
    const kept = opened.move();
    return { redis, server, folder, working, start, run, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  }

  test("when a worker is killed again and again: others take over what it had, and the end counts what was paid twice", async () => {
    await using opened = await open(400);
    const { server, folder, start } = opened;
    const [kills, places] = [3, 8];
    let workers = opened.working;
    const run = await opened.run("--lease", "2s");
    for (let kill = 1; kill <= kills; kill++) {
      await server.came(kill * 80);
      workers[0]?.signal("SIGKILL");
      workers = [...workers.slice(1), await start()];
    }
    const { code, stderr } = await run.ended;
    await endAll(workers);
    expect([code, idsIn(folder.results())]).toEqual([0, idsOf(400)]);
    expect(extra(server)).toBeLessThanOrEqual(kills * places);
    const again = folder.results().reduce((sum, { llmaas }) => sum + (llmaas.taken_over ?? 0), 0);
    expect(again).toBeGreaterThan(0);
    expect(stderr).toContain(`handed out again ${again} time`);
  }, 60_000);

  test("when the engine stands still for longer than the lease: nothing is asked twice", async () => {
    await using opened = await open(300);
    const { redis, server, folder } = opened;
    const run = await opened.run("--lease", "2s");
    await server.came(100);
    redis.signal("SIGSTOP");
    await Bun.sleep(5000);
    redis.signal("SIGCONT");
    expect((await run.ended).code).toBe(0);
    await endAll(opened.working);
    expect([idsIn(folder.results()), extra(server)]).toEqual([idsOf(300), 0]);
  }, 60_000);

  test("when the engine is killed and forgets all: what is missing is asked again", async () => {
    await using opened = await open(300);
    const { redis, server, folder } = opened;
    const run = await opened.run("--lease", "2s");
    await server.came(100);
    await redis.restart(500);
    const { code, stderr } = await run.ended;
    await endAll(opened.working);
    expect([code, idsIn(folder.results())]).toEqual([0, idsOf(300)]);
    expect(stderr).toContain("is back");
    expect(extra(server)).toBeLessThanOrEqual(100);
  }, 60_000);

  test("when the engine is killed and remembers: at most what ran at that instant is asked twice", async () => {
    await using opened = await open(300, { redis: ["--appendonly", "yes", "--appendfsync", "always"] });
    const { redis, server, folder } = opened;
    const run = await opened.run();
    await server.came(100);
    await redis.restart(500);
    expect((await run.ended).code).toBe(0);
    await endAll(opened.working);
    expect(idsIn(folder.results())).toEqual(idsOf(300));
    // Whether a command was carried out whose answer the kill took, nobody knows.
    expect(extra(server)).toBeLessThanOrEqual(3 * 8);
  }, 60_000);

  test("when batch run is killed at any instant and started again: nothing is asked twice", async () => {
    await using opened = await open(400);
    const { server, folder } = opened;
    for (let kill = 1; kill <= 3; kill++) {
      const run = await opened.run();
      await server.came(kill * 90);
      run.signal("SIGKILL");
      await run.ended;
    }
    const { code, stderr } = await (await opened.run()).ended;
    await endAll(opened.working);
    expect([code, idsIn(folder.results()), extra(server)]).toEqual([0, idsOf(400), 0]);
    // The same results on the same machine: nobody else could feed them.
    expect(stderr).not.toContain("Another machine");
  }, 60_000);

  test("when a request ends each worker that has it: after the third it is given to nobody, and counts as failed", async () => {
    await using redis = await startRedis();
    await using server = startBatchServer(({ prompt }) => (prompt === "r0" ? null : prompt));
    using folder = folderWith(batchLines(6));
    const run = await feed({ redis, server, ...folder }, "--lease", "1s");
    for (let death = 1; death <= 3; death++) {
      const worker = await startWorker({ redis, server }, "-j", "1");
      while ((server.asked.get("r0") ?? 0) < death) await server.came(server.got.length + 1);
      worker.signal("SIGKILL");
      await worker.ended;
    }
    const last = await startWorker({ redis, server }, "-j", "2");
    const { code } = await run.ended;
    await endAll([last]);
    const lost = folder.results().filter(({ error }) => error !== null);
    expect([code, idsIn(folder.results()), server.asked.get("r0")]).toEqual([3, idsOf(6), 3]);
    expect(lost).toEqual([
      expect.objectContaining({ custom_id: "r0", error: expect.objectContaining({ code: "worker_died" }) }),
    ]);
  }, 60_000);

  test("when a worker is told to end: it finishes what runs, gives back the rest, and leaves with 0", async () => {
    await using opened = await open(200, { workers: 2 });
    const { server, folder } = opened;
    const run = await opened.run();
    await server.came(60);
    const [first, ...others] = opened.working;
    first?.signal("SIGTERM");
    const end = await first?.ended;
    expect([end?.code, end?.stderr]).toEqual([0, expect.stringContaining("Taking no more work")]);
    expect((await run.ended).code).toBe(0);
    await endAll(others);
    expect([idsIn(folder.results()), extra(server)]).toEqual([idsOf(200), 0]);
  }, 60_000);

  test("when a line is changed while its answer waits in the queue: it is asked as it stands now", async () => {
    await using redis = await startRedis();
    await using server = startBatchServer(async ({ prompt }) => {
      await Bun.sleep(300);
      return prompt;
    });
    using folder = folderWith(batchLines(20));
    const worker = await startWorker({ redis, server }, "-j", "20");
    const run = await feed({ redis, server, ...folder });
    await server.came(20);
    run.signal("SIGKILL");
    await run.ended;
    writeFileSync(join(folder.cwd, "in.jsonl"), batchLines(19) + batchLine("r19", "changed"));
    expect((await (await feed({ redis, server, ...folder })).ended).code).toBe(0);
    await endAll([worker]);
    expect(idsIn(folder.results())).toEqual(idsOf(20));
    expect(server.asked.get("changed")).toBe(1);
    expect(extra(server)).toBe(0);
  }, 60_000);
});
