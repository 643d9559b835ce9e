import { describe, expect, test } from "bun:test";
import { DONE, event, HEAD } from "../fixtures/answers.ts";
import { messages, responses } from "../fixtures/api-answers.ts";
import { startRawServer } from "../fixtures/raw-server.ts";
import { fieldsOf } from "../../src/wire/fields.ts";
import { runProgram } from "./program.ts";

// What servers send in each API is tested in test/bad-streams/; here each goes through the program.

const KEY = "sk-apis-0123456789";
const { start, text, reason, stop } = messages;
const ANSWERS = {
  "/v1/chat/completions":
    event({ choices: [{ delta: { content: "Bonjour" }, finish_reason: "stop" }], usage: { completion_tokens: 5 } }) +
    DONE,
  "/v1/responses":
    responses.created + responses.text("Bonjour") + responses.end("completed", { usage: { output_tokens: 5 } }),
  "/v1/messages": start() + text("Bonjour") + reason("end_turn", { output_tokens: 5 }) + stop,
  "/v1/completions":
    event({ choices: [{ text: "Bonjour", finish_reason: "stop" }], usage: { completion_tokens: 5 } }) + DONE,
} as const;

function startServer() {
  return startRawServer(async ({ request, write, fin }) => {
    const body = Object.entries(ANSWERS).find(([path]) => request.path === path)?.[1];
    await write(body === undefined ? "HTTP/1.1 404 No\r\nConnection: close\r\n\r\n" : HEAD + body);
    fin();
  });
}

type Given = { args?: string[]; env?: Record<string, string>; files?: Record<string, string | Uint8Array> };

async function stream({ args = [], env = {}, files = {} }: Given) {
  await using server = startServer();
  const outcome = await runProgram(["stream", "-e", server.url, ...args], {
    env: { LLMAAS_API_KEY: KEY, ...env },
    files,
  });
  return { ...outcome, requests: [...server.requests] };
}

describe.each(["chat", "responses", "messages", "completions"])("the %s API", (api) => {
  test("is spoken as --api says, and its answer told as any other", async () => {
    const { code, stdout, requests } = await stream({
      args: ["two words", "--api", api, "--system", "Be short.", "--json"],
    });
    expect(code).toBe(0);
    const record: unknown = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
    expect(record).toMatchObject({
      type: "record",
      verdict: "complete",
      text: "Bonjour",
      tokens: 5,
      tokens_source: "usage",
    });
    expect(requests.map(({ path }) => path)).toEqual([api === "chat" ? "/v1/chat/completions" : `/v1/${api}`]);
    expect(JSON.stringify(requests[0]?.body)).toContain("Be short.");
  });

  test("is chosen by the path of its endpoint", async () => {
    await using server = startServer();
    const path = api === "chat" ? "chat/completions" : api;
    const { code, stdout } = await runProgram(["stream", "two words", "-e", `${server.url}/${path}`, "-q"], {
      env: { LLMAAS_API_KEY: KEY },
    });
    expect([code, stdout]).toEqual([0, "Bonjour"]);
  });
});

describe.each(["chat", "responses", "messages", "completions"])("the built-in server and the %s API:", (api) => {
  const demo = async (simulate: object, ...args: string[]) => {
    const asked = JSON.stringify({ ttft_ms: 0, rate: 0, text: "Bonjour à tous", ...simulate });
    const outcome = await runProgram(["stream", "--demo", "--api", api, "--param", `simulate=${asked}`, ...args]);
    const record: unknown = JSON.parse(outcome.stdout.trimEnd().split("\n").at(-1) ?? "");
    return { ...outcome, record };
  };

  test("a whole answer with its counts, from the cache what was asked for", async () => {
    const { code, record } = await demo({ cached_tokens: 2 }, "--json", "two words");
    expect(code).toBe(0);
    expect(record).toMatchObject({
      api,
      verdict: "complete",
      text: "Bonjour à tous",
      notices: [],
      tokens: 3,
      prompt_tokens: 2,
      cached_prompt_tokens: 2,
    });
  });

  test("an answer that breaks off has failed, whatever came before", async () => {
    const { code, record } = await demo({ fault: "error-object", at: 2 }, "--json", "two words");
    expect(code).toBe(1);
    expect(record).toMatchObject({ verdict: "failed", text: expect.stringMatching(/^Bon/), attempts: 1 });
  });

  test("an answer that the limit cut", async () => {
    const { code, record } = await demo({}, "--json", "--max-tokens", "2", "two words");
    expect([code, fieldsOf(record)["verdict"], fieldsOf(record)["tokens"]]).toEqual([0, "length", 2]);
  });

  test("a fault that it cannot have is refused by name", async () => {
    const fault = api === "chat" ? "unknown-event" : api === "completions" ? "tool-calls" : "several-choices";
    const { code, stdout } = await demo({ fault }, "--json", "two words");
    expect([code, stdout]).toEqual([1, expect.stringContaining(`The ${api} API cannot have the fault '${fault}'.`)]);
  });
});

test("LLMAAS_API chooses, and the key is shown nowhere", async () => {
  const { code, stdout, stderr, requests } = await stream({
    args: ["two words", "--debug"],
    env: { LLMAAS_API: "messages" },
  });
  expect([code, stdout]).toEqual([0, "Bonjour"]);
  expect(requests[0]?.headers).toMatchObject({ "x-api-key": KEY });
  expect(stderr).not.toContain(KEY);
  expect(stderr).toContain("/v1/messages");
});

test("models are listed with the key as the API wants it", async () => {
  await using server = startRawServer(async ({ write, fin }) => {
    await write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"data":[{"id":"m-1","type":"model"}]}');
    fin();
  });
  const { code, stdout } = await runProgram(["models", "--api", "messages", "-e", server.url], {
    env: { LLMAAS_API_KEY: KEY },
  });
  expect([code, stdout.includes("m-1")]).toEqual([0, true]);
  expect(server.requests[0]).toMatchObject({ path: "/v1/models", headers: { "x-api-key": KEY } });
});

test("bench measures in any API", async () => {
  await using server = startServer();
  const { code, stdout } = await runProgram(
    ["bench", "two words", "-e", server.url, "--api", "responses", "--requests", "3", "--warmup", "0", "--json"],
    { env: { LLMAAS_API_KEY: KEY } },
  );
  expect(code).toBe(0);
  expect(stdout).toContain('"ok":3');
  expect(server.requests.map(({ path }) => path)).toEqual(Array.from({ length: 3 }, () => "/v1/responses"));
});

describe("what an API has not is refused before anything is sent:", () => {
  const rows: [name: string, given: Given, words: string][] = [
    [
      "an image",
      { args: ["two words", "--api", "completions", "--image", "a.png"] },
      "The completions API takes no images.",
    ],
    [
      "a parameter",
      { args: ["two words", "--api", "messages", "--param", "seed=1"] },
      "The messages API has no parameter seed.",
    ],
    ["no limit", { args: ["two words", "--api", "messages", "--max-tokens", "off"] }, "Give --max-tokens N."],
    [
      "a line of a file",
      { args: ["--prompts", "p.jsonl", "--api", "completions"] },
      "p.jsonl, line 2: The completions API takes one text and no conversation.",
    ],
    ["token ids", { args: ["--prompts", "ids.jsonl"] }, "ids.jsonl, line 1: The chat API takes no token ids."],
  ];
  const conversation = [
    { role: "user", content: "a" },
    { role: "assistant", content: "b" },
    { role: "user", content: "c" },
  ];
  const files = {
    "a.png": Buffer.from("\x89PNG\r\n\x1A\n", "latin1"),
    "p.jsonl": `{"prompt":"a"}\n${JSON.stringify({ messages: conversation })}\n`,
    "ids.jsonl": '{"prompt":[1,2,3]}\n',
  };
  test.each(rows)("%s", async (_, given, words) => {
    const { code, stderr, requests } = await stream({ ...given, files });
    expect([code, requests.length]).toEqual([2, 0]);
    expect(stderr).toContain(words);
  });

  test("and --skip-invalid leaves the line out", async () => {
    const { code, stderr, requests } = await stream({
      args: ["--prompts", "p.jsonl", "--skip-invalid", "--api", "completions"],
      files,
    });
    expect([code, requests.length]).toEqual([0, 1]);
    expect(stderr).toContain("line 2: The completions API");
  });
});

test("a line may hold token ids for completions, and a limit of its own for messages", async () => {
  const files = { "ids.jsonl": '{"prompt":[1,2,3]}\n', "limit.jsonl": '{"prompt":"a","max_tokens":7}\n' };
  const ids = await stream({ args: ["--prompts", "ids.jsonl", "--api", "completions"], files });
  expect(JSON.parse(ids.requests[0]?.body ?? "")).toMatchObject({ prompt: [1, 2, 3] });
  const limit = await stream({ args: ["--prompts", "limit.jsonl", "--api", "messages", "--max-tokens", "off"], files });
  expect(JSON.parse(limit.requests[0]?.body ?? "")).toMatchObject({ max_tokens: 7 });
});
