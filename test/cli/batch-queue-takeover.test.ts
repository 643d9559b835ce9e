import { describe, expect, test } from "bun:test";
import { HAS_REDIS, startRedis } from "../batch/queue/redis-server.ts";
import { batchLines, startBatchServer } from "../batch/server.ts";
import { endAll, extra, feed, folderWith, idsIn, idsOf, reportOf, startWorker } from "./batch-queue.ts";

/** Places of a worker, and how many requests of a batch it has in its hands. */
const PLACES = 6;

describe.skipIf(!HAS_REDIS)("what a worker had that gives no sign any more", () => {
  test("is asked by another one, and batch report counts each time that the server was asked again", async () => {
    await using redis = await startRedis();
    const first = new Set<string>();
    await using server = startBatchServer(({ prompt, nth }) => {
      if (nth === 1 && first.size < PLACES) first.add(prompt);
      return nth === 1 && first.has(prompt) ? null : prompt;
    });
    using folder = folderWith(batchLines(30));
    const dying = await startWorker({ redis, server }, "-j", String(PLACES));
    const run = await feed({ redis, server, ...folder }, "--lease", "1s");
    await server.came(PLACES);
    dying.signal("SIGKILL");
    const other = await startWorker({ redis, server });
    const { code, stderr } = await run.ended;
    await endAll([other]);
    expect([code, idsIn(folder.results()), extra(server)]).toEqual([0, idsOf(30), PLACES]);
    expect(stderr).toContain(`handed out again ${PLACES} times`);
    const { json, text, french } = await reportOf(folder.cwd);
    expect(json).toMatchObject({ results: 30, answered: 30, taken_over: PLACES });
    expect(text).toContain(`Handed out again: ${PLACES} times`);
    expect(french).toMatch(/redistribuées\s: 6 fois/);
  }, 60_000);

  test("is answered once where the worker only slept: its late answers are dropped", async () => {
    await using redis = await startRedis();
    const { promise: asleep, resolve: fallAsleep } = Promise.withResolvers<void>();
    await using server = startBatchServer(async ({ prompt, nth }) => {
      if (nth === 1 && server.got.length <= PLACES) await asleep;
      return `${prompt} ${nth}`;
    });
    using folder = folderWith(batchLines(20));
    const sleeper = await startWorker({ redis, server }, "-j", String(PLACES));
    const run = await feed({ redis, server, ...folder }, "--lease", "1s");
    await server.came(PLACES);
    sleeper.signal("SIGSTOP");
    fallAsleep();
    const other = await startWorker({ redis, server }, "-j", "4");
    // Asked anew, and by nobody but the other one.
    await server.came(20 + PLACES);
    sleeper.signal("SIGCONT");
    const { code } = await run.ended;
    await endAll([sleeper, other]);
    expect([code, idsIn(folder.results()), extra(server)]).toEqual([0, idsOf(20), PLACES]);
    expect((await reportOf(folder.cwd)).json).toMatchObject({ results: 20, twice: 0, taken_over: PLACES });
  }, 60_000);

  test("is counted, too, where its own answer comes first", async () => {
    await using redis = await startRedis();
    const { promise: asleep, resolve: fallAsleep } = Promise.withResolvers<void>();
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    await using server = startBatchServer(async ({ prompt, nth }) => {
      await (nth === 1 ? asleep : over);
      return `${prompt} ${nth}`;
    });
    using folder = folderWith(batchLines(PLACES));
    const sleeper = await startWorker({ redis, server }, "-j", String(PLACES));
    const run = await feed({ redis, server, ...folder }, "--lease", "1s");
    await server.came(PLACES);
    sleeper.signal("SIGSTOP");
    fallAsleep();
    const other = await startWorker({ redis, server }, "-j", String(PLACES));
    await server.came(2 * PLACES);
    sleeper.signal("SIGCONT");
    const { code } = await run.ended;
    end();
    await endAll([sleeper, other]);
    expect([code, idsIn(folder.results()), extra(server)]).toEqual([0, idsOf(PLACES), PLACES]);
    expect(folder.results().map(({ llmaas }) => llmaas.taken_over)).toEqual(Array(PLACES).fill(1));
    expect((await reportOf(folder.cwd)).json).toMatchObject({ taken_over: PLACES });
  }, 60_000);

  test("comes to itself once more where it slept and there is no other: each stands in the results once", async () => {
    await using redis = await startRedis();
    const { promise: twice, resolve: goOn } = Promise.withResolvers<void>();
    await using server = startBatchServer(async ({ prompt, nth }) => {
      if (nth > 1) goOn();
      await twice;
      // The first answer is in the queue, and out of the worker's hands, when the second one comes.
      if (nth > 1) await Bun.sleep(200);
      return `${prompt} ${nth}`;
    });
    using folder = folderWith(batchLines(PLACES));
    const sleeper = await startWorker({ redis, server }, "-j", String(PLACES + 2));
    const run = await feed({ redis, server, ...folder }, "--lease", "1s");
    await server.came(PLACES);
    sleeper.signal("SIGSTOP");
    // Names of the second generation: all of them were taken from it.
    while (!String(await redis.send("EVAL", LAST_OF_ALL, "0")).startsWith(`2-${PLACES}`)) await Bun.sleep(50);
    sleeper.signal("SIGCONT");
    const { code } = await run.ended;
    const [end] = await endAll([sleeper]);
    expect([code, end?.code, idsIn(folder.results())]).toEqual([0, 0, idsOf(PLACES)]);
    expect(folder.results().map(({ llmaas }) => llmaas.taken_over)).toEqual(Array(PLACES).fill(1));
  }, 60_000);
});

/** The last name that was given to a request of any batch. */
const LAST_OF_ALL = `local keys = redis.call('KEYS', 'llmaas:*:req')
return redis.call('XINFO', 'STREAM', keys[1])[8]`;
