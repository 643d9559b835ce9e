import { describe, expect, test } from "bun:test";
import { chunk, DONE, finish, response, token } from "../fixtures/answers.ts";
import { startRawServer, type Exchange, type RawServer } from "../fixtures/raw-server.ts";
import { bench } from "./bench-made.ts";
import { runProgram } from "./program.ts";

const KEPT = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
const WHOLE = Buffer.concat([Buffer.from(KEPT), chunk(token("Bon") + token("jour") + finish() + DONE), chunk("")]);

/** A server that keeps connections open, and does this to the second request on each. */
function startStale(second: (exchange: Exchange) => void | Promise<void>): RawServer {
  let connections = 0;
  const server: RawServer = startRawServer(async (exchange) => {
    const isSecond = server.connections() === connections;
    connections = server.connections();
    if (isSecond) await second(exchange);
    else await exchange.write(WHOLE);
  });
  return server;
}

describe("a connection that the server closes while it is kept open is no failure of the service", () => {
  const ways: [name: string, second: (exchange: Exchange) => void | Promise<void>][] = [
    ["a reset", ({ reset }) => reset()],
    ["an end", ({ fin }) => fin()],
  ];
  for (const [name, second] of ways)
    test(`${name} is asked again on a new one, and counted apart`, async () => {
      await using server = startStale(second);
      const { code, whole, records } = await bench(server, "--requests", "6", "-j", "1", "--warmup", "0");
      expect(code).toBe(0);
      expect(whole.streams).toMatchObject({ ok: 6, failed: 0 });
      expect(whole.errors).toEqual([]);
      // Every other request is one that found its connection kept.
      expect(whole.trust).toMatchObject({ stale_connections: 3, retries: 0, retry_wait_ms: 0, notices: {} });
      expect(server.requests).toHaveLength(9);
      const again = records.find(({ attempts }) => attempts === 2);
      expect(again).toMatchObject({ verdict: "complete", text: "Bonjour", notices: ["stale_connection"] });
    });

  test("stream goes on, without --retries", async () => {
    await using server = startStale(({ reset }) => reset());
    const prompts = ["first question", "second question"];
    const { code, stdout } = await runProgram(["stream", "-e", server.url, "-j", "1", "--retries", "0", ...prompts]);
    expect(code).toBe(0);
    expect(stdout.match(/Bonjour/g)).toHaveLength(2);
    expect(server.requests).toHaveLength(3);
  });
});

describe("it is one", () => {
  test("where the new connection ends as well", async () => {
    await using server = startRawServer(({ number, write, reset }) => (number === 1 ? write(WHOLE) : reset()));
    const { whole } = await bench(server, "--requests", "2", "-j", "1", "--warmup", "0");
    expect(whole.streams).toMatchObject({ ok: 1, failed: 1 });
    expect(whole.errors).toMatchObject([{ kind: "reset", count: 1 }]);
    expect(whole.trust.stale_connections).toBe(1);
    expect(server.requests).toHaveLength(3);
  });

  test("where no connection is kept", async () => {
    const closing = Buffer.from(WHOLE.toString().replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    await using server = startRawServer(async ({ number, write, reset, fin }) => {
      if (number % 3 === 0) return reset();
      await write(closing);
      fin();
    });
    const { whole } = await bench(server, "--requests", "6", "-j", "1", "--warmup", "0");
    expect(whole.streams).toMatchObject({ ok: 4, failed: 2 });
    expect(whole.trust.stale_connections).toBe(0);
    expect(server.requests).toHaveLength(6);
  });

  test("where an answer had begun", async () => {
    const begun = Buffer.concat([Buffer.from(KEPT), chunk(token("Bon"))]);
    await using server = startStale(async ({ write, fin }) => (await write(begun), fin()));
    const { whole } = await bench(server, "--requests", "2", "-j", "1", "--warmup", "0");
    expect(whole.streams).toMatchObject({ ok: 1, failed: 1 });
    expect(whole.trust.stale_connections).toBe(0);
  });

  test("where the server refuses on the new connection", async () => {
    await using server = startRawServer(({ number, write, reset }) =>
      number === 1 ? write(WHOLE) : number === 2 ? reset() : write(response("503 Busy", "")),
    );
    const { whole } = await bench(server, "--requests", "2", "-j", "1", "--warmup", "0");
    expect(whole.errors).toMatchObject([{ kind: "http 503", count: 1 }]);
    expect(whole.trust.stale_connections).toBe(1);
  });
});
