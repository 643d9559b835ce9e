import { afterAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { startSimulator } from "../../src/simulator/server.ts";
import { failureOf, leftBy, simulating } from "./clients.ts";

const simulator = startSimulator({
  apiKey: "right",
  answer: ({ prompt }) => `You said: ${prompt}`,
  reasoning: () => "Hm, well.",
});
afterAll(() => simulator.stop());

const client = new OpenAI({ baseURL: simulator.url, apiKey: "right", maxRetries: 0 });
const model = "granite3.3:2b";
const input = "bonjour à tous";
const fast = { rate: 0, ttft_ms: 0 };
const tools = [{ type: "function" as const, name: "forecast", parameters: {}, strict: false }];

describe("the openai package and the responses API:", () => {
  test("a whole answer", async () => {
    const simulate = { ...fast, reasoning_tokens: 2, cached_tokens: 2 };
    const response = await client.responses.create({ model, input, ...simulating(simulate) });
    expect(response.output_text).toBe("You said: bonjour à tous");
    expect([response.status, response.error, response.incomplete_details]).toEqual(["completed", null, null]);
    expect(response.output.map(({ type }) => type)).toEqual(["reasoning", "message"]);
    expect(response.usage).toMatchObject({
      input_tokens: 4,
      input_tokens_details: { cached_tokens: 2 },
      output_tokens: 8,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 12,
    });
  });

  test("a stream, event by event", async () => {
    const stream = await client.responses.create({ model, input, stream: true, ...simulating(fast) });
    let text = "";
    let last = -1;
    for await (const event of stream) {
      expect(event.sequence_number).toBe(++last);
      if (event.type === "response.output_text.delta") text += event.delta;
      if (event.type === "response.completed") expect(event.response.output).toMatchObject([{ content: [{ text }] }]);
    }
    expect(text).toBe("You said: bonjour à tous");
  });

  test("the helper that puts a stream together, with reasoning", async () => {
    const simulate = { ...fast, reasoning_tokens: 3 };
    const response = await client.responses.stream({ model, input, ...simulating(simulate) }).finalResponse();
    expect(response.output_text).toBe("You said: bonjour à tous");
    expect(response.output[0]).toMatchObject({ type: "reasoning", content: [{ text: "Hm, well" }] });
    expect(response.usage?.output_tokens_details.reasoning_tokens).toBe(3);
  });

  test("a call of a tool, streamed and whole", async () => {
    const params = { model, input, tools, ...simulating({ ...fast, fault: "tool-calls" }) };
    const call = { type: "function_call", name: "forecast", arguments: '{"city":"Paris","days":3}' };
    expect((await client.responses.stream(params).finalResponse()).output).toMatchObject([call]);
    expect((await client.responses.create(params)).output).toMatchObject([call]);
  });

  test("an answer that was cut", async () => {
    const params = { model, input, max_output_tokens: 3, ...simulating(fast) };
    for (const response of [
      await client.responses.create(params),
      await client.responses.stream(params).finalResponse(),
    ])
      expect(response).toMatchObject({
        status: "incomplete",
        incomplete_details: { reason: "max_output_tokens" },
        output_text: "You said:",
      });
  });

  test("a refusal", async () => {
    const params = { model, input, ...simulating({ ...fast, fault: "refusal" }) };
    const [message] = (await client.responses.stream(params).finalResponse()).output;
    expect(message).toMatchObject({ content: [{ type: "refusal", refusal: "You said: bonjour à tous" }] });
  });

  test("a stream that fails, told by response.failed or by an error", async () => {
    const params = { model, input, stream: true } as const;
    const told = await client.responses.create({ ...params, ...simulating({ ...fast, fault: "error-object" }) });
    const events = await Array.fromAsync(told);
    expect(events.at(-1)).toMatchObject({
      type: "response.failed",
      response: { status: "failed", error: { code: "server_error", message: "The model crashed." } },
    });
    const called = await client.responses.create({ ...params, ...simulating({ ...fast, fault: "error-event" }) });
    expect(await failureOf(Array.fromAsync(called))).toBeInstanceOf(OpenAI.APIError);
  });

  test("refused requests", async () => {
    const wrong = new OpenAI({ baseURL: simulator.url, apiKey: "wrong", maxRetries: 0 });
    expect(await failureOf(wrong.responses.create({ model, input }))).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(await failureOf(client.responses.create({ model: "granite", input }))).toMatchObject({
      status: 404,
      code: "model_not_found",
    });
    const simulate = { fault: "status", status: 429 } as const;
    expect(await failureOf(client.responses.create({ model, input, ...simulating(simulate) }))).toBeInstanceOf(
      OpenAI.RateLimitError,
    );
  });

  test("the server sees it leave, and stops", async () => {
    const simulate = { rate: 50, ttft_ms: 0, tokens: 100_000 };
    const stream = await client.responses.create({ model, input, stream: true, ...simulating(simulate) });
    for await (const { type } of stream) if (type === "response.output_text.delta") break;
    expect(await leftBy(simulator)).toBe(true);
  });
});

describe("the openai package and completions:", () => {
  const prompt = "bonjour à tous";

  test("a whole answer, and one that was cut", async () => {
    const whole = await client.completions.create({ model, prompt, ...simulating(fast) });
    expect(whole.choices).toMatchObject([{ text: "You said: bonjour à tous", finish_reason: "stop" }]);
    expect(whole.usage).toMatchObject({ prompt_tokens: 4, completion_tokens: 6, total_tokens: 10 });
    const cut = await client.completions.create({ model, prompt, max_tokens: 2, ...simulating(fast) });
    expect(cut.choices).toMatchObject([{ text: "You said", finish_reason: "length" }]);
  });

  test("a stream with its usage", async () => {
    const stream = await client.completions.create({
      model,
      prompt,
      stream: true,
      stream_options: { include_usage: true },
      ...simulating(fast),
    });
    const chunks = await Array.fromAsync(stream);
    expect(chunks.map(({ choices }) => choices[0]?.text ?? "").join("")).toBe("You said: bonjour à tous");
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("stop");
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(6);
  });

  test("errors, in the stream and in place of it", async () => {
    const params = { model, prompt, stream: true } as const;
    const stream = await client.completions.create({ ...params, ...simulating({ ...fast, fault: "error-object" }) });
    expect(await failureOf(Array.fromAsync(stream))).toBeInstanceOf(OpenAI.APIError);
    const simulate = { fault: "status", status: 503 } as const;
    expect(await failureOf(client.completions.create({ ...params, ...simulating(simulate) }))).toMatchObject({
      status: 503,
    });
    const tool = { ...params, ...simulating({ fault: "tool-calls" }) };
    expect(await failureOf(client.completions.create(tool))).toBeInstanceOf(OpenAI.BadRequestError);
  });

  test("the server sees it leave, and stops", async () => {
    const simulate = { rate: 50, ttft_ms: 0, tokens: 100_000 };
    const stream = await client.completions.create({ model, prompt, stream: true, ...simulating(simulate) });
    for await (const { choices } of stream) if (choices[0]?.text) break;
    expect(await leftBy(simulator)).toBe(true);
  });
});
