import { describe, expect, test } from "bun:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { CHUNKED, GOOD, HEAD, response } from "../../fixtures/answers.ts";
import type { Answer } from "../../fixtures/raw-server.ts";
import { runOnce } from "./ask.ts";

const BODY = Buffer.from(GOOD.slice(HEAD.length));

/** The bytes with their middle and end spoilt. */
function spoilt(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, at) => (at < 12 ? byte : byte ^ 0x5a));
}

function compressed(coding: string, bytes: Uint8Array): Answer {
  return async ({ write, fin }) => {
    await write(response("200 OK", `Content-Type: text/event-stream\r\nContent-Encoding: ${coding}\r\n`, bytes));
    fin();
  };
}

/** The runtime's own lines, and its advice to who programs with it. */
const RUNTIME = /Decompression error|verbose: true|fetch\(\)|Is the computer able/;

describe("no line of the runtime's own is shown", () => {
  const rows: [name: string, answer: Answer, verdict: string][] = [
    ["corrupt gzip", compressed("gzip", spoilt(gzipSync(BODY))), "encoding"],
    ["corrupt deflate", compressed("deflate", spoilt(deflateSync(BODY))), "encoding"],
    ["corrupt br", compressed("br", spoilt(brotliCompressSync(BODY))), "encoding"],
    ["corrupt zstd", compressed("zstd", spoilt(zstdCompressSync(BODY))), "encoding"],
    ["cut gzip", compressed("gzip", gzipSync(BODY).subarray(0, 40)), "encoding"],
    ["a text that is called gzip", compressed("gzip", BODY), "encoding"],
    ["a reset", ({ reset }) => reset(), "reset"],
    ["a cut answer", async ({ write, reset }) => (await write(CHUNKED), await write("5\r\nab"), reset()), "reset"],
    ["broken chunks", async ({ write, fin }) => (await write(`${CHUNKED}zz\r\n`), fin()), "invalid_http"],
  ];
  for (const [name, answer, kind] of rows)
    test(name, async () => {
      for (const args of [["--debug", "--json"], []]) {
        const { outcome } = await runOnce(answer, [...args, "--retries", "0"]);
        expect(outcome.code).toBe(1);
        expect(outcome.stdout + outcome.stderr).not.toMatch(RUNTIME);
        if (args.length > 0) expect(outcome.stdout).toContain(`"kind":"${kind}"`);
      }
    });
});

test("what is compressed, even in several layers or as bare deflate, is read", async () => {
  const rows: [coding: string, bytes: Uint8Array][] = [
    ["gzip", gzipSync(BODY)],
    ["x-gzip", gzipSync(BODY)],
    ["deflate", deflateSync(BODY)],
    ["deflate", deflateSync(BODY).subarray(2, -4)],
    ["br", brotliCompressSync(BODY)],
    ["zstd", zstdCompressSync(BODY)],
    ["gzip, br", brotliCompressSync(gzipSync(BODY))],
    ["identity", BODY],
  ];
  for (const [coding, bytes] of rows) {
    const { outcome } = await runOnce(compressed(coding, bytes), []);
    expect([coding, outcome.code, outcome.stdout]).toEqual([coding, 0, "a"]);
  }
});
