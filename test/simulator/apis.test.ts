import { afterAll, describe, expect, test } from "bun:test";
import type { Control } from "../../src/simulator/control.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { createTokens, joinTokens } from "../../src/simulator/speech.ts";
import { API_KINDS, pathOf, type ApiKind } from "../../src/wire/apis.ts";
import { isFields, type Fields } from "../../src/wire/fields.ts";
import { askIn, exchange, httpRequest, parseResponse, wholeBody } from "./raw-client.ts";
import { SPOKEN } from "./spoken.ts";

const simulator = startSimulator({
  models: [{ id: "m", tokensPerSecond: 0, ttftMs: 0 }],
  control: SPOKEN,
  reasoning: () => "well so",
});
afterAll(() => simulator.stop());

type Event = { name: string; data: Fields };

async function replyTo(api: ApiKind, control: Control, more = {}) {
  const { bytes, end } = await exchange(simulator.port, askIn(api, control, more));
  expect(end).toBe("fin");
  return parseResponse(bytes);
}

/** The events of a stream that ended well; what is no JSON has no fields. */
async function eventsOf(api: ApiKind, control: Control, more = {}): Promise<Event[]> {
  const body = wholeBody((await replyTo(api, control, more)).body);
  return body
    .split("\n\n")
    .slice(0, -1)
    .map((event) => {
      const [, name = "", data = ""] = /^(?:event: (.*)\n)?data: (.*)$/s.exec(event) ?? [];
      return { name, data: fieldsIn(data) };
    });
}

function fieldsIn(json: string): Fields {
  if (!json.startsWith("{")) return {};
  const value: unknown = JSON.parse(json);
  return isFields(value) ? value : {};
}

/** The whole answer, of a request that asked for no stream. */
async function wholeOf(api: ApiKind, control: Control, more = {}): Promise<Fields> {
  return fieldsIn((await replyTo(api, control, { stream: false, ...more })).body.toString());
}

const named = (events: readonly Event[]): string[] => events.map(({ name }) => name);

describe("a stream of the responses API", () => {
  test("has the events of the API, each called by its type, numbered without a gap", async () => {
    const events = await eventsOf("responses", { tokens: 2, reasoning_tokens: 1 });
    expect(named(events)).toEqual(
      [
        "created in_progress output_item.added content_part.added reasoning_text.delta",
        "reasoning_text.done content_part.done output_item.done",
        "output_item.added content_part.added output_text.delta output_text.delta",
        "output_text.done content_part.done output_item.done completed",
      ]
        .join(" ")
        .split(" ")
        .map((type) => `response.${type}`),
    );
    expect(events.map(({ data }) => data["type"])).toEqual(named(events));
    expect(events.map(({ data }) => data["sequence_number"])).toEqual(events.map((_, i) => i));
  });

  test("says at its end all that it said in pieces", async () => {
    const response = (await eventsOf("responses", { reasoning_tokens: 2 })).at(-1)?.data["response"];
    expect(response).toMatchObject({
      status: "completed",
      output: [
        { type: "reasoning", content: [{ text: "well so" }] },
        { type: "message", content: [{ type: "output_text", text: "one two three four" }] },
      ],
      usage: { input_tokens: 1, output_tokens: 6, output_tokens_details: { reasoning_tokens: 2 }, total_tokens: 7 },
    });
  });

  test.each([
    ["a cut", {}, { max_output_tokens: 2 }, "incomplete", { incomplete_details: { reason: "max_output_tokens" } }],
    ["a filter", { fault: "finish" }, {}, "incomplete", { incomplete_details: { reason: "content_filter" } }],
    [
      "a failure",
      { fault: "finish", finish_reason: "failed" },
      {},
      "failed",
      { error: { code: "server_error", message: "The model crashed." } },
    ],
    ["a cancellation", { fault: "finish", finish_reason: "cancelled" }, {}, "cancelled", { error: null }],
    ["a crash", { fault: "error-object", at: 2 }, {}, "failed", { error: { message: "The model crashed." } }],
  ] as const)("ends with %s as the API tells it", async (_, control, more, status, response) => {
    const last = (await eventsOf("responses", control, more)).at(-1);
    expect(last).toMatchObject({ name: `response.${status}`, data: { response: { status, ...response } } });
  });
});

describe("a stream of the messages API", () => {
  test("has the events of the API, each called by its type", async () => {
    const events = await eventsOf("messages", { tokens: 2, reasoning_tokens: 1 });
    const block = ["start", "delta", "delta", "stop"].map((what) => `content_block_${what}`);
    expect(named(events)).toEqual(["message_start", ...block, ...block, "message_delta", "message_stop"]);
    expect(events.map(({ data }) => data["type"])).toEqual(named(events));
    expect(events.map(({ data }) => data["delta"]).filter((delta) => delta !== undefined)).toEqual([
      { type: "thinking_delta", thinking: "well" },
      { type: "signature_delta", signature: "c2ln" },
      { type: "text_delta", text: "one" },
      { type: "text_delta", text: " two" },
      { stop_reason: "end_turn", stop_sequence: null },
    ]);
  });

  test.each([
    ["a cut", {}, { max_tokens: 2 }, "max_tokens"],
    ["a filter", { fault: "finish" }, {}, "refusal"],
    ["a refusal", { fault: "refusal" }, {}, "refusal"],
    ["a call", { fault: "tool-calls" }, {}, "tool_use"],
    ["a word of its own", { finish_reason: "pause_turn" }, {}, "pause_turn"],
  ] as const)("tells %s by its stop_reason, streamed or not", async (_, control, more, reason) => {
    const events = await eventsOf("messages", control, more);
    expect(events.at(-2)?.data["delta"]).toMatchObject({ stop_reason: reason });
    expect(await wholeOf("messages", control, more)).toMatchObject({ stop_reason: reason });
  });
});

test("a stream of completions is made of texts", async () => {
  const events = await eventsOf("completions", {}, { stream_options: { include_usage: true } });
  expect(events.map(({ data }) => data["choices"])).toEqual([
    ...["one", " two", " three", " four"].map((text) => [{ text, finish_reason: null, index: 0 }]),
    [{ text: "", finish_reason: "stop", index: 0 }],
    [],
    undefined,
  ]);
  expect(events[0]?.data).toMatchObject({ object: "text_completion", id: expect.stringMatching(/^cmpl-/) });
});

test.each(["error-event", "error-object", "unknown-event", "several-parts", "hostile-text", "tool-calls"] as const)(
  "the events of responses are numbered without a gap, with the fault %s too",
  async (fault) => {
    const events = await eventsOf("responses", { fault, at: 2 });
    expect(events.map(({ data }) => data["sequence_number"])).toEqual(events.map((_, i) => i));
  },
);

test("not-streamed: the text comes whole, and numbers have no gap", async () => {
  const events = await eventsOf("responses", { fault: "not-streamed" });
  expect(named(events).filter((name) => name.endsWith(".delta"))).toEqual([]);
  expect(events.at(-4)?.data).toMatchObject({ type: "response.output_text.done", text: "one two three four" });
  expect(events.map(({ data }) => data["sequence_number"])).toEqual(events.map((_, i) => i));
});

test("several-parts: the text is in two blocks, or two items", async () => {
  const starts = named(await eventsOf("messages", { fault: "several-parts" }));
  expect(starts.filter((name) => name === "content_block_start")).toHaveLength(2);
  const last = (await eventsOf("responses", { fault: "several-parts" })).at(-1);
  expect(fieldsOf(last?.data["response"])["output"]).toMatchObject([
    { content: [{ text: "one two" }] },
    { content: [{ text: " three four" }] },
  ]);
});

test.each([
  ["chat", ["", "error", ""]],
  ["messages", ["message_delta", "error", "message_stop"]],
  ["completions", ["", "error", ""]],
] as const)("error-after-finish: one stands between finish and end in %s", async (api, names) => {
  expect(named(await eventsOf(api, { fault: "error-after-finish" })).slice(-3)).toEqual([...names]);
});

test.each([
  ["responses", "response.novelty"],
  ["messages", "content_block_novelty"],
] as const)("unknown-event: one of a type nobody knows stands among those of %s", async (api, name) => {
  const events = named(await eventsOf(api, { fault: "unknown-event", at: 2 }));
  const others = events.filter((other) => other !== name);
  expect(others).toEqual(named(await eventsOf(api, {})));
  expect(events.length).toBe(others.length + 1);
});

describe.each(API_KINDS)("in the %s API", (api) => {
  const field = { chat: "content", responses: "delta", messages: "text", completions: "text" }[api];

  test.each([1, 4])("an unpaced answer is exactly its tokens, %d an event", async (perEvent) => {
    const control = { tokens: 30_011, tokens_per_event: perEvent, text: "one two three é" };
    const events = await eventsOf(api, control);
    const texts = events.flatMap(({ data }) => {
      const { choices, delta = data } = data;
      const choice: unknown = Array.isArray(choices) ? choices[0] : delta;
      const said: unknown = isFields(choice) && isFields(choice["delta"]) ? choice["delta"] : choice;
      const text = isFields(said) ? said[field] : said;
      return typeof text === "string" && text !== "" && data["type"] !== "response.output_text.done" ? text : [];
    });
    expect(texts).toHaveLength(Math.ceil(30_011 / perEvent));
    expect(texts.join("")).toBe(joinTokens(createTokens(control.text, control.tokens)));
    if (api === "responses") expect(events.map(({ data }) => data["sequence_number"])).toEqual(events.map((_, i) => i));
  });

  test("the whole answer says what the stream says, and counts the same", async () => {
    for (const control of [{}, { fault: "tool-calls" }, { fault: "empty-answer" }, { tokens: 3 }] as const) {
      if (api === "completions" && "fault" in control && control.fault === "tool-calls") continue;
      const events = await eventsOf(api, { ...control, usage: "always" });
      const told = events.flatMap(({ data }) => data["usage"] ?? fieldsOf(data["response"])["usage"] ?? []).at(-1);
      expect((await wholeOf(api, control))["usage"]).toEqual(told);
    }
  });

  test("a refusal has the shape of the API's own errors", async () => {
    const inShape = (type: string, message: unknown, more: Fields): Fields =>
      api === "messages" ? { type: "error", error: { type, message } } : { error: { message, ...more } };
    const unknown = await replyTo(api, {}, { model: "none" });
    expect([unknown.status, fieldsIn(unknown.body.toString())]).toEqual([
      "HTTP/1.1 404 Not Found",
      inShape("not_found_error", "The model 'none' does not exist.", {
        type: "invalid_request_error",
        code: "model_not_found",
        param: "model",
      }),
    ]);
    const busy = await replyTo(api, { fault: "status", status: 529 });
    expect(fieldsIn(busy.body.toString())).toEqual(
      inShape("overloaded_error", "Overloaded", { type: "overloaded_error" }),
    );
    const get = parseResponse((await exchange(simulator.port, httpRequest("GET", `/v1${pathOf(api)}`))).bytes);
    expect([get.status, get.headers["allow"]]).toEqual(["HTTP/1.1 405 Method Not Allowed", "POST"]);
  });

  test("cached tokens are told as asked, and are never more than those of the prompt", async () => {
    const cached = (usage: unknown): unknown => {
      const counts = fieldsOf(usage);
      const details = counts["prompt_tokens_details"] ?? counts["input_tokens_details"];
      return isFields(details) ? details["cached_tokens"] : counts["cache_read_input_tokens"];
    };
    const prompt = "x".repeat(400);
    const message = [{ role: "user", content: prompt }];
    const more = { chat: { messages: message }, responses: { input: prompt }, messages: { messages: message } };
    const body = api === "completions" ? { prompt } : more[api];
    expect(cached((await wholeOf(api, { cached_tokens: 60 }, body))["usage"])).toBe(60);
    expect(cached((await wholeOf(api, { cached_tokens: 600 }, body))["usage"])).toBe(100);
  });
});

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

test("usage of messages is told where it is asked for", async () => {
  const usages = async (usage: Control["usage"]): Promise<unknown[]> => {
    const events = await eventsOf("messages", { usage });
    const start = fieldsOf(events[0]?.data["message"]);
    return [start["usage"], events.at(-2)?.data["usage"]];
  };
  const input = { input_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
  const end = { ...input, output_tokens: 4 };
  expect(await usages("asked")).toEqual([{ ...input, output_tokens: 0 }, end]);
  expect(await usages("on-finish")).toEqual([null, end]);
  expect(await usages("never")).toEqual([undefined, undefined]);
});

describe("what an API cannot have is refused by name:", () => {
  test.each([
    ["responses", { fault: "several-choices" }, "The responses API cannot have the fault 'several-choices'."],
    ["messages", { fault: "no-choices" }, "The messages API cannot have the fault 'no-choices'."],
    ["messages", { fault: "refuse-stream-options" }, "cannot have the fault 'refuse-stream-options'."],
    ["completions", { fault: "tool-calls" }, "The completions API cannot have the fault 'tool-calls'."],
    ["chat", { fault: "unknown-event" }, "The chat API cannot have the fault 'unknown-event'."],
    ["responses", { fault: "no-done" }, "The responses API cannot have the fault 'no-done'."],
    ["messages", { usage: "every" }, "The messages API has no usage on every event."],
    ["completions", { reasoning_tokens: 3 }, "The completions API has no reasoning."],
  ] as const)("%s, %o", async (api, control, message) => {
    const { status, body } = await replyTo(api, control);
    expect(status).toBe("HTTP/1.1 400 Bad Request");
    expect(fieldsOf(fieldsIn(body.toString())["error"])["message"]).toContain(message);
  });

  test("one that the whole server has, too", async () => {
    const server = startSimulator({ models: [{ id: "m", tokensPerSecond: 0, ttftMs: 0 }], fault: "role-only" });
    const { bytes } = await exchange(server.port, askIn("messages", {}));
    await server.stop();
    expect(parseResponse(bytes).body.toString()).toContain("cannot have the fault 'role-only'");
  });
});

describe("a request is read as its API has it:", () => {
  const rows: [api: ApiKind, sentence: string, more: object, message: string][] = [
    ["messages", "a limit is needed", { max_tokens: undefined }, "'max_tokens' must be a whole number"],
    [
      "messages",
      "the system stands beside",
      { messages: [{ role: "system", content: "a" }] },
      "'system' stands beside",
    ],
    ["responses", "input is needed", { input: undefined }, "'input' must be an array of at least one message."],
    ["responses", "items are objects", { input: ["a"] }, "Each of 'input' must be an object."],
    ["responses", "the limit is a count", { max_output_tokens: 0 }, "'max_output_tokens' must be a whole number"],
    ["completions", "one prompt is answered", { prompt: ["a", "b"] }, "'prompt' must be one text"],
    ["completions", "a conversation is none", { prompt: undefined, messages: [] }, "'prompt' must be one text"],
  ];
  test.each(rows)("%s: %s", async (api, _, more, message) => {
    const { status, body } = await replyTo(api, {}, more);
    expect(status).toBe("HTTP/1.1 400 Bad Request");
    expect(body.toString()).toContain(message);
  });

  test.each([
    ["completions", { prompt: [1, 2, 3] }, "prompt_tokens", 3],
    ["completions", { prompt: [[1, 2]] }, "prompt_tokens", 2],
    ["messages", { system: "x".repeat(36), messages: [{ role: "user", content: "hi!!" }] }, "input_tokens", 10],
    [
      "responses",
      { instructions: "x".repeat(16), input: [{ role: "user", content: [{ type: "input_text", text: "four" }] }] },
      "input_tokens",
      5,
    ],
  ] as const)("%s counts what it is given to read", async (api, more, name, count) => {
    expect(fieldsOf((await wholeOf(api, {}, more))["usage"])[name]).toBe(count);
  });
});

describe("a key", () => {
  const locked = startSimulator({ apiKey: "right", models: [{ id: "m", tokensPerSecond: 0, ttftMs: 0 }] });
  afterAll(() => locked.stop());
  const statusWith = async (path: string, headers: string): Promise<string> => {
    const method = path === "/v1/models" ? "GET" : "POST";
    const request = httpRequest(method, path, "{}", `Connection: close\r\n${headers}`);
    return parseResponse((await exchange(locked.port, request)).bytes).status.slice(9, 12);
  };
  const bearer = "Authorization: Bearer right\r\n";
  const own = "x-api-key: right\r\nanthropic-version: 2023-06-01\r\n";

  test("travels as its API has it", async () => {
    for (const api of API_KINDS) {
      expect(await statusWith(`/v1${pathOf(api)}`, bearer)).toBe("400");
      expect(await statusWith(`/v1${pathOf(api)}`, own)).toBe(api === "messages" ? "400" : "401");
    }
    expect([await statusWith("/v1/models", bearer), await statusWith("/v1/models", own)]).toEqual(["200", "200"]);
  });

  test("without the version of messages nothing is answered", async () => {
    const request = httpRequest("POST", "/v1/messages", "{}", "Connection: close\r\nx-api-key: right\r\n");
    const { body } = parseResponse((await exchange(locked.port, request)).bytes);
    expect(fieldsIn(body.toString())).toEqual({
      type: "error",
      error: { type: "invalid_request_error", message: "anthropic-version: header is required" },
    });
  });
});
