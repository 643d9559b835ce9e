import { describe, expect, test } from "bun:test";
import { createAnswer } from "../../src/stream/answer.ts";
import type { StreamEvent } from "../../src/stream/event.ts";
import { chat } from "../../src/wire/chat.ts";
import { createMask } from "../../src/stream/mask.ts";

/** What a body came to, whatever the reads it came in. */
type Folded = {
  text: string;
  reasoning: string;
  refusal: string;
  tokens: number;
  notices: string[];
  skipped: string[];
  finishReason: string | null;
  done: boolean;
  malformed: number;
  error: string | null;
  failure: unknown;
};

function fold(pieces: readonly Uint8Array[], contentType = "text/event-stream"): Folded {
  const answer = createAnswer({ api: chat, mask: createMask(["SECRET"]), observe: false, several: false });
  answer.open({ status: 200, headers: new Headers({ "content-type": contentType }) });
  const events: StreamEvent[] = [];
  for (const piece of pieces) {
    if (answer.state() === "over") break;
    if (piece.length > 0) events.push(...answer.push(piece, 1));
  }
  const end = answer.end(2);
  events.push(...end.events);
  const { finishReason, done, malformed, error } = answer.facts();
  const deltas = events.filter((event) => event.type === "delta");
  return {
    text: deltas.map((event) => event.text).join(""),
    reasoning: deltas.map((event) => event.reasoning).join(""),
    refusal: deltas.map((event) => event.refusal).join(""),
    tokens: deltas.reduce((sum, event) => sum + event.events, 0),
    notices: events.filter((event) => event.type === "notice").map((event) => event.code),
    skipped: events.filter((event) => event.type === "skipped").map((event) => event.data),
    finishReason,
    done,
    malformed,
    error: error?.message ?? null,
    failure: end.failure,
  };
}

const NOTHING: Folded = {
  text: "",
  reasoning: "",
  refusal: "",
  tokens: 0,
  notices: [],
  skipped: [],
  finishReason: null,
  done: false,
  malformed: 0,
  error: null,
  failure: null,
};

/** Cuts the bytes in two at each offset, in three around each, and into single bytes. */
function* splits(bytes: Buffer): Generator<Uint8Array[]> {
  for (let at = 0; at <= bytes.length; at++) {
    yield [bytes.subarray(0, at), bytes.subarray(at)];
    yield [bytes.subarray(0, at), bytes.subarray(at, at + 1), bytes.subarray(at + 1)];
  }
  yield [...bytes].map((byte) => Uint8Array.of(byte));
}

function expectAtEverySplit(body: string, expected: Partial<Folded>, contentType?: string): void {
  const wanted = { ...NOTHING, ...expected };
  for (const pieces of splits(Buffer.from(body))) {
    const got = fold(pieces, contentType);
    if (!Bun.deepEquals(got, wanted)) expect({ pieces: pieces.map(String), got }).toEqual({ pieces: [], got: wanted });
  }
}

const TEXT = '{"choices":[{"delta":{"content":"né 𝄞👩‍🚀"}}]}';
const ESCAPED = '{"choices":[{"delta":{"content":"\\ud834\\udd1e","reasoning_content":"\\u00e9𝄞"}}]}';
const STOP = '{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"completion_tokens":2}}';
const SAID = { text: "né 𝄞👩‍🚀𝄞", reasoning: "é𝄞", tokens: 2, finishReason: "stop", done: true };

describe("one answer is the same at every split offset, framed by", () => {
  for (const [name, end] of [
    ["LF", "\n"],
    ["CRLF", "\r\n"],
    ["CR", "\r"],
  ]) {
    test(`${name}`, () => {
      const events = [TEXT, ESCAPED, STOP, "[DONE]"].map((data) => `data: ${data}${end}${end}`);
      expectAtEverySplit(events.join(""), SAID);
    });
  }

  test("a BOM, no spaces, several data lines, other fields and comments", () => {
    const several = TEXT.replaceAll(":", ":\ndata:");
    expectAtEverySplit(
      `\uFEFF: c\r\nid: 1\ndata:${several}\n\nevent: x\nretry: 1\rdata:${ESCAPED}\n\n\n\ndata:${STOP}\n\ndata:[DONE]`,
      SAID,
    );
  });

  test("a malformed event among good ones, which hides a secret", () => {
    expectAtEverySplit(`data: ${TEXT}\n\ndata: {"a SECRET é\n\ndata: ${ESCAPED}\n\ndata: ${STOP}\n\ndata: [DONE]\n\n`, {
      ...SAID,
      malformed: 1,
      skipped: ['{"a ••• é'],
    });
  });
});

describe("at every split offset", () => {
  test("a surrogate pair in two events is one character", () => {
    const half = (escape: string): string => `data: {"choices":[{"delta":{"content":"${escape}"}}]}\n\n`;
    expectAtEverySplit(half("a\\ud834") + half("\\udd1eb"), { text: "a𝄞b", tokens: 2 });
  });

  test("an error object ends the answer and keeps what came", () => {
    expectAtEverySplit(`data: ${TEXT}\n\ndata: {"error":{"message":"no SECRET é"}}\n\ndata: ${TEXT}\n\n`, {
      text: "né 𝄞👩‍🚀",
      tokens: 1,
      error: "no ••• é",
    });
  });

  test("JSON is a whole answer whatever its declared type, its BOM and the white space before it", () => {
    const body = '{"choices":[{"message":{"content":"né 𝄞"},"finish_reason":"stop"}]}';
    const whole = { text: "né 𝄞", tokens: 1, finishReason: "stop", done: true, notices: ["not_streamed"] };
    for (const type of ["application/json", "text/event-stream", ""])
      for (const start of ["", "\n \n", "\uFEFF"]) expectAtEverySplit(start + body, whole, type);
  });

  test("an undeclared stream is a stream, with one notice", () => {
    for (const start of ["", "\uFEFF", "\n\n", ": é\n", "event: a\n", "id: 1\n"])
      expectAtEverySplit(
        `${start}data: ${TEXT}\n\ndata: ${ESCAPED}\n\ndata: ${STOP}\n\ndata: [DONE]\n\n`,
        { ...SAID, notices: ["content_type"] },
        "application/octet-stream",
      );
  });

  test("HTML and other text are no stream, and their first line is quoted whole, without secrets", () => {
    const failure = (contentType: string, message: string) => ({
      failure: { kind: "not_a_stream", contentType, message },
    });
    expectAtEverySplit("<html>SECRET é</html>\nmore", failure("text/html", "<html>••• é</html>"), "text/html");
    expectAtEverySplit("database is down: SECRET", failure("text/plain", "database is down: •••"), "text/plain");
    for (const type of ["text/event-stream", "text/event-stream; charset=utf-8"])
      expectAtEverySplit("\ndatabase is down, SECRET\n", failure(type, "database is down, •••"), type);
  });
});
