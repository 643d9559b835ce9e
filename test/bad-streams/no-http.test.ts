import { describe, expect, test } from "bun:test";
import { CHUNKED, chunked, token } from "../fixtures/answers.ts";
import { ask } from "./ask.ts";

describe("what is no HTTP failed as invalid_http, once, with what to check:", () => {
  const rows: [string, string | Uint8Array][] = [
    ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n"],
    ["a status that is no number", "HTTP/1.1 abc\r\n\r\n"],
    ["a header without a colon", "HTTP/1.1 200 OK\r\nBad Header\r\n\r\n"],
    ["a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n"],
    ["an upgrade nobody asked for", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
    ["5000 headers", `HTTP/1.1 200 OK\r\n${"X-A: b\r\n".repeat(5000)}\r\n`],
    ["broken chunks before any token", Buffer.concat([Buffer.from(CHUNKED), Buffer.from("zz\r\n")])],
  ];
  for (const [name, bytes] of rows) {
    test(`${name}`, async () => {
      const { record } = await ask(bytes);
      expect(record).toMatchObject({ verdict: "failed", error: { kind: "invalid_http" }, attempts: 1, text: "" });
      expect(record.error?.message).toContain("HTTP");
    });
  }

  test("broken chunks after a token, whose text is kept", async () => {
    const { record } = await ask(async ({ write, seen, fin }) => {
      await write(chunked(token("a")));
      await seen("delta");
      await write("5\r\nhelloXX");
      fin();
    });
    expect(record).toMatchObject({ verdict: "failed", error: { kind: "invalid_http" }, text: "a", attempts: 1 });
  });
});
