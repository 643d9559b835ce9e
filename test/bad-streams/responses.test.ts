import { describe, expect, test } from "bun:test";
import { DONE, event, HEAD, response, token, finish } from "../fixtures/answers.ts";
import { responses, typed } from "../fixtures/api-answers.ts";
import { ask } from "./ask.ts";

const { created, text, piece, call, end } = responses;
const ANSWER = text("Bon") + text("jour");
const USAGE = {
  input_tokens: 7,
  input_tokens_details: { cached_tokens: 4 },
  output_tokens: 42,
  output_tokens_details: { reasoning_tokens: 30 },
  total_tokens: 49,
};
const said = (content: string): object => ({
  type: "message",
  id: "msg_1",
  role: "assistant",
  content: [{ type: "output_text", text: content }],
});
const done = (content: string): string =>
  typed("response.output_text.done", { item_id: "msg_1", output_index: 0, content_index: 0, text: content });
const called = { type: "function_call", id: "fc_0", call_id: "call_a", name: "weather", arguments: '{"city":"Paris"}' };
const json = (body: object, status = "200 OK"): Uint8Array =>
  response(status, "Content-Type: application/json\r\n", JSON.stringify(body));
const stream = (...events: string[]): string => HEAD + events.join("");
const whole = { verdict: "complete", text: "Bonjour" };
const weather = { name: "weather", arguments: '{"city":"Paris"}', invalid: false };
const failed = (message: string, code?: string): object => ({
  verdict: "failed",
  error: { kind: "server_error", message: expect.stringContaining(message), ...(code === undefined ? {} : { code }) },
});

type Row = [name: string, answer: string | Uint8Array, record: object];

const ROWS: readonly Row[] = [
  [
    "a whole answer",
    stream(created, ANSWER, done("Bonjour"), end("completed", { usage: USAGE })),
    { ...whole, finish_reason: "completed", response_model: "granite3.3:2b", token_events: 2, notices: [] },
  ],
  [
    "usage in the last event",
    stream(ANSWER, end("completed", { usage: USAGE })),
    { prompt_tokens: 7, tokens: 42, reasoning_tokens: 30, cached_prompt_tokens: 4 },
  ],
  [
    "usage of null",
    stream(ANSWER, end("completed", { usage: null })),
    { ...whole, tokens: 2, tokens_source: "events" },
  ],
  ["[DONE] behind the end", stream(ANSWER, end("completed"), DONE), { ...whole, notices: [] }],
  ["events after the end", stream(ANSWER, end("completed"), text("!")), whole],
  ["an error after the end", stream(ANSWER, end("completed"), typed("error", { message: "late" })), whole],
  ["an end without its mark", stream(created, ANSWER), { verdict: "truncated", text: "Bonjour" }],
  ["[DONE] in place of the mark", stream(ANSWER, DONE), { verdict: "truncated", text: "Bonjour" }],
  [
    "a length cut in its own event",
    stream(ANSWER, end("incomplete", { incomplete_details: { reason: "max_output_tokens" } })),
    { verdict: "length", finish_reason: "max_output_tokens" },
  ],
  [
    "a length cut in response.completed",
    stream(ANSWER, end("completed", { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } })),
    { verdict: "length" },
  ],
  [
    "a cut without details",
    stream(ANSWER, end("completed", { status: "incomplete", incomplete_details: null })),
    { verdict: "length", finish_reason: "incomplete" },
  ],
  [
    "a cut in the words of chat",
    stream(ANSWER, end("incomplete", { incomplete_details: { reason: "length" } })),
    { verdict: "length" },
  ],
  [
    "a cut for a reason of its own",
    stream(ANSWER, end("incomplete", { incomplete_details: { reason: "max_tool_calls" } })),
    { verdict: "failed", error: { kind: "finish_reason" } },
  ],
  [
    "a filter",
    stream(ANSWER, end("incomplete", { incomplete_details: { reason: "content_filter" } })),
    { verdict: "filtered", text: "Bonjour" },
  ],
  [
    "a cut in reasoning",
    stream(
      piece("reasoning_text.delta", "Hm"),
      end("incomplete", { incomplete_details: { reason: "max_output_tokens" }, usage: USAGE }),
    ),
    { verdict: "empty", reasoning: "Hm" },
  ],
  [
    "response.failed after text",
    stream(ANSWER, end("failed", { error: { code: "server_error", message: "the engine died" } })),
    { ...failed("the engine died", "server_error"), text: "Bonjour" },
  ],
  [
    "response.failed before text",
    stream(created, end("failed", { error: { code: "server_error", message: "no" } })),
    failed("no", "server_error"),
  ],
  [
    "response.failed without words",
    stream(ANSWER, end("failed", { error: null })),
    { verdict: "failed", text: "Bonjour" },
  ],
  [
    "response.completed with the status failed",
    stream(ANSWER, end("completed", { status: "failed", error: { code: "x", message: "no" } })),
    failed("no", "x"),
  ],
  [
    "response.completed with an error",
    stream(ANSWER, end("completed", { error: { code: "x", message: "no" } })),
    failed("no", "x"),
  ],
  [
    "response.completed with the status of the beginning",
    stream(ANSWER, end("completed", { status: "in_progress" })),
    whole,
  ],
  ["response.completed without a status", stream(ANSWER, typed("response.completed", { response: {} })), whole],
  [
    "response.cancelled",
    stream(ANSWER, end("cancelled")),
    { verdict: "failed", text: "Bonjour", error: { kind: "finish_reason" } },
  ],
  ["the status cancelled", stream(ANSWER, end("completed", { status: "cancelled" })), { verdict: "failed" }],
  ["the status expired", stream(ANSWER, end("completed", { status: "expired" })), { verdict: "failed" }],
  [
    "an error event",
    stream(ANSWER, typed("error", { code: "500", message: "the engine died", param: null })),
    { ...failed("the engine died", "500"), text: "Bonjour" },
  ],
  [
    "an error event around an error",
    stream(ANSWER, typed("error", { error: { type: "server_error", message: "gone" } })),
    failed("gone", "server_error"),
  ],
  ["an error without a type", stream(ANSWER, event({ error: { message: "gone", code: 502 } })), failed("gone", "502")],
  ["an error of FastAPI", stream(ANSWER, event({ detail: "out of memory" })), failed("out of memory")],
  [
    "an error behind the events",
    stream(ANSWER) + '{"error":{"message":"the upstream is gone"}}',
    failed("the upstream is gone"),
  ],
  ["a field error of the stream", stream(ANSWER) + 'error: {"message":"no room"}\n\n', failed("no room")],
  [
    "events of unknown types",
    stream(
      typed("response.novelty", { delta: "x" }),
      ANSWER,
      typed("response.web_search_call.searching"),
      end("completed"),
    ),
    { ...whole, token_events: 2, malformed: 0 },
  ],
  [
    "pings",
    stream(typed("ping"), ": wait\n\n", typed("keepalive"), ANSWER, end("completed")),
    { ...whole, notices: [] },
  ],
  [
    "types in the events' names alone",
    stream(
      `event: response.output_text.delta\n${event({ delta: "Bonjour" })}`,
      `event: response.completed\n${event({ response: { status: "completed" } })}`,
    ),
    whole,
  ],
  [
    "types in the data alone",
    stream(
      event({ type: "response.output_text.delta", delta: "Bonjour" }),
      event({ type: "response.completed", response: { status: "completed" } }),
    ),
    whole,
  ],
  [
    "fields of null",
    stream(
      text("Bon", { logprobs: null }),
      typed("response.output_text.delta", { delta: null }),
      text("jour"),
      end("completed", { error: null, usage: null, incomplete_details: null }),
    ),
    { ...whole, token_events: 2 },
  ],
  [
    "one malformed event",
    stream(text("Bon"), 'data: {"type":\n\n', text("jour"), end("completed")),
    { ...whole, malformed: 1, notices: ["lost_events"] },
  ],
  [
    "malformed events alone",
    stream("data: {\n\n", "data: [}\n\n"),
    { verdict: "failed", error: { kind: "malformed" } },
  ],
  ["the chunks of another API", stream(token("Bonjour"), finish(), DONE), { verdict: "failed", text: "" }],
  [
    "text in response.output_text.done alone",
    stream(created, done("Bonjour"), end("completed")),
    { ...whole, token_events: 1, notices: ["not_streamed"] },
  ],
  [
    "text in the last event alone",
    stream(created, end("completed", { output: [said("Bonjour")] })),
    { ...whole, notices: ["not_streamed"] },
  ],
  [
    "text in response.output_item.done alone",
    stream(typed("response.output_item.done", { output_index: 0, item: said("Bonjour") }), end("completed")),
    { ...whole, notices: ["not_streamed"] },
  ],
  [
    "text that every event of the end repeats",
    stream(
      ANSWER,
      done("Bonjour"),
      typed("response.output_item.done", { output_index: 0, item: said("Bonjour") }),
      end("completed", { output: [said("Bonjour")] }),
    ),
    { ...whole, token_events: 2, notices: [] },
  ],
  [
    "items whose ids change",
    stream(
      text("Bon", { item_id: "a" }),
      text("jour", { item_id: "b" }),
      typed("response.output_text.done", { item_id: "c", output_index: 0, content_index: 0, text: "Bonjour" }),
      end("completed"),
    ),
    { ...whole, token_events: 2 },
  ],
  [
    "several messages",
    stream(text("Bon"), text("jour", { output_index: 1, item_id: "msg_2" }), end("completed")),
    whole,
  ],
  [
    "reasoning and then text",
    stream(piece("reasoning_text.delta", "Je "), piece("reasoning_text.delta", "pense."), ANSWER, end("completed")),
    { ...whole, reasoning: "Je pense.", token_events: 4 },
  ],
  [
    "a summary of reasoning",
    stream(piece("reasoning_summary_text.delta", "Hm"), ANSWER, end("completed")),
    { ...whole, reasoning: "Hm" },
  ],
  [
    "reasoning by its short name",
    stream(piece("reasoning.delta", "Hm"), ANSWER, end("completed")),
    { ...whole, reasoning: "Hm" },
  ],
  [
    "reasoning in an item alone",
    stream(
      typed("response.output_item.done", {
        output_index: 0,
        item: { type: "reasoning", summary: [{ type: "summary_text", text: "Hm" }] },
      }),
      text("Bonjour", { output_index: 1 }),
      end("completed"),
    ),
    { ...whole, reasoning: "Hm" },
  ],
  [
    "a refusal",
    stream(piece("refusal.delta", "I "), piece("refusal.delta", "can't."), end("completed")),
    { verdict: "filtered", text: "", error: { kind: "filtered" } },
  ],
  [
    "audio",
    stream(piece("audio.transcript.delta", "Bon"), piece("audio.transcript.delta", "jour"), end("completed")),
    whole,
  ],
  [
    "a call in fragments",
    stream(
      call(0, "call_a", "weather"),
      piece("function_call_arguments.delta", '{"city":'),
      piece("function_call_arguments.delta", '"Paris"}'),
      end("completed"),
    ),
    { verdict: "complete", token_events: 2, tool_calls: [{ ...weather, id: "call_a", index: 0 }] },
  ],
  [
    "two calls that interleave",
    stream(
      call(0, "call_a", "weather"),
      call(1, "call_b", "time"),
      piece("function_call_arguments.delta", '{"city":"Paris"}'),
      piece("function_call_arguments.delta", "{}", { output_index: 1 }),
      end("completed"),
    ),
    { tool_calls: [weather, { id: "call_b", name: "time", arguments: "{}" }] },
  ],
  [
    "a call that comes whole",
    stream(
      call(0, "call_a", "weather"),
      typed("response.function_call_arguments.done", { output_index: 0, arguments: called.arguments }),
      end("completed"),
    ),
    { verdict: "complete", tool_calls: [weather], notices: [] },
  ],
  [
    "a call in response.output_item.done alone",
    stream(typed("response.output_item.done", { output_index: 0, item: called }), end("completed")),
    { verdict: "complete", tool_calls: [{ ...weather, id: "call_a" }] },
  ],
  [
    "a call in the last event alone",
    stream(created, end("completed", { output: [called] })),
    { verdict: "complete", tool_calls: [weather] },
  ],
  [
    "a call that every event of the end repeats",
    stream(
      call(0, "call_a", "weather"),
      piece("function_call_arguments.delta", called.arguments),
      typed("response.function_call_arguments.done", { output_index: 0, arguments: called.arguments }),
      typed("response.output_item.done", { output_index: 0, item: called }),
      end("completed", { output: [called] }),
    ),
    { tool_calls: [weather], token_events: 1 },
  ],
  [
    "a call without arguments",
    stream(call(0, "call_a", "now"), end("completed")),
    { verdict: "complete", tool_calls: [{ name: "now", arguments: "", invalid: false }] },
  ],
  [
    "a call known by its item",
    stream(
      typed("response.output_item.added", { item: { ...called, arguments: "" } }),
      typed("response.function_call_arguments.delta", { item_id: "fc_0", delta: called.arguments }),
      end("completed", { output: [called] }),
    ),
    { tool_calls: [weather] },
  ],
  [
    "a custom tool",
    stream(
      typed("response.output_item.added", {
        output_index: 0,
        item: { type: "custom_tool_call", call_id: "call_a", name: "patch", input: "" },
      }),
      piece("custom_tool_call_input.delta", "*** Begin"),
      end("completed"),
    ),
    { tool_calls: [{ name: "patch", arguments: "*** Begin", invalid: false }] },
  ],
  [
    "a call whose item has both numbers, and its pieces the item's alone",
    stream(
      call(0, "call_a", "weather"),
      typed("response.function_call_arguments.delta", { item_id: "fc_0", delta: called.arguments }),
      end("completed"),
    ),
    { tool_calls: [{ ...weather, id: "call_a" }], token_events: 1 },
  ],
  [
    "a call whose item has its own number, and its pieces both",
    stream(
      typed("response.output_item.added", { item: { ...called, arguments: "" } }),
      typed("response.function_call_arguments.delta", { item_id: "fc_0", output_index: 0, delta: called.arguments }),
      end("completed"),
    ),
    { tool_calls: [{ ...weather, id: "call_a" }] },
  ],
  [
    "calls in turns that all have the same place in the output",
    stream(
      ...["a", "b"].map((id) =>
        typed("response.output_item.added", { output_index: 0, item: { ...called, id, call_id: id, arguments: "" } }),
      ),
      ...["a", "b"].map((id) => piece("function_call_arguments.delta", called.arguments, { item_id: id })),
      end("completed"),
    ),
    {
      tool_calls: [
        { ...weather, id: "a" },
        { ...weather, id: "b" },
      ],
    },
  ],
  ...(
    [
      ["*.done", typed("response.function_call_arguments.done", { ...weather, output_index: 0 }), end("completed")],
      ["its item", typed("response.output_item.done", { output_index: 0, item: called }), end("completed")],
      ["the last event", "", end("completed", { output: [called] })],
    ] as const
  ).map(([name, ...events]): Row => [
    `a call whose name comes with ${name}`,
    stream(piece("function_call_arguments.delta", called.arguments), ...events),
    { verdict: "complete", tool_calls: [{ name: "weather", arguments: called.arguments }] },
  ]),
  ...["computer_call", "local_shell_call"].map((type): Row => [
    type,
    stream(
      typed("response.output_item.done", { output_index: 0, item: { type, call_id: "a", action: { type: "click" } } }),
      end("completed"),
    ),
    { verdict: "complete", tool_calls: [{ id: "a", name: type, arguments: '{"type":"click"}' }] },
  ]),
  [
    "more calls than are read",
    stream(...Array.from({ length: 1002 }, (_, i) => call(i, `call_${i}`, "f")), end("completed")),
    { verdict: "failed", error: { kind: "oversize" } },
  ],
  [
    "more calls than are read in the last event",
    stream(
      ANSWER,
      end("completed", { output: Array.from({ length: 1001 }, (_, i) => ({ ...called, call_id: `call_${i}` })) }),
    ),
    { verdict: "failed", text: "Bonjour", error: { kind: "oversize" } },
  ],
  [
    "text in response.content_part.done alone",
    stream(
      typed("response.content_part.done", { output_index: 0, part: { type: "output_text", text: "Bonjour" } }),
      end("completed"),
    ),
    { ...whole, notices: ["not_streamed"] },
  ],
  [
    "text that response.content_part.done repeats",
    stream(
      ANSWER,
      typed("response.content_part.done", {
        output_index: 0,
        content_index: 0,
        part: { type: "output_text", text: "Bonjour" },
      }),
      end("completed", { output_text: "Bonjour" }),
    ),
    { ...whole, token_events: 2 },
  ],
  [
    "text in output_text of the last event alone",
    stream(created, end("completed", { output_text: "Bonjour" })),
    { ...whole, notices: ["not_streamed"] },
  ],
  [
    "response.failed without a response",
    stream(ANSWER, typed("response.failed", { error: { code: "x", message: "flat" } })),
    { ...failed("flat", "x"), text: "Bonjour" },
  ],
  [
    "response.incomplete without a response",
    stream(ANSWER, typed("response.incomplete", { incomplete_details: "content_filter" })),
    { verdict: "filtered", text: "Bonjour" },
  ],
  [
    "usage beside the response",
    stream(ANSWER, typed("response.completed", { response: { status: "completed" }, usage: USAGE })),
    { prompt_tokens: 7, tokens: 42 },
  ],
  [
    "an error of a tool of the server",
    stream(typed("response.mcp_call.error", { message: "no", code: null }), ANSWER, end("completed")),
    { ...whole, notices: [] },
  ],
  ["response.error", stream(ANSWER, typed("response.error", { error: { message: "gone" } })), failed("gone")],
  ["nothing at all", stream(created, end("completed")), { verdict: "empty" }],
  [
    "JSON in place of a stream",
    json({ object: "response", status: "completed", model: "granite3.3:2b", output: [said("Bonjour")], usage: USAGE }),
    { ...whole, notices: ["not_streamed"], tokens: 42 },
  ],
  [
    "JSON that was cut",
    json({
      object: "response",
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      output: [said("Bon")],
    }),
    { verdict: "length" },
  ],
  [
    "JSON that failed",
    json({ object: "response", status: "failed", error: { code: "server_error", message: "no" }, output: [] }),
    failed("no", "server_error"),
  ],
  [
    "JSON that has not begun",
    json({ object: "response", status: "queued", output: [] }),
    { verdict: "failed", error: { kind: "not_a_stream" } },
  ],
  [
    "an error in JSON",
    json({ error: { message: "no such thing", type: "invalid_request_error" } }),
    failed("no such thing"),
  ],
  [
    "a refusal of the request",
    json({ error: { message: "model is required", code: "missing" } }, "400 Bad Request"),
    {
      verdict: "failed",
      error: { kind: "http", status: 400, message: expect.stringContaining("model is required"), code: "missing" },
    },
  ],
];

describe("the responses API", () => {
  test.each(ROWS)("%s", async (_, answer, record) => {
    const asked = await ask(answer, { args: ["--api", "responses", "--retries", "0"] });
    expect(asked.record).toMatchObject(record);
    expect(asked.requests[0]?.path).toMatch(/^\/v1\/responses\?/);
  });
});
