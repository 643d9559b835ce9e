import { afterAll, expect, test } from "bun:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { chatRequest, exchange, httpRequest, parseResponse, wholeBody } from "./raw-client.ts";
import { bodyOf, DONE, events, four, one, provoke, role, startSpoken, stop, three, two } from "./spoken.ts";

const simulator = startSpoken();
afterAll(() => simulator.stop());

const good = events(role, one, two, three, four, stop, DONE);
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

test("one connection serves several requests, also when they come together", async () => {
  const kept = chatRequest(chat, "");
  const seen = await exchange(simulator.port, kept + kept + chatRequest(chat));
  const head = seen.bytes.subarray(0, seen.bytes.indexOf("\r\n\r\n") + 4).toString();
  expect(seen.end).toBe("fin");
  const responses = seen.bytes.toString().split(head).slice(1);
  expect(responses.map((body) => wholeBody(Buffer.from(body)))).toEqual([good, good, good]);
});

test("a chunked request body is read, whatever its chunks", async () => {
  const parts = JSON.stringify(chat).match(/.{1,7}/g) ?? [];
  const chunks = parts.map((part) => `${part.length.toString(16)};note=x\r\n${part}\r\n`).join("");
  const head =
    "POST /v1/chat/completions HTTP/1.1\r\nHost: test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
  const { bytes } = await exchange(simulator.port, `${head}${chunks}0\r\nTrailer: x\r\n\r\n`);
  expect(wholeBody(parseResponse(bytes).body)).toBe(good);
});

test("a client that waits for leave to send its body gets it", async () => {
  const body = JSON.stringify(chat);
  const head = httpRequest("POST", "/v1/chat/completions", body, "Expect: 100-continue\r\nConnection: close\r\n").slice(
    0,
    -body.length,
  );
  const read: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  await Bun.connect({
    hostname: "127.0.0.1",
    port: simulator.port,
    socket: {
      open: (socket) => void socket.write(head),
      data(socket, bytes) {
        read.push(Buffer.from(bytes));
        if (bytes.toString() === "HTTP/1.1 100 Continue\r\n\r\n") socket.write(body);
      },
      close: () => resolve(),
    },
  });
  await promise;
  expect(read[0]?.toString()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  expect(wholeBody(parseResponse(Buffer.concat(read.slice(1))).body)).toBe(good);
});

test("a large body arrives as it was sent, and one over the bound is refused", async () => {
  const text = Array.from({ length: 400_000 }, (_, i) => `word${i} `).join("");
  const large = { ...chat, messages: [{ role: "user", content: text }] };
  const echo = startSimulator({
    models: [{ id: "m", tokensPerSecond: 0, ttftMs: 0 }],
    answer: ({ prompt }) => String(Bun.hash(prompt)),
  });
  const { bytes } = await exchange(echo.port, chatRequest({ ...large, stream: false }));
  expect(parseResponse(bytes).body.toString()).toContain(`"content":"${Bun.hash(text)}"`);
  await echo.stop();
  const refused = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 67108865\r\n\r\n";
  expect(await reply(refused)).toMatchObject({ status: "HTTP/1.1 413 Content Too Large" });
});

test("what is no HTTP request is refused, and the connection ends", async () => {
  const cases: [string, string][] = [
    ["hello\r\n\r\n", "400 Bad Request"],
    ["GET /v1/models HTTP/1.1\r\n\r\n", "400 Bad Request"],
    ["GET /v1/models HTTP/1.1\r\nHost: x\r\nno header\r\n\r\n", "400 Bad Request"],
    ["POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400 Bad Request"],
    ["POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400 Bad Request"],
    ["POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400 Bad Request"],
    ["POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", "501 Not Implemented"],
    ["POST / HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nContent-Length: 1\r\n\r\n", "417 Expectation Failed"],
    [`GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(70_000)}\r\n\r\n`, "431 Request Header Fields Too Large"],
  ];
  for (const [request, status] of cases) expect((await reply(request)).status).toBe(`HTTP/1.1 ${status}`);
});

test("a request is understood wherever the network cuts it", async () => {
  const request = Buffer.from(chatRequest(chat));
  for (const at of [1, 20, request.indexOf("\r\n\r\n") + 2, request.length - 1]) {
    const read: Buffer[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port: simulator.port,
      socket: { data: (_, bytes) => void read.push(Buffer.from(bytes)), close: () => resolve() },
    });
    socket.setNoDelay(true);
    socket.write(request.subarray(0, at));
    await Bun.sleep(5);
    socket.write(request.subarray(at));
    await promise;
    expect(wholeBody(parseResponse(Buffer.concat(read)).body)).toBe(good);
  }
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
  const second = startSimulator({ port: first.port });
  expect(second.port).toBe(first.port);
  await second.stop();
});
