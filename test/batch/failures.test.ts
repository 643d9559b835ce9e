import { describe, expect, test } from "bun:test";
import { refusalOf } from "../../src/batch/failures.ts";
import type { Failure } from "../../src/stream/event.ts";

const http = (status: number, message = "", code: string | null = null): Failure => ({
  kind: "http",
  status,
  message,
  code,
  html: false,
  refusedWait: null,
});
const ofOne = (failure: Failure): string | null => refusalOf(failure, "")?.of ?? null;
const same = (one: Failure, two: Failure): boolean => refusalOf(one, "")?.same === refusalOf(two, "")?.same;

describe("what a refusal says of other requests", () => {
  test.each<[string, Failure]>([
    ["404 with OpenAI's code", http(404, "The model `x` does not exist or you do not have access", "model_not_found")],
    ["404 of Ollama", http(404, 'model "x" not found, try pulling it first')],
    ["400 of LiteLLM", http(400, "Invalid model name passed in model=x")],
    ["400 without a code", http(400, "Invalid model: x")],
    ["403 for a model", http(403, "the model x is not available to you", "model_not_available")],
    ["422", http(422, "unknown model x")],
    ["500 of a server that says so there", http(500, "model x not found")],
    ["an error within the stream", { kind: "server_error", code: "model_not_found", message: "" }],
  ])("of those for the same model: %s", (_, failure) => {
    expect(ofOne(failure)).toBe("model");
  });

  test.each<[string, Failure]>([
    ["404 of nginx", http(404, "404 Not Found")],
    ["404 of FastAPI", http(404, "Not Found")],
    ["404 of Go", http(404, "404 page not found")],
    ["404 of OpenAI", http(404, "Invalid URL (POST /v1/v1/chat/completions)")],
    ["405", http(405, "Method Not Allowed")],
    ["403 without a word", http(403)],
    ["403 for a key", http(403, "Your API key does not have permission to use the resource", "permission_error")],
    ["403 for a country", http(403, "Country not supported", "unsupported_country_region_territory")],
    ["400 for a key, as Google has it", http(400, "API key not valid. Please pass a valid API key.")],
    ["a key that is refused within the stream", { kind: "server_error", code: "invalid_api_key", message: "" }],
    ["410", http(410, "Gone")],
    ["502 of a gateway", http(502, "Bad Gateway")],
    ["a page in place of a stream", { kind: "not_a_stream", contentType: "text/html", message: "<html>" }],
    ["what is no HTTP", { kind: "invalid_http", code: "X", trace: "", message: "" }],
    ["no headers at all", { kind: "timeout", phase: "open", after: 1, message: "" }],
  ])("of those to the same API: %s", (_, failure) => {
    expect(ofOne(failure)).toBe("api");
  });

  test.each<[string, Failure]>([
    ["a bad parameter", http(400, "max_tokens is too large", "invalid_value")],
    ["a prompt that is too long", http(400, "maximum context length is 4096 tokens", "context_length_exceeded")],
    ["a body that is too large", http(413, "too large")],
    ["a prompt that was moderated", http(403, "Your input was flagged by moderation")],
    ["a content policy", http(403, "blocked", "content_policy_violation")],
    ["a server that fails", http(500, "Internal Server Error")],
    ["a rate limit", http(429, "slow down")],
    ["a first token that does not come", { kind: "timeout", phase: "first_token", after: 1, message: "" }],
    ["a filter", { kind: "filtered", reason: "content_filter", message: "" }],
    ["an answer that broke off", { kind: "truncated", how: "end", code: null, message: "" }],
  ])("nothing of any: %s", (_, failure) => {
    expect(ofOne(failure)).toBeNull();
  });

  test("two are the same whatever instants and ids they name, and not whatever they say", () => {
    const said = (id: string): Failure => http(404, `Not Found (Request ID: req_${id}1, 2026-01-01T00:00:0${id}Z)`);
    expect([
      same(said("1"), said("2")),
      same(http(404, "a"), http(403, "a")),
      same(http(404, "a"), http(404, "b")),
    ]).toEqual([true, false, false]);
  });
});
