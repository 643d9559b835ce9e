import { afterAll, expect, test } from "bun:test";
import type { Control } from "../../src/simulator/control.ts";
import type { FaultName } from "../../src/simulator/faults.ts";
import { HOSTILE, HOSTILE_NAME } from "../../src/simulator/hostile.ts";
import { dechunk, parseResponse } from "./raw-client.ts";
import {
  bare,
  bodyOf,
  choices,
  delta,
  DONE,
  events,
  finish,
  four,
  one,
  provoke,
  role,
  startSpoken,
  stop,
  three,
  two,
  usage,
} from "./spoken.ts";

const simulator = startSpoken();
afterAll(() => simulator.stop());

type Wish = Omit<Control, "fault">;

function says(fault: FaultName, sentence: string, expected: string, wish: Wish = {}, more = {}): void {
  test(`${fault}: ${sentence}`, async () => {
    expect(await bodyOf(simulator, { fault, ...wish }, more)).toBe(expected);
  });
}

const around = (middle: string): string => events(role, one, two) + middle + events(three, four, stop, DONE);
const whole = (...end: string[]): string => events(role, one, two, three, four, ...end);

says(
  "malformed",
  "one event of broken JSON stands among good ones",
  around(`data: ${delta('{"content":"lost"}').slice(0, -9)}\n\n`),
);
says(
  "all-malformed",
  "every event is broken JSON, and there is no [DONE]",
  [role, one, two, three, four, stop].map((data) => `data: ${data.slice(0, -9)}\n\n`).join(""),
);
says("no-choices", "a chunk has no choices", around(events(bare)));
says("empty-choices", "a chunk has an empty list of choices", around(events(choices("[]"))));
says("no-delta", "a choice has no delta", around(events(choices('[{"finish_reason":null,"index":0}]'))));
says("empty-delta", "a delta is empty", around(events(delta("{}"))));
says("null-content", "the content is null", around(events(delta('{"content":null}'))));
says("role-only", "a delta holds the role alone", around(events(delta('{"role":"assistant"}'))));

const plus = (chunk: string, json: string): string => chunk.slice(0, -1) + json + "}";
says(
  "usage-every-chunk",
  "each chunk tells the usage so far",
  events(...[role, one, two, three, four].map((chunk, i) => plus(chunk, usage(i))), finish("stop", usage(4)), DONE),
);
says(
  "usage-null",
  "usage is null until a last chunk tells it",
  events(
    ...[role, one, two, three, four].map((chunk) => plus(chunk, ',"usage":null')),
    stop,
    choices("[]", usage(4)),
    DONE,
  ),
);
says("usage-after-finish", "usage comes after the finish, asked or not", whole(stop, choices("[]", usage(4)), DONE));
says("usage-on-finish", "usage stands on the finish chunk", whole(finish("stop", usage(4)), DONE));
says(
  "no-usage",
  "no usage comes although it was asked",
  whole(stop, DONE),
  {},
  { stream_options: { include_usage: true } },
);

const both = (token: string): string =>
  choices(
    `[{"delta":{"content":"other "},"finish_reason":null,"index":1},{"delta":{"content":"${token}"},"finish_reason":null,"index":0}]`,
  );
says(
  "several-choices",
  "choice 1 comes first in each chunk, and finishes before choice 0",
  events(
    role,
    both("one"),
    both(" two"),
    choices('[{"delta":{},"finish_reason":"length","index":1}]'),
    both(" three"),
    both(" four"),
    stop,
    DONE,
  ),
);

const crash = '{"message":"The model crashed.","type":"server_error","code":"internal_error"}';
says("error-object", "an error object ends the stream", events(role, one, two, `{"error":${crash}}`));
says("error-event", "an event named error ends the stream", `${events(role, one, two)}event: error\n${events(crash)}`);
says(
  "error-object",
  "the message may be chosen",
  events(role, '{"error":{"message":"Überlauf","type":"server_error","code":"internal_error"}}'),
  { at: 0, message: "Überlauf" },
);

const refused = ["one", " two", " three", " four"].map((token) => delta(`{"refusal":"${token}"}`));
says("refusal", "the answer is a refusal", events(role, ...refused, stop, DONE));
says("empty-answer", "it finishes without a token", events(role, stop, DONE));

const call = (json: string): string => delta(`{"tool_calls":[{"index":0,${json}}]}`);
const fragment = (text: string): string => call(`"function":{"arguments":${JSON.stringify(text)}}`);
says(
  "tool-calls",
  "a call of the request's tool comes in fragments",
  events(
    role,
    call('"id":"call_1","type":"function","function":{"name":"forecast","arguments":""}'),
    ...['{"ci', 'ty":"', "Par", 'is","', 'days":', "3}"].map(fragment),
    finish("tool_calls"),
    DONE,
  ),
  {},
  { tools: [{ type: "function", function: { name: "forecast" } }] },
);
says("no-finish-reason", "[DONE] comes without a finish_reason", whole(DONE));
says("unknown-finish-reason", "the reason is one nobody knows", whole(finish("unheard_of"), DONE));
says("finish", "the reason is content_filter unless chosen", whole(finish("content_filter"), DONE));
says("finish", "the reason is the chosen one", whole(finish("error"), DONE), { finish_reason: "error" });

test("hostile-text: escape sequences stand in reasoning, text, tool name and model name", async () => {
  const chunks = (await bodyOf(simulator, { fault: "hostile-text" }))
    .split("\n\n")
    .filter((event) => event.startsWith("data: {"))
    .map((event): unknown => JSON.parse(event.slice("data: ".length)));
  const said = (json: object): object => ({ choices: [{ delta: json, finish_reason: null, index: 0 }] });
  expect(chunks[1]).toMatchObject({ model: HOSTILE_NAME });
  HOSTILE.forEach((text, i) => {
    expect(chunks[1 + i]).toMatchObject(said({ reasoning_content: text }));
    expect(chunks[1 + HOSTILE.length + i]).toMatchObject(said({ content: text }));
  });
  expect(chunks[1 + 2 * HOSTILE.length]).toMatchObject(said({ tool_calls: [{ function: { name: HOSTILE_NAME } }] }));
});

test("no-done: after the finish_reason the connection stays open in silence", async () => {
  const silent = whole(stop);
  const seen = await provoke(simulator, { fault: "no-done" }, (bytes) => bytes.includes('"stop"'));
  expect(seen.end).toBe("open");
  expect(Buffer.concat(dechunk(parseResponse(seen.bytes).body).chunks).toString()).toBe(silent);
});

test("after-done: tokens go on after [DONE] until the client leaves", async () => {
  const more = events(delta('{"content":"more "}'));
  const seen = await provoke(simulator, { fault: "after-done" }, (bytes) => bytes.toString().split("more ").length > 3);
  expect(seen.end).toBe("open");
  expect(Buffer.concat(dechunk(parseResponse(seen.bytes).body).chunks).toString()).toStartWith(
    whole(stop, DONE) + more + more,
  );
});
