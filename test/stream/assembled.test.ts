import { afterAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { startSimulator } from "../../src/simulator/server.ts";
import type { StreamRequest } from "../../src/stream/event.ts";
import { API_KINDS, pathOf, type ApiKind } from "../../src/wire/apis.ts";
import { BOUNDS } from "../../src/wire/bounds.ts";
import { DONE, event, finish, token } from "../fixtures/answers.ts";
import { messages, responses, typed } from "../fixtures/api-answers.ts";
import { bodyOf, endOf } from "../fixtures/assembled.ts";

const piece = (delta: object, choice: object = {}, more: object = {}): string =>
  event({
    id: "c-1",
    created: 7,
    model: "m-1",
    ...more,
    choices: [{ index: 0, delta, finish_reason: null, ...choice }],
  });
const END = finish() + DONE;
/** What so many equal words come to: read by a template from the seventeenth on. */
const many = (text: string): string => token(text).repeat(40);

const likely = (token: string): object => ({ token, logprob: -0.5, bytes: [97], top_logprobs: [] });

/** What each stream comes to; of a chat completion its choice. */
const CHAT: Readonly<Record<string, [stream: string, choice: object]>> = {
  "log probabilities of tokens that are all alike": [
    piece({ content: "a" }, { logprobs: { content: [likely("a")], refusal: null } }).repeat(40) + END,
    { message: { content: "a".repeat(40) }, logprobs: { content: Array(40).fill(likely("a")), refusal: null } },
  ],
  "log probabilities of a refusal beside those of words": [
    piece({ content: "a" }, { logprobs: { content: [likely("a")], refusal: null } }) +
      piece({ refusal: "b" }, { logprobs: { content: null, refusal: [likely("b")] } }) +
      END,
    { message: { content: "a", refusal: "b" }, logprobs: { content: [likely("a")], refusal: [likely("b")] } },
  ],
  "log probabilities that begin after words without": [
    many("a") + piece({ content: "b" }, { logprobs: { content: [likely("b")] } }) + many("a") + END,
    { message: { content: `${"a".repeat(40)}b${"a".repeat(40)}` }, logprobs: { content: [likely("b")] } },
  ],
  "no log probabilities": [many("a") + END, { logprobs: null }],
  "the reasoning of DeepSeek": [
    piece({ role: "assistant", content: null, reasoning_content: "Je " }) +
      piece({ content: null, reasoning_content: "pense." }) +
      piece({ content: "Bon", reasoning_content: null }) +
      END,
    { message: { role: "assistant", content: "Bon", reasoning_content: "Je pense." } },
  ],
  "reasoning under two names, as vLLM has it": [
    piece({ reasoning: "a", reasoning_content: "a" }).repeat(3) + many("b") + END,
    { message: { content: "b".repeat(40), reasoning: "aaa", reasoning_content: "aaa" } },
  ],
  "the details of OpenRouter, signed and encrypted": [
    piece({ content: "", reasoning: "Je ", reasoning_details: [{ type: "reasoning.text", index: 0, text: "Je " }] }) +
      piece({ reasoning: "pense.", reasoning_details: [{ type: "reasoning.text", index: 0, text: "pense." }] }) +
      piece({ reasoning_details: [{ type: "reasoning.text", index: 0, signature: "c2ln" }] }) +
      piece({ reasoning_details: [{ type: "reasoning.encrypted", index: 1, id: "r_1", data: "ZW5j" }] }) +
      token("Bon") +
      END,
    {
      message: {
        content: "Bon",
        reasoning: "Je pense.",
        reasoning_details: [
          { type: "reasoning.text", index: 0, text: "Je pense.", signature: "c2ln" },
          { type: "reasoning.encrypted", index: 1, id: "r_1", data: "ZW5j" },
        ],
      },
    },
  ],
  "the thinking blocks of LiteLLM": [
    piece({ reasoning_content: "Je ", thinking_blocks: [{ type: "thinking", thinking: "Je " }] }) +
      piece({ reasoning_content: "pense.", thinking_blocks: [{ type: "thinking", thinking: "pense." }] }) +
      piece({ thinking_blocks: [{ type: "thinking", thinking: "", signature: "c2ln" }] }) +
      token("Bon") +
      END,
    { message: { thinking_blocks: [{ type: "thinking", thinking: "Je pense.", signature: "c2ln" }] } },
  ],
  "the thoughts of Mistral, which are parts of the content": [
    piece({ content: [{ type: "thinking", thinking: [{ type: "text", text: "Je " }] }] }) +
      piece({ content: [{ type: "thinking", thinking: [{ type: "text", text: "pense." }], closed: true }] }) +
      piece({ content: [{ type: "text", text: "Bon" }] }) +
      token("jour") +
      END,
    {
      message: {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "Je pense." }], closed: true },
          { type: "text", text: "Bonjour" },
        ],
      },
    },
  ],
  "annotations, whole and one by one": [
    many("a") +
      piece({ annotations: [{ type: "url_citation", url_citation: { url: "u" } }] }) +
      piece({ content: "b", annotations: [{ type: "url_citation", url_citation: { url: "v" } }] }) +
      END,
    {
      message: {
        content: `${"a".repeat(40)}b`,
        annotations: ["u", "v"].map((url) => ({ type: "url_citation", url_citation: { url } })),
      },
    },
  ],
  images: [
    token("a") + piece({ images: [{ type: "image_url", index: 0, image_url: { url: "data:x" } }] }) + END,
    { message: { content: "a", images: [{ type: "image_url", image_url: { url: "data:x" } }] } },
  ],
  "two calls with the signature of a thought, of which the second has no index": [
    piece({
      tool_calls: [
        {
          index: 0,
          id: "call_a",
          type: "function",
          function: { name: "weather", arguments: "{}" },
          extra_content: { google: { thought_signature: "c2ln" } },
        },
      ],
    }) +
      piece({ tool_calls: [{ id: "call_b", type: "function", function: { name: "time", arguments: '{"a":' } }] }) +
      piece({ tool_calls: [{ id: "call_b", function: { arguments: "1}" } }] }) +
      finish("tool_calls") +
      DONE,
    {
      message: {
        content: null,
        tool_calls: [
          {
            id: "call_a",
            type: "function",
            function: { name: "weather", arguments: "{}" },
            extra_content: { google: { thought_signature: "c2ln" } },
          },
          { id: "call_b", type: "function", function: { name: "time", arguments: '{"a":1}' } },
        ],
      },
      finish_reason: "tool_calls",
    },
  ],
  "a call in the old form": [
    piece({ content: null, function_call: { name: "weather", arguments: "" } }) +
      piece({ function_call: { arguments: '{"city":' } }) +
      piece({ function_call: { arguments: '"Paris"}' } }) +
      finish("function_call") +
      DONE,
    { message: { content: null, function_call: { name: "weather", arguments: '{"city":"Paris"}' } } },
  ],
  "a custom call": [
    piece({ tool_calls: [{ index: 0, id: "a", type: "custom", custom: { name: "patch", input: "" } }] }) +
      piece({ tool_calls: [{ index: 0, custom: { input: "+ok" } }] }) +
      finish("tool_calls") +
      DONE,
    { message: { tool_calls: [{ id: "a", type: "custom", custom: { name: "patch", input: "+ok" } }] } },
  ],
  "what a server says beside the choice": [
    many("a") +
      piece({}, { token_ids: [1, 2] }) +
      piece({}, { token_ids: [2] }) +
      piece({}, { content_filter_results: { hate: { filtered: false } } }) +
      piece({}, { finish_reason: "stop", native_finish_reason: "STOP", stop_reason: 42, content_filter_results: {} }) +
      DONE,
    {
      finish_reason: "stop",
      native_finish_reason: "STOP",
      stop_reason: 42,
      token_ids: [1, 2, 2],
      content_filter_results: { hate: { filtered: false } },
    },
  ],
  "the whole message once more at the end": [
    many("a") +
      event({
        choices: [{ index: 0, message: { role: "assistant", content: "a".repeat(40) }, finish_reason: "stop" }],
      }) +
      DONE,
    { message: { role: "assistant", content: "a".repeat(40) }, finish_reason: "stop" },
  ],
  "a choice of another number, which is the only one": [
    event({ choices: [{ index: 1, delta: { content: "Bon" } }] }) + END,
    { index: 0, message: { content: "Bon" } },
  ],
  "letters in two halves, and escapes": [
    ["\\ud83d", "\\ude00", "\\n", '\\"'].map((text) => token("PLACE").replace("PLACE", text)).join("") + END,
    { message: { content: '😀\n"' } },
  ],
};

describe("a chat completion keeps", () => {
  test.each(Object.entries(CHAT))("%s", async (_, [stream, choice]) => {
    for (const size of [Infinity, 200, 7]) {
      expect(await bodyOf("chat", stream, { size })).toMatchObject({ object: "chat.completion", choices: [choice] });
    }
  });

  test("who answered and what it took, as the server wrote it, wherever it stands", async () => {
    const usage = {
      prompt_tokens: 9,
      completion_tokens: 4,
      total_tokens: 13,
      cost: 0.25,
      cost_details: { upstream: null },
    };
    const about = { provider: "Acme", citations: ["u"], service_tier: null, system_fingerprint: "fp_1" };
    const told =
      piece({ role: "assistant", content: "a" }, {}, { ...about, object: "chat.completion.chunk", obfuscation: "xx" }) +
      piece({ content: "b" }, {}, { citations: ["u", "v"], usage: { ...usage, completion_tokens: 1 } }) +
      END.replace(
        "data: [DONE]",
        `data: ${JSON.stringify({ choices: [], service_tier: "default", timings: { prompt_n: 9 }, usage })}\n\ndata: [DONE]`,
      );
    expect(await bodyOf("chat", told)).toEqual({
      id: "c-1",
      object: "chat.completion",
      created: 7,
      model: "m-1",
      provider: "Acme",
      citations: ["u", "v"],
      service_tier: "default",
      system_fingerprint: "fp_1",
      timings: { prompt_n: 9 },
      choices: [{ index: 0, message: { role: "assistant", content: "ab" }, finish_reason: "stop", logprobs: null }],
      usage,
    });
    const groq =
      token("a") +
      END.replace(
        "data: [DONE]",
        `data: ${JSON.stringify({ choices: [], x_groq: { id: "req_1", usage } })}\n\ndata: [DONE]`,
      );
    expect(await bodyOf("chat", groq)).toMatchObject({ usage, x_groq: { id: "req_1" } });
  });

  test("what stands in events that do not say who answers", async () => {
    const choices = [{ index: 0, delta: { content: "a" }, finish_reason: null }];
    const told = { object: "chat.completion.chunk", choices, citations: ["u"], provider: "Acme", timings: { n: 1 } };
    const more = { ...told, timings: { n: 2 } };
    const { citations, provider, timings } = more;
    expect(await bodyOf("chat", event(told) + event(more) + END)).toMatchObject({ citations, provider, timings });
  });

  test("what nobody says from the request and the clock", async () => {
    const request: Partial<StreamRequest> = { body: { model: "asked", messages: [], stream: true } };
    expect(await bodyOf("chat", token("a") + END, { request })).toMatchObject({
      model: "asked",
      created: 1_750_000_000,
      usage: null,
    });
  });

  test("an answer in one piece as it came", async () => {
    const message = { role: "assistant", content: "Bonjour", tool_calls: null, annotations: [], refusal: null };
    const whole = {
      id: "c-2",
      object: "chat.completion",
      created: 8,
      model: "m-2",
      system_fingerprint: null,
      choices: [
        { index: 0, message, finish_reason: "stop", logprobs: { content: [likely("Bonjour")], refusal: null } },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    };
    expect(await bodyOf("chat", JSON.stringify(whole), { type: "application/json" })).toEqual(whole);
    expect(await bodyOf("chat", event(whole) + DONE)).toEqual(whole);
    expect(await bodyOf("chat", many("a") + event(whole) + DONE)).toMatchObject({ choices: whole.choices });
  });
});

describe("a completion keeps", () => {
  const word = (text: string, more: object = {}): string =>
    event({
      id: "cmpl-1",
      object: "text_completion",
      created: 7,
      model: "m",
      choices: [{ index: 0, text, finish_reason: null, ...more }],
    });

  test("its four lists of log probabilities, and token ids", async () => {
    const lists = (text: string, at: number): object => ({
      logprobs: { tokens: [text], token_logprobs: [-0.5], top_logprobs: [{ [text]: -0.5 }], text_offset: [at] },
      token_ids: [7],
    });
    const stream = Array.from({ length: 40 }, (_, at) => word("a", lists("a", at))).join("");
    const end = event({ choices: [{ index: 0, text: "", finish_reason: "length", stop_reason: null }] }) + DONE;
    expect(await bodyOf("completions", stream + end)).toEqual({
      id: "cmpl-1",
      object: "text_completion",
      created: 7,
      model: "m",
      choices: [
        {
          index: 0,
          text: "a".repeat(40),
          finish_reason: "length",
          stop_reason: null,
          token_ids: Array(40).fill(7),
          logprobs: {
            tokens: Array(40).fill("a"),
            token_logprobs: Array(40).fill(-0.5),
            top_logprobs: Array.from({ length: 40 }, () => ({ a: -0.5 })),
            text_offset: Array.from({ length: 40 }, (_, at) => at),
          },
        },
      ],
      usage: null,
    });
  });

  test("an answer in one piece as it came", async () => {
    const whole = {
      id: "cmpl-2",
      object: "text_completion",
      created: 8,
      model: "m",
      choices: [
        { index: 0, text: "Bon", finish_reason: "stop", logprobs: { tokens: ["Bon"], token_logprobs: [null] } },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    };
    expect(await bodyOf("completions", JSON.stringify(whole), { type: "application/json" })).toEqual(whole);
  });
});

describe("a message keeps", () => {
  const words = (text: string, index: number): string => messages.text(text, index).repeat(40);
  const END = messages.reason("end_turn") + messages.stop;

  test("the order of its blocks, where their events are mixed", async () => {
    const stream =
      messages.start() +
      messages.block(0, { type: "text", text: "" }) +
      words("a", 0) +
      messages.block(1, { type: "text", text: "x" }) +
      words("b", 1) +
      words("a", 0) +
      messages.ping +
      words("b", 1) +
      (messages.text("a", 0) + messages.text("b", 1)).repeat(40) +
      words("a", 0) +
      messages.text("b", 1) +
      words("a", 0) +
      END;
    for (const size of [Infinity, 300, 11])
      expect(await bodyOf("messages", stream, { size })).toMatchObject({
        content: [
          { type: "text", text: "a".repeat(200) },
          { type: "text", text: `x${"b".repeat(121)}` },
        ],
      });
  });

  test("blocks that nobody began, or that all have one number", async () => {
    const thought = { type: "thinking_delta", thinking: "Hm" };
    const stream =
      messages.start() +
      messages.delta(0, thought) +
      messages.delta(0, { type: "signature_delta", signature: "c2ln" }) +
      messages.block(0, { type: "text", text: "" }) +
      words("a", 0) +
      messages.block(0, { type: "tool_use", id: "toolu_1", name: "weather", input: {} }) +
      messages.delta(0, { partial_json: '{"city":' }) +
      messages.delta(0, { type: "input_json_delta", partial_json: '"Paris"}' }) +
      messages.reason("tool_use") +
      messages.stop;
    expect(await bodyOf("messages", stream)).toMatchObject({
      content: [
        { type: "thinking", thinking: "Hm", signature: "c2ln" },
        { type: "text", text: "a".repeat(40) },
        { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Paris" } },
      ],
      stop_reason: "tool_use",
    });
  });

  test("blocks that hold all from the beginning, and parts of types that are not known yet", async () => {
    const results = {
      type: "web_search_tool_result",
      tool_use_id: "s",
      content: [{ type: "web_search_result", url: "u" }],
    };
    const stream =
      messages.start() +
      messages.block(0, { type: "redacted_thinking", data: "ZGF0YQ==" }) +
      messages.block(1, { type: "server_tool_use", id: "s", name: "web_search", input: { query: "q" } }) +
      messages.blockEnd(1) +
      messages.block(2, results) +
      messages.block(3, { type: "novelty", more: 1 }) +
      messages.delta(3, { type: "novelty_delta", content: "n" }) +
      messages.delta(3, { type: "novelty_delta", content: "ew" }) +
      messages.text("a", 4) +
      typed("message_delta", {
        delta: { stop_reason: "stop_sequence", stop_sequence: "END", container: { id: "c" } },
        usage: { output_tokens: 9, server_tool_use: { web_search_requests: 1 } },
        context_management: { applied_edits: [] },
      }) +
      messages.stop;
    expect(await bodyOf("messages", stream)).toEqual({
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "granite3.3:2b",
      content: [
        { type: "redacted_thinking", data: "ZGF0YQ==" },
        { type: "server_tool_use", id: "s", name: "web_search", input: { query: "q" } },
        results,
        { type: "novelty", more: 1, content: "new" },
        { type: "text", text: "a" },
      ],
      stop_reason: "stop_sequence",
      stop_sequence: "END",
      container: { id: "c" },
      context_management: { applied_edits: [] },
      usage: { input_tokens: 7, output_tokens: 9, server_tool_use: { web_search_requests: 1 } },
    });
  });

  test("an answer in one piece as it came", async () => {
    const whole = {
      id: "msg_2",
      type: "message",
      role: "assistant",
      model: "m",
      content: [
        { type: "thinking", thinking: "Hm", signature: "c2ln" },
        { type: "text", text: "Bon", citations: null },
      ],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 2, service_tier: "standard" },
    };
    expect(await bodyOf("messages", JSON.stringify(whole), { type: "application/json" })).toEqual(whole);
  });
});

describe("a response keeps", () => {
  const told = (text: string, more: object = {}): string => responses.text(text, more);

  test("its items where a server says neither that they begin nor that they end", async () => {
    const stream =
      responses.created +
      responses.piece("reasoning_text.delta", "Hm").repeat(20) +
      responses.piece("reasoning_summary_text.delta", "S", { summary_index: 0 }) +
      told("a", { output_index: 1, logprobs: [likely("a")] }).repeat(40) +
      responses.piece("output_text.annotation.added", "", {
        output_index: 1,
        content_index: 0,
        annotation: { type: "file_citation" },
      }) +
      told("b", { output_index: 1, content_index: 1 }).repeat(40) +
      (told("a", { output_index: 1 }) + told("b", { output_index: 1, content_index: 1 })).repeat(40) +
      told("a", { output_index: 1 }).repeat(20) +
      told("b", { output_index: 1, content_index: 1 }) +
      told("a", { output_index: 1 }).repeat(20) +
      responses.call(2, "call_a", "weather") +
      responses.piece("function_call_arguments.delta", '{"city":', { output_index: 2 }) +
      responses.piece("function_call_arguments.delta", '"Paris"}', { output_index: 2 }) +
      responses.end("completed", { usage: { input_tokens: 7, output_tokens: 4, total_tokens: 11 } });
    for (const size of [Infinity, 300, 11])
      expect(await bodyOf("responses", stream, { size })).toMatchObject({
        id: "resp_1",
        object: "response",
        status: "completed",
        error: null,
        incomplete_details: null,
        output: [
          {
            type: "reasoning",
            content: [{ type: "reasoning_text", text: "Hm".repeat(20) }],
            summary: [{ type: "summary_text", text: "S" }],
          },
          {
            type: "message",
            role: "assistant",
            content: [
              {
                type: "output_text",
                text: "a".repeat(120),
                annotations: [{ type: "file_citation" }],
                logprobs: Array(40).fill(likely("a")),
              },
              { type: "output_text", text: "b".repeat(81), annotations: [] },
            ],
          },
          { type: "function_call", call_id: "call_a", name: "weather", arguments: '{"city":"Paris"}' },
        ],
        usage: { input_tokens: 7, output_tokens: 4, total_tokens: 11 },
      });
  });

  describe("audio and what is said in it, as one part,", () => {
    const audio = (kind: string, delta?: string, more: object = {}): string =>
      typed(`response.${kind}`, { ...(delta === undefined ? {} : { delta }), ...more });
    const spoken =
      audio("audio.transcript.delta", "Bon") +
      audio("audio.delta", "AAAA") +
      audio("audio.transcript.delta", "jour") +
      audio("audio.delta", "BBBB");
    const part = { type: "output_audio", data: "AAAABBBB", transcript: "Bonjour" };
    const placed = { output_index: 0, content_index: 0 };

    test.each<[what: string, stream: string, content: object[]]>([
      ["of events without a place", spoken, [part]],
      ["whose ends are told", spoken + audio("audio.done") + audio("audio.transcript.done"), [part]],
      [
        "of events with a place",
        audio("output_audio.delta", "AAAA", placed) +
          audio("output_audio_transcript.delta", "Bonjour", placed) +
          audio("output_audio.delta", "BBBB", placed) +
          audio("output_audio_transcript.done", undefined, { ...placed, transcript: "Bonjour" }),
        [part],
      ],
      ["behind a text", told("Listen:") + spoken, [{ type: "output_text", text: "Listen:" }, part]],
    ])("%s", async (_, stream, content) => {
      const body = await bodyOf("responses", responses.created + stream + responses.end("completed"));
      expect(body).toMatchObject({ output: [{ type: "message", role: "assistant", content }] });
    });
  });

  test("what its last event says, and log probabilities that it leaves out", async () => {
    const item = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      status: "incomplete",
      content: [{ type: "output_text", text: "aa", annotations: [] }],
    };
    const end = { output: [item], incomplete_details: { reason: "max_output_tokens" }, metadata: { run: "7" } };
    const stream =
      responses.created + told("a", { logprobs: [likely("a")] }).repeat(2) + responses.end("incomplete", end);
    expect(await bodyOf("responses", stream)).toMatchObject({
      ...end,
      status: "incomplete",
      output: [{ ...item, content: [{ ...item.content[0], logprobs: [likely("a"), likely("a")] }] }],
    });
  });

  test("an item that the last event leaves out, in its place", async () => {
    const call = { type: "function_call", id: "fc_1", call_id: "call_a", name: "weather", arguments: "{}" };
    const stream =
      responses.created +
      told("a") +
      typed("response.output_item.done", { output_index: 1, item: call }) +
      responses.end("completed", { output: [call] });
    expect(await bodyOf("responses", stream)).toMatchObject({
      output: [{ type: "message", content: [{ text: "a" }] }, call],
    });
  });

  test("words that come in one piece, once", async () => {
    const done = typed("response.output_text.done", { output_index: 0, content_index: 0, text: "Bonjour" });
    for (const stream of [done, told("Bon") + told("jour") + done])
      expect(await bodyOf("responses", responses.created + stream + responses.end("completed"))).toMatchObject({
        output: [{ content: [{ text: "Bonjour" }] }],
      });
  });

  test("calls of every kind, from their pieces or from their end", async () => {
    const kinds = [
      ["mcp_call_arguments", "arguments", "mcp_call"],
      ["custom_tool_call_input", "input", "custom_tool_call"],
      ["code_interpreter_call_code", "code", "code_interpreter_call"],
    ] as const;
    for (const [stem, field, type] of kinds) {
      const added = typed("response.output_item.added", {
        output_index: 0,
        item: { type, id: "i_1", call_id: "a", name: "n" },
      });
      const pieces = responses.piece(`${stem}.delta`, "{") + responses.piece(`${stem}.delta`, "}");
      const done = typed(`response.${stem}.done`, { item_id: "i_1", output_index: 0, [field]: "{}" });
      for (const stream of [pieces, done, pieces + done])
        expect(
          await bodyOf("responses", responses.created + added + stream + responses.end("completed")),
        ).toMatchObject({
          output: [{ type, call_id: "a", [field]: "{}" }],
        });
    }
  });

  test("a status of its own where the last event has none, and an answer in one piece as it came", async () => {
    const end = typed("response.completed", { response: { id: "r", status: "in_progress" } });
    expect(await bodyOf("responses", told("a") + end)).toMatchObject({ id: "r", status: "completed" });
    const whole = {
      id: "r",
      object: "response",
      status: "completed",
      output: [{ type: "message", content: [{ type: "output_text", text: "a", logprobs: [] }] }],
    };
    expect(await bodyOf("responses", JSON.stringify(whole), { type: "application/json" })).toEqual(whole);
  });
});

describe("the body of an answer", () => {
  test("is there for whole answers alone, and only where it is asked for", async () => {
    expect((await endOf("chat", token("a") + finish("length") + DONE)).body).toBeString();
    expect((await endOf("chat", token("a"))).body).toBeUndefined();
    expect((await endOf("chat", token("a") + END, { request: { assemble: false } })).body).toBeUndefined();
  });

  test("shows no key outside of the model's own words", async () => {
    const key = "sk-very-secret";
    const told =
      piece({ content: `${key} ` }, { logprobs: { content: [likely(key)] } }, { echo: { [key]: `Bearer ${key}` } }) +
      piece({ annotations: [{ type: "note", note: key }] }, { note: key }) +
      END;
    const { body = "" } = await endOf("chat", told, { request: { secrets: [key] } });
    expect(JSON.parse(body)).toMatchObject({
      echo: { "•••": "Bearer •••" },
      choices: [
        {
          note: "•••",
          message: { content: `${key} `, annotations: [{ note: "•••" }] },
          logprobs: { content: [{ token: key }] },
        },
      ],
    });
    const block = { type: "text", text: key, citations: [{ cited_text: key }] };
    const said = messages.start() + messages.block(0, block) + messages.reason("end_turn") + messages.stop;
    const { body: message = "" } = await endOf("messages", said, { request: { secrets: [key] } });
    expect(JSON.parse(message)).toMatchObject({ content: [{ text: key, citations: [{ cited_text: "•••" }] }] });
  });

  test("changes nothing of what all objects share", async () => {
    const poison = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    const chunk = `data: {"__proto__":{"polluted":1},"echo":${poison},"choices":[{"index":0,"more":${poison},"delta":{"content":"a","audio":${poison},"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"},"more":${poison}}]}}],"usage":${poison}}\n\n`;
    const block = `data: {"type":"content_block_start","index":0,"content_block":{"type":"novelty","more":${poison}}}\n\n`;
    const more = `data: {"type":"content_block_delta","index":0,"delta":{"type":"novelty","more":${poison}}}\n\n`;
    const harmless = piece({ content: "a", audio: { a: 1 } }, { more: { a: 1 } });
    await bodyOf("chat", harmless + chunk + chunk + END);
    await bodyOf(
      "messages",
      messages.start() + block + more + messages.text("a", 1) + messages.reason("end_turn") + messages.stop,
    );
    await bodyOf("responses", responses.text("a") + responses.end("completed", JSON.parse(poison)));
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  test("that has more bytes than letters is bounded by its bytes: with what stands beside it, it is one line", async () => {
    const reads = Array.from({ length: 6 }, () => Buffer.from(token("漢".repeat(BOUNDS.body / 16))));
    const few = await endOf("chat", "", { reads: [...reads.slice(0, 5), Buffer.from(END)] });
    expect([few.verdict, typeof few.body]).toEqual(["complete", "string"]);
    const { verdict, failure, body } = await endOf("chat", "", { reads: [...reads, Buffer.from(END)] });
    expect([verdict, failure, body]).toEqual(["failed", expect.objectContaining({ reason: "body" }), undefined]);
  });

  test("that is larger than what is kept ends the stream, be it in words or in what stands beside them", async () => {
    const text = "x".repeat(BOUNDS.event / 2);
    const times = Math.ceil(BOUNDS.body / text.length) + 1;
    const beside = piece({ content: "a" }, { logprobs: { content: [{ token: text, logprob: 0 }] } });
    for (const stream of [token(text), beside, piece({ content: "a", annotations: [{ text }] })]) {
      const reads = Array.from({ length: times }, () => Buffer.from(stream));
      const end = await endOf("chat", "", { reads });
      expect([end.verdict, end.failure, end.body]).toEqual([
        "failed",
        expect.objectContaining({ kind: "oversize", reason: "body", limit: BOUNDS.body }),
        undefined,
      ]);
    }
  });
});

describe("what the built-in server streams comes to what it answers in one piece", () => {
  const simulator = startSimulator({
    answer: () => "Bonjour à tous, c'est « l'été » 👍\n",
    reasoning: () => "Hm, well.",
  });
  afterAll(() => simulator.stop());
  const ANSWERS = {
    words: {},
    "many words": { tokens: 400 },
    "words and thoughts": { reasoning_tokens: 6, cached_tokens: 1, usage: "always" },
    "an answer that is cut": { tokens: 90 },
    "a refusal beside nothing": { fault: "refusal" },
    calls: { fault: "tool-calls" },
  } as const;
  const ASKED: Readonly<Record<ApiKind, object>> = {
    chat: { messages: [{ role: "user", content: "Hi" }] },
    responses: { input: "Hi" },
    messages: { messages: [{ role: "user", content: "Hi" }] },
    completions: { prompt: "Hi" },
  };
  /** Completions have words alone. */
  const isOf = (api: ApiKind, name: string): boolean => api !== "completions" || !/thoughts|refusal|calls/.test(name);
  const cases = API_KINDS.flatMap((api) =>
    Object.entries(ANSWERS).flatMap(([name, simulate]) => (isOf(api, name) ? [{ api, name, simulate }] : [])),
  );

  test.each(cases)("$name in $api", async ({ api, name, simulate }) => {
    const limit = name.includes("cut") ? 20 : 1000;
    const tools = [{ type: "function", name: "forecast", function: { name: "forecast", parameters: {} } }];
    const own = {
      model: "granite3.3:2b",
      ...ASKED[api],
      [api === "responses" ? "max_output_tokens" : "max_tokens"]: limit,
      ...(name === "calls" ? { tools } : {}),
      simulate: { rate: 0, ttft_ms: 0, seed: 7, ...simulate },
    };
    const whole = await fetch(simulator.url + pathOf(api), {
      method: "POST",
      headers: { "anthropic-version": "2023-06-01" },
      body: JSON.stringify(own),
    });
    const theirs: unknown = await whole.json();
    const { body, verdict } = await endOf(api, "", {
      request: { endpoint: simulator.url },
      own,
      fetch: (url, init) => fetch(url, init),
    });
    if (verdict === "filtered") return expect(body).toBeUndefined();
    expect(alike(JSON.parse(body ?? "null"))).toEqual(alike(theirs));
  });
});

/** Without what the built-in server makes up anew for each answer, or does not say in one piece. */
function alike(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, inside: unknown) =>
    ["id", "call_id", "signature"].includes(key) ? undefined : inside,
  );
}

/** Names that mean something somewhere in an event. */
const NAMES =
  "type index delta message content text choices output item part response output_index content_index summary_index annotation logprobs usage id call_id arguments input name function custom tool_calls function_call role refusal reasoning_content reasoning_details thinking audio transcript data citations citation partial_json signature summary annotations content_block stop_reason finish_reason status object incomplete_details __proto__ constructor length".split(
    " ",
  );
const TYPES = [
  ..."message_start content_block_start content_block_delta content_block_stop message_delta message text_delta thinking_delta signature_delta citations_delta input_json_delta tool_use text thinking chat.completion".split(
    " ",
  ),
  ..."created output_item.added output_item.done content_part.added content_part.done reasoning_summary_part.added output_text.delta output_text.done refusal.delta reasoning_text.delta reasoning_summary_text.done output_text.annotation.added function_call_arguments.delta function_call_arguments.done custom_tool_call_input.delta audio.delta completed incomplete"
    .split(" ")
    .map((type) => `response.${type}`),
];
const leaf = fc.oneof(
  fc.constantFrom<unknown>(null, 0, 1, 2, -1, 1e9, true, "", "a", "b"),
  fc.constantFrom<unknown>(...NAMES, ...TYPES),
);
const { value: tree } = fc.letrec<{ value: unknown; object: [string, unknown][] }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    tie("object").map((pairs) => Object.fromEntries(pairs)),
    fc.array(tie("value"), { maxLength: 3 }),
  ),
  object: fc.array(fc.tuple(fc.constantFrom(...NAMES), tie("value")), { maxLength: 4 }),
}));
const wild = fc
  .record({
    type: fc.constantFrom<unknown>(...TYPES, null),
    more: fc.array(fc.tuple(fc.constantFrom(...NAMES), tree), { maxLength: 6 }),
  })
  .map(({ type, more }) => ({ type, ...Object.fromEntries(more) }));
const wildChoice = fc.tuple(tree, tree, tree, tree).map(([delta, message, logprobs, more]) => ({
  ...(typeof more === "object" ? more : {}),
  choices: [{ index: 0, delta: { content: "a", tool_calls: delta, audio: message, more }, logprobs, message, more }],
}));

test("no event, whatever stands in it, does more than to be kept or not", async () => {
  const ends = {
    chat: END,
    completions: END,
    messages: messages.text("z", 9) + messages.reason("end_turn") + messages.stop,
    responses: responses.text("z", { output_index: 9 }) + responses.end("completed"),
  };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...API_KINDS),
      fc.array(fc.oneof(wild, wildChoice), { maxLength: 6 }),
      async (api, events) => {
        const { verdict, body = "null" } = await endOf(api, events.map((one) => event(one)).join("") + ends[api]);
        expect(typeof JSON.parse(body)).toBe("object");
        if (verdict === "complete") expect(body).not.toBe("null");
      },
    ),
    { numRuns: 1500 },
  );
});

test("events that are read one by one come to what those come to that are known by what stands around their words", async () => {
  const word = fc.constantFrom("a", "a", "bc", "\n", "é", '"');
  const said = fc.oneof(
    { weight: 8, arbitrary: word.map((content) => ({ content })) },
    word.map((reasoning_content) => ({ reasoning_content })),
    word.map((content) => ({ content, annotations: [{ type: "note", content }] })),
    fc.constant({ content: "", tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: "{}" } }] }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(said, { maxLength: 60 }), fc.boolean(), async (deltas, likelihoods) => {
      const stream = (padded: boolean): string =>
        deltas
          .map((delta, at) => {
            const logprobs = likelihoods && "content" in delta ? { content: [likely(delta.content)] } : null;
            return piece(
              delta,
              { logprobs },
              { object: "chat.completion.chunk", ...(padded ? { obfuscation: `${at}` } : {}) },
            );
          })
          .join("") +
        many("z") +
        END;
      expect(await bodyOf("chat", stream(false))).toEqual(await bodyOf("chat", stream(true)));
    }),
    { numRuns: 200 },
  );
});
