import { expect, test } from "bun:test";
import { estimateOf } from "../../src/batch/estimate.ts";
import { parseRequest } from "../../src/batch/request.ts";
import { API_KINDS, pathOf, type ApiKind } from "../../src/wire/apis.ts";

const NOTHING: Parameters<typeof estimateOf>[1] = { maxTokens: null, system: null };
const SAID = "x".repeat(400);

function estimate(line: object, settings = NOTHING) {
  const parsed = parseRequest(JSON.stringify(line), 1, "jsonl");
  if ("why" in parsed) throw new Error(parsed.why);
  return estimateOf(parsed.asked, settings);
}

const request = (api: ApiKind, body: object): object => ({
  custom_id: "a rather long name of a request, which no model reads",
  method: "POST",
  url: `/v1${pathOf(api)}`,
  body: { model: "m".repeat(100), metadata: { note: SAID }, ...body },
});

const PROMPTS: Record<ApiKind, object> = {
  chat: { messages: [{ role: "user", content: SAID }] },
  messages: { messages: [{ role: "user", content: [{ type: "text", text: SAID }] }] },
  responses: { input: SAID },
  completions: { prompt: SAID },
};

test.each([...API_KINDS])("a prompt is estimated by what the model reads, in %s", (api) => {
  const { prompt } = estimate(request(api, PROMPTS[api]));
  expect(prompt).toBeGreaterThanOrEqual(100);
  expect(prompt).toBeLessThanOrEqual(105);
});

test("the settings' system prompt belongs to a prompt, and to no body", () => {
  const settings = { maxTokens: 50, system: SAID };
  expect(estimate({ prompt: SAID }, settings)).toEqual({ prompt: 200, answer: 50 });
  expect(estimate(request("completions", PROMPTS.completions), settings)).toEqual({ prompt: 100, answer: 1024 });
});

test("an image counts as one, and not by its letters; a text that begins as one does is a text", () => {
  const image = { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(1_000_000)}` } };
  const body = { messages: [{ role: "user", content: [{ type: "text", text: SAID }, image] }] };
  const { prompt } = estimate(request("chat", body));
  expect(prompt).toBeGreaterThan(1000);
  expect(prompt).toBeLessThan(1200);
  expect(estimate({ prompt: `data: ${SAID}` }).prompt).toBe(102);
});

test("tools and schemas count with their names", () => {
  const tools = [
    { type: "function", function: { name: "f", parameters: { properties: { [SAID]: { type: "string" } } } } },
  ];
  expect(estimate(request("chat", { ...PROMPTS.chat, tools })).prompt).toBeGreaterThan(200);
});

test("the longest answer is what its parameters say, whatever they call it", () => {
  for (const name of ["max_tokens", "max_completion_tokens", "max_output_tokens"])
    expect(estimate(request("chat", { ...PROMPTS.chat, [name]: 7 })).answer).toBe(7);
  expect(estimate({ prompt: "a", max_tokens: 9 }, { maxTokens: 50, system: null }).answer).toBe(9);
});
