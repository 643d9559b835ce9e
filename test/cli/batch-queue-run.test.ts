import { describe, expect, test } from "bun:test";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { HAS_REDIS, startRedis } from "../batch/queue/redis-server.ts";
import { batchLines, startBatchServer } from "../batch/server.ts";
import { endAll, extra, feed, folderWith, idsIn, idsOf, KEY, startWorker } from "./batch-queue.ts";
import { runProgram, startProgram } from "./program.ts";

describe.skipIf(!HAS_REDIS)("a batch that another batch run feeds", () => {
  test("is refused by name with exit code 2, and taken over when that one has died", async () => {
    await using redis = await startRedis();
    const { promise: both, resolve: goOn } = Promise.withResolvers<void>();
    await using server = startBatchServer(async ({ prompt }) => {
      await both;
      return prompt;
    });
    using folder = folderWith(batchLines(20));
    const worker = await startWorker({ redis, server }, "-j", "8");
    const first = await feed({ redis, server, ...folder });
    await server.came(8);
    // As on a volume that two machines have, or of a copy: the same batch by its name.
    const copies = ["en", "fr"].map((lang) => ({ lang, cwd: `${folder.cwd}-${lang}` }));
    const others = copies.map(async ({ lang, cwd }) => {
      cpSync(folder.cwd, cwd, { recursive: true });
      return (await feed({ redis, server, cwd }, "--lang", lang)).ended;
    });
    const [english, french] = await Promise.all(others);
    expect([english?.code, english?.stderr]).toEqual([2, expect.stringMatching(/Another machine .*out-[\da-f]{8}/)]);
    expect([french?.code, french?.stderr]).toEqual([2, expect.stringMatching(/Une autre machine .*out-[\da-f]{8}/)]);
    first.signal("SIGKILL");
    await first.ended;
    const cwd = copies[0]?.cwd ?? "";
    const heir = await feed({ redis, server, cwd });
    await heir.until("waiting to see whether it is gone");
    // As if it had been gone for long.
    for (const key of [await redis.send("KEYS", "llmaas:*:run")].flat()) await redis.send("DEL", String(key));
    goOn();
    const { code } = await heir.ended;
    await endAll([worker]);
    const lines = readFileSync(join(cwd, "out.jsonl"), "utf8").trimEnd().split("\n");
    for (const copy of copies) rmSync(copy.cwd, { recursive: true });
    expect([code, idsIn(lines.map((line) => JSON.parse(line))), extra(server)]).toEqual([0, idsOf(20), 0]);
  }, 60_000);
});

describe.skipIf(!HAS_REDIS)("a batch through a queue", () => {
  test.each([
    ["its file holds what cannot be sent", '{"nonsense":1}\n', "line 1"],
    ["its file is empty", "", "in.jsonl"],
    ["its results are somebody else's", batchLines(1), "not_results"],
  ])("that cannot begin, for %s, says so and ends", async (_, lines, said) => {
    await using redis = await startRedis();
    await using server = startBatchServer();
    using folder = folderWith(lines);
    if (said === "not_results") writeFileSync(join(folder.cwd, "out.jsonl"), "what somebody has written\n");
    const { code, stderr } = await (await feed({ redis, server, ...folder })).ended;
    expect([code, stderr]).toEqual([2, expect.stringContaining(said === "not_results" ? "out.jsonl" : said)]);
    expect(await redis.send("KEYS", "llmaas:*")).toEqual([]);
  });

  test.each([
    ["xgroup", "+xread +eval"],
    ["what its scripts ask for", "+eval +xgroup"],
  ])("whose engine does not allow this user %s says so, and calls it no bug", async (_, allowed) => {
    await using redis = await startRedis();
    await using server = startBatchServer();
    using folder = folderWith(batchLines(3));
    await redis.send(
      "ACL",
      "SETUSER",
      "few",
      "on",
      ">few-password",
      "~llmaas:*",
      "-@all",
      "+hello",
      ...allowed.split(" "),
    );
    const url = redis.url.replace(/\/\/.*@/, "//few:few-password@");
    for (const args of [
      ["run", "in.jsonl", "--out", "out.jsonl", "-e", server.url],
      ["worker", "-e", server.url],
      ["status"],
    ]) {
      const options = { cwd: folder.cwd, env: { LLMAAS_API_KEY: KEY } };
      const { code, stderr } = await runProgram(["batch", ...args, "--queue", url], options);
      expect([code, stderr]).toEqual([2, expect.stringContaining("does not allow this user what a batch needs")]);
      expect(stderr).not.toContain("few-password");
    }
  });

  test("with --schema: workers judge the answers, ask again with what is wrong, and call invalid what never fits", async () => {
    await using redis = await startRedis();
    const schema = { type: "object", properties: { label: { enum: ["good", "bad"] } }, required: ["label"] };
    await using server = startBatchServer(({ body }) => {
      const asked = JSON.stringify(body);
      if (asked.includes('"r3"')) return '{"label":"perhaps"}';
      return asked.includes("does not fit") || asked.includes('"r0"') ? '{"label":"good"}' : "Label: good";
    });
    using folder = folderWith(batchLines(4));
    writeFileSync(join(folder.cwd, "schema.json"), JSON.stringify(schema));
    const workers = await Promise.all([1, 2].map(() => startWorker({ redis, server })));
    const run = await (await feed({ redis, server, ...folder }, "--schema", "schema.json")).ended;
    await endAll(workers);
    const results = folder.results();
    expect([run.code, server.got.length]).toEqual([3, 1 + 2 + 2 + 3]);
    expect(Object.fromEntries(results.map(({ custom_id: id, llmaas }) => [id, llmaas.verdict]))).toEqual({
      r0: "complete",
      r1: "complete",
      r2: "complete",
      r3: "invalid",
    });
    expect(results.find(({ custom_id: id }) => id === "r3")?.error).toMatchObject({ code: "invalid" });
    expect(server.got[0]?.body["response_format"]).toMatchObject({ json_schema: { schema } });
    const again = server.got.findLast(({ prompt }) => prompt.includes("does not fit"))?.prompt;
    expect(again).toContain("must be equal to one of the allowed values");
    const report = await runProgram(["batch", "report", "out.jsonl", "--json"], { cwd: folder.cwd });
    expect(JSON.parse(report.stdout)).toMatchObject({ verdicts: { complete: 3, invalid: 1 }, retries: 4 });
  }, 60_000);

  test("of a table comes back as the table with its answers, after a kill too", async () => {
    await using redis = await startRedis();
    await using server = startBatchServer(async ({ prompt }) => {
      await Bun.sleep(20);
      return `said "${prompt}", and more`;
    });
    const rows = Array.from({ length: 40 }, (_, index) => [String(index), `text "${index}",\nof two lines`]);
    using folder = folderWith("");
    const quoted = rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(";"));
    writeFileSync(join(folder.cwd, "in.csv"), `\uFEFFid;text\r\n${quoted.join("\r\n")}\r\n`);
    const worker = await startWorker({ redis, server }, "-j", "4");
    const args = ["batch", "run", "--csv", "in.csv", "--out", "out.csv", "--prompt", "Classify: {text}"];
    const start = () =>
      startProgram([...args, "-e", server.url, "--queue", redis.url], {
        cwd: folder.cwd,
        env: { LLMAAS_API_KEY: KEY },
      });
    const first = await start();
    await server.came(10);
    first.signal("SIGKILL");
    await first.ended;
    const { code } = await (await start()).ended;
    await endAll([worker]);
    const written = readFileSync(join(folder.cwd, "out.csv"), "utf8");
    const parsed: string[][] = parse(written, { delimiter: ";", bom: true });
    expect([code, extra(server), written.slice(0, 3)]).toEqual([0, 0, "\uFEFFid"]);
    expect(parsed).toEqual([
      ["id", "text", "answer", "verdict", "error"],
      ...rows.map(([id = "", text = ""]) => [id, text, `said "Classify: ${text}", and more`, "complete", ""]),
    ]);
  }, 60_000);
});

describe.skipIf(!HAS_REDIS)("a password with letters that an address writes otherwise", () => {
  const PASSWORD = 'p@ss:w/rd#1 "é%&?x=[y]';
  const encoded = encodeURIComponent(PASSWORD);
  /** Parts of it that stand in no word of ours. */
  const shows = (said: string): string[] =>
    ["p@ss", "p%40ss", "w/rd", "w%2Frd", "rd#1", "rd%231", "é%", "%C3%A9", "[y]", "5By"].filter((part) =>
      said.includes(part),
    );

  test.each([
    ["encoded", encoded],
    ["as far as it must be", 'p@ss:w%2Frd%231 "é%25&%3Fx=[y]'],
  ])(
    "%s, opens the queue, and stands in no output",
    async (_, typed) => {
      await using redis = await startRedis();
      await redis.send("CONFIG", "SET", "requirepass", PASSWORD);
      const { promise: stop, resolve: goOn } = Promise.withResolvers<void>();
      await using server = startBatchServer(async ({ prompt }) => {
        await stop;
        return prompt;
      });
      using folder = folderWith(batchLines(4));
      const at = { redis: { url: `redis://:${typed}@127.0.0.1:${redis.port}` }, server };
      const worker = await startWorker(at, "--json");
      const first = await feed({ ...at, cwd: folder.cwd }, "--json");
      await server.came(4);
      first.signal("SIGINT");
      const stopped = await first.ended;
      goOn();
      expect(stopped.stderr).toContain("--queue 'redis://•••@127.0.0.1:");
      const run = await (await feed({ ...at, cwd: folder.cwd }, "--json")).ended;
      const [status, text] = await Promise.all(
        [["--json"], []].map((more) => runProgram(["batch", "status", "--queue", at.redis.url, ...more], {})),
      );
      const ends = await endAll([worker]);
      expect([stopped.code, run.code, status?.code, text?.code]).toEqual([130, 0, 0, 0]);
      expect(shows(JSON.stringify([stopped, run, status, text, ends]))).toEqual([]);
    },
    60_000,
  );

  test.each([
    ["as it is", `redis://:${PASSWORD}@127.0.0.1:6379`, "is not the address of a queue"],
    ["that looks like a port and a path", "redis://user:12/w/rd#1@127.0.0.1:6379", "is not the address of a queue"],
    ["that is refused", `redis://:${encoded}x@127.0.0.1:PORT`, "refuses this user name or password"],
    ["of a queue that is not there", `redis://p@ss:${encoded}@127.0.0.1:1`, "Nothing listens at"],
  ])(
    "%s, stands in no message either",
    async (_, address, says) => {
      await using redis = await startRedis();
      const url = address.replace("PORT", String(redis.port));
      for (const lang of ["en", "fr"]) {
        const { code, stderr, stdout } = await runProgram(
          ["batch", "status", "--queue", url, "--lang", lang, "--json"],
          {},
        );
        expect([code, shows(stdout + stderr)]).toEqual([2, []]);
        if (lang === "en") expect(stderr).toContain(says);
      }
    },
    60_000,
  );
});
