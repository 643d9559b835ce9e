import { afterAll, expect, test } from "bun:test";
import { createHttpParser, type HttpProblem } from "../../src/simulator/http.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { chatRequest, exchange, httpRequest, parseResponse, wholeBody } from "./raw-client.ts";
import { DONE, events, four, one, role, startSpoken, stop, three, two } from "./spoken.ts";

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

test("what begins like no method, as a TLS handshake does, is refused before a line of it is there", async () => {
  const hello = Buffer.from("160301020001000001fc0303", "hex");
  for (const bytes of [hello, Buffer.from("\r\n"), Buffer.from("{")])
    expect(await reply(bytes)).toMatchObject({ status: "HTTP/1.1 400 Bad Request" });
});

test("a head that does not end in its time is refused; one that has ended, and a silent connection, are not", async () => {
  const problems: unknown[] = [];
  const requests: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const open = (onProblem: (problem: HttpProblem) => void) =>
    createHttpParser({ onRequest: ({ path }) => requests.push(path), onExpect: () => {}, onProblem }, 10, 20);
  const push = ({ push }: { push(bytes: Uint8Array): void }, text: string) => push(Buffer.from(text));
  open(unexpected);
  const whole = open(unexpected);
  push(whole, "GET /whole HTTP/1.1\r\nHo");
  push(whole, "st: x\r\n\r\n");
  const gone = open(unexpected);
  push(gone, "GET /gone HTTP/1.1\r\n");
  gone.close();
  const slow = open(({ status, message }) => (problems.push({ status, message }), resolve()));
  push(slow, "GET /slow HTTP/1.1\r\nHost: x\r\n");
  await promise;
  await Bun.sleep(60);
  push(slow, "\r\n");
  expect(problems).toEqual([{ status: 408, message: "the headers did not come in time" }]);
  expect(requests).toEqual(["/whole"]);
});

function unexpected({ message }: HttpProblem): never {
  throw new Error(message);
}

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
