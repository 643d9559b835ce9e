import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HAS_REDIS, startRedis } from "../batch/queue/redis-server.ts";
import { startBatchServer, type BatchServer } from "../batch/server.ts";
import { DONE, event } from "../fixtures/answers.ts";
import { messages, responses, typed } from "../fixtures/api-answers.ts";
import { endAll, feed, folderWith, startWorker } from "./batch-queue.ts";
import { runProgram } from "./program.ts";

const likely = (token: string): object => ({ token, logprob: -0.5, bytes: [97], top_logprobs: [] });
const USAGE = {
  prompt_tokens: 3,
  completion_tokens: 2,
  total_tokens: 5,
  completion_tokens_details: { reasoning_tokens: 1 },
};
const ABOUT = { created: 7, model: "m-2026", system_fingerprint: "fp_1", service_tier: "default" };
const ITEM = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  status: "completed",
  content: [
    {
      type: "output_text",
      text: "aa",
      annotations: [{ type: "url_citation", url: "u" }],
      logprobs: [likely("a"), likely("a")],
    },
  ],
};
const THOUGHT = { id: "rs_1", type: "reasoning", summary: [], encrypted_content: "ZW5j" };
const COUNTED = { input_tokens: 3, output_tokens: 2, total_tokens: 5, output_tokens_details: { reasoning_tokens: 1 } };

const chunk = (choice: object, more: object = {}): string =>
  event({
    id: "c-1",
    object: "chat.completion.chunk",
    ...ABOUT,
    choices: [{ index: 0, finish_reason: null, ...choice }],
    ...more,
  });
const text = (said: string, at: number): string =>
  event({
    ...ABOUT,
    id: "c-1",
    object: "text_completion",
    choices: [
      {
        index: 0,
        text: said,
        finish_reason: at === 0 ? null : "stop",
        logprobs: { tokens: [said], text_offset: [at] },
      },
    ],
    ...(at === 0 ? {} : { usage: USAGE }),
  });

/** For each API a request, the stream that answers it, and what the same server says that does not stream. */
const APIS: Readonly<Record<string, { asked: object; stream: string; whole: object }>> = {
  "/v1/chat/completions": {
    asked: { messages: [{ role: "user", content: "a" }], logprobs: true },
    stream:
      chunk({ delta: { role: "assistant", content: "", refusal: null }, logprobs: null }) +
      chunk({ delta: { reasoning_content: "Hm" }, logprobs: null }) +
      chunk({ delta: { content: "a" }, logprobs: { content: [likely("a")], refusal: null } }).repeat(30) +
      chunk({ delta: { annotations: [{ type: "note" }] } }) +
      chunk({ delta: {}, finish_reason: "stop" }) +
      event({ id: "c-1", ...ABOUT, choices: [], usage: USAGE }) +
      DONE,
    whole: {
      id: "c-1",
      object: "chat.completion",
      ...ABOUT,
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: "a".repeat(30),
            refusal: null,
            reasoning_content: "Hm",
            annotations: [{ type: "note" }],
          },
          finish_reason: "stop",
          logprobs: { content: Array.from({ length: 30 }, () => likely("a")), refusal: null },
        },
      ],
      usage: USAGE,
    },
  },
  "/v1/completions": {
    asked: { prompt: "a", logprobs: 1 },
    stream: text("a", 0) + text("b", 1) + DONE,
    whole: {
      id: "c-1",
      object: "text_completion",
      ...ABOUT,
      choices: [{ index: 0, text: "ab", finish_reason: "stop", logprobs: { tokens: ["a", "b"], text_offset: [0, 1] } }],
      usage: USAGE,
    },
  },
  "/v1/responses": {
    asked: { input: "a", include: ["message.output_text.logprobs"] },
    stream:
      responses.created +
      typed("response.output_item.done", { output_index: 0, item: THOUGHT }) +
      responses.text("a", { output_index: 1, logprobs: [likely("a")] }).repeat(2) +
      responses.end("completed", { id: "resp_1", object: "response", output: [THOUGHT, ITEM], usage: COUNTED }),
    whole: { id: "resp_1", object: "response", status: "completed", output: [THOUGHT, ITEM], usage: COUNTED },
  },
  "/v1/messages": {
    asked: { messages: [{ role: "user", content: "a" }], max_tokens: 9 },
    stream:
      messages.start() +
      messages.block(0, { type: "thinking", thinking: "", signature: "" }) +
      messages.delta(0, { type: "thinking_delta", thinking: "Hm" }) +
      messages.delta(0, { type: "signature_delta", signature: "c2ln" }) +
      messages.block(1, { type: "redacted_thinking", data: "ZGF0YQ==" }) +
      messages.block(2, { type: "text", text: "" }) +
      messages.text("a", 2).repeat(30) +
      messages.delta(2, { type: "citations_delta", citation: { type: "char_location", cited_text: "x" } }) +
      messages.block(3, { type: "tool_use", id: "toolu_1", name: "weather", input: {} }) +
      messages.delta(3, { type: "input_json_delta", partial_json: '{"city":"Paris"}' }) +
      messages.reason("tool_use", { output_tokens: 2, server_tool_use: { web_search_requests: 1 } }) +
      messages.stop,
    whole: {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "granite3.3:2b",
      content: [
        { type: "thinking", thinking: "Hm", signature: "c2ln" },
        { type: "redacted_thinking", data: "ZGF0YQ==" },
        { type: "text", text: "a".repeat(30), citations: [{ type: "char_location", cited_text: "x" }] },
        { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Paris" } },
      ],
      stop_reason: "tool_use",
      stop_sequence: null,
      usage: { input_tokens: 7, output_tokens: 2, server_tool_use: { web_search_requests: 1 } },
    },
  },
};

const INPUT = Object.entries(APIS)
  .map(
    ([url, { asked }]) =>
      `${JSON.stringify({ custom_id: url, method: "POST", url, body: { model: "m", ...asked } })}\n`,
  )
  .join("");

function startServer(): BatchServer {
  return startBatchServer(
    ({ path }) => new Response(APIS[path]?.stream, { headers: { "content-type": "text/event-stream" } }),
  );
}

type Line = { custom_id: string; response: { body: object } };

/** The bodies of a file of results, by the API that answered. */
function bodiesIn(results: string): Record<string, object> {
  const lines = results
    .trimEnd()
    .split("\n")
    .map((line): Line => JSON.parse(line));
  return Object.fromEntries(lines.map(({ custom_id: id, response }) => [id, response.body]));
}

describe("the body of a result is what the server answers that is not asked to stream", () => {
  /** The last event of a response names the model, which nobody asked for here. */
  function check(results: string): void {
    const bodies = bodiesIn(results);
    expect(Object.keys(bodies).toSorted()).toEqual(Object.keys(APIS).toSorted());
    for (const [url, { whole }] of Object.entries(APIS)) {
      if (url === "/v1/responses") expect(bodies[url]).toMatchObject(whole);
      else expect(bodies[url]).toEqual(whole);
    }
  }

  test("in each of the four APIs", async () => {
    await using server = startServer();
    const { code, files } = await runProgram(["batch", "run", "in.jsonl", "--out", "out.jsonl", "-e", server.url], {
      files: { "in.jsonl": INPUT },
      env: { LLMAAS_API_KEY: "sk-batch-0123456789" },
    });
    expect(code).toBe(0);
    check(files["out.jsonl"] ?? "");
  });

  test.skipIf(!HAS_REDIS)("through a queue, too", async () => {
    await using redis = await startRedis();
    await using server = startServer();
    using folder = folderWith(INPUT);
    const worker = await startWorker({ redis, server }, "-j", "2");
    const { code } = await (await feed({ redis, server, ...folder })).ended;
    await endAll([worker]);
    expect(code).toBe(0);
    check(readFileSync(join(folder.cwd, "out.jsonl"), "utf8"));
  });
});

test("a result has the request id of the server, wherever it says it, and else the id of the answer", async () => {
  const chat =
    event({ id: "c-1", choices: [{ delta: { content: "yes" }, finish_reason: "stop" }], usage: USAGE }) + DONE;
  const { start, text: said, reason, stop } = messages;
  const anthropic =
    start({ input_tokens: 3, output_tokens: 1 }) + said("yes") + reason("end_turn", { output_tokens: 5 }) + stop;
  const names: Record<string, Record<string, string>> = {
    own: { "x-request-id": "req_chat" },
    messages: { "request-id": "req_messages" },
    none: {},
  };
  await using server = startBatchServer(
    ({ prompt, path }) =>
      new Response(path.endsWith("messages") ? anthropic : chat, {
        headers: { "content-type": "text/event-stream", ...names[prompt] },
      }),
  );
  const lines = ["own", "messages", "none"].map((id) =>
    JSON.stringify({
      custom_id: id,
      method: "POST",
      url: id === "messages" ? "/v1/messages" : "/v1/chat/completions",
      body: { model: "m", max_tokens: 9, messages: [{ role: "user", content: id }] },
    }),
  );
  const { files } = await runProgram(["batch", "run", "in.jsonl", "--out", "out.jsonl", "-e", server.url], {
    env: { LLMAAS_API_KEY: "sk-batch-0123456789" },
    files: { "in.jsonl": lines.join("\n") },
  });
  const ids = (files["out.jsonl"] ?? "")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ custom_id, response }): [string, string] => [custom_id, response.request_id]);
  expect(Object.fromEntries(ids)).toEqual({ own: "req_chat", messages: "req_messages", none: "c-1" });
});
