import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HAS_REDIS, freePort, startRedis } from "../batch/queue/redis-server.ts";
import { batchLine, batchLines, startBatchServer } from "../batch/server.ts";
import { CERTIFICATES, KEY } from "../fixtures/certificates.ts";
import { endAll, feed, folderWith, idsIn, idsOf, startWorker } from "./batch-queue.ts";
import { runProgram } from "./program.ts";

const env = { LLMAAS_API_KEY: "sk-batch-0123456789" };

function batchOf(requests: string) {
  const cwd = mkdtempSync(join(tmpdir(), "llmaas-refused-"));
  writeFileSync(join(cwd, "in.jsonl"), requests);
  return {
    run: (url: string, ...more: string[]) =>
      runProgram(["batch", "run", "in.jsonl", "--out", "out.jsonl", "-e", url, ...more], { cwd, env }),
    results: (): { custom_id: string; error: unknown }[] =>
      readFileSync(join(cwd, "out.jsonl"), "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line)),
    [Symbol.dispose]: () => rmSync(cwd, { recursive: true }),
  };
}

const refusal = (status: number, message: string, code: string | null = null): Response =>
  Response.json({ error: { message, code } }, { status });
const unknown = (): Response => refusal(404, "The model `m` does not exist", "model_not_found");

describe("a batch that is refused from the first request on", () => {
  test.each<[string, () => Response, string, string]>([
    ["a model that is not there", unknown, "for the model m", "llmaas models|main.ts models"],
    ["the same with 400", () => refusal(400, "Invalid model: m"), "for the model m", "Invalid model"],
    ["a key without rights", () => refusal(403, "no access"), "to /chat/completions", "the key may lack a right"],
    ["a key that is refused with 400", () => refusal(400, "API key not valid"), "to /chat/completions", "API key"],
    ["a wrong path", () => new Response("nope", { status: 404 }), "to /chat/completions", "HTTP 404"],
    ["a place that takes no requests", () => new Response("", { status: 405 }), "to /chat/completions", "HTTP 405"],
    [
      "a page",
      () => new Response("<html>", { headers: { "content-type": "text/html" } }),
      "to /chat/completions",
      "text/html",
    ],
  ])(
    "by %s ends with the cause, and goes on with the same command once that is mended",
    async (_, refuse, whom, cause) => {
      let mended = false;
      await using server = startBatchServer(({ prompt }) => (mended ? prompt : refuse()));
      using batch = batchOf(batchLines(300));
      const { code, stderr } = await batch.run(server.url);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(new RegExp(`The first 10 requests ${whom}.*\n.*(${cause})`)),
      ]);
      expect(stderr).toContain("0 requests answered, 300 left.");
      expect(stderr).toMatch(/Go on with:\n.*batch run in\.jsonl/);
      expect([stderr.includes("--retry-failed"), batch.results(), server.got.length < 30]).toEqual([false, [], true]);
      mended = true;
      expect((await batch.run(server.url)).code).toBe(0);
      expect(
        batch
          .results()
          .map(({ custom_id: id }) => id)
          .toSorted(),
      ).toEqual(idsOf(300));
    },
  );

  test("by a server that does not have one of two models: the other's requests are all answered", async () => {
    await using server = startBatchServer(({ prompt, body }) => (body["model"] === "m" ? unknown() : prompt));
    const lines = Array.from({ length: 200 }, (_, nth) => batchLine(`k${nth}`, `k${nth}`, { model: "k" }));
    using batch = batchOf(batchLines(200) + lines.join(""));
    const { code, stderr } = await batch.run(server.url, "--lang", "fr");
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("Les 10 premières requêtes pour le modèle m ont toutes"),
    ]);
    expect(stderr).toContain("200 réponses obtenues, 200 requêtes restantes");
    expect(batch.results().every(({ custom_id: id, error }) => id.startsWith("k") && error === null)).toBe(true);
  });

  test("and that is short has its refusals as results", async () => {
    await using server = startBatchServer(unknown);
    using batch = batchOf(batchLines(3));
    const { code, stderr } = await batch.run(server.url);
    expect([code, stderr]).toEqual([1, expect.stringContaining("3 × HTTP 404")]);
    expect([stderr.includes("--retry-failed"), batch.results().length]).toEqual([true, 3]);
  });
});

describe("a batch whose endpoint cannot be reached", () => {
  test.each<[string, () => string, readonly string[], string]>([
    ["nobody listens", () => `http://127.0.0.1:${freePort()}/v1`, ["--retries", "0"], "Nothing listens at"],
    [
      "nobody listens, asked again",
      () => `http://127.0.0.1:${freePort()}/v1`,
      ["--retries", "1"],
      "Nothing listens at",
    ],
    ["the name is unknown", () => "http://no-such-host.invalid/v1", ["--allow-http"], "cannot be found"],
  ])("(%s) ends with the cause, and leaves everything to the next run", async (_, url, more, cause) => {
    using batch = batchOf(batchLines(300));
    const { code, stderr } = await batch.run(url(), ...more);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("The endpoint cannot be reached: the batch was stopped."),
    ]);
    expect(stderr).toContain(cause);
    expect([batch.results(), stderr.includes("0 requests answered, 300 left.")]).toEqual([[], true]);
  });
});

test("a batch whose endpoint has a certificate that nobody trusts ends with that, and leaves everything to the next run", async () => {
  const tls = { key: KEY, cert: CERTIFICATES.good };
  await using server = Bun.serve({ hostname: "127.0.0.1", port: 0, tls, fetch: () => new Response("") });
  using batch = batchOf(batchLines(300));
  const { code, stderr } = await batch.run(`https://127.0.0.1:${server.port}/v1`);
  expect([code, stderr]).toEqual([1, expect.stringContaining("signed by nobody this machine trusts")]);
  expect(batch.results()).toEqual([]);
});

describe.skipIf(!HAS_REDIS)("workers whose requests are all refused", () => {
  test("end the batch of a model that is not there, which goes on once it is", async () => {
    await using redis = await startRedis();
    let mended = false;
    await using server = startBatchServer(({ prompt, body }) => (mended || body["model"] === "k" ? prompt : unknown()));
    const others = Array.from({ length: 300 }, (_, nth) => batchLine(`k${nth}`, `k${nth}`, { model: "k" }));
    using folder = folderWith(batchLines(600) + others.join(""));
    const workers = await Promise.all([1, 2].map(() => startWorker({ redis, server }, "-j", "4")));
    const { code, stderr } = await (await feed({ redis, server, ...folder })).ended;
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("The first 10 requests for the model m were all refused"),
    ]);
    expect(stderr).toContain("The model `m` does not exist");
    expect(stderr).toContain("300 requests answered, 600 left.");
    expect(idsIn(folder.results()).every((id) => id.startsWith("k"))).toBe(true);
    // No more than were in the queue when it was known.
    expect(server.got.length).toBeLessThan(300 + 250);
    mended = true;
    expect((await (await feed({ redis, server, ...folder })).ended).code).toBe(0);
    await endAll(workers);
    expect(idsIn(folder.results())).toEqual([...idsOf(600), ...others.map((_, nth) => `k${nth}`)].toSorted());
  }, 60_000);
});
