import { describe, expect, test } from "bun:test";
import { createBrotliCompress, createDeflate, createGzip, createZstdCompress, gzipSync } from "node:zlib";
import { ask, type SeenAnswer } from "./ask.ts";
import { chunk, CHUNKED, DONE, finish, response, token } from "../fixtures/answers.ts";

const ENCODINGS = [
  ["gzip", createGzip, "ZlibError"],
  ["deflate", createDeflate, "ZlibError"],
  ["br", createBrotliCompress, "BrotliDecompressionError"],
  ["zstd", createZstdCompress, "ZstdDecompressionError"],
] as const;

/** Each event compressed so far that it can be read before the next one comes, and the end of the format. */
async function compress(create: (typeof ENCODINGS)[number][1], events: readonly string[]): Promise<Buffer[]> {
  const stream = create();
  const parts: Buffer[] = [];
  const written: Buffer[] = [];
  stream.on("data", (bytes: Buffer) => parts.push(bytes));
  for (const event of events) {
    stream.write(event);
    await new Promise<void>((resolve) => stream.flush(resolve));
    written.push(Buffer.concat(parts.splice(0)));
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.on("end", resolve);
  stream.end();
  await promise;
  return [...written, Buffer.concat(parts)];
}

function headOf(encoding: string): string {
  return CHUNKED.replace("\r\n\r\n", `\r\nContent-Encoding: ${encoding}\r\n\r\n`);
}

/** These pieces, each in a chunk and a packet of its own, and the end of the chunks. */
function send(encoding: string, pieces: readonly Uint8Array[], pause = 40): SeenAnswer {
  return async ({ write, drip, fin }) => {
    await write(headOf(encoding));
    await drip(
      pieces.filter((piece) => piece.length > 0).map((piece) => chunk(piece)),
      pause,
    );
    await write("0\r\n\r\n");
    fin();
  };
}

const EVENTS = [token("né "), token("𝄞"), finish() + DONE];

describe("a compressed answer is read although nobody asked for it, event by event:", () => {
  for (const [name, create] of ENCODINGS) {
    test(`${name}`, async () => {
      const { record, events, requests } = await ask(send(name, await compress(create, EVENTS)));
      expect(record).toMatchObject({ verdict: "complete", text: "né 𝄞", token_events: 2, malformed: 0 });
      expect(events.filter((line) => line.type === "delta").map((line) => line["text"])).toEqual(["né ", "𝄞"]);
      expect(requests[0]?.headers["accept-encoding"]).toBe("identity");
    });

    test(`${name} in pieces of seven bytes`, async () => {
      const bytes = Buffer.concat(await compress(create, EVENTS));
      const sevens = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) => bytes.subarray(7 * i, 7 * i + 7));
      const { record } = await ask(send(name, sevens, 1));
      expect(record).toMatchObject({ verdict: "complete", text: "né 𝄞", token_events: 2, malformed: 0 });
    });
  }

  test("a refusal's too", async () => {
    const body = gzipSync(JSON.stringify({ error: { message: "because of é" } }));
    const { record } = await ask(response("400 Bad", "Content-Encoding: gzip\r\n", body));
    expect(record).toMatchObject({ verdict: "failed", error: { kind: "http", status: 400 } });
    expect(record.error?.message).toContain("because of é");
  });
});

describe("a compressed answer that is corrupt failed, and is not asked again:", () => {
  const noise = Buffer.from("\xde\xad\xbe\xef".repeat(20), "latin1");

  for (const [name, create, code] of ENCODINGS) {
    test(`${name} from its first byte`, async () => {
      const { record } = await ask(send(name, [Buffer.from("this is not compressed at all\xff", "latin1")]));
      expect(record).toMatchObject({ verdict: "failed", error: { kind: "encoding", code }, attempts: 1, text: "" });
      expect(record.error?.message).toContain(code);
    });

    test(`${name} after a token, or cut there, whose text is kept`, async () => {
      const [first = noise] = await compress(create, EVENTS);
      for (const rest of [[noise], []]) {
        const { record } = await ask(async ({ write, seen, fin }) => {
          await write(headOf(name));
          await write(chunk(first));
          await seen("delta");
          for (const piece of rest) await write(chunk(piece));
          await write("0\r\n\r\n");
          fin();
        });
        expect(record).toMatchObject({
          verdict: "failed",
          error: { kind: "encoding", code },
          attempts: 1,
          text: "né ",
        });
      }
    });
  }
});
