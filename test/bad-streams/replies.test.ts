import { describe, expect, test } from "bun:test";
import { type Answer, startRawServer } from "../fixtures/raw-server.ts";
import { ask } from "./ask.ts";
import { DONE, event, finish, HEAD, response, token } from "../fixtures/answers.ts";

const JSON_TYPE = "Content-Type: application/json\r\n";

describe("a 200 that holds JSON", () => {
  test("with an error object failed with its message, and is not asked again", async () => {
    const body = JSON.stringify({ error: { message: "model is loading", code: "loading" } });
    for (const type of [JSON_TYPE, "Content-Type: text/event-stream\r\n", ""]) {
      const { record } = await ask(response("200 OK", type, body));
      expect(record).toMatchObject({
        verdict: "failed",
        error: { kind: "server_error", code: "loading" },
        attempts: 1,
      });
      expect(record.error?.message).toContain("model is loading");
    }
  });

  test("with a whole completion is shown at once, complete, and a notice says that it was not streamed", async () => {
    const message = { role: "assistant", content: "né 𝄞\n" };
    const body = JSON.stringify({
      choices: [{ index: 0, message, finish_reason: "stop" }],
      usage: { completion_tokens: 5, prompt_tokens: 2 },
    });
    const { record } = await ask(response("200 OK", JSON_TYPE, body));
    expect(record).toMatchObject({ verdict: "complete", text: "né 𝄞\n", tokens: 5, notices: ["not_streamed"] });
    const pretty = JSON.stringify(JSON.parse(body), null, 2);
    const dripped = await ask(async ({ write, drip, fin }) => {
      await write(`HTTP/1.1 200 OK\r\n${JSON_TYPE}Connection: close\r\n\r\n`);
      await drip(pretty.match(/.{1,40}/gsu) ?? [], 2);
      fin();
    });
    expect(dripped.record).toMatchObject({ verdict: "complete", text: "né 𝄞\n", notices: ["not_streamed"] });
  });

  test("with a completion cut by length, or that is filtered or empty, gets the verdict of its finish_reason", async () => {
    for (const [reason, content, verdict] of [
      ["length", "a", "length"],
      ["content_filter", "a", "filtered"],
      ["stop", "", "empty"],
    ]) {
      const body = JSON.stringify({ choices: [{ message: { content }, finish_reason: reason }] });
      const { record } = await ask(response("200 OK", JSON_TYPE, body));
      expect(record).toMatchObject({ verdict, text: content, attempts: 1 });
    }
  });

  test("that is no completion, or is cut, failed with its type and its first line", async () => {
    for (const body of ['{"hello":"world"}', "[1,2]", '{"choices":[{"message":{"content":"a']) {
      const { record } = await ask(response("200 OK", JSON_TYPE, body));
      expect(record).toMatchObject({ verdict: "failed", error: { kind: "not_a_stream" }, text: "", attempts: 1 });
      expect(record.error?.message).toContain("application/json");
      expect(record.error?.message).toContain(body);
    }
  });

  test("with tool calls is complete", async () => {
    const call = { id: "c", function: { name: "clock", arguments: "{}" } };
    const body = { choices: [{ message: { content: null, tool_calls: [call] }, finish_reason: "tool_calls" }] };
    const { record } = await ask(response("200 OK", JSON_TYPE, JSON.stringify(body)));
    expect(record).toMatchObject({ verdict: "complete", tool_calls: [{ name: "clock", invalid: false }] });
  });
});

describe("a 200 that is no stream failed, is not asked again, and is quoted with its type:", () => {
  const rows: [string, string, string, string][] = [
    ["HTML", "text/html", "<!doctype html>\n<title>Login</title>", "<!doctype html>"],
    ["HTML called a stream", "text/event-stream", "<html>gateway</html>", "<html>gateway</html>"],
    ["plain text", "text/plain", "upstream is down\nsorry", "upstream is down"],
    ["plain text called a stream", "text/event-stream", "upstream is down\nsorry", "upstream is down"],
    ["a long line", "text/plain", "long ".repeat(100), "long ".repeat(40).trim()],
  ];
  for (const [name, type, body, quoted] of rows) {
    test(`${name}`, async () => {
      const { record } = await ask(response("200 OK", `Content-Type: ${type}\r\n`, body));
      expect(record).toMatchObject({ verdict: "failed", error: { kind: "not_a_stream" }, attempts: 1, text: "" });
      expect(record.error?.message).toContain(type);
      expect(record.error?.message).toContain(quoted);
      expect(record.error?.message.length).toBeLessThan(500);
    });
  }

  test("HTML without a line end that never stops is not read for long", async () => {
    let written = 0;
    const { record } = await ask(async (exchange) => {
      await exchange.write("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>");
      while (!exchange.gone()) await exchange.write("x".repeat(64 * 1024));
      written = Math.max(written, exchange.written());
    });
    expect(record).toMatchObject({ verdict: "failed", error: { kind: "not_a_stream" } });
    expect(written).toBeLessThan(16 * 1024 * 1024);
  });
});

describe("a stream with the wrong content type, or none, is read, with a notice:", () => {
  for (const type of ["Content-Type: text/plain\r\n", "Content-Type: application/json\r\n", ""]) {
    test(`${type.trim() || "none"}`, async () => {
      const body = `: hello\n\n${token("a")}${finish()}${DONE}`;
      const { record, shown } = await ask(response("200 OK", type, body));
      expect(record).toMatchObject({ verdict: "complete", text: "a", notices: ["content_type"] });
      expect(shown).toContain("text/event-stream");
    });
  }

  test("a content type with parameters and capitals is the right one", async () => {
    const { record } = await ask(
      response("200 OK", "Content-Type: Text/Event-Stream; Charset=UTF-8\r\n", token("a") + finish()),
    );
    expect(record).toMatchObject({ verdict: "complete", notices: [] });
  });
});

describe("a success without any content failed, and is not asked again:", () => {
  const rows: [string, string | Uint8Array, number][] = [
    ["204", "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", 204],
    ["200 of length 0", response("200 OK", "Content-Type: text/event-stream\r\n"), 200],
    ["200 that ends at once", HEAD, 200],
    ["201 of length 0", response("201 Created", JSON_TYPE), 201],
  ];
  for (const [name, bytes, status] of rows) {
    test(`${name}`, async () => {
      const { record } = await ask(bytes);
      expect(record).toMatchObject({ verdict: "failed", error: { kind: "no_content", status }, attempts: 1 });
      expect(record.error?.message).toContain(String(status));
    });
  }
});

describe("a redirect is not followed, names where it points, and the other server gets nothing:", () => {
  for (const status of [301, 302, 303, 307, 308]) {
    test(`${status}`, async () => {
      await using other = startRawServer(({ fin }) => fin());
      const location = `${other.url}/elsewhere`;
      const head = `Location: ${location}\r\n`;
      const { record, requests } = await ask(response(`${status} Moved`, head, event({ error: "moved" })));
      expect(record).toMatchObject({ verdict: "failed", error: { kind: "redirect", status }, attempts: 1 });
      expect(record.error?.message).toContain(location);
      expect(requests).toHaveLength(1);
      expect(other.connections()).toBe(0);
    });
  }

  test("one without a Location, and one with an endless body, end too", async () => {
    const endless: Answer = async (exchange) => {
      await exchange.write("HTTP/1.1 302 Found\r\nLocation: /x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
      await exchange.left;
    };
    for (const answer of [response("302 Found", ""), endless]) {
      const { record } = await ask(answer);
      expect(record).toMatchObject({ verdict: "failed", error: { kind: "redirect", status: 302 } });
    }
  });
});
