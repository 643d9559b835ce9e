import { describe, expect, test } from "bun:test";
import { batchLine, batchLines, startBatchServer } from "../batch/server.ts";
import { runProgram, startProgram, type Outcome } from "./program.ts";

const KEY = "sk-batch-0123456789";

type Result = {
  custom_id: string;
  llmaas: { verdict: string; api: string };
  response: { status_code: number; body: Record<string, unknown> } | null;
  error: { code: string; message: string } | null;
};

/** The results that stand in a file, one a line. */
function resultsIn({ files }: Outcome, name = "out.jsonl"): Result[] {
  return (files[name] ?? "")
    .split("\n")
    .filter(Boolean)
    .map((line): Result => JSON.parse(line));
}

function run(url: string, args: readonly string[], files: Record<string, string>, env: Record<string, string> = {}) {
  return runProgram(["batch", "run", "in.jsonl", "--out", "out.jsonl", "-e", url, ...args], {
    files,
    env: { LLMAAS_API_KEY: KEY, ...env },
  });
}

describe("what is asked", () => {
  test("may be of four APIs in one file, each sent as it stands, but streamed, and answered as that API answers", async () => {
    await using server = startBatchServer(({ prompt }) => `said ${prompt}`);
    const bodies = {
      "/v1/chat/completions": { model: "m1", messages: [{ role: "user", content: "a" }], n: 1, seed: 7 },
      "/v1/responses": { model: "m2", input: "b", reasoning: { effort: "low" }, store: false },
      "/v1/messages": { model: "m3", max_tokens: 9, messages: [{ role: "user", content: "c" }], top_k: 4 },
      "/v1/completions": { model: "m4", prompt: "d", echo: false, best_of: 1 },
    };
    const lines = Object.entries(bodies).map(([url, body], index) =>
      JSON.stringify({ custom_id: `r${index}`, method: "POST", url, body }),
    );
    const outcome = await run(server.url, [], { "in.jsonl": lines.join("\n") });
    expect([outcome.code, outcome.stderr]).toEqual([0, expect.stringContaining("4 requests answered")]);
    for (const [path, body] of Object.entries(bodies))
      expect(server.got.find((got) => got.path === path)?.body).toMatchObject({ ...body, stream: true });
    const headers = new Map(server.got.map((got) => [got.path, got.headers]));
    expect(headers.get("/v1/messages")?.get("x-api-key")).toBe(KEY);
    expect(headers.get("/v1/responses")?.get("authorization")).toBe(`Bearer ${KEY}`);
    const results = resultsIn(outcome).toSorted((one, two) => one.custom_id.localeCompare(two.custom_id));
    expect(results.map(({ llmaas }) => [llmaas.api, llmaas.verdict])).toEqual([
      ["chat", "complete"],
      ["responses", "complete"],
      ["messages", "complete"],
      ["completions", "complete"],
    ]);
    expect(results.map(({ response }) => response?.body)).toMatchObject([
      { object: "chat.completion", choices: [{ message: { content: "said a" }, finish_reason: "stop" }] },
      { object: "response", output: [{ content: [{ text: "said b" }] }] },
      { type: "message", content: [{ type: "text", text: "said c" }], stop_reason: "end_turn" },
      { object: "text_completion", choices: [{ text: "said d", finish_reason: "stop" }] },
    ]);
  });

  test("may be lines of prompts in any API, and what that has no word for is named before anything is sent", async () => {
    await using server = startBatchServer();
    const lines = ['{"prompt":"a"}', '{"prompt":"b","seed":1}', '{"prompt":"c","seed":2,"custom_id":"mine"}'];
    const files = { "in.jsonl": lines.join("\n") };
    const refused = await run(server.url, ["--api", "responses"], files);
    expect([refused.code, server.got.length, refused.files["out.jsonl"]]).toEqual([2, 0, undefined]);
    expect(refused.stderr).toContain("line 2: The responses API has no parameter seed.");
    expect(refused.stderr).toContain("line 3: The responses API has no parameter seed.");
    const skipped = await run(server.url, ["--api", "responses", "--skip-invalid"], files);
    expect([skipped.code, server.got.length, resultsIn(skipped).map((one) => one.custom_id)]).toEqual([
      0,
      1,
      ["line-1"],
    ]);
    expect(skipped.files["out.jsonl.invalid.jsonl"]).toContain('"line":3');
  });

  test("may hold lines that cannot be sent: --skip-invalid lists each as the Batch API lists errors, with an id or without", async () => {
    await using server = startBatchServer();
    const body = { model: "m", messages: [{ role: "user", content: "a" }] };
    const request = { method: "POST", url: "/v1/chat/completions", body };
    const lines = [
      { custom_id: "a", ...request },
      request,
      "{oops",
      { ...request, custom_id: "b", url: "/v1/embeddings" },
      { ...request, custom_id: "a" },
      { ...request, custom_id: "c", body: { messages: [] } },
      { ...request, custom_id: 7 },
      ["no object"],
      { prompt: "" },
      { custom_id: "d", prompt: "p", n: 2 },
    ].map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
    const outcome = await run(server.url, ["--skip-invalid"], { "in.jsonl": lines.join("\n") });
    expect([outcome.code, resultsIn(outcome).map((one) => one.custom_id)]).toEqual([0, ["a"]]);
    const listed = resultsIn(outcome, "out.jsonl.invalid.jsonl");
    const one = (line: number, id: string | null, code: string) => ({
      id: `batch_req_line_${line}`,
      custom_id: id,
      line,
      response: null,
      error: { code, message: expect.stringContaining(`in.jsonl, line ${line}: `), line },
    });
    expect<unknown[]>(listed).toEqual([
      one(2, null, "missing_key"),
      one(3, null, "not_json"),
      one(4, "b", "bad_url"),
      one(5, "a", "duplicate_id"),
      one(6, "c", "missing_key"),
      one(7, null, "bad_value"),
      one(8, null, "not_an_object"),
      one(9, "line-9", "bad_prompt"),
      one(10, "d", "several_answers"),
    ]);
  });

  test("what the command line asks for and the API has no word for is refused for prompts, and is nothing to bodies", async () => {
    await using server = startBatchServer();
    const prompts = await run(server.url, ["--api", "messages", "--param", "seed=1"], { "in.jsonl": '{"prompt":"a"}' });
    expect([prompts.code, server.got.length, prompts.stderr.includes("no parameter seed")]).toEqual([2, 0, true]);
    const bodies = await run(server.url, ["--api", "messages", "--param", "seed=1"], { "in.jsonl": batchLine("a") });
    expect([bodies.code, server.got[0]?.path, server.got[0]?.body["seed"]]).toEqual([
      0,
      "/v1/chat/completions",
      undefined,
    ]);
  });

  test("goes to one model: several are refused, and a results file is no input", async () => {
    await using server = startBatchServer();
    const several = await run(server.url, ["-m", "a,b"], { "in.jsonl": '{"prompt":"x"}' });
    expect([several.code, server.got.length, several.stderr.includes("--model")]).toEqual([2, 0, true]);
    const args = ["batch", "run", "in.jsonl", "--out", "in.jsonl", "-e", server.url];
    const same = await runProgram(args, { files: { "in.jsonl": batchLine("a") }, env: { LLMAAS_API_KEY: KEY } });
    expect([same.code, same.files["in.jsonl"]]).toEqual([2, batchLine("a")]);
  });

  test("a file without a request is refused, and leaves nothing behind", async () => {
    await using server = startBatchServer();
    const outcome = await run(server.url, [], { "in.jsonl": "\n\n" });
    expect([outcome.code, Object.keys(outcome.files)]).toEqual([2, ["in.jsonl"]]);
  });
});

const http = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  Response.json({ error: { message: "no", code, type: code } }, { status, headers });
const idsIn = (outcome: Outcome): string[] =>
  resultsIn(outcome)
    .map((one) => one.custom_id)
    .toSorted();
const idsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `r${index}`).toSorted();

describe("where it comes from, and in which order it goes", () => {
  test("a pipe is read to its end, checked, and answered as a file is", async () => {
    await using server = startBatchServer();
    const args = ["batch", "run", "-", "--out", "out.jsonl", "-e", server.url];
    const options = { stdin: `${batchLines(30)}{"prompt":"last"}`, env: { LLMAAS_API_KEY: KEY } };
    const outcome = await runProgram(args, options);
    expect([outcome.code, idsIn(outcome)]).toEqual([0, [...idsOf(30), "line-31"].toSorted()]);
    const bad = await runProgram(args, { ...options, stdin: `${batchLines(2)}{"prompt":` });
    expect([bad.code, bad.stderr, Object.keys(bad.files)]).toEqual([2, expect.stringContaining("line 3"), []]);
    const shell = { ...options, shell: 'mkfifo p; (printf "one\\ntwo\\n" > p) & exec "$@"' };
    const named = await runProgram(args.with(2, "p"), shell);
    expect([named.code, idsIn(named)]).toEqual([0, ["line-1", "line-2"]]);
  });

  test("--order input puts the results into the order of the input, and they are still the record of what is done", async () => {
    await using server = startBatchServer(async ({ prompt }) => {
      await Bun.sleep(prompt.endsWith("0") ? 100 : 5);
      return prompt;
    });
    const files = { "in.jsonl": batchLines(40) };
    const outcome = await run(server.url, ["--order", "input"], files);
    const order = Array.from({ length: 40 }, (_, index) => `r${index}`);
    expect([outcome.code, resultsIn(outcome).map((one) => one.custom_id)]).toEqual([0, order]);
    const kept = { "in.jsonl": `${batchLine("new")}${batchLines(40)}`, "out.jsonl": outcome.files["out.jsonl"] ?? "" };
    const again = await run(server.url, ["--order", "input"], kept);
    expect([again.code, server.got.length, resultsIn(again).map((one) => one.custom_id)]).toEqual([
      0,
      41,
      ["new", ...order],
    ]);
    expect(Object.keys(again.files).toSorted()).toEqual(["in.jsonl", "out.jsonl", "out.jsonl.lock"]);
  });
});

describe("what fails", () => {
  test("a storm of 429 with waits loses no request and costs none an attempt", async () => {
    let refused = 0;
    await using server = startBatchServer(({ prompt }) =>
      refused++ % 3 < 2 && refused < 60 ? http(429, "rate_limited", { "retry-after-ms": "20" }) : prompt,
    );
    const outcome = await run(server.url, ["-j", "8", "--retries", "0"], { "in.jsonl": batchLines(40) });
    expect([outcome.code, idsIn(outcome)]).toEqual([0, idsOf(40)]);
  });

  test.each([
    [401, "invalid_api_key", "The key was refused: the batch was stopped."],
    [402, "insufficient_quota", "The account has no credit left: the batch was stopped."],
    [429, "insufficient_quota", "The account has no credit left: the batch was stopped."],
    [403, "billing_hard_limit_reached", "The account has no credit left: the batch was stopped."],
  ])("HTTP %i %s ends the batch: nothing is taken for asked, what is answered is kept", async (status, code, said) => {
    await using server = startBatchServer(({ prompt }) => (Number(prompt.slice(1)) < 6 ? prompt : http(status, code)));
    const outcome = await run(server.url, ["-j", "2"], { "in.jsonl": batchLines(40) });
    expect([outcome.code, idsIn(outcome)]).toEqual([1, idsOf(6)]);
    expect(outcome.stderr).toContain(said);
    expect(outcome.stderr).toContain("34 left.");
    expect(outcome.stderr).toContain("Go on with:");
    expect(server.got.length).toBeLessThan(12);
  });

  test("is kept with its reason, said at the end, and asked again with --retry-failed alone", async () => {
    let mended = false;
    await using server = startBatchServer(({ prompt }) => (prompt === "r2" && !mended ? http(400, "bad") : prompt));
    const files = { "in.jsonl": batchLines(5) };
    const first = await run(server.url, [], files);
    expect([first.code, idsIn(first)]).toEqual([3, idsOf(5)]);
    expect(first.stderr).toContain("4 requests answered, 1 failed.");
    expect(first.stderr).toContain("--retry-failed");
    expect(resultsIn(first).find((one) => one.custom_id === "r2")).toMatchObject({
      response: null,
      error: { code: "bad" },
    });
    const kept = { ...files, "out.jsonl": first.files["out.jsonl"] ?? "" };
    mended = true;
    const second = await run(server.url, [], kept);
    expect([second.code, server.got.length, second.files["out.jsonl"]]).toEqual([3, 5, kept["out.jsonl"]]);
    const third = await run(server.url, ["--retry-failed"], kept);
    expect([third.code, server.got.length, idsIn(third)]).toEqual([0, 6, idsOf(5)]);
    expect(resultsIn(third).every(({ error }) => error === null)).toBe(true);
  });
});

describe("a request that was changed", () => {
  test("is not taken for done: it is refused by name, or asked again with --changed rerun, and it alone", async () => {
    await using server = startBatchServer();
    const first = await run(server.url, [], { "in.jsonl": batchLines(3) });
    const lines = batchLines(3).replace('"content":"r1"', '"content":"other"');
    const files = { "in.jsonl": lines, "out.jsonl": first.files["out.jsonl"] ?? "" };
    const refused = await run(server.url, [], files);
    expect([refused.code, server.got.length, refused.files["out.jsonl"]]).toEqual([2, 3, files["out.jsonl"]]);
    expect(refused.stderr).toContain("line 2");
    const rerun = await run(server.url, ["--changed", "rerun"], files);
    expect([rerun.code, server.got.length, idsIn(rerun)]).toEqual([0, 4, idsOf(3)]);
    expect(server.got.at(-1)?.prompt).toBe("other");
  });

  test("may be changed by a setting: another model is another request for prompts, and nothing to bodies", async () => {
    await using server = startBatchServer();
    const prompts = { "in.jsonl": '{"prompt":"a"}\n' };
    const one = await run(server.url, ["-m", "one"], prompts);
    const again = { ...prompts, "out.jsonl": one.files["out.jsonl"] ?? "" };
    expect((await run(server.url, ["-m", "one"], again)).code).toBe(0);
    expect((await run(server.url, ["-m", "two"], again)).code).toBe(2);
    const bodies = { "in.jsonl": batchLines(1) };
    const body = await run(server.url, ["-m", "one"], bodies);
    const other = await run(server.url, ["-m", "two"], { ...bodies, "out.jsonl": body.files["out.jsonl"] ?? "" });
    expect([other.code, server.got.length]).toEqual([0, 2]);
  });
});

describe("--schema", () => {
  const SCHEMA = JSON.stringify({
    type: "object",
    properties: { label: { enum: ["good", "bad"] } },
    required: ["label"],
    additionalProperties: false,
  });
  const files = { "in.jsonl": batchLines(4), "schema.json": SCHEMA };

  test("asks for answers that fit, asks again with what is wrong, and calls invalid what never fits", async () => {
    await using server = startBatchServer(({ body }) => {
      const asked = JSON.stringify(body);
      if (asked.includes('"r3"')) return '{"label":"perhaps"}';
      return asked.includes("does not fit") || asked.includes('"r0"') ? ' {"label": "good"}\n' : "Label: good";
    });
    const outcome = await run(server.url, ["--schema", "schema.json"], files);
    expect([outcome.code, idsIn(outcome)]).toEqual([3, idsOf(4)]);
    const results = resultsIn(outcome);
    const verdicts = Object.fromEntries(results.map(({ custom_id: id, llmaas }) => [id, llmaas.verdict]));
    expect(verdicts).toEqual({ r0: "complete", r1: "complete", r2: "complete", r3: "invalid" });
    const invalid = results.find(({ custom_id: id }) => id === "r3");
    expect(invalid).toMatchObject({
      response: null,
      error: { code: "invalid", message: expect.stringContaining("/label") },
    });
    expect(server.got.length).toBe(1 + 2 + 2 + 3);
    expect(server.got[0]?.body["response_format"]).toMatchObject({
      type: "json_schema",
      json_schema: { strict: true, schema: JSON.parse(SCHEMA) },
    });
    expect(JSON.stringify(server.got.at(-1)?.body["messages"])).toContain("must be equal to one of the allowed values");
    expect(outcome.stderr).toContain("3 requests answered, 1 failed.");
  });

  test("--schema-retries 0 asks once; another schema is another request", async () => {
    await using server = startBatchServer(() => "no JSON");
    const first = await run(server.url, ["--schema", "schema.json", "--schema-retries", "0"], files);
    expect([first.code, server.got.length]).toEqual([1, 4]);
    const other = { ...files, "schema.json": '{"type":"object"}', "out.jsonl": first.files["out.jsonl"] ?? "" };
    expect((await run(server.url, ["--schema", "schema.json"], other)).code).toBe(2);
  });

  test("a format is checked, and what of a schema checks nothing is said before anything is sent", async () => {
    await using server = startBatchServer(({ prompt }) => `{"on":"${prompt === "r0" ? "2024-02-29" : "2023-02-29"}"}`);
    const schema = { type: "object", propertes: {}, properties: { on: { type: "string", format: "date" } } };
    const some = { "in.jsonl": batchLines(2), "schema.json": JSON.stringify(schema) };
    const outcome = await run(server.url, ["--schema", "schema.json", "--schema-retries", "0"], some);
    expect(outcome.code).toBe(3);
    expect(resultsIn(outcome).find((one) => one.custom_id === "r1")).toMatchObject({
      llmaas: { verdict: "invalid" },
      error: { message: '/on must match format "date"' },
    });
    expect(outcome.stderr).toContain('schema.json: the keyword "propertes" is not known here and checks nothing.');
    const french = { LLMAAS_LANG: "fr" };
    const plan = await run(server.url, ["--schema", "schema.json", "--dry-run"], some, french);
    expect([plan.code, plan.stderr.includes("le mot-clé")]).toEqual([0, true]);
  });

  test("that is none is refused before anything is sent", async () => {
    await using server = startBatchServer();
    for (const schema of ['{"type": 3}', "[]", "{", '{"$ref": "#/nowhere"}']) {
      const outcome = await run(server.url, ["--schema", "schema.json"], { ...files, "schema.json": schema });
      expect([outcome.code, outcome.stderr]).toEqual([2, expect.stringContaining("schema.json is not a JSON schema")]);
    }
    const missing = await run(server.url, ["--schema", "none.json"], files);
    expect([missing.code, missing.stderr.includes("none.json"), server.got.length]).toEqual([2, true, 0]);
  });
});

describe("limits and parts", () => {
  test("--max-tokens-total and --max-cost end the batch, keep all, and say how to go on", async () => {
    await using server = startBatchServer();
    const tokens = await run(server.url, ["-j", "1", "--max-tokens-total", "20"], { "in.jsonl": batchLines(20) });
    expect([tokens.code, idsIn(tokens).length]).toEqual([1, 3]);
    expect(tokens.stderr).toContain("--max-tokens-total is reached: the batch was stopped.");
    const config = JSON.stringify({
      api: { endpoint: server.url, token: KEY },
      prices: { input: 1_000_000, output: 1_000_000, currency: "EUR" },
    });
    const files = { "in.jsonl": batchLines(20), "own.json": config };
    const args = ["batch", "run", "in.jsonl", "--out", "out.jsonl", "-c", "own.json", "-j", "1", "--max-cost", "30"];
    const cost = await runProgram(args, { files });
    expect([cost.code, cost.stderr]).toEqual([
      1,
      expect.stringContaining("--max-cost is reached: the batch was stopped."),
    ]);
    expect(idsIn(cost).length).toBe(4);
  });

  test("--max-tokens-total and --max-cost hold for all runs of a batch together: the next one spends what is left", async () => {
    await using server = startBatchServer();
    const config = JSON.stringify({
      api: { endpoint: server.url, token: KEY },
      prices: { input: 1_000_000, output: 1_000_000, currency: "EUR" },
    });
    const again = (out: string, ...more: string[]) =>
      runProgram(["batch", "run", "in.jsonl", "--out", "out.jsonl", "-c", "own.json", "-j", "1", ...more], {
        files: { "in.jsonl": batchLines(20), "own.json": config, ...(out === "" ? {} : { "out.jsonl": out }) },
      });
    const first = await again("", "--max-tokens-total", "20");
    expect(first.stderr).toContain("This batch has taken 24 tokens so far, in all of its runs");
    const results = first.files["out.jsonl"] ?? "";
    const same = await again(results, "--max-tokens-total", "20");
    expect([same.code, idsIn(same).length, server.got.length]).toEqual([1, 3, 3]);
    expect(same.stderr).toContain("give a higher --max-tokens-total to go on");
    const more = await again(results, "--max-tokens-total", "40", "--lang", "fr");
    expect([more.code, idsIn(more).length]).toEqual([1, 5]);
    expect(more.stderr).toMatch(/Ce lot a consommé 40 tokens jusqu’ici/);
    const cost = await again(results, "--max-cost", "30");
    expect([cost.code, idsIn(cost).length]).toEqual([1, 4]);
    expect(cost.stderr).toMatch(/has taken .*32.* so far/);
    const rest = await again(results);
    expect([rest.code, idsIn(rest).length]).toEqual([0, 20]);
    const over = await again(rest.files["out.jsonl"] ?? "", "--max-tokens-total", "20");
    expect([over.code, over.stderr]).toEqual([0, expect.stringContaining("20 requests answered.")]);
  });

  test("--max-cost without prices is refused: it could never be reached", async () => {
    await using server = startBatchServer();
    const outcome = await run(server.url, ["--max-cost", "5"], { "in.jsonl": batchLines(2) });
    expect([outcome.code, server.got.length]).toEqual([2, 0]);
  });

  test("the headers of a server that has nothing left hold back what is not asked yet", async () => {
    const came: number[] = [];
    await using server = startBatchServer(() => {
      came.push(performance.now());
      const headers = { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "300ms" };
      return Response.json({ choices: [{ message: { content: "ok" }, finish_reason: "stop" }] }, { headers });
    });
    const outcome = await run(server.url, ["-j", "1"], { "in.jsonl": batchLines(3) });
    expect([outcome.code, idsIn(outcome)]).toEqual([0, idsOf(3)]);
    expect((came.at(-1) ?? 0) - (came[0] ?? 0)).toBeGreaterThan(500);
  });

  test("--shard shares the lines out: three journals together have every id once", async () => {
    await using server = startBatchServer();
    const outcomes = await Promise.all(
      ["0/3", "1/3", "2/3"].map((shard) => run(server.url, ["--shard", shard], { "in.jsonl": batchLines(20) })),
    );
    expect(outcomes.flatMap(idsIn).toSorted()).toEqual(idsOf(20));
    expect(server.got.length).toBe(20);
  });

  test("--dry-run counts and estimates, and sends and writes nothing", async () => {
    await using server = startBatchServer();
    const outcome = await runProgram(
      ["batch", "run", "in.jsonl", "-e", server.url, "--dry-run", "--requests-per-minute", "10", "--json"],
      { files: { "in.jsonl": batchLines(30) }, env: { LLMAAS_API_KEY: KEY } },
    );
    expect([outcome.code, server.got.length, Object.keys(outcome.files)]).toEqual([0, 0, ["in.jsonl"]]);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ v: 1, type: "plan", count: 30, done: 0, least_ms: 180_000 });
  });

  test("--dry-run prices each request as its model is priced", async () => {
    const prices = { currency: "EUR", input: 0, output: 1, models: { dear: { input: 0, output: 100 } } };
    const config = JSON.stringify({ api: { endpoint: "http://127.0.0.1:9/v1", token: KEY }, prices });
    const lines = batchLine("a", "a", { max_tokens: 1000 }) + batchLine("b", "b", { max_tokens: 1000, model: "dear" });
    const files = { "in.jsonl": lines, "own.json": config };
    const outcome = await runProgram(["batch", "run", "in.jsonl", "-c", "own.json", "--dry-run", "--json"], { files });
    expect(JSON.parse(outcome.stdout)).toMatchObject({ tokens: { answer: 2000 }, cost: 0.101 });
  });
});

describe("what is shown", () => {
  test("with --json is events on stdout, the last of which has the sums; stderr has no progress", async () => {
    let answer = (): void => undefined;
    const seen = new Promise<void>((resolve) => (answer = resolve));
    await using server = startBatchServer(async ({ prompt }) => {
      await seen;
      return prompt === "r4" ? http(400, "bad") : prompt;
    });
    const args = ["batch", "run", "in.jsonl", "--out", "out.jsonl", "-e", server.url, "--json"];
    const program = await startProgram(args, {
      files: { "in.jsonl": batchLines(6) },
      env: { LLMAAS_API_KEY: KEY },
    });
    await program.until('"running":6');
    answer();
    const outcome = await program.ended;
    const events = outcome.stdout
      .trimEnd()
      .split("\n")
      .map((line): Record<string, unknown> => JSON.parse(line));
    expect(events.every(({ v, type }) => v === 1 && typeof type === "string")).toBe(true);
    expect(events.at(-1)).toMatchObject({
      type: "batch",
      total: 6,
      done: 5,
      failed: { "400": 1 },
      running: 0,
      open: 0,
    });
  });

  test("with --quiet is nothing where all went well", async () => {
    await using server = startBatchServer();
    const outcome = await run(server.url, ["--quiet"], { "in.jsonl": batchLines(6) });
    expect([outcome.code, outcome.stdout, outcome.stderr]).toEqual([0, "", ""]);
  });

  test("never holds the key, in French neither", async () => {
    await using server = startBatchServer(() => http(400, `bad ${KEY}`));
    const outcome = await run(server.url, ["--lang", "fr"], { "in.jsonl": batchLines(2) });
    expect(JSON.stringify(outcome)).not.toContain(KEY);
    expect(outcome.stderr).toContain("2 en échec");
  });
});
