import { LLMock } from "@copilotkit/aimock";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { runProgram, type Outcome, type ProgramOptions } from "./program.ts";

/**
 * The program against a server that none of us wrote: aimock 1.43.0. It matches a fixture by a part of the prompt, cuts
 * answers every `chunkSize` UTF-16 units (also in the middle of a surrogate pair), and fails where a fixture, a header
 * or the server says so. Its chaos acts before the answer; what cuts an answer is `truncateAfterChunks` and
 * `disconnectAfterMs`, which tear the connection down.
 */
const mock = new LLMock({ port: 0, chunkSize: 5 });

const POEM = "Été : l’eau dort 👩‍👩‍👧 sous 「橋」.\n\n```ts\nconst x = 1;\n```\n\tFin 🇫🇷";
const LONG = Array.from({ length: 200 }, (_, n) => `word${n}`).join(" ");

mock
  .onMessage("say a poem", { content: POEM })
  .onMessage("say much", { content: LONG })
  .onMessage("say it slowly", { content: LONG.slice(0, 100) }, { streamingProfile: { ttft: 300, tps: 100 } })
  .onMessage("count", { content: "one", usage: { prompt_tokens: 11, completion_tokens: 22, total_tokens: 33 } })
  .onMessage("be cut short", { content: "half of it", finishReason: "length" })
  .onMessage("be filtered", { content: "half of it", finishReason: "content_filter" })
  .onMessage("think", { content: "42", reasoning: "Six times seven. " })
  .onMessage("call a tool", { toolCalls: [{ id: "c0", name: "weather", arguments: '{"city":"Ornans"}' }] })
  .onMessage("talk and call", {
    content: "Let me look.",
    toolCalls: [
      { id: "c0", name: "weather", arguments: '{"city":"Ornans"}' },
      { id: "c1", name: "clock", arguments: '{"zone":' },
    ],
  })
  .onMessage("disconnect", { content: "never" }, { chaos: { disconnectRate: 1 } })
  .onMessage("malformed", { content: "never" }, { chaos: { malformedRate: 1 } })
  .onMessage("rate limit", { content: "never" }, { chaos: { rateLimitRate: 1 } })
  .onMessage("drop", { content: "never" }, { chaos: { dropRate: 1 } })
  .onMessage("wait", { content: "patience" }, { chaos: { latencyMs: 600 } })
  .onMessage("truncate", { content: LONG }, { latency: 40, truncateAfterChunks: 5 })
  .onMessage("vanish", { content: LONG }, { latency: 40, disconnectAfterMs: 2500 })
  .onMessage("refuse", {
    error: { message: "No such thing.", type: "invalid_request_error", code: "bad" },
    status: 400,
  })
  .onMessage("overload", { error: { message: "Full.", type: "server_error" }, status: 503 })
  .onMessage("limit for an hour", { error: { message: "Later.", type: "rate_limit" }, status: 429, retryAfter: 3600 });

beforeAll(() => mock.start());
afterAll(() => mock.stop());

const stream = (args: readonly string[], options?: ProgramOptions): Promise<Outcome> =>
  runProgram(["stream", "--endpoint", `${mock.url}/v1`, ...args], options);

type Record = { [key: string]: unknown };

/** The records of a run, in the order of their streams. */
async function recordsOf(args: readonly string[]): Promise<{ code: number | null; records: Record[] }> {
  const { code, files, stderr } = await stream(["--records", "r.jsonl", ...args]);
  // A bug of ours, or a wrong option: what it said is the shortest explanation.
  if (code === 70 || code === 2) throw new Error(stderr);
  const lines = (files["r.jsonl"] ?? "").trimEnd().split("\n");
  const records = lines.filter((line) => line !== "").map((line): Record => JSON.parse(line));
  return { code, records: records.toSorted((a, b) => Number(a["stream"]) - Number(b["stream"])) };
}

/** The one record of a prompt. */
async function recordOf(...args: string[]): Promise<{ code: number | null; record: Record }> {
  const { code, records } = await recordsOf(args);
  expect(records.length).toBe(1);
  return { code, record: records[0] ?? {} };
}

/** Requests that aimock got with this in their prompt. */
const requestsFor = (part: string): number =>
  mock.getRequests().filter(({ body }) => JSON.stringify(body).includes(part)).length;

describe("an answer of aimock", () => {
  test("arrives exactly, although its pieces end inside of emoji", async () => {
    const { code, stdout } = await stream(["say a poem"]);
    expect(code).toBe(0);
    expect(stdout).toBe(POEM);
  });

  test("is a record with its words, counts and reason", async () => {
    const { code, record } = await recordOf("please count");
    expect(code).toBe(0);
    expect(record).toMatchObject({
      verdict: "complete",
      finish_reason: "stop",
      text: "one",
      tokens: 22,
      tokens_source: "usage",
      prompt_tokens: 11,
      response_model: "granite3.3:2b",
      http_status: 200,
    });
  });

  test("comes token by token, and its pace is what was asked of the server", async () => {
    const { record } = await recordOf("say it slowly");
    expect(record).toMatchObject({ verdict: "complete", text: LONG.slice(0, 100), token_events: 20 });
    // Twenty pieces after a role chunk that waits 300 ms: nothing can come sooner, on a busy machine later.
    expect(Number(record["ttft_ms"])).toBeGreaterThanOrEqual(300);
    expect(Number(record["duration_ms"])).toBeGreaterThanOrEqual(300 + 20 * 9);
  });

  test("that says it was cut, or filtered, is believed", async () => {
    expect(await recordOf("be cut short")).toMatchObject({ code: 0, record: { verdict: "length" } });
    const filtered = { verdict: "filtered", text: "half of it", error: { kind: "filtered" } };
    expect(await recordOf("be filtered")).toMatchObject({ code: 3, record: filtered });
  });

  test("may think first: reasoning is kept apart", async () => {
    const { code, stdout, stderr } = await stream(["think"]);
    expect([code, stdout]).toEqual([0, "42"]);
    expect(stderr).toContain("Six times seven.");
    expect(await recordOf("think")).toMatchObject({ record: { text: "42", reasoning: "Six times seven. " } });
  });

  test("may be a tool call alone, or one beside words", async () => {
    expect(await recordOf("call a tool")).toMatchObject({
      code: 0,
      record: {
        verdict: "complete",
        finish_reason: "tool_calls",
        text: "",
        tool_calls: [{ index: 0, id: "c0", name: "weather", arguments: '{"city":"Ornans"}', invalid: false }],
      },
    });
    expect(await recordOf("talk and call")).toMatchObject({
      code: 0,
      record: {
        text: "Let me look.",
        tool_calls: [
          { index: 0, name: "weather", invalid: false },
          { index: 1, name: "clock", arguments: '{"zone":', invalid: true },
        ],
      },
    });
  });
});

describe("several answers of aimock at once", () => {
  test("arrive exactly, each after the line that says whose it is", async () => {
    const { code, stdout } = await stream(["-n", "3", "-j", "6", "say a poem", "say much"]);
    expect(code).toBe(0);
    const blocks = stdout.split(/^(?==== prompt)/m).toSorted();
    const block = (prompt: number, repeat: string, text: string): string =>
      `=== prompt ${prompt}${repeat} · granite3.3:2b ===\n${text}\n`;
    const repeats = ["", ".2", ".3"];
    const wanted = [
      ...repeats.map((repeat) => block(1, repeat, POEM)),
      ...repeats.map((repeat) => block(2, repeat, LONG)),
    ];
    expect(blocks).toEqual(wanted.toSorted());
  });

  test("are forty, and none takes a word of another", async () => {
    const { code, records } = await recordsOf(["-n", "20", "-j", "40", "say a poem", "say much"]);
    expect(code).toBe(0);
    expect(records.map(({ verdict, text }) => [verdict, text])).toEqual(
      Array.from({ length: 40 }, (_, n) => ["complete", n < 20 ? POEM : LONG]),
    );
  });

  test("with every kind of chaos among them: each has its own verdict, and the good ones are whole", async () => {
    const prompts = [
      "say a poem",
      "disconnect",
      "malformed",
      "rate limit",
      "drop",
      "truncate",
      "wait",
      "refuse",
      "think",
    ];
    const { code, records } = await recordsOf([
      "-j",
      "9",
      "--retries",
      "0",
      ...prompts.flatMap((prompt) => [`${prompt} now`]),
    ]);
    expect(
      records.map(({ prompt, verdict, error }) => [prompt, verdict, (error as Record | null)?.["kind"] ?? null]),
    ).toEqual([
      ["say a poem now", "complete", null],
      ["disconnect now", "failed", "reset"],
      ["malformed now", "failed", "not_a_stream"],
      ["rate limit now", "failed", "http"],
      ["drop now", "failed", "http"],
      ["truncate now", "truncated", "truncated"],
      ["wait now", "complete", null],
      ["refuse now", "failed", "http"],
      ["think now", "complete", null],
    ]);
    expect(
      records.map(({ text }) => text).filter((text) => text === POEM || text === "patience" || text === "42").length,
    ).toBe(3);
    expect(code).toBe(1);
  });
});

describe("chaos of aimock", () => {
  test("disconnect before the answer: asked again as often as allowed, then failed", async () => {
    const before = requestsFor("disconnect twice");
    expect(await recordOf("--retries", "1", "disconnect twice")).toMatchObject({
      code: 1,
      record: { verdict: "failed", text: "", attempts: 2, error: { kind: "reset", code: "ECONNRESET" } },
    });
    expect(requestsFor("disconnect twice") - before).toBe(2);
  });

  test("disconnect in the answer: truncated, what came is kept, and it is not asked again", async () => {
    const cut = async (prompt: string): Promise<void> => {
      const before = requestsFor(prompt);
      const { code, record } = await recordOf(prompt);
      expect(code).toBe(3);
      expect(record).toMatchObject({ verdict: "truncated", attempts: 1, error: { kind: "truncated" } });
      const text = String(record["text"]);
      expect(text).not.toBe("");
      expect(LONG.startsWith(text)).toBe(true);
      expect(text.length).toBeLessThan(LONG.length);
      expect(requestsFor(prompt) - before).toBe(1);
    };
    await Promise.all([cut("truncate this"), cut("vanish in time")]);
  });

  test("what was cut stands on stdout all the same, and stderr says so", async () => {
    const { code, stdout, stderr } = await stream(["truncate this"]);
    expect(code).toBe(3);
    expect(LONG.startsWith(stdout)).toBe(true);
    expect(stdout).not.toBe("");
    expect(stderr).toContain("truncated");
  });

  test("malformed JSON instead of a stream: failed, not asked again, with its first characters", async () => {
    const { code, record } = await recordOf("malformed please");
    expect(code).toBe(1);
    expect(record).toMatchObject({ verdict: "failed", attempts: 1, http_status: 200, text: "" });
    expect(JSON.stringify(record["error"])).toContain("{malformed json");
  });

  test("rate limit: its Retry-After is obeyed, and the last refusal is told", async () => {
    const { code, record } = await recordOf("--retries", "1", "rate limit me");
    expect(code).toBe(1);
    expect(record).toMatchObject({
      verdict: "failed",
      attempts: 2,
      http_status: 429,
      error: { kind: "http", status: 429 },
    });
    expect(JSON.stringify(record["error"])).toContain("Chaos: rate limit exceeded");
    expect(Number(record["retry_wait_ms"])).toBe(1000);
    expect(Number(record["total_ms"])).toBeGreaterThanOrEqual(1000);
  });

  test("dropped requests are server errors: asked again", async () => {
    expect(await recordOf("--retries", "1", "drop me")).toMatchObject({
      code: 1,
      record: { verdict: "failed", attempts: 2, error: { kind: "http", status: 500, code: "chaos_drop" } },
    });
  });

  test("latency stands in the first token's delay, and is no error", async () => {
    const { code, record } = await recordOf("wait a bit");
    expect(code).toBe(0);
    expect(record).toMatchObject({ verdict: "complete", text: "patience", attempts: 1 });
    expect(Number(record["ttft_ms"])).toBeGreaterThanOrEqual(600);
  });

  test("latency beyond our patience is a timeout of the right name", async () => {
    const { code, record } = await recordOf(
      "--header",
      "x-aimock-chaos-latency: 20000",
      "--timeout-open",
      "500ms",
      "say much",
    );
    expect(code).toBe(4);
    expect(record).toMatchObject({ verdict: "timeout", attempts: 1, error: { kind: "timeout", phase: "open" } });
  });

  test("asked for by header does the same as by fixture", async () => {
    const rows: [string, number, string, object][] = [
      ["disconnect: 1", 1, "failed", { kind: "reset" }],
      ["malformed: 1", 1, "failed", { kind: "not_a_stream" }],
      ["ratelimit: 1", 1, "failed", { kind: "http", status: 429 }],
      ["drop: 1.0", 1, "failed", { kind: "http", status: 500 }],
    ];
    for (const [header, code, verdict, error] of rows) {
      const outcome = await recordOf("--retries", "0", "--header", `x-aimock-chaos-${header}`, "say a poem");
      expect(outcome).toMatchObject({ code, record: { verdict, attempts: 1, error } });
    }
  });

  test("that hits one request in two ends well when it is asked again often enough, or says how it ended", async () => {
    mock.setChaos({ dropRate: 0.5 });
    const { records } = await recordsOf(["-n", "12", "-j", "12", "--retries", "1", "say a poem"]);
    mock.clearChaos();
    expect(records.length).toBe(12);
    for (const record of records) {
      const attempts = Number(record["attempts"]);
      if (record["verdict"] === "complete") expect(record["text"]).toBe(POEM);
      else expect(record).toMatchObject({ verdict: "failed", attempts: 2, error: { status: 500 } });
      expect([1, 2]).toContain(attempts);
    }
  });
});

describe("errors that aimock injects", () => {
  test("400 is final, with the server's words", async () => {
    const { code, stderr } = await stream(["refuse this"]);
    expect(code).toBe(1);
    expect(stderr).toContain("No such thing.");
    const error = { kind: "http", status: 400, code: "bad" };
    expect(await recordOf("refuse this")).toMatchObject({ record: { verdict: "failed", attempts: 1, error } });
  });

  test("503 is asked again", async () => {
    const { record } = await recordOf("--retries", "1", "overload");
    expect(record).toMatchObject({ verdict: "failed", attempts: 2, error: { kind: "http", status: 503 } });
  });

  test("a wait longer than allowed fails at once, and is named", async () => {
    const { code, record } = await recordOf("limit for an hour");
    expect(code).toBe(1);
    expect(record).toMatchObject({ verdict: "failed", attempts: 1, retry_wait_ms: 0, error: { status: 429 } });
    expect(JSON.stringify(record["error"])).toMatch(/3.?600|60 min|1 h/);
  });

  test("one refusal before a good answer is a second attempt and nothing worse", async () => {
    mock.nextRequestError(429, { message: "Slow down." });
    const { code, record } = await recordOf("say a poem");
    expect(code).toBe(0);
    expect(record).toMatchObject({ verdict: "complete", text: POEM, attempts: 2 });
  });

  test("a prompt it has no answer for is a 404 with its own words", async () => {
    const { code, record } = await recordOf("something else entirely");
    expect(code).toBe(1);
    expect(record).toMatchObject({ verdict: "failed", error: { kind: "http", status: 404, code: "no_fixture_match" } });
  });
});

describe("the models of aimock", () => {
  test("are listed", async () => {
    const { code, stdout } = await runProgram(["models", "--endpoint", `${mock.url}/v1`]);
    expect(code).toBe(0);
    expect(stdout).toContain("gpt-4o");
    expect(stdout).toContain("aimock");
  });
});

describe("the key of an aimock that asks for one", () => {
  const guarded = new LLMock({ port: 0, auth: { apiKeys: ["good-key"] } });
  beforeAll(() => guarded.onMessage("say", { content: "come in" }).start());
  afterAll(() => guarded.stop());
  const knock = (env: { [name: string]: string }): Promise<Outcome> =>
    runProgram(["stream", "--endpoint", `${guarded.url}/v1`, "say please"], { env });

  test("opens it; a wrong one, or none, is a 401 that says where the key came from", async () => {
    expect(await knock({ LLMAAS_API_KEY: "good-key" })).toMatchObject({ code: 0, stdout: "come in" });
    const wrong = await knock({ LLMAAS_API_KEY: "bad-key" });
    expect(wrong).toMatchObject({ code: 1, stdout: "" });
    expect(wrong.stderr).toContain("LLMAAS_API_KEY");
    expect(wrong.stderr).not.toContain("bad-key");
    expect((await knock({})).code).toBe(1);
  });
});
