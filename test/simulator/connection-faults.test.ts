import { afterAll, expect, test } from "bun:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { FaultName } from "../../src/simulator/faults.ts";
import { dechunk, parseResponse, wholeBody } from "./raw-client.ts";
import { bodyOf, delta, DONE, events, four, one, provoke, role, startSpoken, stop, three, two } from "./spoken.ts";

const simulator = startSpoken();
afterAll(() => simulator.stop());

const good = events(role, one, two, three, four, stop, DONE);
const before = events(role, one, two);

/** What the whole chunks held, and the bytes after them. */
function partly(bytes: Buffer): { text: string; rest: string } {
  const { chunks, rest } = dechunk(parseResponse(bytes).body);
  return { text: Buffer.concat(chunks).toString(), rest };
}

test("no-content-type: the stream is good but has no type", async () => {
  const response = parseResponse((await provoke(simulator, { fault: "no-content-type" })).bytes);
  expect(response.headers["content-type"]).toBeUndefined();
  expect(wholeBody(response.body)).toBe(good);
});

test("wrong-content-type: the stream is good but calls itself text/plain", async () => {
  const response = parseResponse((await provoke(simulator, { fault: "wrong-content-type" })).bytes);
  expect(response.headers["content-type"]).toBe("text/plain");
  expect(wholeBody(response.body)).toBe(good);
});

test("hostile-header: a header holds C1 controls", async () => {
  const response = parseResponse((await provoke(simulator, { fault: "hostile-header" })).bytes);
  expect(response.headers["x-note"]).toBe("evil\u009b31m\u009d52;c;aGk=\u009c");
  expect(wholeBody(response.body)).toBe(good);
});

const decoders = { gzip: gunzipSync, br: brotliDecompressSync, zstd: Bun.zstdDecompressSync };

function encodes(fault: FaultName, encoding: keyof typeof decoders): void {
  test(`${fault}: the stream is readable with ${encoding}, one chunk for each event`, async () => {
    const response = parseResponse((await provoke(simulator, { fault })).bytes);
    const { chunks, rest } = dechunk(response.body);
    expect(response.headers["content-encoding"]).toBe(encoding);
    expect(decoders[encoding](Buffer.concat(chunks)).toString()).toBe(good);
    expect(chunks.filter((chunk) => chunk.includes("data: "))).toHaveLength(7);
    expect(rest).toBe("0\r\n\r\n");
  });
  test(`${fault}: fetch reads it too`, async () => {
    const simulate = { fault };
    const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }], stream: true, simulate });
    const response = await fetch(`${simulator.url}/chat/completions`, { method: "POST", body });
    expect(await response.text()).toBe(good);
  });
}

encodes("gzip", "gzip");
encodes("brotli", "br");
encodes("zstd", "zstd");

test("corrupt-gzip: a block of a reserved type stands before the token", async () => {
  const { bytes } = await provoke(simulator, { fault: "corrupt-gzip" });
  const { chunks } = dechunk(parseResponse(bytes).body);
  expect(chunks[3]).toEqual(Buffer.from([7, 255, 255, 255, 255, 255, 255, 255]));
  expect(() => gunzipSync(Buffer.concat(chunks))).toThrow();
});

test("stall: nothing follows the tokens before it", async () => {
  const seen = await provoke(simulator, { fault: "stall" }, (bytes) => bytes.includes(" two"));
  expect(seen.end).toBe("open");
  expect(partly(seen.bytes)).toEqual({ text: before, rest: "" });
});

test("stall: with a time it goes on afterwards, not earlier", async () => {
  const start = performance.now();
  expect(await bodyOf(simulator, { fault: "stall", ms: 80 })).toBe(good);
  expect(performance.now() - start).toBeGreaterThanOrEqual(80);
});

function fills(fault: FaultName, filler: string): void {
  test(`${fault}: the pause is filled`, async () => {
    const rest = events(three, four, stop, DONE);
    expect(await bodyOf(simulator, { fault, ms: 200 })).toBe(before + filler + filler + rest);
  });
}

fills("stall-with-comments", ": keep-alive\n\n");
fills("stall-with-pings", "event: ping\n\n");
fills("stall-with-empty-data", "data:\n\n");

test("drip: each byte is a write and a chunk of its own", async () => {
  const seen = await provoke(simulator, { fault: "drip", tokens: 1, ms: 0.1 });
  const { chunks, rest } = dechunk(parseResponse(seen.bytes).body);
  expect(chunks.every((chunk) => chunk.length === 1)).toBe(true);
  expect(Buffer.concat(chunks).toString() + rest).toBe(`${events(role, one, stop, DONE)}0\r\n\r\n`);
});

test("split: every event is cut at the asked byte, also inside a character", async () => {
  const at = Buffer.byteLength('data: {"choices":[{"delta":{"content":"') + 2;
  const seen = await provoke(simulator, { fault: "split", text: "👩", offset: at, ms: 1 });
  const { chunks } = dechunk(parseResponse(seen.bytes).body);
  expect(chunks[2]).toHaveLength(at);
  expect(chunks[2]?.subarray(-2)).toEqual(Buffer.from([0xf0, 0x9f]));
  expect(Buffer.concat(chunks).toString()).toBe(events(role, delta('{"content":"👩"}'), stop, DONE));
});

test("huge-event: one event has the asked size, and the stream goes on", async () => {
  const huge = events(delta(`{"content":"x${"x".repeat(200_000)}"}`));
  expect(await bodyOf(simulator, { fault: "huge-event", bytes: 200_000 })).toBe(
    before + huge + events(three, four, stop, DONE),
  );
});

test("huge-event: it is 64 MiB unless asked otherwise", async () => {
  const seen = await provoke(simulator, { fault: "huge-event" });
  expect(wholeLength(seen.bytes)).toBe(good.length + events(delta('{"content":"x"}')).length + 64 * 1024 * 1024);
});

function wholeLength(bytes: Buffer): number {
  return dechunk(parseResponse(bytes).body).chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

function long(fault: FaultName, field: string): void {
  test(`${fault}: the line goes on until the client leaves`, async () => {
    let size = 0;
    const seen = await provoke(simulator, { fault }, (bytes) => (size = bytes.length) > 1_000_000);
    expect(seen.end).toBe("open");
    expect(size).toBeGreaterThan(1_000_000);
    expect(partly(seen.bytes).text.replace(/x+$/, "")).toBe(before + field);
  });
  test(`${fault}: with a size the line ends and the stream goes on`, async () => {
    const line = `${field}${"x".repeat(100_000)}\n\n`;
    expect(await bodyOf(simulator, { fault, bytes: 100_000 })).toBe(before + line + events(three, four, stop, DONE));
  });
}

long("endless-line", "data: ");
long("endless-line-without-field", "");

test("reset: the connection is reset after the tokens before it", async () => {
  const seen = await provoke(simulator, { fault: "reset" });
  expect(seen.end).toBe("reset");
  expect(partly(seen.bytes)).toEqual({ text: before, rest: "" });
});

test("reset: it may come before the first token", async () => {
  const seen = await provoke(simulator, { fault: "reset", at: 0 });
  expect(seen.end).toBe("reset");
  expect(partly(seen.bytes).text).toBe(events(role));
});

test("reset: without chunks only the reset is left to see", async () => {
  const seen = await provoke(simulator, { fault: "reset", transfer: "close" });
  expect(seen.end).toBe("reset");
  expect(parseResponse(seen.bytes).body.toString()).toBe(before);
});

test("close: the body ends as it should, but too early", async () => {
  expect(await bodyOf(simulator, { fault: "close" })).toBe(before);
});

test("close: without chunks the connection's end is the body's", async () => {
  const seen = await provoke(simulator, { fault: "close", transfer: "close" });
  expect(seen.end).toBe("fin");
  expect(parseResponse(seen.bytes).headers["connection"]).toBe("close");
  expect(parseResponse(seen.bytes).body.toString()).toBe(before);
});

test("cut-chunk: the connection ends in the middle of a chunk", async () => {
  const seen = await provoke(simulator, { fault: "cut-chunk" });
  const event = events(three);
  const chunk = `${event.length.toString(16)}\r\n${event}\r\n`;
  expect(seen.end).toBe("fin");
  expect(partly(seen.bytes)).toEqual({ text: before, rest: chunk.slice(0, chunk.length >> 1) });
});

test("cut-length: the connection ends long before the length it claimed", async () => {
  const seen = await provoke(simulator, { fault: "cut-length" });
  const response = parseResponse(seen.bytes);
  expect(seen.end).toBe("fin");
  expect(response.headers["content-length"]).toBe("100000000");
  expect(response.headers["transfer-encoding"]).toBeUndefined();
  expect(response.body.toString()).toBe(before);
});

test("cut-mid-event: the body ends well in the middle of an event", async () => {
  const event = events(three);
  expect(await bodyOf(simulator, { fault: "cut-mid-event" })).toBe(before + event.slice(0, event.length >> 1));
});

test("end-before-first-token: only the role and a comment come", async () => {
  expect(await bodyOf(simulator, { fault: "end-before-first-token" })).toBe(`${events(role)}: nothing comes\n\n`);
});
