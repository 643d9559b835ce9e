import Anthropic from "@anthropic-ai/sdk";
import { expect, test } from "bun:test";
import fc from "fast-check";
import OpenAI from "openai";
import type { ApiKind } from "../../src/wire/apis.ts";
import { DONE, event } from "../fixtures/answers.ts";
import { typed } from "../fixtures/api-answers.ts";
import { bodyOf } from "../fixtures/assembled.ts";

const streamed = (text: string) => async (): Promise<Response> =>
  new Response(text, { headers: { "content-type": "text/event-stream" } });
const openai = (text: string) =>
  new OpenAI({ apiKey: "k", baseURL: "http://sdk.invalid/v1", fetch: streamed(text), maxRetries: 0 });
const anthropic = (text: string) =>
  new Anthropic({ apiKey: "k", baseURL: "http://sdk.invalid", fetch: streamed(text), maxRetries: 0 });

/** What the official clients put together from the same stream. */
const SDKS = {
  chat: (text: string) =>
    openai(text).chat.completions.stream({ model: "m", messages: [] }).finalChatCompletion() as Promise<unknown>,
  responses: (text: string) => openai(text).responses.stream({ model: "m", input: "" }).finalResponse(),
  messages: (text: string) =>
    anthropic(text).messages.stream({ model: "m", max_tokens: 9, messages: [] }).finalMessage() as Promise<unknown>,
} as const;

/** What clients add for those who use them, and a service has not said. */
const ADDED = new Set(["parsed", "parsed_arguments", "output_text", "output_parsed", "parsed_output"]);

function asSent(value: unknown): unknown {
  const plain: unknown = JSON.parse(JSON.stringify(value));
  return JSON.parse(JSON.stringify(plain), (key, inside: unknown) =>
    ADDED.has(key) || ((key === "refusal" || key === "usage" || key === "function_call") && inside === null)
      ? undefined
      : inside,
  );
}

async function isSame(api: keyof typeof SDKS & ApiKind, text: string, size: number): Promise<void> {
  const [ours, theirs] = await Promise.all([bodyOf(api, text, { size }), SDKS[api](text)]);
  expect(asSent(ours)).toEqual(asSent(theirs));
}

const word = fc.oneof(fc.constantFrom("a", "a", " b", "\n", '"q"', "é漢", "👍", "\\"), fc.string({ maxLength: 5 }));
const some = fc.string({ minLength: 1, maxLength: 6 });
const words = fc.array(
  word.filter((text) => text !== ""),
  { minLength: 1, maxLength: 40 },
);
const size = fc.constantFrom(Infinity, Infinity, 1000, 17);
const probable = (token: string) => ({
  token,
  logprob: -0.25,
  bytes: [...Buffer.from(token)],
  top_logprobs: [{ token, logprob: -0.25, bytes: null }],
});

const CHUNK = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_750_000_000, model: "m-1" };

type Beside = { fingerprint: boolean; tier: boolean; logprobs: boolean; nulls: boolean };
const beside = fc.record({
  fingerprint: fc.boolean(),
  tier: fc.boolean(),
  logprobs: fc.boolean(),
  nulls: fc.boolean(),
});

function chunks(deltas: readonly object[], reason: string, { fingerprint, tier, logprobs, nulls }: Beside): string {
  const about = {
    ...CHUNK,
    ...(fingerprint ? { system_fingerprint: "fp_1" } : {}),
    ...(tier ? { service_tier: "default" } : {}),
    ...(nulls ? { usage: null } : {}),
  };
  const choice = (delta: object): object => {
    const said = delta as { content?: string; refusal?: string };
    const told = logprobs && {
      content: said.content ? [probable(said.content)] : null,
      refusal: said.refusal ? [probable(said.refusal)] : null,
    };
    const isTold = said.content || said.refusal;
    return { index: 0, delta, finish_reason: null, ...(isTold ? { logprobs: told || null } : { logprobs: null }) };
  };
  const usage = {
    prompt_tokens: 9,
    completion_tokens: 12,
    total_tokens: 21,
    prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 3, accepted_prediction_tokens: 1, rejected_prediction_tokens: 0 },
  };
  return [
    ...[{ role: "assistant", content: "", refusal: null }, ...deltas].map((delta) => ({
      ...about,
      choices: [choice(delta)],
      obfuscation: "xx",
    })),
    { ...about, choices: [{ index: 0, delta: {}, finish_reason: reason, logprobs: null }] },
    { ...about, choices: [], usage },
  ]
    .map(event)
    .concat(DONE)
    .join("");
}

const call = fc.record({ name: some, pieces: fc.array(word, { maxLength: 5 }), custom: fc.boolean() });

function callDeltas(calls: readonly { name: string; pieces: readonly string[]; custom: boolean }[]): object[] {
  const fields = (custom: boolean, name: object, given: string): object =>
    custom ? { custom: { ...name, input: given } } : { function: { ...name, arguments: given } };
  return calls.flatMap(({ name, pieces, custom }, index) => [
    { id: `call_${index}`, type: custom ? "custom" : "function", ...fields(custom, { name }, ""), index },
    ...pieces.map((piece) => ({ index, ...fields(custom, {}, piece) })),
  ]);
}

test("a chat completion is what the client of OpenAI makes of its stream: words, refusals, log probabilities, usage", async () => {
  const deltas = fc.oneof(
    words.map((texts) => texts.map((content) => ({ content }))),
    fc
      .tuple(words, words)
      .map(([said, refused]) => [...said.map((content) => ({ content })), ...refused.map((refusal) => ({ refusal }))]),
  );
  await fc.assert(
    fc.asyncProperty(deltas, fc.constantFrom("stop", "length"), beside, size, (deltas, reason, more, size) =>
      isSame("chat", chunks(deltas, reason, more), size),
    ),
    { numRuns: 150 },
  );
});

test("a chat completion that calls tools is what the client of OpenAI makes of its stream", async () => {
  const calls = fc.array(call, { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 3 }), calls, beside, size, (said, calls, more, size) => {
      const deltas = [
        ...said.map((content) => ({ content })),
        ...callDeltas(calls).map((one) => ({ tool_calls: [one] })),
      ];
      const text = chunks(deltas, "tool_calls", more);
      // As the service has it: there are no words.
      return isSame("chat", said.join("") === "" ? text.replaceAll('"content":""', '"content":null') : text, size);
    }),
    { numRuns: 150 },
  );
});

test("spoken answers are what the client of OpenAI makes of their streams", async () => {
  await fc.assert(
    fc.asyncProperty(words, beside, size, (texts, more, size) => {
      const deltas = [
        { audio: { id: "audio_1" } },
        ...texts.map((transcript) => ({ audio: { transcript, data: "AAAA" } })),
        { audio: { expires_at: 1_750_000_900 } },
      ];
      return isSame(
        "chat",
        chunks(deltas, "stop", { ...more, logprobs: false }).replace('"content":""', '"content":null'),
        size,
      );
    }),
    { numRuns: 50 },
  );
});

const citation = { type: "char_location", cited_text: "x", document_index: 0, start_char_index: 0, end_char_index: 1 };
const cited = fc.boolean();
const json = fc.dictionary(some, fc.oneof(fc.integer(), some)).map((input) => JSON.stringify(input));
const block = fc.oneof(
  fc.record({ type: fc.constant("text" as const), words, cited }),
  fc.record({ type: fc.constant("thinking" as const), words }),
  fc.record({ type: fc.constant("redacted_thinking" as const) }),
  fc.record({
    type: fc.constantFrom("tool_use" as const, "server_tool_use" as const),
    name: some,
    json,
    cut: fc.nat(20),
  }),
  fc.record({ type: fc.constant("web_search_tool_result" as const) }),
);

function blockEvents(given: typeof block extends fc.Arbitrary<infer T> ? T : never, index: number): string[] {
  const start = (content_block: object): string => typed("content_block_start", { index, content_block });
  const delta = (delta: object): string => typed("content_block_delta", { index, delta });
  const end = typed("content_block_stop", { index });
  switch (given.type) {
    case "text":
      return [
        start({ type: "text", text: "", ...(given.cited ? { citations: [] } : {}) }),
        ...given.words.map((text) => delta({ type: "text_delta", text })),
        ...(given.cited ? [citation, { ...citation, cited_text: "y" }] : []).map((citation) =>
          delta({ type: "citations_delta", citation }),
        ),
        end,
      ];
    case "thinking":
      return [
        start({ type: "thinking", thinking: "", signature: "" }),
        ...given.words.map((thinking) => delta({ type: "thinking_delta", thinking })),
        delta({ type: "signature_delta", signature: "c2lnbmVk" }),
        end,
      ];
    case "redacted_thinking":
      return [start({ type: "redacted_thinking", data: "ZGF0YQ==" }), end];
    case "web_search_tool_result":
      return [
        start({
          type: "web_search_tool_result",
          tool_use_id: "srvtoolu_1",
          content: [{ type: "web_search_result", title: "t", url: "u", encrypted_content: "e", page_age: null }],
        }),
        end,
      ];
    default:
      return [
        start({ type: given.type, id: `toolu_${index}`, name: given.name, input: {} }),
        delta({ type: "input_json_delta", partial_json: "" }),
        ...[given.json.slice(0, given.cut), given.json.slice(given.cut)].map((partial_json) =>
          delta({ type: "input_json_delta", partial_json }),
        ),
        end,
      ];
  }
}

test("a message is what the client of Anthropic makes of its stream: all its blocks, in order", async () => {
  const usage = { input_tokens: 7, cache_creation_input_tokens: 2, cache_read_input_tokens: 0, output_tokens: 1 };
  const message = { id: "msg_1", type: "message", role: "assistant", model: "m-1", content: [] };
  const start = {
    message: { ...message, stop_reason: null, stop_sequence: null, usage: { ...usage, service_tier: "standard" } },
  };
  const told = { output_tokens: 42, server_tool_use: { web_search_requests: 1 } };
  const ends = fc.constantFrom(
    { stop_reason: "end_turn", stop_sequence: null },
    { stop_reason: "stop_sequence", stop_sequence: "END" },
    { stop_reason: "max_tokens", stop_sequence: null, container: { id: "c", expires_at: "x" } },
  );
  const blocks = fc
    .array(block, { minLength: 1, maxLength: 5 })
    .filter((blocks) => blocks.some(({ type }) => type === "text" || type === "tool_use"));
  await fc.assert(
    fc.asyncProperty(blocks, ends, size, (blocks, end, size) =>
      isSame(
        "messages",
        [
          typed("message_start", start),
          typed("ping"),
          ...blocks.flatMap(blockEvents),
          typed("message_delta", { delta: end, usage: told }),
          typed("message_stop"),
        ].join(""),
        size,
      ),
    ),
    { numRuns: 150 },
  );
});

const item = fc.oneof(
  fc.record({ type: fc.constant("message" as const), words, logprobs: fc.boolean(), refusal: fc.boolean(), cited }),
  fc.record({ type: fc.constant("reasoning" as const), words, summary: fc.boolean() }),
  fc.record({ type: fc.constant("function_call" as const), name: some, json, cut: fc.nat(20) }),
);
type Typed = { type: string; [name: string]: unknown };
type Item = typeof item extends fc.Arbitrary<infer T> ? T : never;

/** An item as it is in the end, and the events that bring it. */
function itemEvents(given: Item, at: number): { item: object; events: Typed[] } {
  const where = { output_index: at, item_id: `item_${at}` };
  const id = where.item_id;
  if (given.type === "function_call") {
    const call = { id, type: given.type, call_id: `call_${at}`, name: given.name };
    const pieces = [given.json.slice(0, given.cut), given.json.slice(given.cut)];
    const item = { ...call, status: "completed", arguments: given.json };
    return {
      item,
      events: [
        {
          type: "response.output_item.added",
          output_index: at,
          item: { ...call, status: "in_progress", arguments: "" },
        },
        ...pieces.map((delta) => ({ type: "response.function_call_arguments.delta", ...where, delta })),
        { type: "response.function_call_arguments.done", ...where, arguments: given.json, name: given.name },
        { type: "response.output_item.done", output_index: at, item },
      ],
    };
  }
  const text = given.words.join("");
  if (given.type === "reasoning") {
    const list = given.summary ? "summary" : "content";
    const [stem, part, index] = given.summary
      ? ["reasoning_summary_text", "summary_text", { summary_index: 0 }]
      : ["reasoning_text", "reasoning_text", { content_index: 0 }];
    const bare = { id, type: given.type, summary: [], ...(given.summary ? {} : { content: [] }) };
    const added = given.summary ? "reasoning_summary_part" : "content_part";
    const item = { ...bare, [list]: [{ type: part, text }], encrypted_content: "ZW5j" };
    return {
      item,
      events: [
        { type: "response.output_item.added", output_index: at, item: bare },
        { type: `response.${added}.added`, ...where, ...index, part: { type: part, text: "" } },
        ...given.words.map((delta) => ({ type: `response.${stem}.delta`, ...where, ...index, delta })),
        { type: `response.${stem}.done`, ...where, ...index, text },
        { type: "response.output_item.done", output_index: at, item },
      ],
    };
  }
  const index = { ...where, content_index: 0 };
  const annotation = { type: "url_citation", start_index: 0, end_index: 1, url: "u", title: "t" };
  const annotations = given.cited ? [annotation] : [];
  const logprobs = given.words.map((token) => ({ token, logprob: -1, bytes: [], top_logprobs: [] }));
  const part = given.refusal
    ? { type: "refusal", refusal: text }
    : { type: "output_text", text, annotations, logprobs: given.logprobs ? logprobs : [] };
  const stem = given.refusal ? "refusal" : "output_text";
  const item = { id, type: given.type, role: "assistant", status: "completed", content: [part] };
  const beside = (at: number): object =>
    given.refusal ? {} : { logprobs: given.logprobs ? logprobs.slice(at, at + 1) : [] };
  return {
    item,
    events: [
      { type: "response.output_item.added", output_index: at, item: { ...item, status: "in_progress", content: [] } },
      {
        type: "response.content_part.added",
        ...index,
        part: given.refusal
          ? { type: "refusal", refusal: "" }
          : { type: "output_text", text: "", annotations: [], logprobs: [] },
      },
      ...given.words.map((delta, n) => ({ type: `response.${stem}.delta`, ...index, delta, ...beside(n) })),
      ...(given.refusal ? [] : annotations).map((annotation, n) => ({
        type: "response.output_text.annotation.added",
        ...index,
        annotation_index: n,
        annotation,
      })),
      given.refusal
        ? { type: "response.refusal.done", ...index, refusal: text }
        : { type: "response.output_text.done", ...index, text, logprobs: part.logprobs },
      { type: "response.content_part.done", ...index, part },
      { type: "response.output_item.done", output_index: at, item },
    ],
  };
}

/** `told`: how much of its output the last event says again. */
function responseText(items: readonly Item[], told: "all" | "none"): string {
  const all = items.map(itemEvents);
  const about = {
    id: "resp_1",
    object: "response",
    created_at: 1_750_000_000,
    model: "m-1",
    error: null,
    incomplete_details: null,
    metadata: { run: "7" },
    service_tier: "default",
    temperature: 1,
  };
  const usage = {
    input_tokens: 9,
    input_tokens_details: { cached_tokens: 4 },
    output_tokens: 12,
    output_tokens_details: { reasoning_tokens: 3 },
    total_tokens: 21,
  };
  const begun = { ...about, status: "in_progress", output: [], usage: null };
  const output = told === "all" ? all.map(({ item }) => item) : [];
  return [
    { type: "response.created", response: begun },
    { type: "response.in_progress", response: begun },
    ...all.flatMap(({ events }) => events),
    { type: "response.completed", response: { ...about, status: "completed", output, usage } },
  ]
    .map((one, sequence_number) => typed(one.type, { ...one, sequence_number }))
    .join("");
}

const items = fc
  .array(item, { minLength: 1, maxLength: 4 })
  .filter((items) => items.some((one) => one.type === "function_call" || (one.type === "message" && !one.refusal)));

test("a response is what the client of OpenAI makes of its stream: all its items, in order", async () => {
  await fc.assert(
    fc.asyncProperty(items, size, (items, size) => isSame("responses", responseText(items, "all"), size)),
    { numRuns: 100 },
  );
});

test("a response whose last event leaves its output out is put together from the events before", async () => {
  await fc.assert(
    fc.asyncProperty(items, size, async (items, size) => {
      const [ours, whole] = await Promise.all([
        bodyOf("responses", responseText(items, "none"), { size }),
        bodyOf("responses", responseText(items, "all")),
      ]);
      expect(ours).toEqual(whole);
    }),
    { numRuns: 100 },
  );
});
