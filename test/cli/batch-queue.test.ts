import { describe, expect, test } from "bun:test";
import { HAS_REDIS, PASSWORD, startRedis } from "../batch/queue/redis-server.ts";
import { batchLines, startBatchServer } from "../batch/server.ts";
import { endAll, extra, feed, folderWith, idsIn, idsOf, KEY, startWorker } from "./batch-queue.ts";

describe.skipIf(!HAS_REDIS)("a batch through a queue", () => {
  test("is answered by workers, each request once; no key and no password stands anywhere", async () => {
    await using redis = await startRedis();
    await using server = startBatchServer();
    using folder = folderWith(batchLines(120));
    const monitor = redis.monitor();
    const workers = await Promise.all([1, 2].map(() => startWorker({ redis, server }, "-j", "8")));
    const run = await (await feed({ redis, server, ...folder })).ended;
    const ends = await endAll(workers);
    monitor.stop();
    expect([run.code, run.stderr]).toEqual([0, expect.stringContaining("120 requests answered.")]);
    expect([idsIn(folder.results()), extra(server)]).toEqual([idsOf(120), 0]);
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    expect(ends.every(({ stderr }) => /[1-9]\d* requests? answered/.test(stderr))).toBe(true);
    expect(monitor.text()).toContain("XREADGROUP");
    expect(monitor.text()).not.toContain(KEY);
    expect(JSON.stringify([run, ends])).not.toContain(PASSWORD);
    expect(await redis.send("KEYS", "llmaas:{*")).toEqual([]);
  });

  test("prompts take what the settings of batch run add to them, whatever those of the workers are", async () => {
    await using redis = await startRedis();
    await using server = startBatchServer();
    using folder = folderWith('{"custom_id":"a","prompt":"one"}\n{"custom_id":"b","prompt":"two"}\n');
    const worker = await startWorker({ redis, server });
    const args = ["-s", "Be brief.", "-m", "theirs", "--max-tokens", "7", "--param", 'stop=["x"]'];
    const run = await (await feed({ redis, server, ...folder }, ...args)).ended;
    await endAll([worker]);
    expect([run.code, idsIn(folder.results())]).toEqual([0, ["a", "b"]]);
    expect(server.got.map(({ body }) => body)).toEqual([
      expect.objectContaining({ model: "theirs", max_tokens: 7, stop: ["x"] }),
      expect.objectContaining({ model: "theirs", max_tokens: 7, stop: ["x"] }),
    ]);
    expect(server.got[0]?.body["messages"]).toContainEqual({ role: "system", content: "Be brief." });
    expect(server.got[0]?.headers.get("authorization")).toBe(`Bearer ${KEY}`);
  });

  test("needs no more rights than docs/batch.md lists", async () => {
    await using redis = await startRedis();
    const docs = await Bun.file(new URL("../../docs/batch.md", import.meta.url)).text();
    const [, rule = ""] = /^ACL SETUSER llmaas (.*)$/m.exec(docs) ?? [];
    await redis.send("ACL", "SETUSER", "llmaas", ...rule.replace("PASSWORD", PASSWORD).split(" "));
    const url = redis.url.replace("//:", "//llmaas:");
    await using server = startBatchServer();
    using folder = folderWith(batchLines(30));
    const limited = { ...redis, url };
    const workers = await Promise.all([1, 2].map(() => startWorker({ redis: limited, server })));
    const run = await feed({ redis: limited, server, ...folder }, "--lease", "2s", "--requests-per-minute", "6000");
    const { code, stderr } = await run.ended;
    await endAll(workers);
    expect([code, stderr.includes("NOPERM"), idsIn(folder.results())]).toEqual([0, false, idsOf(30)]);
  }, 60_000);

  test("a worker takes nothing that is for another endpoint, and both sides say so", async () => {
    await using redis = await startRedis();
    await using server = startBatchServer();
    await using other = startBatchServer();
    using folder = folderWith(batchLines(5));
    const wrong = await startWorker({ redis, server: other });
    const run = await feed({ redis, server, ...folder });
    await run.until("No worker asks the endpoint of this batch");
    await wrong.until("it takes nothing of it");
    const right = await startWorker({ redis, server });
    expect((await run.ended).code).toBe(0);
    await endAll([wrong, right]);
    expect([idsIn(folder.results()), other.got.length]).toEqual([idsOf(5), 0]);
  });
});
