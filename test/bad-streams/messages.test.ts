import { describe, expect, test } from "bun:test";
import { DONE, event, HEAD, response, token, finish } from "../fixtures/answers.ts";
import { messages, typed } from "../fixtures/api-answers.ts";
import { ask } from "./ask.ts";

const { start, block, delta, text, blockEnd, reason, ping, stop } = messages;
const TEXT_BLOCK = block(0, { type: "text", text: "" });
const ANSWER = TEXT_BLOCK + text("Bon") + text("jour") + blockEnd(0);
const CACHED = { input_tokens: 3, cache_creation_input_tokens: 20, cache_read_input_tokens: 100, output_tokens: 1 };
const overloaded = typed("error", { error: { type: "overloaded_error", message: "Overloaded" } });
const json = (body: object, status = "200 OK"): Uint8Array =>
  response(status, "Content-Type: application/json\r\n", JSON.stringify(body));
const stream = (...events: string[]): string => HEAD + events.join("");
const ended = (why: string): string => stream(start(), ANSWER, reason(why), stop);
const tool = (index: number, id: string, name: string, input: object = {}): string =>
  block(index, { type: "tool_use", id, name, input });
const piece = (index: number, partial: string): string =>
  delta(index, { type: "input_json_delta", partial_json: partial });
const thought = (thinking: string): string => delta(0, { type: "thinking_delta", thinking });
const whole = { verdict: "complete", text: "Bonjour" };
const weather = { name: "weather", arguments: '{"city":"Paris"}', invalid: false };
const failed = (message: string, code?: string): object => ({
  verdict: "failed",
  error: { kind: "server_error", message: expect.stringContaining(message), ...(code === undefined ? {} : { code }) },
});
const BODY = { type: "message", model: "granite3.3:2b", usage: { input_tokens: 7, output_tokens: 42 } };

type Row = [name: string, answer: string | Uint8Array, record: object];

const ROWS: readonly Row[] = [
  [
    "a whole answer",
    ended("end_turn"),
    {
      ...whole,
      finish_reason: "end_turn",
      response_model: "granite3.3:2b",
      token_events: 2,
      tokens: 2,
      prompt_tokens: 7,
      notices: [],
    },
  ],
  ["stop_sequence", ended("stop_sequence"), whole],
  ["pause_turn", ended("pause_turn"), whole],
  ["max_tokens", ended("max_tokens"), { verdict: "length", text: "Bonjour" }],
  ["model_context_window_exceeded", ended("model_context_window_exceeded"), { verdict: "length" }],
  ["a length cut in capital letters", ended("MAX_TOKENS"), { verdict: "length" }],
  ["a length cut in the words of chat", ended("length"), { verdict: "length" }],
  ["refusal", ended("refusal"), { verdict: "filtered", text: "Bonjour" }],
  ["content_filter", ended("content_filter"), { verdict: "filtered" }],
  ["a reason that nobody knows", ended("novelty"), { ...whole, notices: ["unknown_finish_reason"] }],
  ["a reason that speaks of an error", ended("model_error"), { verdict: "failed" }],
  ["no message_stop", stream(start(), ANSWER, reason("end_turn")), { ...whole, notices: [] }],
  [
    "message_stop without a reason",
    stream(start(), ANSWER, stop),
    { ...whole, finish_reason: null, notices: ["end_without_reason"] },
  ],
  [
    "a reason of null and message_stop",
    stream(start(), ANSWER, reason(null), stop),
    { ...whole, notices: ["end_without_reason"] },
  ],
  ["text and then the end", stream(start(), ANSWER), { verdict: "truncated", text: "Bonjour" }],
  ["an end inside of a block", stream(start(), TEXT_BLOCK, text("Bon")), { verdict: "truncated", text: "Bon" }],
  ["[DONE] in place of message_stop", stream(start(), ANSWER, DONE), { verdict: "truncated" }],
  ["[DONE] behind message_stop", stream(start(), ANSWER, reason("end_turn"), stop, DONE), { ...whole, notices: [] }],
  [
    "an error in the middle",
    stream(start(), ANSWER, overloaded),
    { ...failed("Overloaded", "overloaded_error"), text: "Bonjour" },
  ],
  [
    "an error between the reason and message_stop",
    stream(start(), ANSWER, reason("end_turn"), overloaded, stop),
    { ...failed("Overloaded"), text: "Bonjour" },
  ],
  [
    "an error after message_stop",
    stream(start(), ANSWER, reason("end_turn"), stop, overloaded),
    { ...whole, notices: ["late_error"] },
  ],
  [
    "an error before text",
    stream(start(), typed("error", { error: { type: "api_error", message: "no" } })),
    failed("no", "api_error"),
  ],
  [
    "an error without the event's name",
    stream(start(), ANSWER, event({ type: "error", error: { type: "api_error", message: "no" } })),
    failed("no", "api_error"),
  ],
  [
    "an error in the shape of another API",
    stream(start(), ANSWER, event({ error: { message: "gone", code: 502 } })),
    failed("gone", "502"),
  ],
  [
    "an error that is no JSON",
    stream(start(), ANSWER, "event: error\ndata: out of memory\n\n"),
    failed("out of memory"),
  ],
  [
    "an error behind the events",
    stream(start(), ANSWER) + '{"type":"error","error":{"message":"the upstream is gone"}}',
    failed("the upstream is gone"),
  ],
  [
    "pings",
    stream(ping, start(), ping, ANSWER, ping, reason("end_turn"), ping, stop),
    { ...whole, token_events: 2, malformed: 0 },
  ],
  ["pings alone", stream(start(), ping, ping), { verdict: "failed", error: { kind: "ended_early" } }],
  [
    "events of unknown types",
    stream(
      start(),
      typed("novelty", { delta: { text: "x" } }),
      ANSWER,
      delta(0, { type: "novelty_delta", text: "x" }),
      reason("end_turn"),
      stop,
    ),
    { ...whole, malformed: 0 },
  ],
  [
    "signatures and citations",
    stream(
      start(),
      ANSWER,
      delta(0, { type: "signature_delta", signature: "abc" }),
      delta(0, { type: "citations_delta", citation: {} }),
      reason("end_turn"),
      stop,
    ),
    { ...whole, token_events: 2 },
  ],
  [
    "types in the events' names alone",
    stream(
      `event: content_block_delta\n${event({ index: 0, delta: { text: "Bonjour" } })}`,
      `event: message_stop\n${event({})}`,
    ),
    whole,
  ],
  [
    "thinking and then text",
    stream(
      start(),
      block(0, { type: "thinking", thinking: "" }),
      thought("Je "),
      thought("pense."),
      delta(0, { type: "signature_delta", signature: "abc" }),
      blockEnd(0),
      block(1, { type: "text", text: "" }),
      text("Bonjour", 1),
      blockEnd(1),
      reason("end_turn"),
      stop,
    ),
    { ...whole, reasoning: "Je pense.", token_events: 3 },
  ],
  [
    "redacted thinking",
    stream(
      start(),
      block(0, { type: "redacted_thinking", data: "abc" }),
      blockEnd(0),
      ANSWER,
      reason("end_turn"),
      stop,
    ),
    { ...whole, reasoning: "" },
  ],
  [
    "thinking alone, cut",
    stream(start(), thought("Hm"), reason("max_tokens"), stop),
    { verdict: "empty", reasoning: "Hm" },
  ],
  [
    "several blocks of text",
    stream(
      start(),
      block(0, { type: "text", text: "" }),
      text("Bon"),
      blockEnd(0),
      block(1, { type: "text", text: "" }),
      text("jour", 1),
      blockEnd(1),
      reason("end_turn"),
      stop,
    ),
    whole,
  ],
  [
    "text where a block begins",
    stream(start(), block(0, { type: "text", text: "Bon" }), text("jour"), reason("end_turn"), stop),
    { ...whole, token_events: 2 },
  ],
  ["deltas without a block", stream(start(), text("Bonjour"), reason("end_turn"), stop), whole],
  [
    "a call in fragments",
    stream(
      start(),
      tool(0, "toolu_a", "weather"),
      piece(0, ""),
      piece(0, '{"city":'),
      piece(0, '"Paris"}'),
      blockEnd(0),
      reason("tool_use"),
      stop,
    ),
    { verdict: "complete", token_events: 2, tool_calls: [{ ...weather, id: "toolu_a", index: 0 }] },
  ],
  [
    "text and two calls",
    stream(
      start(),
      ANSWER,
      tool(1, "toolu_a", "weather"),
      piece(1, '{"city":"Paris"}'),
      blockEnd(1),
      tool(2, "toolu_b", "time"),
      piece(2, "{}"),
      blockEnd(2),
      reason("tool_use"),
      stop,
    ),
    { ...whole, tool_calls: [weather, { id: "toolu_b", name: "time", arguments: "{}" }] },
  ],
  [
    "a call without input",
    stream(start(), tool(0, "toolu_a", "now"), blockEnd(0), reason("tool_use"), stop),
    { verdict: "complete", tool_calls: [{ name: "now", arguments: "", invalid: false }] },
  ],
  [
    "a call whose block does not end",
    stream(start(), tool(0, "toolu_a", "now"), reason("tool_use"), stop),
    { verdict: "complete", tool_calls: [{ name: "now" }] },
  ],
  [
    "a call whose input comes at once",
    stream(start(), tool(0, "toolu_a", "weather", { city: "Paris" }), blockEnd(0), reason("tool_use"), stop),
    { tool_calls: [weather] },
  ],
  [
    "calls that share an index",
    stream(
      start(),
      tool(0, "toolu_a", "weather"),
      piece(0, '{"city":"Paris"}'),
      blockEnd(0),
      tool(0, "toolu_b", "weather"),
      piece(0, '{"city":"Rome"}'),
      blockEnd(0),
      reason("tool_use"),
      stop,
    ),
    { tool_calls: [weather, { id: "toolu_b", arguments: '{"city":"Rome"}' }] },
  ],
  [
    "a tool of the server",
    stream(
      start(),
      block(0, { type: "server_tool_use", id: "srvtoolu_a", name: "web_search", input: {} }),
      piece(0, '{"query":"x"}'),
      blockEnd(0),
      block(1, { type: "web_search_tool_result", content: [] }),
      blockEnd(1),
      block(2, { type: "text", text: "" }),
      text("Bonjour", 2),
      reason("end_turn"),
      stop,
    ),
    { ...whole, tool_calls: [{ name: "web_search", arguments: '{"query":"x"}' }] },
  ],
  [
    "a cache",
    stream(start(CACHED), ANSWER, reason("end_turn", { output_tokens: 42 }), stop),
    { prompt_tokens: 123, cached_prompt_tokens: 100, tokens: 42, tokens_source: "usage" },
  ],
  [
    "input that is counted again at the end",
    stream(
      start(CACHED),
      ANSWER,
      reason("end_turn", { input_tokens: 3, cache_read_input_tokens: 100, output_tokens: 42 }),
      stop,
    ),
    { prompt_tokens: 123, cached_prompt_tokens: 100 },
  ],
  [
    "usage at the end alone",
    stream(start({}), ANSWER, reason("end_turn", { input_tokens: 7, output_tokens: 42 }), stop),
    { prompt_tokens: 7, tokens: 42 },
  ],
  [
    "usage that grows",
    stream(start(), ANSWER, reason(null, { output_tokens: 2 }), reason("end_turn", { output_tokens: 42 }), stop),
    { tokens: 42 },
  ],
  [
    "the count of the beginning alone",
    stream(start(), ANSWER, stop),
    { tokens: 2, tokens_source: "events", prompt_tokens: 7 },
  ],
  [
    "usage of null",
    stream(
      typed("message_start", { message: { usage: null } }),
      ANSWER,
      typed("message_delta", { delta: { stop_reason: "end_turn" }, usage: null }),
      stop,
    ),
    { ...whole, tokens_source: "events" },
  ],
  [
    "one malformed event",
    stream(start(), text("Bon"), "data: {\n\n", text("jour"), reason("end_turn"), stop),
    { ...whole, malformed: 1, notices: ["lost_events"] },
  ],
  [
    "input in pieces that are objects",
    stream(
      start(),
      tool(0, "toolu_a", "weather"),
      delta(0, { type: "input_json_delta", partial_json: { city: "Paris" } }),
      blockEnd(0),
      reason("tool_use"),
      stop,
    ),
    { tool_calls: [weather] },
  ],
  [
    "blocks of calls without an index",
    stream(
      start(),
      ...["toolu_a", "toolu_b"].flatMap((id) => [
        typed("content_block_start", { content_block: { type: "tool_use", id, name: "weather", input: {} } }),
        typed("content_block_delta", { delta: { type: "input_json_delta", partial_json: weather.arguments } }),
        typed("content_block_stop"),
      ]),
      reason("tool_use"),
      stop,
    ),
    {
      tool_calls: [
        { ...weather, id: "toolu_a" },
        { ...weather, id: "toolu_b" },
      ],
    },
  ],
  [
    "more calls than are read",
    stream(start(), ...Array.from({ length: 1002 }, (_, i) => tool(i, `toolu_${i}`, "f")), reason("tool_use"), stop),
    { verdict: "failed", error: { kind: "oversize" } },
  ],
  [
    "a reason beside the delta",
    stream(start(), ANSWER, typed("message_delta", { stop_reason: "max_tokens" }), stop),
    { verdict: "length", text: "Bonjour" },
  ],
  [
    "a reason in message_stop",
    stream(start(), ANSWER, typed("message_stop", { stop_reason: "max_tokens" })),
    { verdict: "length", text: "Bonjour" },
  ],
  [
    "text in message_start",
    stream(
      typed("message_start", { message: { content: [{ type: "text", text: "Bon" }] } }),
      text("jour"),
      reason("end_turn"),
      stop,
    ),
    { ...whole, token_events: 2 },
  ],
  [
    "deltas without a type whose words do not stand first",
    stream(start(), delta(0, { index: 0, text: "Bonjour" }), reason("end_turn"), stop),
    whole,
  ],
  [
    "an exception of Bedrock",
    stream(start(), ANSWER, 'event: throttlingException\ndata: {"message":"Too many"}\n\n'),
    { ...failed("Too many"), text: "Bonjour" },
  ],
  ["the chunks of another API", stream(token("Bonjour"), finish(), DONE), { verdict: "failed", text: "" }],
  ["nothing at all", stream(start(), reason("end_turn"), stop), { verdict: "empty" }],
  [
    "JSON in place of a stream",
    json({
      ...BODY,
      content: [
        { type: "text", text: "Bon" },
        { type: "text", text: "jour" },
      ],
      stop_reason: "end_turn",
    }),
    { ...whole, notices: ["not_streamed"], tokens: 42, prompt_tokens: 7 },
  ],
  [
    "JSON with thinking and a call",
    json({
      ...BODY,
      content: [
        { type: "thinking", thinking: "Hm" },
        { type: "tool_use", id: "toolu_a", name: "weather", input: { city: "Paris" } },
      ],
      stop_reason: "tool_use",
    }),
    { verdict: "complete", reasoning: "Hm", tool_calls: [weather] },
  ],
  ...["Bonjour", { type: "text", text: "Bonjour" }].map((content): Row => [
    `JSON whose content is ${typeof content}`,
    json({ ...BODY, content, stop_reason: "end_turn" }),
    { ...whole, notices: ["not_streamed"] },
  ]),
  [
    "JSON without a type",
    json({ role: "assistant", content: [{ type: "text", text: "Bonjour" }], stop_reason: "end_turn" }),
    { ...whole, notices: ["not_streamed"] },
  ],
  [
    "JSON that was cut",
    json({ ...BODY, content: [{ type: "text", text: "Bon" }], stop_reason: "max_tokens" }),
    { verdict: "length" },
  ],
  [
    "an error in JSON",
    json({ type: "error", error: { type: "not_found_error", message: "no such thing" } }),
    failed("no such thing", "not_found_error"),
  ],
  [
    "a refusal of the request",
    json(
      { type: "error", error: { type: "invalid_request_error", message: "max_tokens is required" } },
      "400 Bad Request",
    ),
    {
      verdict: "failed",
      error: {
        kind: "http",
        status: 400,
        message: expect.stringContaining("max_tokens is required"),
        code: "invalid_request_error",
      },
    },
  ],
];

describe("the messages API", () => {
  test.each(ROWS)("%s", async (_, answer, record) => {
    const asked = await ask(answer, { args: ["--api", "messages", "--retries", "0"] });
    expect(asked.record).toMatchObject(record);
    expect(asked.requests[0]?.path).toMatch(/^\/v1\/messages\?/);
  });
});
