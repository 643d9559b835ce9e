import { describe, expect, test } from "bun:test";
import { batchLine, startBatchServer } from "../batch/server.ts";
import { runProgram, type Outcome } from "./program.ts";

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

  test("a file without a request is refused, and leaves nothing behind", async () => {
    await using server = startBatchServer();
    const outcome = await run(server.url, [], { "in.jsonl": "\n\n" });
    expect([outcome.code, Object.keys(outcome.files)]).toEqual([2, ["in.jsonl"]]);
  });
});
