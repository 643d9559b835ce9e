import { expect, test } from "bun:test";
import type { Api, Brought } from "../../src/wire/api.ts";
import { createChunkReader, parseChunk } from "../../src/wire/choices.ts";
import { messages } from "../../src/wire/messages.ts";
import { responses } from "../../src/wire/responses.ts";

/** Chunks of a form of their own, so many that the next ones are learnt from the first of them on. */
const BEFORE = 20;

/** What an event brought, and not how that was found out. */
function told(brought: Brought): Brought {
  return brought.kind === "chunk" ? { kind: brought.kind, chunk: brought.chunk } : brought;
}

/** Reads each text with one reader, and holds it against what `parseChunk` says of it alone. */
function check(texts: readonly string[]): void {
  const read = createChunkReader();
  for (let i = 0; i < BEFORE; i++) read(`{"before":true,"choices":[{"delta":{"content":"w${i}"}}]}`, "");
  let several = false;
  for (const text of texts) {
    const alone = parseChunk(text, several);
    const got = told(read(text, ""));
    expect<[string, Brought]>([text, got]).toEqual([text, alone]);
    several ||= alone.kind === "chunk" && alone.chunk.otherChoices;
  }
}

const chunk = (content: string, more: Record<string, unknown> = {}): string =>
  JSON.stringify({ id: "a", choices: [{ index: 0, delta: { content }, finish_reason: null }], model: "m", ...more });

const CONTENTS = [
  "",
  "a",
  " b",
  "é",
  "𝄞",
  '"',
  "\\",
  "\n",
  "\t",
  "words",
  "content",
  "null",
  "\u2028",
  "m",
  "x".repeat(999),
];

test("chunks that differ in their words alone are read as if each stood alone", () => {
  for (const first of CONTENTS) check([first, ...CONTENTS, first].map((content) => chunk(content)));
});

test("two chunks that differ in more than their words do not make the next ones known", () => {
  check([chunk("m"), chunk("n", { id: "n" }), chunk("o", { id: "o" }), chunk("p", { id: "q" })]);
  check([chunk("id"), chunk("model"), chunk("index"), chunk("delta")]);
  check(["x", "y", "z"].map((word) => `{"a":"${word}","choices":[{"delta":{"content":"${word}"}}]}`));
  check(["x", "y", "z"].map((word) => `{"choices":[{"delta":{"content":["${word}"],"reasoning":"${word}"}}]}`));
  check(["x", "y", "z"].map((word) => `{"choices":[{"delta":{"reasoning_content":"a","content":"${word}"}}]}`));
  // The name of a field decides which of two texts is the answer: what stands in its place is no word of it.
  const object = '"object":"chat.completion.chunk"';
  check(
    ["delta", "message", "xyz"].map(
      (name) => `{${object},"choices":[{"${name}":{"content":"delta"},"message":{"content":"message"}}]}`,
    ),
  );
});

test("words that stand elsewhere in the chunk too are not taken for the words", () => {
  check([chunk("m"), chunk("n"), chunk("o", { model: "o" }), chunk("p", { id: "p" }), chunk("q")]);
  check([
    '{"model":"é","choices":[{"delta":{"content":"\\u00e9"}}]}',
    '{"model":"x","choices":[{"delta":{"content":"\\u00e9"}}]}',
  ]);
  check([
    '{"a":"x","choices":[{"delta":{"content":"x","content":"y"}}]}',
    '{"a":"y","choices":[{"delta":{"content":"x","content":"z"}}]}',
  ]);
});

test("what is no word makes a difference: usage, reasons, reasoning, tools, other choices, errors, broken JSON", () => {
  const tools = [{ index: 0, function: { name: "f", arguments: "{}" } }];
  const texts = [
    chunk("a"),
    chunk("b", { usage: { completion_tokens: 3 } }),
    chunk("c"),
    '{"choices":[{"delta":{"content":"d"},"finish_reason":"stop"}]}',
    '{"choices":[{"delta":{"content":"e","reasoning_content":"why"}}]}',
    JSON.stringify({ choices: [{ delta: { content: "f", tool_calls: tools } }] }),
    '{"choices":[{"index":1,"delta":{"content":"g"}}]}',
    '{"error":{"message":"a"}}',
    chunk("h").slice(0, -1),
    chunk("i").replace('"i"', '"\t"'),
    chunk("j").replace('"j"', '"\\u00e9"'),
    chunk("k").replace('"k"', '"k","content":"l"'),
    "[DONE]",
    chunk("z"),
  ];
  check([...texts, ...texts.toReversed(), ...texts.flatMap((text) => [chunk("a"), text])]);
});

test("a chunk shorter than what surrounds the words is no such chunk", () => {
  const form = '{"choices":[{"delta":{"content":"aa"}}]}';
  check([form, '{"choices":[{"delta":{"content":"}}]}', '{"choices":[{"delta":{"content":""}}]}', form]);
});

test("a key that is called as the words are is no place for words", () => {
  const rest = '{"content":"delta"},"message":{"content":"words"}}]}';
  check([`{"choices":[{"delta":${rest}`, `{"choices":[{"xyz":${rest}`, `{"choices":[{"message":${rest}`]);
  check([
    '{"content":"x","choices":[{"delta":{"content":"content"}}]}',
    '{"y":"x","choices":[{"delta":{"content":"content"}}]}',
    '{"choices":[{"delta":{"content":"choices"}}]}',
    '{"other":[{"delta":{"content":"choices"}}]}',
  ]);
  check(['[1,",",2]', '{"choices":[{"index":"0","delta":{"content":","}}]}', '{"choices":[{"index":"0","x":","}}]}']);
});

test("a choice that stands alone is another one once two shared a chunk, also where it looks as before", () => {
  const alone = (index: number, content: string): string =>
    `{"choices":[{"index":${index},"delta":{"content":"${content}"}}]}`;
  const both = '{"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]}';
  check([alone(1, "a"), alone(1, "b"), both, alone(1, "c"), alone(0, "d"), alone(1, "e"), alone(0, "f")]);
});

test("where no two chunks are alike, learning is left after a while and all is still read", () => {
  check(Array.from({ length: 100 }, (_, i) => chunk(`${i}`, { created: i, obfuscation: "x".repeat(i % 7) })));
});

/** Reads each event with one reader of an API, and holds it against what a new one says of it alone. */
function checkIn(api: Api, texts: readonly string[]): void {
  const read = api.createReader(false, null);
  for (let i = 0; i < BEFORE; i++)
    read(`{"type":"response.output_text.delta","before":true,"output_index":99,"delta":"w${i}"}`, "");
  for (const text of texts) {
    const alone = told(api.createReader(false, null)(text, ""));
    expect<[string, Brought]>([text, told(read(text, ""))]).toEqual([text, alone]);
  }
}

const delta = (words: string, number: string, more = ""): string =>
  `{"type":"response.output_text.delta","sequence_number":${number},"output_index":0,"delta":${JSON.stringify(words)}${more}}`;
const late = (words: string, number: string): string =>
  `{"content_index":0,"delta":${JSON.stringify(words)},"output_index":0,"sequence_number":${number},"type":"response.output_text.delta"}`;

test.each([delta, late])("events whose counter grows are read as if each stood alone", (make) => {
  const numbers = [
    "0",
    "1",
    "9",
    "10",
    "99",
    "100",
    "12345678901234",
    "7",
    "007",
    "1.5",
    "-1",
    "1e3",
    "",
    "null",
    '"8"',
    "8",
  ];
  checkIn(
    responses,
    CONTENTS.flatMap((words) => numbers.map((number) => make(words, number))),
  );
});

test("a counter in the words, a second one, and one that is missing change nothing", () => {
  checkIn(responses, [
    delta('"sequence_number":5', "1"),
    delta("a", "2"),
    delta("b", "3", ',"sequence_number":4'),
    delta("c", "4", ',"sequence_number":5'),
    '{"type":"response.output_text.delta","output_index":0,"delta":"d"}',
    '{"type":"response.output_text.delta","output_index":0,"delta":"e"}',
    delta("f", "5"),
    delta("g", "6").slice(0, -1),
    delta("h", "7").replace("output_text", "reasoning_text"),
  ]);
});

test("deltas of the messages API are read as if each stood alone", () => {
  const piece = (type: string, name: string, words: string, index = 0): string =>
    JSON.stringify({ type: "content_block_delta", index, delta: { type, [name]: words } });
  checkIn(messages, [
    ...CONTENTS.map((words) => piece("text_delta", "text", words)),
    ...CONTENTS.map((words) => piece("thinking_delta", "thinking", words)),
    ...CONTENTS.map((words, index) => piece("text_delta", "text", words, index)),
  ]);
});
