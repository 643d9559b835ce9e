import { expect, test } from "bun:test";
import { createAnswer } from "../../src/stream/answer.ts";
import type { StreamEvent } from "../../src/stream/event.ts";
import { judge } from "../../src/stream/judge.ts";
import { createMask } from "../../src/stream/mask.ts";
import { loadApi, type ApiKind } from "../../src/wire/apis.ts";
import { DONE, event, finish, ROLE, token } from "../fixtures/answers.ts";
import { messages, responses } from "../fixtures/api-answers.ts";

/** So many alike that what comes behind them is known by its ends. */
const ALIKE = Array.from({ length: 24 }, (_, i) => `w${i}`);

const choice = (more: object) => ({ choices: [{ index: 0, delta: { content: "c" }, finish_reason: null, ...more }] });

/** Reads of an answer by chat completions, of which any may come at any time. */
const CHAT = [
  token(" a"),
  token("é漢𝄞\u2028"),
  token('"'),
  token("\\"),
  token("\n"),
  token(""),
  token("]}}"),
  token("a").replace("data: ", "data:"),
  token("a").replace("data: ", "event: x\ndata: "),
  token("a").replace("data: ", "event: error\ndata: "),
  token("a").replaceAll("\n", "\r\n"),
  token("a") + token("b"),
  token("a").replace('"a"', '"a\rb"'),
  token("a").replace('"a"', '"a\\ud83d"'),
  token("a").replace('"a"', '"\\ude00b"'),
  token("a").slice(0, -1),
  token("a").slice(0, 20),
  token("a").slice(20),
  ROLE,
  event(choice({ delta: { content: "a", reasoning_content: "r" } })),
  event({ ...choice({}), usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }),
  event({ choices: [...choice({}).choices, { index: 1, delta: { content: "o" } }] }),
  event(choice({ delta: { tool_calls: [{ index: 0, id: "t", function: { name: "f", arguments: "{}" } }] } })),
  event({ error: { message: "no" } }),
  event({ ...choice({}), id: "other", model: "m", backend: "b" }),
  "data: {broken\n\n",
  ": alive\n\n",
  "overloaded\n\n",
  "error: overloaded\n\n",
  finish(),
  DONE,
];

const MESSAGES = [
  messages.text(" a", 0),
  messages.text("b", 1),
  messages.text('"', 0),
  messages.ping,
  messages.delta(0, { type: "thinking_delta", thinking: "t" }),
  messages.reason("end_turn", { output_tokens: 4 }),
  messages.stop,
];

const RESPONSES = [
  responses.text(" a", { sequence_number: 30 }),
  responses.text("b", {}),
  responses.text("c", { output_index: 1 }),
  responses.piece("reasoning_text.delta", "r", {}),
  responses.piece("refusal.delta", "no", {}),
  responses.end("completed", { usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 } }),
];

/** What an answer comes to that is read in these pieces. */
async function read(api: ApiKind, pieces: readonly string[]): Promise<unknown> {
  const mask = createMask([]);
  const answer = createAnswer({ api: await loadApi(api), mask, observe: false, several: false });
  answer.open({ status: 200, headers: new Headers({ "content-type": "text/event-stream" }) });
  const events: StreamEvent[] = [];
  for (const piece of pieces) events.push(...answer.push(Buffer.from(piece), 1));
  const { failure } = answer.end(1);
  const deltas = events.filter((event) => event.type === "delta");
  const join = (name: "text" | "reasoning" | "refusal"): string => deltas.map((delta) => delta[name]).join("");
  return {
    text: join("text"),
    reasoning: join("reasoning"),
    refusal: join("refusal"),
    tools: deltas.flatMap(({ tools }) => tools),
    events: deltas.reduce((sum, delta) => sum + delta.events, 0),
    others: events.filter(({ type }) => type !== "delta"),
    facts: answer.facts(),
    failure,
    usage: answer.usage(),
    response: answer.response(),
    state: answer.state(),
    judged: judge(answer.facts(), failure, { trustDone: false }),
  };
}

test.each([
  ["chat", ALIKE.map(token), CHAT],
  ["messages", [messages.start(), ...ALIKE.map((word) => messages.text(word, 0))], MESSAGES],
  ["responses", [responses.created, ...ALIKE.map((word) => responses.text(word, {}))], RESPONSES],
] as const)(
  "whatever comes in a read of its own in the flow of %s is what it is in one read with all",
  async (api, alike, reads) => {
    for (const first of reads)
      for (const second of reads)
        for (const between of [[], alike.slice(-2)]) {
          const pieces = [...alike, first, ...between, second, ...alike.slice(-2)];
          expect<unknown[]>([first, second, await read(api, pieces)]).toEqual([
            first,
            second,
            await read(api, [pieces.join("")]),
          ]);
        }
  },
);
