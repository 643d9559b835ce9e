import { describe, expect, test } from "bun:test";
import OpenAI, { toFile } from "openai";
import { BATCH_OUTCOME_NAMES, type BatchOutcome } from "../../src/simulator/batch-outcomes.ts";
import { startSimulator } from "../../src/simulator/server.ts";

const fast = { rate: 0, ttft_ms: 0 };

const linesOf = (count: number): string =>
  Array.from({ length: count }, (_, at) =>
    JSON.stringify({
      custom_id: `r${at}`,
      method: "POST",
      url: "/v1/chat/completions",
      body: { model: "granite3.3:2b", messages: [{ role: "user", content: `number ${at}` }] },
    }),
  ).join("\n");

/** A simulator and the openai package in front of it. */
function start(outcome: BatchOutcome, ms = 1) {
  const options = { apiKey: "right", control: fast, answer: ({ prompt }: { prompt: string }) => `You said: ${prompt}` };
  const simulator = startSimulator({ ...options, batch: { outcome, ms } });
  const client = new OpenAI({ baseURL: simulator.url, apiKey: "right", maxRetries: 0 });
  return { simulator, client, [Symbol.asyncDispose]: () => simulator.stop() };
}

type Client = ReturnType<typeof start>["client"];

async function create(client: Client, count = 6) {
  const file = await client.files.create({
    file: await toFile(Buffer.from(linesOf(count)), "in.jsonl"),
    purpose: "batch",
  });
  return client.batches.create({ input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h" });
}

/** Asks until the batch is over. */
async function ended(client: Client, id: string) {
  for (;;) {
    const batch = await client.batches.retrieve(id);
    if (["completed", "failed", "expired", "cancelled"].includes(batch.status)) return batch;
    await Bun.sleep(5);
  }
}

type Line = {
  custom_id: string;
  response: { status_code: number; body: OpenAI.ChatCompletion } | null;
  error: { code: string } | null;
};

async function linesIn(client: Client, file: string | null | undefined): Promise<Line[]> {
  if (!file) return [];
  const text = await (await client.files.content(file)).text();
  return text
    .trimEnd()
    .split("\n")
    .map((line): Line => JSON.parse(line));
}

describe("a batch of the simulator", () => {
  test("is uploaded, made, followed and fetched by the openai package", async () => {
    await using server = start("completed");
    const { client } = server;
    const made = await create(client);
    expect(made.status).toBe("validating");
    const batch = await ended(client, made.id);
    expect(batch.request_counts).toMatchObject({ total: 6, completed: 6, failed: 0 });
    const lines = await linesIn(client, batch.output_file_id);
    expect(lines.map(({ custom_id: id }) => id)).toEqual(["r0", "r1", "r2", "r3", "r4", "r5"]);
    expect(lines[3]?.response?.body.choices[0]?.message.content).toBe("You said: number 3");
    expect(batch.error_file_id).toBeNull();
    const listed = await Array.fromAsync(client.batches.list());
    expect(listed.map(({ id }) => id)).toEqual([made.id]);
    const files = await Array.fromAsync(client.files.list({ purpose: "batch" }));
    expect(files.map(({ filename, bytes }) => [filename, bytes])).toContainEqual([
      "in.jsonl",
      Buffer.byteLength(linesOf(6)),
    ]);
  });

  test("is answered by all four APIs, each at its path", async () => {
    await using server = start("completed");
    const { client } = server;
    const bodies = {
      "/v1/responses": { model: "gemma3:4b", input: "one" },
      "/v1/messages": { model: "gemma3:4b", max_tokens: 50, messages: [{ role: "user", content: "two" }] },
      "/v1/completions": { model: "gemma3:4b", prompt: "three", stream: true },
    };
    const text = Object.entries(bodies).map(([url, body]) =>
      JSON.stringify({ custom_id: url, method: "POST", url, body }),
    );
    const file = await client.files.create({
      file: await toFile(Buffer.from(text.join("\n")), "in.jsonl"),
      purpose: "batch",
    });
    const made = await client.batches.create({
      input_file_id: file.id,
      endpoint: "/v1/responses",
      completion_window: "24h",
    });
    const lines = await linesIn(client, (await ended(client, made.id)).output_file_id);
    expect(lines.map(({ response }) => response?.status_code)).toEqual([200, 200, 200]);
    expect(JSON.stringify(lines)).toContain("You said: two");
  });

  test("is cancelled, and keeps what was answered by then", async () => {
    await using server = start("stuck", 20);
    const { client } = server;
    const made = await create(client);
    expect((await client.batches.retrieve(made.id)).status).not.toBe("completed");
    expect((await client.batches.cancel(made.id)).status).toBe("cancelling");
    const batch = await ended(client, made.id);
    expect(batch.status).toBe("cancelled");
    expect((await linesIn(client, batch.output_file_id)).length).toBe(3);
  });

  test("needs a key, a form, and a file that is there", async () => {
    await using server = start("completed");
    const { url } = server.simulator;
    const headers = { authorization: "Bearer right" };
    const post = (path: string, init: RequestInit): Promise<number> =>
      fetch(`${url}${path}`, { method: "POST", ...init }).then(({ status }) => status);
    expect(await post("/files", { body: "x" })).toBe(401);
    expect(await post("/files", { body: "x", headers })).toBe(400);
    expect(await post("/batches", { body: '{"input_file_id":"no"}', headers })).toBe(400);
    expect(await post("/batches/no/cancel", { headers })).toBe(404);
    const form = new FormData();
    form.set("purpose", "vision");
    form.set("file", new Blob(["x"]), "x.png");
    expect(await post("/files", { body: form, headers })).toBe(400);
  });
});

describe("an outcome of a batch", () => {
  test("has a name and a sentence, and there are more than ten", () => {
    expect(BATCH_OUTCOME_NAMES.length).toBeGreaterThan(10);
  });

  const counted: readonly [BatchOutcome, status: string, output: number, error: number][] = [
    ["failed", "failed", 0, 0],
    ["expired", "expired", 3, 3],
    ["partial", "completed", 3, 3],
    ["status-zero", "completed", 6, 0],
    ["missing", "completed", 4, 0],
    ["wrong-counts", "completed", 6, 0],
    ["duplicates", "completed", 12, 6],
    ["empty-answers", "completed", 6, 0],
    ["rate-limited", "completed", 6, 0],
  ];
  for (const [outcome, status, output, error] of counted)
    test(`${outcome}: ${status}, with ${output} lines of output and ${error} of errors`, async () => {
      await using server = start(outcome);
      const client = new OpenAI({ baseURL: server.simulator.url, apiKey: "right", maxRetries: 3 });
      const batch = await ended(client, (await create(client)).id);
      expect(String(batch.status)).toBe(status);
      expect((await linesIn(client, batch.output_file_id)).length).toBe(output);
      expect((await linesIn(client, batch.error_file_id)).length).toBe(error);
    });

  test("lost-upload and lost-create are done, though their answer is lost", async () => {
    for (const outcome of ["lost-upload", "lost-create"] as const) {
      await using server = start(outcome);
      const { client } = server;
      await expect(create(client)).rejects.toThrow();
      const files = await Array.fromAsync(client.files.list());
      const batches = await Array.fromAsync(client.batches.list());
      expect([outcome, files.length, batches.length]).toEqual([outcome, 1, outcome === "lost-create" ? 1 : 0]);
    }
  });

  test("not-yet is 404 twice, files-late names its files late", async () => {
    await using early = start("not-yet");
    const made = await create(early.client);
    const asked = await Promise.allSettled([1, 2].map(() => early.client.batches.retrieve(made.id)));
    expect(asked.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect((await ended(early.client, made.id)).status).toBe("completed");
    await using late = start("files-late");
    const batch = await ended(late.client, (await create(late.client)).id);
    expect(batch.output_file_id).toBeNull();
  });
});
