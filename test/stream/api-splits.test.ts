import { expect, test } from "bun:test";
import { createAnswer } from "../../src/stream/answer.ts";
import { judge } from "../../src/stream/judge.ts";
import { createMask } from "../../src/stream/mask.ts";
import { loadApi } from "../../src/wire/apis.ts";
import { DONE, event } from "../fixtures/answers.ts";
import { messages, responses, typed } from "../fixtures/api-answers.ts";

const WORDS = ["Hello", " wörld", "漢", "👨‍👩‍👧", "\n", '"quoted"', "", " end"];
const USAGE = { input_tokens: 7, output_tokens: 42, total_tokens: 49 };
const BODIES = {
  responses: [
    responses.created,
    ...WORDS.map((word, number) => responses.piece("reasoning_text.delta", word, { sequence_number: number })),
    ...WORDS.map((word, number) => responses.text(word, { sequence_number: number + 9, output_index: 1 })),
    responses.call(2, "call_a", "weather"),
    responses.piece("function_call_arguments.delta", '{"city":', { output_index: 2 }),
    typed("response.novelty"),
    responses.piece("function_call_arguments.delta", '"Paris"}', { output_index: 2 }),
    responses.end("completed", { usage: USAGE }),
  ],
  messages: [
    messages.start(),
    messages.ping,
    ...WORDS.map((thinking) => messages.delta(0, { type: "thinking_delta", thinking })),
    ...WORDS.map((word) => messages.text(word, 1)),
    messages.block(2, { type: "tool_use", id: "a", name: "weather", input: {} }),
    messages.delta(2, { type: "input_json_delta", partial_json: "{}" }),
    messages.blockEnd(2),
    messages.reason("tool_use", { output_tokens: 42 }),
    messages.stop,
  ],
  completions: [
    ...WORDS.map((text) => event({ choices: [{ index: 0, text, finish_reason: null }] })),
    event({ choices: [{ index: 0, text: "", finish_reason: "length" }], usage: USAGE }),
    DONE,
  ],
} as const;

async function fold(kind: keyof typeof BODIES, bytes: Uint8Array, size: number): Promise<unknown> {
  const answer = createAnswer({ api: await loadApi(kind), mask: createMask([]), observe: true, several: false });
  answer.open({ status: 200, headers: new Headers({ "content-type": "text/event-stream" }) });
  const events = [];
  for (let from = 0; from < bytes.length; from += size)
    events.push(...answer.push(bytes.subarray(from, from + size), 1));
  events.push(...answer.end(2).events);
  const deltas = events.filter((event) => event.type === "delta");
  return {
    text: deltas.map(({ text }) => text).join(""),
    reasoning: deltas.map(({ reasoning }) => reasoning).join(""),
    tools: deltas.flatMap(({ tools }) => tools),
    tokens: deltas.reduce((sum, event) => sum + event.events, 0),
    lines: events.flatMap((event) => (event.type === "line" ? [event.line] : [])),
    judged: judge(answer.facts(), null, { trustDone: false }),
    usage: answer.usage(),
    response: answer.response(),
  };
}

test.each(["responses", "messages", "completions"] as const)(
  "a body in the %s API comes to the same however its bytes are split into reads",
  async (kind) => {
    for (const end of ["\n", "\r\n", "\r"]) {
      const bytes = new Uint8Array(Buffer.from(BODIES[kind].join("").replaceAll("\n", end)));
      const whole = await fold(kind, bytes, bytes.length);
      expect(whole).toMatchObject({ text: WORDS.join(""), usage: { doubt: null } });
      for (const size of [1, 2, 3, 7, 64]) expect(await fold(kind, bytes, size)).toEqual(whole);
    }
  },
);
