import { describe, expect, test } from "bun:test";
import { parametersOf } from "../../src/run/jobs.ts";
import { parsePromptLine } from "../../src/run/prompts.ts";

const parse = (line: unknown) => parsePromptLine(JSON.stringify(line), "jsonl");
const CALL = { id: "call_a", type: "function", function: { name: "sqrt", arguments: '{"x":101}' } };
const asked = (...messages: unknown[]) => ({ messages: [{ role: "user", content: "Root of 101?" }, ...messages] });

describe("a conversation in a line", () => {
  test.each([
    ["calls of tools", { role: "assistant", tool_calls: [CALL] }],
    ["calls of tools, and null", { role: "assistant", content: null, tool_calls: [CALL] }],
    ["the older call of a function", { role: "assistant", function_call: CALL.function }],
    ["a refusal", { role: "assistant", refusal: "No." }],
    ["an answer in sound", { role: "assistant", audio: { id: "audio_1" } }],
    ["the result of a tool", { role: "tool", tool_call_id: "call_a", content: "10.05" }],
    ["that of a function", { role: "function", name: "sqrt", content: "10.05" }],
    ["a developer's word", { role: "developer", content: "Be brief." }],
    ["parts", { role: "user", content: [{ type: "text", text: "And of 102?" }] }],
  ])("may hold %s", (_, message) => {
    const line = asked(message);
    expect(parse(line)).toMatchObject({ prompt: { messages: line.messages } });
  });

  test.each([
    ["no content and nothing in its place", { role: "assistant" }],
    ["a content that is no text", { role: "user", content: 7 }],
    ["an object for a content", { role: "assistant", content: {}, tool_calls: [CALL] }],
    ["nothing where calls should be", { role: "assistant", tool_calls: null }],
    ["no role", { content: "hi" }],
    ["an empty role", { role: "", content: "hi" }],
    ["a text for a message", "hi"],
  ])("may not hold %s", (_, message) => {
    expect(parse(asked(message))).toEqual({ why: "bad_messages", key: "messages" });
  });
});

describe("a line", () => {
  test.each([
    { max_completion_tokens: 50 },
    { reasoning_effort: "low" },
    { top_k: 40, min_p: 0.1 },
    { logit_bias: { 50256: -100 }, logprobs: true },
    { parallel_tool_calls: false, metadata: { run: "a" }, store: false },
    { chat_template_kwargs: { enable_thinking: false } },
    { temperature: null, max_tokens: null, tool_choice: null, stop: null },
    { stream_options: null },
  ])("carries %j to the request", (params) => {
    expect(parse({ prompt: "hi", ...params })).toMatchObject({ prompt: { text: "hi", params } });
  });

  test("keeps to itself what numbers it, and what every request says", () => {
    expect(parse({ id: 7, custom_id: "a", stream: true, prompt: "hi" })).toMatchObject({ prompt: { params: {} } });
  });

  test("may say null where it says nothing", () => {
    const line = { prompt: null, model: null, ...asked() };
    expect(parse(line)).toMatchObject({ prompt: { model: null, messages: line.messages } });
    expect(parse({ prompt: "hi", messages: null })).toMatchObject({ prompt: { text: "hi", messages: null } });
  });

  test.each([
    ["stream", { stream: false }, "reserved_key"],
    ["temperature", { temperature: 3 }, "bad_value"],
    ["max_tokens", { max_tokens: 0 }, "bad_value"],
    ["max_completion_tokens", { max_completion_tokens: "9" }, "bad_value"],
    ["model", { model: "" }, "bad_value"],
  ] as const)("is refused for a %s that cannot be", (key, params, why) => {
    expect(parse({ prompt: "hi", ...params })).toEqual({ why, key });
  });

  test("hands on a key with a name of JavaScript's own as any other", () => {
    const parsed = parsePromptLine('{"prompt":"hi","__proto__":{"a":1}}', "jsonl");
    expect("prompt" in parsed && Object.entries(parsed.prompt.params)).toEqual([["__proto__", { a: 1 }]]);
  });
});

describe("the parameters of a request", () => {
  const ours = { max_tokens: 300, temperature: 0.8 };

  test.each([
    [
      "the later comes before the earlier",
      [ours, { temperature: 0 }, { temperature: 1 }],
      { max_tokens: 300, temperature: 1 },
    ],
    ["null leaves one out", [ours, { temperature: null }], { max_tokens: 300 }],
    ["null may be taken back", [ours, { temperature: null }, { temperature: 1 }], { max_tokens: 300, temperature: 1 }],
    ["null inside of a value is a value", [{ a: { b: null } }], { a: { b: null } }],
    [
      "a limit under its other name takes its place",
      [ours, { max_completion_tokens: 50 }],
      { temperature: 0.8, max_completion_tokens: 50 },
    ],
    ["and back", [ours, { max_completion_tokens: 50 }, { max_tokens: 9 }], { temperature: 0.8, max_tokens: 9 }],
    ["null for the other name takes nothing away", [ours, { max_completion_tokens: null }], ours],
    [
      "who says both sends both",
      [{ max_tokens: 1, max_completion_tokens: 2 }],
      { max_tokens: 1, max_completion_tokens: 2 },
    ],
  ])("%s", (_, layers, merged) => {
    expect(parametersOf(layers)).toEqual(merged);
  });
});
