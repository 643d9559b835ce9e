import { describe, expect, test } from "bun:test";
import { API_KINDS, createUnsaid, loadApi, type ApiKind } from "../../src/wire/apis.ts";
import type { ChatBody } from "../../src/wire/request.ts";

const HI = [{ role: "user", content: "Hi" }];
const PIXEL = "data:image/png;base64,iVBORw0=";
const TOOL = {
  type: "function",
  function: { name: "weather", description: "of a city", parameters: { type: "object" } },
};
const CALL = { id: "call_a", type: "function", function: { name: "sqrt", arguments: '{"x":101}' } };
const HISTORY = [
  { role: "user", content: "Root of 101?" },
  { role: "assistant", content: null, tool_calls: [CALL, { ...CALL, id: "call_b" }] },
  { role: "tool", tool_call_id: "call_a", content: "10.05" },
  { role: "tool", tool_call_id: "call_b", content: [{ type: "text", text: "10.05" }] },
  { role: "assistant", content: "10.05" },
  { role: "user", content: "Thanks" },
];

/** A request in the form of chat completions, as our settings and a user's line make it. */
function asked(more: object, messages: unknown = HI): ChatBody {
  return JSON.parse(JSON.stringify({ model: "m", max_tokens: 50, ...more, messages, stream: true }));
}

async function bodyOf(kind: ApiKind, request: ChatBody): Promise<unknown> {
  const { body, unsaid } = (await loadApi(kind)).body(request);
  return unsaid ?? JSON.parse(JSON.stringify(body));
}

const base = { model: "m", stream: true };
const R = { ...base, store: false, max_output_tokens: 50, input: "Hi" };
const M = { ...base, max_tokens: 50, messages: HI };
const C = { ...base, max_tokens: 50, prompt: "Hi" };
const part = (...content: unknown[]): unknown => [{ role: "user", content }];
const lacks = (what: string, name = ""): object => ({ what, name });
const parameter = (name: string): object => lacks("parameter", name);

type Row = [name: string, kind: ApiKind, request: ChatBody, body: object];

const ROWS: readonly Row[] = [
  ["a prompt", "responses", asked({}), R],
  ["a prompt", "messages", asked({}), M],
  ["a prompt", "completions", asked({}), C],
  [
    "what every API calls alike",
    "responses",
    asked({ temperature: 0.8, top_p: 0.9 }),
    { ...R, temperature: 0.8, top_p: 0.9 },
  ],
  [
    "what every API calls alike",
    "messages",
    asked({ temperature: 0.8, top_p: 0.9 }),
    { ...M, temperature: 0.8, top_p: 0.9 },
  ],
  [
    "what every API calls alike",
    "completions",
    asked({ temperature: 0.8, stop: ["."], seed: 1 }),
    { ...C, temperature: 0.8, stop: ["."], seed: 1 },
  ],
  ["no limit", "responses", asked({ max_tokens: undefined }), { ...base, store: false, input: "Hi" }],
  ["no limit", "completions", asked({ max_tokens: undefined }), { ...base, prompt: "Hi" }],
  ["no limit", "messages", asked({ max_tokens: undefined }), lacks("limit")],
  ["max_completion_tokens", "responses", asked({ max_tokens: undefined, max_completion_tokens: 50 }), R],
  ["max_completion_tokens", "messages", asked({ max_tokens: undefined, max_completion_tokens: 50 }), M],
  ["max_completion_tokens", "completions", asked({ max_tokens: undefined, max_completion_tokens: 50 }), C],
  ["the API's own name of the limit", "responses", asked({ max_tokens: undefined, max_output_tokens: 50 }), R],
  [
    "options of the stream",
    "responses",
    asked({ stream_options: { include_usage: true } }),
    { ...R, stream_options: { include_obfuscation: false } },
  ],
  ["options of the stream", "messages", asked({ stream_options: { include_usage: true } }), M],
  [
    "options of the stream",
    "completions",
    asked({ stream_options: { include_usage: true } }),
    { ...C, stream_options: { include_usage: true } },
  ],
  [
    "a system message",
    "responses",
    asked({}, [{ role: "system", content: "Be short." }, ...HI]),
    { ...R, instructions: "Be short." },
  ],
  [
    "a system message",
    "messages",
    asked({}, [{ role: "system", content: "Be short." }, ...HI]),
    { ...M, system: "Be short." },
  ],
  [
    "a system message",
    "completions",
    asked({}, [{ role: "system", content: "Be short." }, ...HI]),
    { ...C, prompt: "Be short.\n\nHi" },
  ],
  [
    "two system messages",
    "messages",
    asked({}, [{ role: "system", content: "A" }, { role: "developer", content: "B" }, ...HI]),
    { ...M, system: "A\n\nB" },
  ],
  [
    "a system message later on",
    "messages",
    asked({}, [...HI, { role: "system", content: "B" }]),
    lacks("role", "system"),
  ],
  [
    "a system message later on",
    "responses",
    asked({}, [...HI, { role: "system", content: "B" }]),
    { ...R, input: [...HI, { role: "system", content: "B" }] },
  ],
  [
    "an image",
    "responses",
    asked({}, part({ type: "text", text: "What?" }, { type: "image_url", image_url: { url: PIXEL } })),
    { ...R, input: part({ type: "input_text", text: "What?" }, { type: "input_image", image_url: PIXEL }) as object },
  ],
  [
    "an image",
    "messages",
    asked({}, part({ type: "text", text: "What?" }, { type: "image_url", image_url: { url: PIXEL } })),
    {
      ...M,
      messages: part(
        { type: "text", text: "What?" },
        { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0=" } },
      ),
    },
  ],
  [
    "an image elsewhere",
    "messages",
    asked({}, part({ type: "image_url", image_url: { url: "https://host/a.png" } })),
    { ...M, messages: part({ type: "image", source: { type: "url", url: "https://host/a.png" } }) },
  ],
  [
    "an image",
    "completions",
    asked({}, part({ type: "text", text: "What?" }, { type: "image_url", image_url: { url: PIXEL } })),
    lacks("image"),
  ],
  [
    "parts of text",
    "completions",
    asked({}, part({ type: "text", text: "A" }, { type: "text", text: "B" })),
    { ...C, prompt: "A\nB" },
  ],
  [
    "parts in the API's own way",
    "messages",
    asked({}, part({ type: "document", source: { type: "text", data: "x" } })),
    { ...M, messages: part({ type: "document", source: { type: "text", data: "x" } }) },
  ],
  [
    "parts in the API's own way",
    "responses",
    asked({}, part({ type: "input_text", text: "x" })),
    { ...R, input: part({ type: "input_text", text: "x" }) },
  ],
  ["audio", "messages", asked({}, part({ type: "input_audio", input_audio: {} })), lacks("part", "input_audio")],
  ["audio", "responses", asked({}, part({ type: "input_audio", input_audio: {} })), lacks("part", "input_audio")],
  [
    "a file",
    "responses",
    asked({}, part({ type: "file", file: { file_id: "f" } })),
    { ...R, input: part({ type: "input_file", file_id: "f" }) },
  ],
  [
    "tools",
    "responses",
    asked({ tools: [TOOL], tool_choice: { type: "function", function: { name: "weather" } } }),
    { ...R, tools: [{ type: "function", ...TOOL.function }], tool_choice: { type: "function", name: "weather" } },
  ],
  [
    "tools",
    "messages",
    asked({ tools: [TOOL], tool_choice: "required", parallel_tool_calls: false }),
    {
      ...M,
      tools: [{ name: "weather", description: "of a city", input_schema: { type: "object" } }],
      tool_choice: { type: "any", disable_parallel_tool_use: true },
    },
  ],
  [
    "tools whose choice comes last",
    "messages",
    asked({ parallel_tool_calls: false, tool_choice: "required" }),
    { ...M, tool_choice: { type: "any", disable_parallel_tool_use: true } },
  ],
  [
    "a tool that must be called",
    "messages",
    asked({ tool_choice: { type: "function", function: { name: "weather" } } }),
    { ...M, tool_choice: { type: "tool", name: "weather" } },
  ],
  [
    "tools in the API's own way",
    "messages",
    asked({ tools: [{ name: "weather", input_schema: {} }], tool_choice: { type: "auto" } }),
    { ...M, tools: [{ name: "weather", input_schema: {} }], tool_choice: { type: "auto" } },
  ],
  [
    "tools in the API's own way",
    "responses",
    asked({ tools: [{ type: "web_search" }], tool_choice: "auto" }),
    { ...R, tools: [{ type: "web_search" }], tool_choice: "auto" },
  ],
  ["tools", "completions", asked({ tools: [TOOL] }), parameter("tools")],
  [
    "a conversation with tools",
    "responses",
    asked({}, HISTORY),
    {
      ...R,
      input: [
        HISTORY[0],
        { type: "function_call", call_id: "call_a", name: "sqrt", arguments: '{"x":101}' },
        { type: "function_call", call_id: "call_b", name: "sqrt", arguments: '{"x":101}' },
        { type: "function_call_output", call_id: "call_a", output: "10.05" },
        { type: "function_call_output", call_id: "call_b", output: "10.05" },
        HISTORY[4],
        HISTORY[5],
      ],
    },
  ],
  [
    "a conversation with tools",
    "messages",
    asked({}, HISTORY),
    {
      ...M,
      messages: [
        HISTORY[0],
        {
          role: "assistant",
          content: [
            { type: "tool_use", id: "call_a", name: "sqrt", input: { x: 101 } },
            { type: "tool_use", id: "call_b", name: "sqrt", input: { x: 101 } },
          ],
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "call_a", content: "10.05" },
            { type: "tool_result", tool_use_id: "call_b", content: "10.05" },
          ],
        },
        HISTORY[4],
        HISTORY[5],
      ],
    },
  ],
  ["a conversation", "completions", asked({}, HISTORY), lacks("conversation")],
  [
    "a message of a role of old",
    "messages",
    asked({}, [{ role: "function", name: "f", content: "x" }]),
    lacks("role", "function"),
  ],
  [
    "a message of a role of old",
    "responses",
    asked({}, [{ role: "function", name: "f", content: "x" }]),
    lacks("role", "function"),
  ],
  ["a stop", "messages", asked({ stop: "." }), { ...M, stop_sequences: ["."] }],
  ["a stop", "responses", asked({ stop: "." }), parameter("stop")],
  ["a seed", "messages", asked({ seed: 1 }), parameter("seed")],
  ["a seed", "responses", asked({ seed: 1 }), parameter("seed")],
  ["penalties", "messages", asked({ presence_penalty: 1 }), parameter("presence_penalty")],
  ["penalties that ask for nothing", "messages", asked({ presence_penalty: 0, n: 1, logprobs: false }), M],
  ["several answers", "responses", asked({ n: 2 }), parameter("n")],
  ["a user", "messages", asked({ user: "me" }), { ...M, metadata: { user_id: "me" } }],
  ["a user", "responses", asked({ user: "me" }), { ...R, user: "me" }],
  [
    "a format",
    "responses",
    asked({ response_format: { type: "json_schema", json_schema: { name: "a", schema: {} } } }),
    { ...R, text: { format: { type: "json_schema", name: "a", schema: {} } } },
  ],
  [
    "a format and verbosity",
    "responses",
    asked({ response_format: { type: "json_object" }, verbosity: "low" }),
    { ...R, text: { format: { type: "json_object" }, verbosity: "low" } },
  ],
  ["a format", "messages", asked({ response_format: { type: "json_object" } }), parameter("response_format")],
  ["a format", "completions", asked({ response_format: { type: "json_object" } }), parameter("response_format")],
  ["an effort", "responses", asked({ reasoning_effort: "low" }), { ...R, reasoning: { effort: "low" } }],
  ["an effort", "messages", asked({ reasoning_effort: "low" }), parameter("reasoning_effort")],
  [
    "a parameter of the API's own",
    "responses",
    asked({ previous_response_id: "resp_1", store: true }),
    { ...R, previous_response_id: "resp_1", store: true },
  ],
  [
    "a parameter of the API's own",
    "messages",
    asked({ thinking: { type: "enabled", budget_tokens: 1024 }, top_k: 5 }),
    { ...M, thinking: { type: "enabled", budget_tokens: 1024 }, top_k: 5 },
  ],
  [
    "a parameter that nobody knows",
    "completions",
    asked({ simulate: { tokens: 5 } }),
    { ...C, simulate: { tokens: 5 } },
  ],
  ["functions of old", "responses", asked({ functions: [] }), parameter("functions")],
  ["token ids", "completions", asked({}, part({ type: "token_ids", token_ids: [1, 2] })), { ...C, prompt: [1, 2] }],
  ["token ids", "responses", asked({}, part({ type: "token_ids", token_ids: [1, 2] })), lacks("token_ids")],
  ["token ids", "messages", asked({}, part({ type: "token_ids", token_ids: [1, 2] })), lacks("token_ids")],
  ["token ids", "chat", asked({}, part({ type: "token_ids", token_ids: [1, 2] })), lacks("token_ids")],
  [
    "token ids behind a system message",
    "completions",
    asked({}, [
      { role: "system", content: "A" },
      { role: "user", content: [{ type: "token_ids", token_ids: [1] }] },
    ]),
    lacks("system"),
  ],
];

describe("a request", () => {
  test.each(ROWS)("with %s in %s", async (_, kind, request, body) => {
    expect(await bodyOf(kind, request)).toEqual(body);
    const unsaid = (await createUnsaid(kind))(request);
    expect<unknown>(unsaid).toEqual("what" in body ? body : null);
  });

  test("in the form of chat completions is one already", async () => {
    const request = asked({ tools: [TOOL], seed: 1 }, HISTORY);
    expect(await bodyOf("chat", request)).toEqual(request);
  });

  test("carries the key as its API wants it", async () => {
    const bearer = { authorization: "Bearer k" };
    const apis = await Promise.all(API_KINDS.map((kind) => loadApi(kind)));
    expect(apis.map(({ headers }) => headers("k"))).toEqual([
      bearer,
      bearer,
      { "anthropic-version": "2023-06-01", "x-api-key": "k" },
      bearer,
    ]);
    expect(apis.map(({ headers }) => headers(null))).toEqual([{}, {}, { "anthropic-version": "2023-06-01" }, {}]);
  });
});
