import { describe, expect, test } from "bun:test";
import type { Answer } from "../fixtures/raw-server.ts";
import { ask } from "./ask.ts";
import { CHUNKED, DONE, finish, HEAD, token } from "../fixtures/answers.ts";

const TEXT = "né 👩‍🚀 𝄞 fin";
const FIRST = '{"choices":[{"index":0,"delta":{"content":"né 👩‍🚀 "}}]}';
const SECOND = '{"choices":[{"index":0,"delta":{"content":"𝄞 fin"},"finish_reason":"stop"}]}';

/** The same two events as six servers would write them. */
const STYLES: readonly [string, string][] = [
  ["LF", `data: ${FIRST}\n\ndata: ${SECOND}\n\n`],
  ["CRLF", `data: ${FIRST}\r\n\r\ndata: ${SECOND}\r\n\r\n`],
  ["CR", `data: ${FIRST}\r\rdata: ${SECOND}\r\r`],
  ["mixed line ends", `data: ${FIRST}\r\n\rdata: ${SECOND}\n\r\n`],
  ["a BOM", `\uFEFFdata: ${FIRST}\n\ndata: ${SECOND}\n\n`],
  ["data: without space", `data:${FIRST}\n\ndata:${SECOND}\n\n`],
  [
    "several data lines, with event, id, retry lines and comments",
    `: hello\nevent: message\nid: 7\nretry: 1000\n${lines(FIRST)}\n: more\n\n\n${lines(SECOND)}\n`,
  ],
];

function lines(data: string): string {
  return `data: ${data.replaceAll(",", "\ndata: ,")}\n`;
}

function whole(body: string): Answer {
  return async ({ write, fin }) => {
    await write(HEAD + body);
    fin();
  };
}

describe("a body framed by", () => {
  for (const [name, body] of STYLES) {
    test(`${name} gives the same text in one write as with one byte a write`, async () => {
      const bytes = Buffer.from(body);
      const drop: Answer = async ({ write, drip, fin }) => {
        await write(HEAD);
        await drip(
          [...bytes].map((byte) => Uint8Array.of(byte)),
          1,
        );
        fin();
      };
      for (const answer of [whole(body), drop]) {
        const { record } = await ask(answer);
        expect(record).toMatchObject({ verdict: "complete", text: TEXT, token_events: 2, malformed: 0, notices: [] });
      }
    });
  }
});

test("a pause inside a code point, inside a CRLF and inside a field name changes nothing", async () => {
  const bytes = Buffer.from(`data: ${FIRST}\r\n\r\ndata: ${SECOND}\r\n\r\n`);
  const cuts = [
    2,
    bytes.indexOf("👩") + 2,
    bytes.indexOf("\r\n") + 1,
    bytes.indexOf("\r\n") + 3,
    bytes.indexOf("𝄞") + 1,
  ];
  const pieces = [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length));
  const { record } = await ask(async ({ write, drip, fin }) => {
    await write(HEAD);
    await drip(pieces, 20);
    fin();
  });
  expect(record).toMatchObject({ verdict: "complete", text: TEXT, token_events: 2 });
});

test("a last event without its blank line is delivered at a clean end", async () => {
  const { record } = await ask(`${HEAD}${token("a")}data: ${SECOND}`);
  expect(record).toMatchObject({ verdict: "complete", text: "a𝄞 fin", malformed: 0 });
});

test("a last event without its blank line and without a marker leaves the answer truncated, with its text", async () => {
  const { record } = await ask(`${HEAD}${token("a")}data: ${FIRST}\n`);
  expect(record).toMatchObject({ verdict: "truncated", text: "ané 👩‍🚀 ", error: { kind: "truncated" } });
});

test("an event: ping without data, empty data and comments are ignored", async () => {
  const noise = "event: ping\n\ndata:\n\ndata: \n\n: comment\n\n:\n\nid: 1\n\nretry: x\n\nnonsense\n\n";
  const { record } = await ask(HEAD + noise + token("a") + noise + token("b") + noise + finish() + noise + DONE);
  expect(record).toMatchObject({ verdict: "complete", text: "ab", token_events: 2, malformed: 0, notices: [] });
});

test("a surrogate pair written as two escapes in two reads is one character", async () => {
  const half = (escape: string): string => `data: {"choices":[{"index":0,"delta":{"content":"${escape}"}}]}\n\n`;
  const { record } = await ask(async ({ write, drip, fin }) => {
    await write(HEAD);
    await drip([half("a\\ud83d"), half("\\ude00b"), finish()], 30);
    fin();
  });
  expect(record).toMatchObject({ verdict: "complete", text: "a😀b" });
});

describe("the same answer is read", () => {
  const body = token("a") + token("b") + finish() + DONE;
  const size = Buffer.byteLength(body).toString(16);
  const rows: [string, string][] = [
    ["over HTTP/1.0", HEAD.replace("HTTP/1.1", "HTTP/1.0") + body],
    ["after 103 Early Hints", `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${HEAD}${body}`],
    ["from chunks with extensions and trailers", `${CHUNKED}${size};a=b\r\n${body}\r\n0\r\nX-End: 1\r\n\r\n`],
  ];
  for (const [name, bytes] of rows) {
    test(`${name}`, async () => {
      const { record } = await ask(bytes);
      expect(record).toMatchObject({ verdict: "complete", text: "ab", notices: [], attempts: 1 });
    });
  }
});
