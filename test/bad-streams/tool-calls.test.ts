import { describe, expect, test } from "bun:test";
import { DONE, event, finish, HEAD, response, ROLE, token } from "../fixtures/answers.ts";
import { askInTime } from "./ask.ts";
import type { Record } from "./story.ts";

/** A chunk with these entries of `tool_calls`. */
const calls = (...entries: unknown[]): string => event({ choices: [{ index: 0, delta: { tool_calls: entries } }] });
const fn = (name: string | null, args: string | null, more: object = {}): object => ({
  ...more,
  type: "function",
  function: { name, arguments: args },
});
const PARIS = '{"city":"Paris"}';
const ROME = '{"city":"Rome"}';

type Call = [name: string, args: string, id?: string | null];
type Row = [sentence: string, chunks: readonly string[], expected: readonly Call[]];

function told({ tool_calls: made }: Record): Call[] {
  return made.map(({ name, arguments: args, id }) => [name, args, id]);
}

function describeCalls(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    test.each(rows)("%s", async (_, chunks, expected) => {
      const { record } = await askInTime(HEAD + ROLE + chunks.join("") + finish("tool_calls") + DONE);
      expect(told(record)).toEqual(expected.map(([name, args, id = null]) => [name, args, id]));
      expect(record).toMatchObject({ verdict: "complete", text: "", malformed: 0, token_events: chunks.length });
      const numbers = record.tool_calls.map(({ index }) => index);
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(record.tool_calls.filter(({ invalid }) => invalid)).toEqual([]);
    });
  });
}

describeCalls("a fragment belongs to the call of its id, its index, or the last:", [
  [
    "whole calls without an index, each with an id",
    [calls(fn("weather", PARIS, { id: "a" })), calls(fn("weather", ROME, { id: "b" }))],
    [
      ["weather", PARIS, "a"],
      ["weather", ROME, "b"],
    ],
  ],
  ...[0, -1, null, "x", 1.5].map((index): Row => [
    `calls with an id of their own that all have index ${JSON.stringify(index)}`,
    [
      calls(fn("weather", '{"city":', { index, id: "a" })),
      calls(fn(null, '"Paris"}', { index, id: "a" })),
      calls(fn("weather", '{"city":', { index, id: "b" })),
      calls(fn(null, '"Rome"}', { index, id: "b" })),
    ],
    [
      ["weather", PARIS, "a"],
      ["weather", ROME, "b"],
    ],
  ]),
  [
    "fragments of two calls in turns, by id alone",
    [
      calls(fn("weather", "", { id: "a" })),
      calls(fn("weather", "", { id: "b" })),
      calls(fn(null, '{"city":', { id: "a" })),
      calls(fn(null, ROME, { id: "b" })),
      calls(fn(null, '"Paris"}', { id: "a" })),
    ],
    [
      ["weather", PARIS, "a"],
      ["weather", ROME, "b"],
    ],
  ],
  [
    "fragments in turns, by an index in digits",
    [
      calls(fn("weather", '{"city":', { index: "0", id: "a" })),
      calls(fn("weather", "", { index: "1", id: "b" })),
      calls(fn(null, '"Paris"}', { index: "0" })),
      calls(fn(null, ROME, { index: "1" })),
    ],
    [
      ["weather", PARIS, "a"],
      ["weather", ROME, "b"],
    ],
  ],
  [
    "fragments without id and index go to the last call begun",
    [
      calls(fn("weather", '{"ci', { id: "a" })),
      calls(fn(null, 'ty":"Paris"}')),
      calls(fn("weather", "", { id: "b" })),
      calls(fn(null, ROME)),
    ],
    [
      ["weather", PARIS, "a"],
      ["weather", ROME, "b"],
    ],
  ],
  [
    "an empty id is none",
    [calls(fn("weather", '{"city":', { index: 0, id: "a" })), calls(fn("", '"Paris"}', { index: 0, id: "" }))],
    [["weather", PARIS, "a"]],
  ],
  [
    "an id that comes late is that of the call begun",
    [calls(fn("weather", "", { index: 0 })), calls(fn(null, PARIS, { index: 0, id: "a" }))],
    [["weather", PARIS, "a"]],
  ],
  [
    "an index that comes late is that of the call begun",
    [calls(fn("weather", "", { id: "a" })), calls(fn(null, PARIS, { index: 0 }))],
    [["weather", PARIS, "a"]],
  ],
  [
    "a name where the arguments are whole begins a call, without id and index",
    [calls(fn("weather", PARIS)), calls(fn("weather", "")), calls(fn(null, ROME)), calls(fn("clock", "{}"))],
    [
      ["weather", PARIS],
      ["weather", ROME],
      ["clock", "{}"],
    ],
  ],
  [
    "and with an index that stays 0",
    [calls(fn("weather", PARIS, { index: 0 })), calls(fn("weather", ROME, { index: 0 }))],
    [
      ["weather", PARIS],
      ["weather", ROME],
    ],
  ],
  [
    "and with an id that stays the same",
    [calls(fn("weather", PARIS, { id: "weather" })), calls(fn("weather", ROME, { id: "weather" }))],
    [
      ["weather", PARIS, "weather"],
      ["weather", ROME, "weather"],
    ],
  ],
  [
    "brackets and quotes inside of a text do not make arguments whole",
    [
      calls(fn("note", '{"text":"}]\\"}', { index: 0, id: "a" })),
      calls(fn("note", ' \\\\"', { index: 0, id: "a" })),
      calls(fn("note", "}", { index: 0, id: "a" })),
    ],
    [["note", '{"text":"}]\\"} \\\\"}', "a"]],
  ],
  [
    "arguments that are no object are whole too",
    [calls(fn("a", "null")), calls(fn("b", '"text"')), calls(fn("c", "[1]")), calls(fn("d", "12"))],
    [
      ["a", "null"],
      ["b", '"text"'],
      ["c", "[1]"],
      ["d", "12"],
    ],
  ],
  [
    "in one chunk position separates calls without an index",
    [calls(fn("weather", PARIS), fn("weather", ROME))],
    [
      ["weather", PARIS],
      ["weather", ROME],
    ],
  ],
  [
    "and fragments that follow by position",
    [calls(fn("weather", '{"city":'), fn("weather", '{"city":')), calls(fn(null, '"Paris"}'), fn(null, '"Rome"}'))],
    [
      ["weather", PARIS],
      ["weather", ROME],
    ],
  ],
  [
    "in one chunk two fragments of one index are one call",
    [calls(fn("weather", '{"city":', { index: 0, id: "a" }), fn(null, '"Paris"}', { index: 0 }))],
    [["weather", PARIS, "a"]],
  ],
  [
    "one object instead of a list is one call",
    [
      event({ choices: [{ delta: { tool_calls: fn("weather", '{"city":', { id: "a" }) } }] }),
      event({ choices: [{ delta: { tool_calls: fn(null, '"Paris"}') } }] }),
    ],
    [["weather", PARIS, "a"]],
  ],
  [
    "an object whose keys are numbers is a list of calls",
    [event({ choices: [{ delta: { tool_calls: { 0: fn("weather", PARIS), 2: fn("weather", ROME) } } }] })],
    [
      ["weather", PARIS],
      ["weather", ROME],
    ],
  ],
  [
    "an id may be a number",
    [
      calls(fn("weather", "", { id: 1 })),
      calls(fn("weather", "", { id: 2 })),
      calls(fn(null, '{"city":', { id: 1 })),
      calls(fn(null, ROME, { id: 2 })),
      calls(fn(null, '"Paris"}', { id: 1 })),
    ],
    [
      ["weather", PARIS, "1"],
      ["weather", ROME, "2"],
    ],
  ],
  [
    "two calls of one chunk that both have index 0 and an empty id are two",
    [calls(fn("weather", PARIS, { index: 0, id: "" }), fn("weather", PARIS, { index: 0, id: "" }))],
    [
      ["weather", PARIS],
      ["weather", PARIS],
    ],
  ],
  ["what is no object is no call", [calls(null, fn("weather", PARIS, { id: "a" }), 7)], [["weather", PARIS, "a"]]],
  [
    "a call without `function` around it is one",
    [calls({ id: "a", name: "weather", arguments: PARIS })],
    [["weather", PARIS, "a"]],
  ],
]);

describeCalls("a name", [
  [
    "that every fragment repeats is said once",
    ["", '{"city":', '"Paris"', "}"].map((args) => calls(fn("weather", args, { index: 0, id: "a" }))),
    [["weather", PARIS, "a"]],
  ],
  [
    "that is repeated without an id is said once",
    ["", '{"city":', '"Paris"}'].map((args) => calls(fn("weather", args, { index: 0 }))),
    [["weather", PARIS]],
  ],
  [
    "in two pieces is joined",
    [calls(fn("edit_ex", "", { index: 0, id: "a" })), calls(fn("isting_file", "{}", { index: 0 }))],
    [["edit_existing_file", "{}", "a"]],
  ],
  [
    "in pieces and then whole is said once",
    [
      calls(fn("edit_ex", "", { index: 0, id: "a" })),
      calls(fn("isting_file", "", { index: 0 })),
      calls(fn("edit_existing_file", "{}", { index: 0 })),
    ],
    [["edit_existing_file", "{}", "a"]],
  ],
  [
    "that is repeated once all was said adds nothing",
    [
      calls(fn("weather", PARIS, { index: 0, id: "a" })),
      calls(fn("weather", "", { index: 0, id: "a" })),
      calls(fn("weather", PARIS, { index: 0, id: "a" })),
    ],
    [["weather", PARIS, "a"]],
  ],
  [
    "that is repeated without an id once all was said adds nothing",
    [
      calls(fn("weather", PARIS, { index: 0, id: "a" })),
      calls(fn("weather", "", { index: 0 })),
      calls(fn("weather", "")),
      calls(fn(null, "")),
    ],
    [["weather", PARIS, "a"]],
  ],
  [
    "that is repeated once all was said is that of the arguments which follow",
    [PARIS, ROME].flatMap((args) => [
      calls(fn("weather", "", { index: 0 })),
      calls(fn(null, args.slice(0, 5), { index: 0 })),
      calls(fn(null, args.slice(5), { index: 0 })),
    ]),
    [
      ["weather", PARIS],
      ["weather", ROME],
    ],
  ],
  [
    "that is null, empty or absent changes nothing",
    [
      calls(fn("weather", "", { index: 0 })),
      calls(fn(null, '{"city":')),
      calls(fn("", '"Paris"')),
      calls({ function: { arguments: "}" } }),
    ],
    [["weather", PARIS]],
  ],
]);

const called = (call: object): string => event({ choices: [{ index: 0, delta: { function_call: call } }] });
const custom = (name: string | null, input: string | null, more: object = {}): string =>
  calls({ ...more, type: "custom", custom: { name, input } });

describeCalls("a call in another form is one:", [
  [
    "function_call in pieces",
    [called({ name: "weather", arguments: "" }), called({ arguments: '{"city":' }), called({ arguments: '"Paris"}' })],
    [["weather", PARIS]],
  ],
  ["function_call whole", [called({ name: "weather", arguments: PARIS })], [["weather", PARIS]]],
  [
    "function_call whose every piece has the name",
    [called({ name: "weather", arguments: '{"city":' }), called({ name: "weather", arguments: '"Paris"}' })],
    [["weather", PARIS]],
  ],
  [
    "custom in pieces, whose input is free text",
    [
      custom("apply_patch", "", { index: 0, id: "a" }),
      custom(null, "*** Begin\n", { index: 0 }),
      custom(null, "+{ok", { index: 0 }),
    ],
    [["apply_patch", "*** Begin\n+{ok", "a"]],
  ],
  [
    "custom with its name in every piece",
    [custom("sql", "select ", { index: 0, id: "a" }), custom("sql", "1", { index: 0, id: "a" })],
    [["sql", "select 1", "a"]],
  ],
  [
    "custom after custom, both at index 0",
    [custom("sql", "1", { index: 0, id: "a" }), custom("sql", "2", { index: 0, id: "b" })],
    [
      ["sql", "1", "a"],
      ["sql", "2", "b"],
    ],
  ],
  ["custom without `custom` around it", [calls({ type: "custom", name: "sh", input: "ls {" })], [["sh", "ls {"]]],
  ["parameters in place of arguments", [calls({ function: { name: "f", parameters: { a: 1 } } })], [["f", '{"a":1}']]],
  ["input in place of arguments", [calls({ type: "tool_use", name: "f", input: { a: 1 } })], [["f", '{"a":1}']]],
  [
    "a part of the content",
    [event({ choices: [{ delta: { content: [{ type: "tool_use", id: "a", name: "f", input: { a: 1 } }] } }] })],
    [["f", '{"a":1}', "a"]],
  ],
  [
    "custom beside a function",
    [custom("sql", "select", { index: 0, id: "a" }), calls(fn("weather", PARIS, { index: 1, id: "b" }))],
    [
      ["sql", "select", "a"],
      ["weather", PARIS, "b"],
    ],
  ],
]);

describe("in a JSON answer", () => {
  const answer = (message: object): Uint8Array => {
    const choices = [{ index: 0, message, finish_reason: "tool_calls" }];
    return response("200 OK", "Content-Type: application/json\r\n", JSON.stringify({ choices }));
  };
  test.each([
    ["tool_calls", { tool_calls: [fn("weather", PARIS, { id: "a" }), fn("weather", ROME, { id: "b" })] }, 2],
    ["tool_calls without ids", { tool_calls: [fn("weather", PARIS), fn("weather", ROME)] }, 2],
    ["tool_calls of one id", { tool_calls: [fn("weather", PARIS, { id: "a" }), fn("weather", PARIS, { id: "a" })] }, 2],
    ["tool_calls as one object", { tool_calls: fn("weather", PARIS) }, 1],
    ["function_call", { function_call: { name: "weather", arguments: PARIS } }, 1],
    ["custom", { tool_calls: [{ id: "a", type: "custom", custom: { name: "weather", input: "so {" } }] }, 1],
  ])("%s are calls", async (_, message, count) => {
    const { record } = await askInTime(answer({ content: null, ...message }));
    expect(record).toMatchObject({ verdict: "complete", notices: ["not_streamed"] });
    expect(record.tool_calls.map(({ name, invalid }) => [name, invalid])).toEqual(
      Array.from({ length: count }, () => ["weather", false]),
    );
  });
});

test("a call beside text is one, and its arguments are judged as they are", async () => {
  const { record, shown } = await askInTime(
    HEAD + token("Bon") + calls(fn("weather", '{"city":', { index: 0 })) + finish("tool_calls") + DONE,
  );
  expect(record).toMatchObject({ text: "Bon", tool_calls: [{ name: "weather", invalid: true }] });
  expect(shown).toContain('weather({"city":');
});

test("an index keeps its number, in whatever order the calls come; another gets one that is free", async () => {
  const body = [
    calls(fn("c", "{}", { index: 2, id: "c" })),
    calls(fn("a", "{}", { index: 0, id: "a" })),
    calls(fn("d", "{}", { index: 0, id: "d" })),
  ].join("");
  const { record } = await askInTime(HEAD + body + finish("tool_calls") + DONE);
  expect(record.tool_calls.map(({ index, id }) => [index, id])).toEqual([
    [2, "c"],
    [0, "a"],
    [3, "d"],
  ]);
});
