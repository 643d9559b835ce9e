import { describe, expect, test } from "bun:test";
import { DONE, event, HEAD, response } from "../fixtures/answers.ts";
import { messages } from "../fixtures/api-answers.ts";
import { ask } from "./ask.ts";

const piece = (text: unknown, more: object = {}, whole: object = {}): string =>
  event({
    id: "cmpl-1",
    object: "text_completion",
    model: "granite3.3:2b",
    choices: [{ index: 0, text, finish_reason: null, ...more }],
    ...whole,
  });
const finish = (reason: unknown, more: object = {}): string => piece("", { finish_reason: reason }, more);
const usage = { prompt_tokens: 7, completion_tokens: 42, total_tokens: 49 };
const TEXT = piece("Bon") + piece("jour");
const stream = (...events: string[]): string => HEAD + events.join("");
const ended = (reason: unknown): string => stream(TEXT, finish(reason), DONE);
const json = (body: object, status = "200 OK"): Uint8Array =>
  response(status, "Content-Type: application/json\r\n", JSON.stringify(body));
const whole = { verdict: "complete", text: "Bonjour" };
const failed = (message: string, code?: string): object => ({
  verdict: "failed",
  error: { kind: "server_error", message: expect.stringContaining(message), ...(code === undefined ? {} : { code }) },
});

type Row = [name: string, answer: string | Uint8Array, record: object];

const ROWS: readonly Row[] = [
  [
    "a whole answer",
    ended("stop"),
    { ...whole, finish_reason: "stop", response_model: "granite3.3:2b", token_events: 2, notices: [] },
  ],
  ["a reason with the last text", stream(piece("Bonjour", { finish_reason: "stop" }), DONE), whole],
  ["eos_token", ended("eos_token"), whole],
  ["length", ended("length"), { verdict: "length" }],
  ["a length cut in capital letters", ended("LENGTH"), { verdict: "length" }],
  ["max_tokens", ended("max_tokens"), { verdict: "length" }],
  ["content_filter", ended("content_filter"), { verdict: "filtered", text: "Bonjour" }],
  ["error", ended("error"), { verdict: "failed" }],
  ["abort", ended("abort"), { verdict: "failed" }],
  ["a reason that nobody knows", ended("novelty"), { ...whole, notices: ["unknown_finish_reason"] }],
  ["a reason that is a number", ended(0), { verdict: "complete", notices: ["unknown_finish_reason"] }],
  ["an empty reason", ended(""), { verdict: "truncated" }],
  ["[DONE] without a reason", stream(TEXT, DONE), { verdict: "truncated", text: "Bonjour" }],
  ["a reason without [DONE]", stream(TEXT, finish("stop")), whole],
  ["an end without its mark", stream(TEXT), { verdict: "truncated", text: "Bonjour" }],
  [
    "a reason with each piece",
    stream(piece("Bon", { finish_reason: "stop" }), piece("jour", { finish_reason: "stop" }), DONE),
    whole,
  ],
  [
    "usage on its own chunk",
    stream(TEXT, finish("stop"), event({ object: "text_completion", choices: [], usage }), DONE),
    { tokens: 42, prompt_tokens: 7 },
  ],
  ["usage with the reason", stream(TEXT, finish("stop", { usage }), DONE), { tokens: 42 }],
  [
    "usage on every chunk",
    stream(
      piece("Bon", {}, { usage: { ...usage, completion_tokens: 1 } }),
      piece("jour", { finish_reason: "stop" }, { usage }),
      DONE,
    ),
    { tokens: 42 },
  ],
  ["usage in the choice", stream(TEXT, piece("", { finish_reason: "stop", usage }), DONE), { tokens: 42 }],
  [
    "usage of null",
    stream(piece("Bonjour", {}, { usage: null }), finish("stop"), DONE),
    { ...whole, tokens_source: "events" },
  ],
  [
    "usage with cached tokens",
    stream(TEXT, finish("stop", { usage: { ...usage, prompt_tokens_details: { cached_tokens: 4 } } }), DONE),
    { cached_prompt_tokens: 4 },
  ],
  [
    "an empty usage at the end",
    stream(TEXT, finish("stop", { usage }), event({ choices: [], usage: {} }), DONE),
    { tokens: 42 },
  ],
  ["text of null", stream(piece(null), TEXT, finish("stop"), DONE), { ...whole, token_events: 2 }],
  ["empty text", stream(piece(""), TEXT, finish("stop"), DONE), { ...whole, token_events: 2 }],
  [
    "no choices",
    stream(event({ object: "text_completion" }), event({ choices: [] }), TEXT, finish("stop"), DONE),
    whole,
  ],
  ["a choice without text", stream(event({ choices: [{ index: 0 }] }), TEXT, finish("stop"), DONE), whole],
  [
    "a choice that is a text",
    stream(piece("Bon"), event({ choices: ["x"] }), piece("jour"), finish("stop"), DONE),
    { ...whole, malformed: 1, notices: ["lost_events"] },
  ],
  [
    "text that is an object",
    stream(piece("Bon"), piece({ a: 1 }), piece("jour"), finish("stop"), DONE),
    { ...whole, malformed: 1 },
  ],
  [
    "logprobs beside the text",
    stream(piece("Bon", { logprobs: { tokens: ["Bon"] } }), piece("jour"), finish("stop"), DONE),
    whole,
  ],
  [
    "the number of the choice as a text",
    stream(piece("Bon", { index: "0" }), piece("jour", { index: "0" }), finish("stop"), DONE),
    whole,
  ],
  ["a choice whose number grows", stream(piece("Bon"), piece("jour", { index: 1 }), finish("stop"), DONE), whole],
  [
    "choices that share a chunk",
    stream(
      event({
        choices: [
          { index: 0, text: "Bonjour" },
          { index: 1, text: "Salut" },
        ],
      }),
      finish("stop"),
      DONE,
    ),
    { ...whole, notices: ["other_choices"] },
  ],
  [
    "an error in the middle",
    stream(TEXT, event({ error: { message: "the engine died", code: 500 } })),
    { ...failed("the engine died", "500"), text: "Bonjour" },
  ],
  ["an event called error", stream(TEXT, `event: error\n${event({ message: "no room" })}`), failed("no room")],
  [
    "an error that is called otherwise",
    stream(TEXT, event({ object: "error", message: "CUDA out of memory", code: 50_002 })),
    failed("CUDA out of memory"),
  ],
  [
    "an error in the choice",
    stream(TEXT, piece("", { finish_reason: "error", error: { message: "gone" } }), DONE),
    failed("gone"),
  ],
  ["an error after the reason", stream(TEXT, finish("stop"), event({ error: { message: "late" } })), whole],
  [
    "an error behind the events",
    stream(TEXT) + '{"error":{"message":"the upstream is gone"}}',
    failed("the upstream is gone"),
  ],
  ["an error of llama.cpp", stream(TEXT) + 'error: {"message":"no room"}\n\n', failed("no room")],
  [
    "one malformed event",
    stream(piece("Bon"), "data: {\n\n", piece("jour"), finish("stop"), DONE),
    { ...whole, malformed: 1, notices: ["lost_events"] },
  ],
  ["malformed events alone", stream("data: {\n\n"), { verdict: "failed", error: { kind: "malformed" } }],
  [
    "comments and pings",
    stream(": wait\n\n", "event: ping\n\n", "data: : PROCESSING\n\n", TEXT, finish("stop"), DONE),
    { ...whole, malformed: 0 },
  ],
  [
    "events of another API",
    stream(messages.start(), messages.text("Bonjour"), messages.reason("end_turn"), messages.stop),
    { verdict: "failed", text: "" },
  ],
  ["nothing but the end", stream(finish("stop"), DONE), { verdict: "empty" }],
  [
    "JSON in place of a stream",
    json({ object: "text_completion", choices: [{ index: 0, text: "Bonjour", finish_reason: "stop" }], usage }),
    { ...whole, notices: ["not_streamed"], tokens: 42 },
  ],
  ["JSON that was cut", json({ choices: [{ text: "Bon", finish_reason: "length" }] }), { verdict: "length" }],
  ["an error in JSON", json({ error: { message: "no such thing" } }), failed("no such thing")],
  [
    "a refusal of the request",
    json({ error: { message: "prompt is required" } }, "400 Bad Request"),
    { verdict: "failed", error: { kind: "http", status: 400, message: expect.stringContaining("prompt is required") } },
  ],
];

describe("the completions API", () => {
  test.each(ROWS)("%s", async (_, answer, record) => {
    const asked = await ask(answer, { args: ["--api", "completions", "--retries", "0"] });
    expect(asked.record).toMatchObject(record);
    expect(asked.requests[0]?.path).toMatch(/^\/v1\/completions\?/);
  });
});
