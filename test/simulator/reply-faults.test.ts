import { afterAll, expect, test } from "bun:test";
import type { Control } from "../../src/simulator/control.ts";
import type { FaultName } from "../../src/simulator/faults.ts";
import { HOSTILE } from "../../src/simulator/hostile.ts";
import { dechunk, parseResponse, type Response } from "./raw-client.ts";
import { bodyOf, DONE, events, four, one, provoke, role, startSpoken, stop, three, two } from "./spoken.ts";

const simulator = startSpoken();
afterAll(() => simulator.stop());

async function replyTo(control: Control, more = {}): Promise<Response> {
  const { bytes, end } = await provoke(simulator, control, undefined, more);
  expect(end).toBe("fin");
  return parseResponse(bytes);
}

function replies(
  fault: FaultName,
  sentence: string,
  expected: Response["status"],
  type: string,
  body: string,
  wish = {},
): void {
  test(`${fault}: ${sentence}`, async () => {
    const response = await replyTo({ fault, ...wish });
    expect(response.status).toBe(`HTTP/1.1 ${expected}`);
    expect(response.headers["content-type"]).toBe(type);
    expect(response.headers["content-length"]).toBe(String(Buffer.byteLength(body)));
    expect(response.body.toString()).toBe(body);
  });
}

const json = "application/json";
const html = "text/html; charset=utf-8";
const error = (fields: string): string => `{"error":{${fields}}}`;
const failed = error('"message":"The simulator answers 500.","type":"server_error"');

replies("status", "it is 500 unless chosen", "500 Internal Server Error", json, failed);
replies(
  "status",
  "429 is told as the API does",
  "429 Too Many Requests",
  json,
  error('"message":"Rate limit reached for requests.","type":"rate_limit_error","code":"rate_limit_exceeded"'),
  { status: 429 },
);
replies("status", "403 may say why", "403 Forbidden", json, error('"message":"No.","type":"permission_error"'), {
  status: 403,
  message: "No.",
});
replies("json-error-200", "an error object comes with 200", "200 OK", json, failed);
replies(
  "html-200",
  "a page comes in place of a stream",
  "200 OK",
  html,
  "<!doctype html>\n<title>Welcome</title>\n<p>It works!</p>\n",
);
replies("html-404", "a page says 404", "404 Not Found", html, "<!doctype html>\n<title>404 Not Found</title>\n");
replies(
  "text-200",
  "plain text comes in place of a stream",
  "200 OK",
  "text/plain; charset=utf-8",
  "The service is resting.\nCome back later.\n",
);
replies("empty-body", "a stream of no bytes", "200 OK", "text/event-stream", "");

test("status: it asks to wait as it was told to, in seconds or by a date", async () => {
  const seconds = await replyTo({ fault: "status", status: 429, retry_after: 2 });
  expect(seconds.headers["retry-after"]).toBe("2");
  const date = "Wed, 21 Oct 2026 07:28:00 GMT";
  expect((await replyTo({ fault: "status", status: 503, retry_after: date })).headers["retry-after"]).toBe(date);
});

test("status: it tells when the rate limit is lifted, in seconds since the epoch", async () => {
  const { headers } = await replyTo({ fault: "status", status: 429, rate_limit_reset: 30 });
  const wait = Number(headers["x-ratelimit-reset-requests"]) - Date.now() / 1000;
  expect(wait).toBeGreaterThan(20);
  expect(wait).toBeLessThan(32);
  expect(headers["x-ratelimit-remaining-requests"]).toBe("0");
});

test("status: without a wish there is no word of waiting", async () => {
  const { headers } = await replyTo({ fault: "status", status: 429 });
  expect(Object.keys(headers)).toEqual(["content-type", "content-length"]);
});

test("redirect: it points where it was told to, with the asked status", async () => {
  const plain = await replyTo({ fault: "redirect" });
  expect(plain.status).toBe("HTTP/1.1 302 Found");
  expect(plain.headers["location"]).toBe("https://elsewhere.invalid/v1/chat/completions");
  const chosen = await replyTo({ fault: "redirect", status: 308, location: "/v2" });
  expect(chosen.status).toBe("HTTP/1.1 308 Permanent Redirect");
  expect(chosen.headers["location"]).toBe("/v2");
});

test("whole-completion: the whole answer comes as JSON although a stream was asked", async () => {
  const response = await replyTo({ fault: "whole-completion" });
  const body: unknown = JSON.parse(response.body.toString());
  expect(response.headers["content-type"]).toBe(json);
  expect(body).toEqual({
    backend: { engine_type: "simulator", machine_name: "llmaas-simulator" },
    choices: [
      {
        finish_reason: "stop",
        index: 0,
        logprobs: null,
        message: { role: "assistant", content: "one two three four" },
      },
    ],
    created: 1_750_450_271,
    id: "chatcmpl-s3jky1oz31vyoa0qrb57dxfz",
    model: "m",
    object: "chat.completion",
    usage: { prompt_tokens: 1, completion_tokens: 4, total_tokens: 5 },
  });
});

test("hostile-error: the message holds escape sequences", async () => {
  const response = await replyTo({ fault: "hostile-error" });
  expect(response.status).toBe("HTTP/1.1 400 Bad Request");
  expect(JSON.parse(response.body.toString())).toMatchObject({ error: { message: HOSTILE.join("") } });
});

test("no-content: 204 has neither body nor length", async () => {
  expect((await provoke(simulator, { fault: "no-content" })).bytes.toString()).toBe("HTTP/1.1 204 No Content\r\n\r\n");
});

const good = events(role, one, two, three, four, stop, DONE);

test("refuse-stream-options: only a request that has them is refused, and they are named", async () => {
  const response = await replyTo({ fault: "refuse-stream-options" }, { stream_options: { include_usage: true } });
  expect(response.status).toBe("HTTP/1.1 400 Bad Request");
  expect(response.body.toString()).toBe(
    error(
      `"message":"Unknown parameter: 'stream_options'.","type":"invalid_request_error","param":"stream_options","code":"unsupported_parameter"`,
    ),
  );
  expect(await bodyOf(simulator, { fault: "refuse-stream-options" })).toBe(good);
});

test("refuse-max-tokens: only a request that has it is refused, with the other name", async () => {
  const response = await replyTo({ fault: "refuse-max-tokens" }, { max_tokens: 9 });
  expect(response.status).toBe("HTTP/1.1 400 Bad Request");
  expect(response.body.toString()).toBe(
    error(
      `"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"`,
    ),
  );
  expect(await bodyOf(simulator, { fault: "refuse-max-tokens" }, { max_completion_tokens: 9 })).toBe(good);
});

test("endless-error-body: the error is followed by blanks until the client leaves", async () => {
  const seen = await provoke(
    simulator,
    { fault: "endless-error-body", status: 503 },
    (bytes) => bytes.length > 200_000,
  );
  const { status, body } = parseResponse(seen.bytes);
  expect(seen.end).toBe("open");
  expect(status).toBe("HTTP/1.1 503 Service Unavailable");
  const text = Buffer.concat(dechunk(body).chunks).toString();
  expect(text.trimEnd()).toBe(error('"message":"The service is unavailable.","type":"service_unavailable_error"'));
  expect(text.length).toBeGreaterThan(100_000);
});

test("headers-only: the headers of a stream come, then nothing", async () => {
  const seen = await provoke(simulator, { fault: "headers-only" }, (bytes) => bytes.includes("\r\n\r\n"));
  const { status, headers, body } = parseResponse(seen.bytes);
  expect(seen.end).toBe("open");
  expect([status, headers["content-type"], body.length]).toEqual([
    "HTTP/1.1 200 OK",
    "text/event-stream; charset=utf-8",
    0,
  ]);
});

test("invalid-http: the answer is no HTTP, and the connection ends", async () => {
  const seen = await provoke(simulator, { fault: "invalid-http" });
  expect(seen).toMatchObject({ bytes: Buffer.from("SIMULATOR SAYS HELLO\r\n\r\n"), end: "fin" });
});

test("huge-headers: one header is as large as asked", async () => {
  const plain = parseResponse((await provoke(simulator, { fault: "huge-headers" })).bytes);
  expect(plain.headers["x-huge"]).toHaveLength(1024 * 1024);
  const chosen = parseResponse((await provoke(simulator, { fault: "huge-headers", bytes: 5 })).bytes);
  expect(chosen.headers["x-huge"]).toBe("xxxxx");
});

test("never-answer: no byte comes", async () => {
  const simulator = startSpoken();
  const before = simulator.requests().length;
  const pending = provoke(simulator, { fault: "never-answer" });
  while (simulator.requests().length === before) await Bun.sleep(1);
  await Bun.sleep(50);
  expect(simulator.requests().at(-1)?.bytesWritten).toBe(0);
  expect(simulator.active()).toBe(1);
  await simulator.stop();
  expect((await pending).bytes).toHaveLength(0);
});
