import { expect } from "bun:test";
import fc from "fast-check";
import { createAnswer } from "../../src/stream/answer.ts";
import type { StreamEvent } from "../../src/stream/event.ts";
import { judge } from "../../src/stream/judge.ts";
import { createMask } from "../../src/stream/mask.ts";
import type { Json } from "../../src/wire/request.ts";
import { spell } from "./json-spelling.ts";
import { chat } from "../../src/wire/chat.ts";
import { cutAt, cuts, define } from "./property.ts";

const KEY = "sk-k3y/+0";
const words = fc.oneof(
  fc.constantFrom(
    "Hello",
    " wörld",
    "漢",
    "👨‍👩‍👧",
    "\uD83D",
    "\uDE00",
    "\n",
    "",
    "<think>",
    "</think>",
    "{",
    KEY,
    "sk-k3",
  ),
  fc.string({ unit: "grapheme", maxLength: 8 }),
);
const inChoice = (delta: { [key: string]: Json }, finish: Json = null): Json => ({
  choices: [{ index: 0, delta, finish_reason: finish }],
});
const chunk: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: words.map((content) => inChoice({ content })) },
  words.map((reasoning) => inChoice({ reasoning })),
  words.map((refusal) => inChoice({ refusal })),
  fc.constantFrom("stop", "length", "tool_calls", "content_filter", "error", "").map((reason) => inChoice({}, reason)),
  fc
    .tuple(fc.nat(2), words)
    .map(([index, given]) => inChoice({ tool_calls: [{ index, function: { name: "f", arguments: given } }] })),
  fc.nat(50).map((count) => ({ choices: [], usage: { prompt_tokens: 2, completion_tokens: count } })),
  words.map((message) => ({ error: { message, code: 500 } })),
  words.map((content) => ({ object: "chat.completion", choices: [{ message: { content }, finish_reason: "stop" }] })),
);
const data = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(chunk, fc.nat(50)).map(([value, style]) => spell(value, style)) },
  fc.constantFrom("[DONE]", "{", '{"choices":[{"delta":{"content":"x', "", "ping", "not json", "null", "[]"),
);
const lineEnd = fc.constantFrom("\n", "\n", "\r\n", "\r");
const block = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.tuple(data, lineEnd, fc.constantFrom("data: ", "data:", "data:  ")).map(
      ([text, end, name]) =>
        `${text
          .split("\n")
          .map((line) => name + line)
          .join(end)}${end}${end}`,
    ),
  },
  lineEnd.map((end) => `: comment ${KEY}${end}${end}`),
  lineEnd.map((end) => `event: error${end}data: {"message":"no"}${end}${end}`),
  fc
    .tuple(
      fc.constantFrom("id: 1", "retry: 5", "event: ping", "foo", "data", "Error: out of memory", "<html>", "{}"),
      lineEnd,
    )
    .map((parts) => parts.join("")),
  data,
);
const body = fc
  .tuple(
    fc.constantFrom("", "", "", "\uFEFF", "\n", "  "),
    fc.array(block, { minLength: 1, maxLength: 8 }),
    fc.constantFrom("data: [DONE]\n\n", "", "data: [DONE]"),
  )
  .map(([start, blocks, end]) => start + blocks.join("") + end);
/** A byte that is no UTF-8 somewhere, and where the body is cut off. */
const damage = fc.record({
  bad: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null }),
  until: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
});
const types = fc.constantFrom(
  "text/event-stream",
  "text/event-stream; charset=utf-8",
  "application/json",
  "text/plain",
  "",
);

/** All that a body came to, whatever the reads it came in. `broken`: it did not end by itself. */
function fold(pieces: readonly Uint8Array[], contentType: string, broken: boolean): unknown {
  const answer = createAnswer({ api: chat, mask: createMask([KEY]), observe: true, several: false });
  answer.open({ status: 200, headers: new Headers({ "content-type": contentType }) });
  const events: StreamEvent[] = [];
  for (const piece of pieces) {
    if (answer.state() === "over") break;
    if (piece.length > 0) events.push(...answer.push(piece, 1));
  }
  let failure = null;
  if (broken && answer.state() !== "over") {
    answer.lost();
    failure = { kind: "ended_early", message: "" } as const;
  } else {
    const end = answer.end(2);
    events.push(...end.events);
    ({ failure } = end);
  }
  const deltas = events.filter((event) => event.type === "delta");
  const calls = new Map<number, string>();
  for (const { index, name, arguments: given } of deltas.flatMap(({ tools }) => tools))
    calls.set(index, `${calls.get(index) ?? ""}${name ?? ""}(${given}`.replace(/\($/, ""));
  const facts = answer.facts();
  return {
    text: deltas.map((event) => event.text).join(""),
    reasoning: deltas.map((event) => event.reasoning).join(""),
    refusal: deltas.map((event) => event.refusal).join(""),
    calls: [...calls].map(([index, said]) => [index, said.replaceAll("(", "")]),
    tokens: deltas.reduce((sum, event) => sum + event.events, 0),
    notices: events.filter((event) => event.type === "notice").map((event) => event.code),
    skipped: events.filter((event) => event.type === "skipped").map((event) => event.data),
    judged: judge(facts, failure, { trustDone: false }),
    facts,
    usage: answer.usage(),
  };
}

export const splitsProperty = define(
  "splits",
  "a body comes to the same text, tools, tokens and verdict however its bytes are split into reads",
  1000,
  fc.property(
    body,
    damage,
    types,
    cuts,
    fc.constantFrom(false, false, true),
    (text, { bad, until }, type, shares, broken) => {
      const bytes = new Uint8Array(Buffer.from(text));
      if (bad !== null && bytes.length > 0) bytes[Math.floor(bad * (bytes.length - 1))] = 0xff;
      const came = bytes.slice(0, Math.round(until * bytes.length));
      const whole = fold([came], type, broken);
      expect(fold(cutAt(came, shares), type, broken)).toEqual(whole);
      expect(
        fold(
          [...came].map((byte) => Uint8Array.of(byte)),
          type,
          broken,
        ),
      ).toEqual(whole);
    },
  ),
);
