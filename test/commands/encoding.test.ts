import { describe, expect, test } from "bun:test";
import { asUtf8, isText } from "../../src/commands/stdin.ts";

const TEXT = 'café crème\r\n𝄞 and 漢字\n\n{"prompt":"é"}\n';
const utf16le = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, "utf16le");
const utf16be = (text: string): Buffer => utf16le(text).swap16();

/** What comes of bytes that arrive so many at a time. */
async function read(bytes: Uint8Array, size: number): Promise<Buffer> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
  }
  const parts: Uint8Array[] = [];
  for await (const part of asUtf8(chunks())) parts.push(Uint8Array.from(part));
  return Buffer.concat(parts);
}

describe("text in UTF-16 with its mark", () => {
  for (const [name, encode] of [
    ["the order of Windows", utf16le],
    ["the other order", utf16be],
  ] as const)
    for (const size of [1, 2, 3, 5, 7, 1000])
      test(`in ${name}, ${size} bytes at a time, is the same text`, async () => {
        expect((await read(encode(TEXT), size)).toString()).toBe(`\uFEFF${TEXT}`);
      });

  for (const [name, bytes] of [
    ["half of a pair", utf16le("a\uD834b")],
    ["half of a pair at its end", utf16le("a\uD834")],
    ["the second half alone", utf16be("a\uDD1Eb")],
    ["an odd byte", Buffer.concat([utf16le("ab"), Buffer.from("c")])],
    ["UTF-32, whose mark begins alike", Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0])],
  ] as const)
    for (const size of [1, 3, 1000])
      test(`with ${name} is no text, ${size} bytes at a time`, async () => {
        expect(isText(await read(bytes, size))).toBe(false);
      });
});

describe("other bytes", () => {
  for (const [name, bytes] of [
    ["UTF-8", Buffer.from(TEXT)],
    ["UTF-8 with a mark", Buffer.from(`\uFEFF${TEXT}`)],
    ["Latin-1", Buffer.from("caf\xe9", "latin1")],
    ["one byte", Buffer.from("a")],
    ["the first byte of a mark", Buffer.from([0xff])],
    ["nothing", Buffer.alloc(0)],
  ] as const)
    for (const size of [1, 2, 1000])
      test(`are left as they are: ${name}, ${size} at a time`, async () => {
        expect(await read(bytes, size)).toEqual(Buffer.from(bytes));
      });

  test("are no text where they are no UTF-8, or hold a zero", () => {
    expect(isText(Buffer.from("caf\xe9", "latin1"))).toBe(false);
    expect(isText(Buffer.from("a\0b"))).toBe(false);
    expect(isText(Buffer.from(TEXT))).toBe(true);
  });
});
