import { describe, expect, test } from "bun:test";
import { DONE, event, finish, HEAD, response, token } from "../../fixtures/answers.ts";
import { ask } from "./ask.ts";

// In which forms servers say the same is tested in test/bad-streams/; here each kind goes through the program once.

const delta = (fields: object, index = 0): string =>
  event({ choices: [{ index, delta: fields, finish_reason: null }] });
const call = (id: string, args: string): string =>
  delta({ tool_calls: [{ index: 0, id, type: "function", function: { name: "weather", arguments: args } }] });
const calls = { text: "", tool_calls: [{ name: "weather", arguments: '{"city":"Paris"}', invalid: false }] };
const COUNTED = { prompt_tokens: 7, completion_tokens: 42, total_tokens: 49 };
const TEXT = token("Bon") + token("jour");
const whole = { index: 0, message: { content: "Bonjour" }, finish_reason: "stop" };

type Row = [name: string, body: string, expected: object];

describe("the program reads", () => {
  test.each<Row>([
    [
      "tool calls that share an index",
      call("a", '{"city":"Paris"}') + call("b", "{}") + finish("tool_calls"),
      {
        tool_calls: [
          { id: "a", arguments: '{"city":"Paris"}' },
          { id: "b", arguments: "{}" },
        ],
      },
    ],
    ["a name that is repeated", call("a", '{"city":') + call("a", '"Paris"}') + finish("tool_calls"), calls],
    [
      "function_call",
      delta({ function_call: { name: "weather", arguments: '{"city":' } }) +
        delta({ function_call: { arguments: '"Paris"}' } }) +
        finish("function_call"),
      calls,
    ],
    [
      "custom",
      delta({ tool_calls: [{ index: 0, id: "a", type: "custom", custom: { name: "sql", input: "select {" } }] }) +
        finish("tool_calls"),
      { tool_calls: [{ name: "sql", arguments: "select {", invalid: false }] },
    ],
    [
      "reasoning under another name",
      delta({ content: [{ type: "thinking", thinking: "hm" }] }) + TEXT + finish(),
      { text: "Bonjour", reasoning: "hm", token_events: 3 },
    ],
    [
      "choices whose number grows",
      delta({ content: "Bon" }, 0) + delta({ content: "jour" }, 1) + finish(),
      { text: "Bonjour", notices: [] },
    ],
    [
      "an answer that its last event repeats",
      TEXT + event({ object: "chat.completion", choices: [whole], usage: COUNTED }),
      { text: "Bonjour", tokens: 42, token_events: 2 },
    ],
    [
      "usage beside the choice, and undone by nothing",
      TEXT + event({ choices: [{ delta: {}, finish_reason: "stop", usage: COUNTED }] }) + event({ usage: {} }),
      { tokens: 42, prompt_tokens: 7 },
    ],
    [
      "a count of each event as no total",
      ["a", "b", "c"]
        .map((content) => event({ choices: [{ delta: { content } }], usage: { completion_tokens: 1 } }))
        .join("") + finish(),
      { tokens: 3, tokens_source: "events", notices: ["usage_not_total"] },
    ],
    [
      "a count that cannot be as none",
      TEXT + finish() + event({ choices: [], usage: { ...COUNTED, completion_tokens: 1_000_000 } }),
      { tokens: 2, tokens_source: "events", notices: ["usage_impossible"] },
    ],
    [
      "reasoning that is counted apart",
      TEXT +
        finish() +
        event({
          choices: [],
          usage: { ...COUNTED, total_tokens: 366, completion_tokens_details: { reasoning_tokens: 317 } },
        }),
      { tokens: 42, streamed_tokens: 42, reasoning_apart: true },
    ],
    [
      "what is said in audio",
      delta({ content: null, audio: { id: "a", transcript: "Bon" } }) +
        delta({ audio: { transcript: "jour", data: "AAAA" } }) +
        finish(),
      { text: "Bonjour", token_events: 2 },
    ],
  ])("%s", async (_, body, expected) => {
    const { record } = await ask(HEAD + body + DONE);
    expect(record).toMatchObject({ verdict: "complete", attempts: 1, ...expected });
  });

  test("a JSON answer in such forms", async () => {
    const message = {
      content: null,
      reasoning_details: [{ text: "hm" }],
      function_call: { name: "weather", arguments: "{}" },
    };
    const body = { choices: [{ index: 1, message, finish_reason: "function_call" }], usage: { input_tokens: 7 } };
    const { record } = await ask(response("200 OK", "Content-Type: application/json\r\n", JSON.stringify(body)));
    expect(record).toMatchObject({ verdict: "complete", reasoning: "hm", prompt_tokens: 7, tokens_source: "events" });
    expect(record.tool_calls).toMatchObject([{ name: "weather", arguments: "{}" }]);
  });
});
