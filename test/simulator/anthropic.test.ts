import Anthropic from "@anthropic-ai/sdk";
import { afterAll, describe, expect, test } from "bun:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { failureOf, leftBy, simulating } from "./clients.ts";

const simulator = startSimulator({
  apiKey: "right",
  answer: ({ prompt }) => `You said: ${prompt}`,
  reasoning: () => "Hm, well.",
});
afterAll(() => simulator.stop());

const baseURL = new URL(simulator.url).origin;
const client = new Anthropic({ baseURL, apiKey: "right", maxRetries: 0 });
const fast = { rate: 0, ttft_ms: 0 };
const params = {
  model: "granite3.3:2b",
  max_tokens: 100,
  messages: [{ role: "user" as const, content: "bonjour à tous" }],
};
const tools = [{ name: "forecast", input_schema: { type: "object" as const } }];

describe("the package of the messages API:", () => {
  test("a whole answer", async () => {
    const simulate = { ...fast, reasoning_tokens: 2, cached_tokens: 3 };
    const message = await client.messages.create({ ...params, ...simulating(simulate) });
    expect(message.content).toMatchObject([
      { type: "thinking", thinking: "Hm," },
      { type: "text", text: "You said: bonjour à tous" },
    ]);
    expect(message).toMatchObject({ type: "message", role: "assistant", stop_reason: "end_turn" });
    expect(message.usage).toMatchObject({ input_tokens: 1, cache_read_input_tokens: 3, output_tokens: 8 });
  });

  test("a stream, event by event", async () => {
    const stream = await client.messages.create({ ...params, stream: true, ...simulating(fast) });
    let text = "";
    for await (const event of stream)
      if (event.type === "content_block_delta" && event.delta.type === "text_delta") text += event.delta.text;
    expect(text).toBe("You said: bonjour à tous");
  });

  test("the helper that puts a stream together tells what it would of a whole answer", async () => {
    const simulate = { ...fast, reasoning_tokens: 3 };
    const heard: string[] = [];
    const stream = client.messages
      .stream({ ...params, ...simulating(simulate) })
      .on("text", (text) => void heard.push(text));
    const message = await stream.finalMessage();
    expect(heard.join("")).toBe("You said: bonjour à tous");
    expect(await stream.finalText()).toBe("You said: bonjour à tous");
    expect(message.content).toMatchObject([{ thinking: "Hm, well", signature: "c2ln" }, { type: "text" }]);
    expect([message.stop_reason, message.usage.output_tokens]).toEqual(["end_turn", 9]);
  });

  test("a call of a tool, streamed and whole", async () => {
    const asked = { ...params, tools, ...simulating({ ...fast, fault: "tool-calls" }) };
    const call = { type: "tool_use", name: "forecast", input: { city: "Paris", days: 3 } };
    for (const message of [await client.messages.create(asked), await client.messages.stream(asked).finalMessage()])
      expect(message).toMatchObject({ content: [call], stop_reason: "tool_use" });
  });

  test.each([
    ["cut", { max_tokens: 3 }, {}, "max_tokens"],
    ["refused", {}, { fault: "refusal" }, "refusal"],
    ["empty", {}, { fault: "empty-answer" }, "end_turn"],
  ] as const)("an answer that is %s", async (_, more, fault, reason) => {
    const asked = { ...params, ...more, ...simulating({ ...fast, ...fault }) };
    for (const message of [await client.messages.create(asked), await client.messages.stream(asked).finalMessage()])
      expect(message.stop_reason).toBe(reason);
  });

  test("pings and types that it does not know", async () => {
    for (const fault of ["ping-events", "unknown-event"] as const) {
      const stream = client.messages.stream({ ...params, ...simulating({ ...fast, fault }) });
      expect(await stream.finalText()).toBe("You said: bonjour à tous");
    }
  });

  test("an error in the stream", async () => {
    const stream = client.messages.stream({ ...params, ...simulating({ ...fast, fault: "error-event" }) });
    expect(await failureOf(stream.finalMessage())).toMatchObject({
      error: { type: "error", error: { type: "api_error", message: "The model crashed." } },
    });
  });

  test("a stream that ends before its end", async () => {
    const stream = client.messages.stream({ ...params, ...simulating({ ...fast, fault: "end-before-first-token" }) });
    expect(await failureOf(stream.finalMessage())).toBeInstanceOf(Error);
  });

  test("refused requests", async () => {
    const wrong = new Anthropic({ baseURL, apiKey: "wrong", maxRetries: 0 });
    expect(await failureOf(wrong.messages.create(params))).toBeInstanceOf(Anthropic.AuthenticationError);
    expect(await failureOf(client.messages.create({ ...params, model: "none" }))).toBeInstanceOf(
      Anthropic.NotFoundError,
    );
    const refusal = async (status: number): Promise<unknown> =>
      failureOf(client.messages.create({ ...params, ...simulating({ fault: "status", status }) }));
    expect(await refusal(429)).toBeInstanceOf(Anthropic.RateLimitError);
    expect(await refusal(529)).toMatchObject({ status: 529, error: { error: { type: "overloaded_error" } } });
  });

  test("the server sees it leave, and stops", async () => {
    const simulate = { rate: 50, ttft_ms: 0, tokens: 100_000 };
    const stream = client.messages.stream({ ...params, max_tokens: 100_000, ...simulating(simulate) });
    for await (const { type } of stream) if (type === "content_block_delta") break;
    expect(await leftBy(simulator)).toBe(true);
  });

  test("the list of models", async () => {
    const ids = (await Array.fromAsync(client.models.list())).map(({ id }) => id);
    expect(ids).toEqual(["granite3.3:2b", "gemma3:4b", "qwen3:8b", "cogito:3b"]);
  });
});
