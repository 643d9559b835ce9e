import { afterAll, expect, test } from "bun:test";
import OpenAI from "openai";
import { startSimulator } from "../../src/simulator/server.ts";
import { failureOf, leftBy } from "./clients.ts";

const simulator = startSimulator({ apiKey: "right", answer: ({ prompt }) => `You said: ${prompt}` });
afterAll(() => simulator.stop());

const client = new OpenAI({ baseURL: simulator.url, apiKey: "right", maxRetries: 0 });
const messages = [{ role: "user" as const, content: "bonjour à tous" }];
const model = "granite3.3:2b";
const fast = { simulate: { rate: 0, ttft_ms: 0 } };

test("the openai package streams an answer with its usage", async () => {
  const stream = await client.chat.completions.create({
    ...fast,
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let reason: string | null = null;
  let tokens: number | undefined;
  for await (const { choices, usage } of stream) {
    text += choices[0]?.delta.content ?? "";
    reason = choices[0]?.finish_reason ?? reason;
    tokens = usage?.completion_tokens ?? tokens;
  }
  expect(text).toBe("You said: bonjour à tous");
  expect(reason).toBe("stop");
  expect(tokens).toBe(6);
});

test("the openai package gets a whole answer", async () => {
  const { choices, usage } = await client.chat.completions.create({ ...fast, model, messages });
  expect(choices[0]?.message.content).toBe("You said: bonjour à tous");
  expect(choices[0]?.finish_reason).toBe("stop");
  expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + 6);
});

test("the openai package puts the fragments of a tool call together", async () => {
  const tools = [{ type: "function" as const, function: { name: "forecast", parameters: {} } }];
  const simulate = { ...fast.simulate, fault: "tool-calls" };
  const params = { model, messages, tools, simulate };
  const { choices } = await client.chat.completions.stream(params).finalChatCompletion();
  const [call] = choices[0]?.message.tool_calls ?? [];
  expect(call?.type === "function" && call.function).toMatchObject({
    name: "forecast",
    arguments: '{"city":"Paris","days":3}',
  });
});

test("the server sees the openai package abort, and stops", async () => {
  const endless = { simulate: { rate: 50, ttft_ms: 0, tokens: 100_000 } };
  const stream = await client.chat.completions.create({ ...endless, model, messages, stream: true });
  for await (const { choices } of stream) if (choices[0]?.delta.content) break;
  expect(await leftBy(simulator)).toBe(true);
});

test("the openai package understands errors", async () => {
  const wrong = new OpenAI({ baseURL: simulator.url, apiKey: "wrong", maxRetries: 0 });
  const busy = { simulate: { fault: "status", status: 429, retry_after: 1 } };
  expect(await failureOf(wrong.chat.completions.create({ model, messages }))).toBeInstanceOf(
    OpenAI.AuthenticationError,
  );
  expect(await failureOf(client.chat.completions.create({ model: "granite", messages }))).toMatchObject({
    status: 404,
    code: "model_not_found",
  });
  const limited = await failureOf(client.chat.completions.create({ ...busy, model, messages }));
  expect(limited).toBeInstanceOf(OpenAI.RateLimitError);
  expect(limited).toMatchObject({ code: "rate_limit_exceeded", type: "rate_limit_error" });
});

test("the openai package lists the models", async () => {
  const ids: string[] = [];
  for await (const { id } of client.models.list()) ids.push(id);
  expect(ids).toEqual(["granite3.3:2b", "gemma3:4b", "qwen3:8b", "cogito:3b"]);
});
