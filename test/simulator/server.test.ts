import { afterAll, expect, test } from "bun:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { chatRequest, exchange, httpRequest, parseResponse } from "./raw-client.ts";
import { bodyOf, provoke, startSpoken } from "./spoken.ts";

const simulator = startSpoken();
afterAll(() => simulator.stop());

const chat = { model: "m", messages: [{ role: "user", content: "hi" }], stream: true };

async function reply(request: string | Uint8Array): Promise<{ status: string; error: unknown }> {
  const { bytes, end } = await exchange(simulator.port, request);
  expect(end).toBe("fin");
  const { status, body } = parseResponse(bytes);
  const { error }: { error: unknown } = JSON.parse(body.toString());
  return { status, error };
}

test("a wrong request is told what is wrong with it", async () => {
  const post = (body: string): string => httpRequest("POST", "/v1/chat/completions", body);
  const invalid = { type: "invalid_request_error" };
  const cases: [string, object][] = [
    [post("{"), { message: "The request body is not a JSON object." }],
    [post("[]"), { message: "The request body is not a JSON object." }],
    [post('{"messages":[]}'), { param: "model" }],
    [post('{"model":"m"}'), { param: "messages" }],
    [post('{"model":"m","messages":[]}'), { param: "messages" }],
    [post('{"model":"m","messages":["hi"]}'), { param: "messages" }],
    [chatRequest({ ...chat, stream: "yes" }), { param: "stream" }],
    [chatRequest({ ...chat, max_tokens: 0 }), { param: "max_tokens" }],
  ];
  for (const [request, error] of cases) {
    expect(await reply(request)).toMatchObject({ status: "HTTP/1.1 400 Bad Request", error: { ...invalid, ...error } });
  }
});

test("a wrong simulate object is refused with what is accepted", async () => {
  const cases: [unknown, string][] = [
    ["reset", "'simulate' must be an object."],
    [{ fault: "resets" }, "'simulate.fault' must be one of: none, crlf, cr, "],
    [{ at: -1 }, "'simulate.at' must be a whole number from 0 to 100000000."],
    [{ at: 1.5 }, "'simulate.at' must be a whole number from 0 to 100000000."],
    [{ rate: "fast" }, "'simulate.rate' must be a number from 0 to 1000000000."],
    [{ jitter: 2 }, "'simulate.jitter' must be a number from 0 to 1."],
    [{ usage: true }, "'simulate.usage' must be one of: asked, always, null, every, on-finish, never."],
    [{ transfer: "length" }, "'simulate.transfer' must be one of: chunked, close."],
    [{ retry_after: "1\r\nX: y" }, "'simulate.retry_after' must be seconds or a date."],
    [{ location: "/a b" }, "'simulate.location' must be a URL without spaces."],
    [{ text: 5 }, "'simulate.text' must be a text."],
    [{ stamp: 1 }, "'simulate.stamp' must be true or false."],
    [{ speed: 5 }, "'simulate.speed' is not known; known are: fault, "],
  ];
  for (const [simulate, message] of cases) {
    const { status, error } = await reply(chatRequest({ ...chat, simulate }));
    expect(status).toBe("HTTP/1.1 400 Bad Request");
    expect(error).toMatchObject({ message: expect.stringContaining(message), param: "simulate" });
  }
});

test("an unknown model, path or method is refused in the API's words", async () => {
  expect(await reply(chatRequest({ ...chat, model: "n" }))).toMatchObject({
    status: "HTTP/1.1 404 Not Found",
    error: { code: "model_not_found", type: "invalid_request_error" },
  });
  expect(await reply(httpRequest("GET", "/"))).toMatchObject({ status: "HTTP/1.1 404 Not Found" });
  expect(await reply(httpRequest("GET", "/v1/chat/completions"))).toMatchObject({
    status: "HTTP/1.1 405 Method Not Allowed",
  });
});

test("with a key set, only that key is let in", async () => {
  const locked = startSimulator({ apiKey: "sesame" });
  const status = async (headers: string): Promise<string> =>
    parseResponse(
      (await exchange(locked.port, httpRequest("GET", "/v1/models", "", `Connection: close\r\n${headers}`))).bytes,
    ).status;
  expect(await status("")).toBe("HTTP/1.1 401 Unauthorized");
  expect(await status("Authorization: Bearer simsim\r\n")).toBe("HTTP/1.1 401 Unauthorized");
  expect(await status("Authorization: Bearer sesame\r\n")).toBe("HTTP/1.1 200 OK");
  await locked.stop();
});

test("models are listed in the API's shape, and may fail on their own", async () => {
  const [model, failing] = [startSpoken(), startSimulator({ modelsControl: { fault: "html-404" } })];
  const list = await fetch(`${model.url}/models`);
  expect(await list.json()).toMatchObject({ object: "list", data: [{ id: "m", object: "model", aliases: [] }] });
  const page = await fetch(`${failing.url}/models`);
  expect([page.status, page.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
  await Promise.all([model.stop(), failing.stop()]);
});

test("a good stream carries the headers of the API", async () => {
  const { headers } = parseResponse((await provoke(simulator, {})).bytes);
  expect(headers).toEqual({
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-ratelimit-limit-requests": "1000",
    "x-ratelimit-remaining-requests": "999",
    "x-ratelimit-reset-requests": "1750450272",
    "transfer-encoding": "chunked",
  });
});

test("usage comes in its own chunk when it was asked", async () => {
  const body = await bodyOf(simulator, {}, { stream_options: { include_usage: true } });
  expect(body.split("\n\n").at(-3)).toEndWith('"usage":{"prompt_tokens":1,"completion_tokens":4,"total_tokens":5}}');
});

test("a fault with `times` spares the requests after the first ones of the same prompt", async () => {
  const more = (content: string): object => ({ messages: [{ role: "user", content }] });
  const status = async (content: string): Promise<string> =>
    parseResponse((await provoke(simulator, { fault: "status", times: 2 }, undefined, more(content))).bytes).status;
  expect([await status("a"), await status("b"), await status("a"), await status("a"), await status("b")]).toEqual([
    "HTTP/1.1 500 Internal Server Error",
    "HTTP/1.1 500 Internal Server Error",
    "HTTP/1.1 500 Internal Server Error",
    "HTTP/1.1 200 OK",
    "HTTP/1.1 500 Internal Server Error",
  ]);
});

test("a fault of the server holds for every request that does not say none", async () => {
  const failing = startSimulator({ models: [{ id: "m", tokensPerSecond: 0, ttftMs: 0 }], fault: "status" });
  expect(parseResponse((await provoke(failing, {})).bytes).status).toBe("HTTP/1.1 500 Internal Server Error");
  expect(parseResponse((await provoke(failing, { fault: "none" })).bytes).status).toBe("HTTP/1.1 200 OK");
  await failing.stop();
});

test("a client that does not read holds the server, and loses nothing", async () => {
  let written = 0;
  const slow = startSimulator({
    models: [{ id: "m", tokensPerSecond: 0, ttftMs: 0 }],
    control: { tokens: 1_000_000, text: "one two three four", seed: 7 },
    onWrite: (_stream, _at, token) => void (written = token),
  });
  let bytes = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: slow.port,
    socket: {
      open(client) {
        client.write(chatRequest(chat));
        client.pause();
      },
      data: (_, read) => void (bytes += read.length),
      close: () => resolve(),
    },
  });
  await Bun.sleep(300);
  expect(written).toBeGreaterThan(0);
  expect(written).toBeLessThan(200_000);
  expect(slow.active()).toBe(1);
  socket.resume();
  await promise;
  expect(bytes).toBe(slow.requests()[0]?.bytesWritten ?? 0);
  expect(bytes).toBeGreaterThan(190_000_000);
  await slow.stop();
});

test("it remembers what it was asked and how that ended", async () => {
  const fresh = startSpoken();
  await exchange(fresh.port, chatRequest(chat, "Connection: close\r\nX-Mark: é\r\n"));
  await provoke(fresh, { fault: "stall" }, (bytes) => bytes.includes(" two"));
  while (fresh.active() > 0) await Bun.sleep(1);
  const [first, second] = fresh.requests();
  expect(first).toMatchObject({ stream: 0, method: "POST", path: "/v1/chat/completions", closedByClient: false });
  expect(first?.body).toBe(JSON.stringify(chat));
  expect(second).toMatchObject({ stream: 1, closedByClient: true });
  expect(fresh.peak()).toBe(1);
  await fresh.stop();
});

test("stopping ends the streams that run, and frees the port", async () => {
  const first = startSpoken();
  const pending = provoke(first, { fault: "stall" });
  while (first.active() === 0) await Bun.sleep(1);
  await first.stop();
  expect((await pending).end).toBe("reset");
  expect(first.requests()[0]?.closedByClient).toBe(false);
  const second = startSimulator({ port: first.port });
  expect(second.port).toBe(first.port);
  await second.stop();
});

test("faults by probability come in their share, and the same seed draws the same", async () => {
  const draw = async (): Promise<number[]> => {
    const mix = [{ fault: "status" as const, at: undefined, chance: 0.3 }];
    const simulator = startSimulator({ mix, control: { rate: 0, ttft_ms: 0, seed: 7, status: 503 } });
    const statuses: number[] = [];
    for (let request = 0; request < 100; request++) {
      const body = JSON.stringify({ model: "gemma3:4b", messages: [{ role: "user", content: "Hi" }] });
      const response = await fetch(`${simulator.url}/chat/completions`, { method: "POST", body });
      await response.text();
      statuses.push(response.status);
    }
    await simulator.stop();
    return statuses;
  };
  const first = await draw();
  const failed = first.filter((status) => status === 503).length;
  expect(failed).toBeGreaterThan(15);
  expect(failed).toBeLessThan(45);
  expect(await draw()).toEqual(first);
});
