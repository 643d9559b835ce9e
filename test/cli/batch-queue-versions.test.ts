import { describe, expect, test } from "bun:test";
import { HAS_REDIS, startRedis, type RedisServer } from "../batch/queue/redis-server.ts";
import { batchLines, startBatchServer } from "../batch/server.ts";
import { endAll, feed, folderWith, idsIn, idsOf, startWorker } from "./batch-queue.ts";

/** A worker that takes requests and answers them with what `say` makes of their ids, until it has answered so many. */
async function startStranger({ url }: RedisServer, answers: number, say: (id: string) => string) {
  const redis = new Bun.RedisClient(url);
  const asked = new Map<string, number>();
  const read = async (key: string): Promise<void> => {
    const found: unknown = await redis
      .send("XREADGROUP", ["GROUP", "w", "stranger", "COUNT", "5", "STREAMS", key, ">"])
      .catch(() => null);
    const streams = found === null || typeof found !== "object" ? [] : Object.values(found);
    for (const [entry, fields] of streams.flat()) {
      const head = Array.isArray(fields) ? String(fields[fields.indexOf("head") + 1]) : String(fields.head);
      const id = head.split(" ").slice(2).join(" ");
      asked.set(id, (asked.get(id) ?? 0) + 1);
      await redis.send("XADD", [key.replace(/:req$/, ":res"), "*", "head", say(id), "line", ""]);
      await redis.send("XACK", [key, "w", String(entry)]);
      await redis.send("XDEL", [key, String(entry)]);
    }
  };
  const sum = (): number => [...asked.values()].reduce((all, times) => all + times, 0);
  const done = (async () => {
    while (sum() < answers) {
      const keys: unknown = await redis.send("KEYS", ["llmaas:{*}:req"]);
      for (const key of Array.isArray(keys) ? keys : []) await read(String(key));
      await Bun.sleep(20);
    }
    redis.close();
  })();
  return { asked, done };
}

const foreign = (id: string): string =>
  JSON.stringify({ kind: "answer", id, worker: "other-1", version: "9.0.0", what: ["nobody", "knows"] });

describe.skipIf(!HAS_REDIS)("a worker whose answers nobody can read", () => {
  test("is asked three times for each, and named with its version in the result and on the terminal", async () => {
    await using redis = await startRedis();
    await using server = startBatchServer();
    using folder = folderWith(batchLines(12));
    const stranger = await startStranger(redis, 36, foreign);
    const { code, stderr } = await (await feed({ redis, server, ...folder }, "--lang", "fr")).ended;
    await stranger.done;
    expect([code, idsIn(folder.results()), new Set(stranger.asked.values())]).toEqual([1, idsOf(12), new Set([3])]);
    const said = "Le worker other-1 (llmaas 9.0.0) a répondu";
    expect(stderr.split(said).length).toBe(2);
    expect(stderr).toContain("12 × reply_unreadable");
    for (const { error, llmaas } of folder.results())
      expect([error?.code, llmaas.taken_over, error?.message]).toEqual([
        "reply_unreadable",
        2,
        expect.stringMatching(/^Le worker other-1 \(llmaas 9\.0\.0\) a répondu 3 fois/),
      ]);
  }, 60_000);

  test("is no matter where another one answers in time", async () => {
    await using redis = await startRedis();
    await using server = startBatchServer();
    using folder = folderWith(batchLines(6));
    const stranger = await startStranger(redis, 6, foreign);
    const run = await feed({ redis, server, ...folder });
    await stranger.done;
    const worker = await startWorker({ redis, server });
    const { code, stderr } = await run.ended;
    await endAll([worker]);
    expect([code, idsIn(folder.results())]).toEqual([0, idsOf(6)]);
    expect(stderr).toContain("Worker other-1 (llmaas 9.0.0) answered in a way that this llmaas");
  }, 60_000);

  test("and that does not even say which requests they are of, ends them all the same", async () => {
    await using redis = await startRedis();
    await using server = startBatchServer();
    using folder = folderWith(batchLines(3));
    const stranger = await startStranger(redis, 9, () => "\u0001 what");
    const { code } = await (await feed({ redis, server, ...folder }, "--lease", "1s")).ended;
    await stranger.done;
    expect([code, folder.results().map(({ error }) => error?.code)]).toEqual([
      1,
      Array.from({ length: 3 }, () => "reply_unreadable"),
    ]);
  }, 60_000);
});
