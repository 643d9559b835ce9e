import { expect } from "bun:test";
import fc from "fast-check";
import type { Brought } from "../../src/wire/api.ts";
import { createChunkReader, parseChunk } from "../../src/wire/choices.ts";
import type { Json } from "../../src/wire/request.ts";
import { spell } from "./json-spelling.ts";
import { define } from "./property.ts";

/** Names that mean something somewhere in a chunk; each may stand as a key and as a text. */
const NAMES =
  "choices delta message content text index finish_reason role refusal usage completion_tokens model reasoning reasoning_content thinking type audio transcript tool_calls id function name arguments error object backend x_groq stop length chat.completion chat.completion.chunk words null 0 1 a , : } \\u00e9 \\n \\\\"
    .split(" ")
    .concat("");
const word = fc.constantFrom(...NAMES).map((name) => `"${name}"`);
const leaf = fc.oneof(word, word, fc.constantFrom("null", "0", "1", "true", "-1.5e3", "[]", "{}"));
const colon = fc.constantFrom(":", ": ", " :");

const { value: tree } = fc.letrec<{ value: string; pair: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("pair"), { maxLength: 3 }).map((pairs) => `{${pairs.join(",")}}`),
    fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join(",")}]`),
  ),
  pair: fc.tuple(word, colon, tie("value")).map((parts) => parts.join("")),
}));
const pair = fc.tuple(word, colon, tree).map((parts) => parts.join(""));
const content = fc.oneof(word, word, word, tree).map((value) => `"content":${value}`);
const delta = fc
  .tuple(fc.constantFrom("delta", "delta", "message"), content, fc.array(pair, { maxLength: 2 }), fc.boolean())
  .map(([key, said, more, last]) => `"${key}":{${(last ? [...more, said] : [said, ...more]).join(",")}}`);
const choice = fc
  .tuple(delta, fc.array(pair, { maxLength: 2 }), fc.boolean())
  .map(([said, more, last]) => `{${(last ? [...more, said] : [said, ...more]).join(",")}}`);
const chunk = fc
  .tuple(fc.array(choice, { minLength: 1, maxLength: 2 }), fc.array(pair, { maxLength: 3 }), fc.boolean())
  .map(([choices, more, last]) => {
    const said = `"choices":[${choices.join(",")}]`;
    return `{${(last ? [...more, said] : [said, ...more]).join(",")}}`;
  });
const place = fc.double({ min: 0, max: 0.999, noNaN: true });
/**
 * What is changed from one chunk of a row to the next: which text or key, and to what, of all or of those that stand in
 * it twice; or one character, anywhere.
 */
const change = fc.oneof(
  { weight: 6, arbitrary: fc.record({ at: place, to: word, twins: fc.boolean() }) },
  fc.record({ at: place, put: fc.constantFrom(...'"\\{}[],:x0\n\u0000', "") }),
);

/** A chunk, and others of which each differs from it in one text or key, or in one character. */
const row = fc.tuple(chunk, fc.array(change, { minLength: 1, maxLength: 8 })).map(([first, changes]) => [
  first,
  ...changes.flatMap((changed) => {
    if ("put" in changed) {
      const at = Math.floor(changed.at * first.length);
      return [first.slice(0, at) + changed.put + first.slice(at + 1), first];
    }
    const pieces = first.split(/("[^"]*")/);
    const places = pieces.flatMap((piece, at) => {
      const twin = !changed.twins || pieces.indexOf(piece) !== pieces.lastIndexOf(piece);
      return at % 2 === 1 && twin ? [at] : [];
    });
    const at = places[Math.floor(changed.at * places.length)];
    return at === undefined ? [] : [pieces.with(at, changed.to).join("")];
  }),
]);

/** What was brought, without the place of its words, which is told where it is known and must be that in the text. */
function withoutPlace(brought: Brought, text: string): Brought {
  if (brought.kind !== "chunk") return brought;
  const { kind, chunk, around } = brought;
  if (around !== undefined) expect([text.startsWith(around.before), text.endsWith(around.after)]).toEqual([true, true]);
  return { kind, chunk };
}

export const templateProperty = define(
  "template",
  "chunks of a row are read as if each stood alone",
  6000,
  fc.property(row, (texts) => {
    const read = createChunkReader();
    let several = false;
    for (const text of texts) {
      const alone = parseChunk(text, several);
      const got = withoutPlace(read(text, ""), text);
      if (!Bun.deepEquals(got, alone)) expect(got).toEqual(alone);
      several ||= alone.kind === "chunk" && alone.chunk.otherChoices;
    }
  }),
);

const nullable = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });
const said = fc.record({
  content: nullable(fc.string()),
  reasoning: fc.option(fc.string({ minLength: 1 }), { nil: "" }),
  refusal: nullable(fc.string()),
  finish: nullable(fc.constantFrom("stop", "length", "tool_calls", "content_filter", "something")),
  tools: fc.array(
    fc.record({ id: fc.string({ minLength: 1 }), name: fc.string({ minLength: 1 }), given: fc.string() }),
    {
      maxLength: 3,
    },
  ),
  counts: nullable(fc.record({ prompt_tokens: fc.nat(9999), completion_tokens: fc.nat(9999) })),
  model: fc.string(),
});
type Said = typeof said extends fc.Arbitrary<infer T> ? T : never;
const styles = fc.nat(1_000_000);

/** A chunk as the documentation of OpenAI writes it. */
function documented({ content, reasoning, refusal, finish, tools, counts, model }: Said): Json {
  const calls = tools.map(({ id, name, given }, index) => ({
    index,
    id,
    type: "function",
    function: { name, arguments: given },
  }));
  const delta: { [key: string]: Json } = { role: "assistant", content, refusal };
  if (reasoning !== "") delta["reasoning_content"] = reasoning;
  if (calls.length > 0) delta["tool_calls"] = calls;
  const choices = [{ index: 0, delta, finish_reason: finish, logprobs: null }];
  return { id: "a", object: "chat.completion.chunk", created: 1, model, choices, usage: counts };
}

export const referenceProperty = define(
  "chunks",
  "a chunk says what was put into it, however its JSON is written",
  1500,
  fc.property(said, styles, (given, style) => {
    const parsed = parseChunk(spell(documented(given), style));
    if (parsed.kind !== "chunk") throw new Error(`read as ${parsed.kind}`);
    const { chunk: got } = parsed;
    expect(got).toMatchObject({
      content: given.content ?? "",
      reasoning: given.reasoning,
      refusal: given.refusal ?? "",
      finishReason: given.finish,
      model: given.model,
      otherChoices: false,
      form: "delta",
      error: null,
    });
    expect(got.tools.map(({ id, name, arguments: text }) => ({ id, name, given: text }))).toEqual(given.tools);
    expect(got.usage?.completion_tokens ?? null).toBe(given.counts?.completion_tokens ?? null);
    expect(got.usage?.prompt_tokens ?? null).toBe(given.counts?.prompt_tokens ?? null);
  }),
);
