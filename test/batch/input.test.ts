import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFinished, keyOf } from "../../src/batch/finished.ts";
import { createInput } from "../../src/batch/input.ts";

const folder = mkdtempSync(join(tmpdir(), "llmaas-input-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let number = 0;

type Options = Partial<Parameters<typeof createInput>[1]> & { name?: string };

function inputOf(content: string | Buffer, { name = "in.jsonl", ...options }: Options = {}) {
  const path = join(folder, `${number++}-${name}`);
  writeFileSync(path, content);
  return createInput(path, { format: null, added: 0, addedToBody: 0, ...options });
}

async function idsOf(input: ReturnType<typeof createInput>, finished = createFinished()): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of input.requests(finished)) ids.push(id);
  return ids;
}

async function badOf(input: ReturnType<typeof createInput>): Promise<string[]> {
  const found: string[] = [];
  await input.validate(createFinished(), {
    onBad: (bad) => found.push(`${bad.line} ${bad.why} ${bad.why === "unsaid" ? bad.unsaid.name : bad.key}`.trim()),
  });
  return found;
}

const CHAT = {
  method: "POST",
  url: "/v1/chat/completions",
  body: { model: "m", messages: [{ role: "user", content: "é" }] },
};
const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

describe("the input of a batch", () => {
  test("takes requests of the Batch API for four APIs, objects with a prompt, and lines of text", async () => {
    const four = [
      CHAT,
      { ...CHAT, url: "/v1/responses", body: { model: "m", input: "hi" } },
      { ...CHAT, url: "/v1/messages", body: { model: "m", max_tokens: 9, messages: [] } },
      { ...CHAT, url: "/v1/completions", body: { model: "m", prompt: "hi" } },
    ];
    const batch = inputOf(four.map((request, index) => line({ custom_id: `r${index}`, ...request })).join(""));
    expect([await badOf(batch), await idsOf(batch)]).toEqual([[], ["r0", "r1", "r2", "r3"]]);
    const prompts = inputOf(`${line({ prompt: "one" })}\n${line({ custom_id: "mine", prompt: "two" })}`);
    expect([await badOf(prompts), await idsOf(prompts)]).toEqual([[], ["line-1", "mine"]]);
    expect(await idsOf(inputOf("one\n\n  \nfour\r\n", { name: "in.txt" }))).toEqual(["line-1", "line-4"]);
  });

  test("names what would be lost where a request is streamed: rounded numbers, further answers, endless nesting", async () => {
    const bodies = [
      '"seed":9223372036854775807',
      '"temperature":1e400',
      '"metadata":{"row":-12345678901234567890}',
      '"n":2',
      `"x":${"[".repeat(100_000)}${"]".repeat(100_000)}`,
      `"x":${'{"a":'.repeat(1500)}1${"}".repeat(1500)}`,
      '"seed":9007199254740991,"x":[0.1000000000000000055511151231257827,1e300,-0,100000000000000000000]',
      '"user":"12345678901234567890 1e400","n":1',
      `"x":${"[".repeat(500)}${"]".repeat(500)},"y":[${"{},".repeat(2000)}1]`,
    ];
    const of = (more: string): string =>
      `{"method":"POST","url":"/v1/chat/completions","custom_id":"${crypto.randomUUID()}","body":{"model":"m","messages":[],${more}}}\n`;
    const completions = line({
      ...CHAT,
      custom_id: "c",
      url: "/v1/completions",
      body: { model: "m", prompt: ["a", "b"] },
    });
    const prompts =
      line({ prompt: "a", n: 3 }) +
      line({ custom_id: "t", ...CHAT, url: "/v1/completions", body: { model: "m", prompt: [1, 2] } });
    const text = `${bodies.map(of).join("")}${completions}${prompts}`;
    expect(await badOf(inputOf(text, { streamed: true }))).toEqual([
      "1 inexact_number 9223372036854775807",
      "2 inexact_number 1e400",
      "3 inexact_number -12345678901234567890",
      "4 several_answers n",
      "5 too_deep 1000",
      "6 too_deep 1000",
      "10 several_answers prompt",
      "11 several_answers n",
    ]);
    expect(await badOf(inputOf(text))).toEqual([]);
  });

  test("names each line that cannot be sent, and why", async () => {
    const lines = [
      "{oops",
      "[1]",
      line({ ...CHAT, custom_id: undefined }),
      line({ ...CHAT, custom_id: 7 }),
      line({ ...CHAT, custom_id: "a", method: "GET" }),
      line({ ...CHAT, custom_id: "b", url: "/v1/embeddings" }),
      line({ ...CHAT, custom_id: "c", body: undefined }),
      line({ ...CHAT, custom_id: "d", body: { messages: [] } }),
      line({ ...CHAT, custom_id: "e", body: { model: "m" } }),
      line({ ...CHAT, custom_id: "same" }),
      line({ ...CHAT, custom_id: "same" }),
      line({ prompt: "" }),
    ].map((text) => text.trimEnd());
    const input = inputOf(`${lines.join("\n")}\n`);
    expect(await badOf(input)).toEqual([
      "1 not_json",
      "2 not_an_object",
      "3 missing_key custom_id",
      "4 bad_value custom_id",
      "5 bad_value method",
      "6 bad_url /v1/chat/completions, /v1/responses, /v1/messages, /v1/completions",
      "7 missing_key body",
      "8 missing_key body.model",
      "9 missing_key body.messages",
      "11 duplicate_id same",
      "12 bad_prompt prompt",
    ]);
    expect(await idsOf(input)).toEqual(["same"]);
  });

  test("reads what editors and shells leave: a byte order mark, CRLF, no last line feed; bytes that are no text are named", async () => {
    const first = line({ custom_id: "a", ...CHAT }).trimEnd();
    const second = line({ custom_id: "b", ...CHAT }).trimEnd();
    expect(await idsOf(inputOf(`\uFEFF${first}\r\n${second}`))).toEqual(["a", "b"]);
    const broken = inputOf(Buffer.concat([Buffer.from(`${first}\n`), Buffer.from([0xff, 0xfe, 0x61, 0x0a])]));
    expect(await badOf(broken)).toEqual(["2 not_text"]);
  });

  test("a request is known by its id and by all that is asked: a line or a setting that changed is another", async () => {
    const text = line({ custom_id: "a", ...CHAT });
    const finished = createFinished();
    const input = inputOf(text);
    for await (const { key, hash } of input.requests(createFinished())) finished.add(key, hash, false);
    expect(await idsOf(input, finished)).toEqual([]);
    const changed = inputOf(line({ custom_id: "a", ...CHAT, body: { ...CHAT.body, model: "other" } }));
    const found = await changed.validate(finished, { onBad: () => undefined });
    expect([found.changed, found.changedLines, found.done]).toEqual([1, [1], 0]);
    const prompt = line({ prompt: "one" });
    const done = createFinished();
    for await (const { key, hash } of inputOf(prompt, { added: 1 }).requests(createFinished()))
      done.add(key, hash, true);
    const same = await inputOf(prompt, { added: 1 }).validate(done, { onBad: () => undefined });
    const other = await inputOf(prompt, { added: 2 }).validate(done, { onBad: () => undefined });
    expect([same.failed, same.changed, other.failed, other.changed]).toEqual([1, 0, 0, 1]);
  });

  test("asks nothing again that has ended, however its lines are written, and of two lines with one id the first alone", async () => {
    const first = line({ custom_id: "a", ...CHAT });
    const second = line({ custom_id: "b", ...CHAT });
    const odd = [
      `\uFEFF${first.trimEnd()}\r\n`,
      line({ ...CHAT, custom_id: "last" }),
      line({ custom_id: 'q"\\', ...CHAT }),
      second,
      second,
    ];
    const finished = createFinished();
    for await (const { key, hash } of inputOf(odd.join("")).requests(createFinished())) finished.add(key, hash, false);
    expect(await idsOf(inputOf(odd.join("")), finished)).toEqual([]);
    expect(await idsOf(inputOf(`${second}${line({ custom_id: "new", ...CHAT })}${second}`), finished)).toEqual(["new"]);
    const prompts = line({ custom_id: "p", prompt: "one" });
    const done = createFinished();
    for await (const { key, hash } of inputOf(prompts, { added: 7 }).requests(createFinished()))
      done.add(key, hash, true);
    expect(await idsOf(inputOf(prompts, { added: 7 }), done)).toEqual([]);
  });

  test.each([
    ["/v1/chat/completions", { messages: "hi" }, "body.messages"],
    ["/v1/chat/completions", { messages: { role: "user", content: "hi" } }, "body.messages"],
    ["/v1/messages", { messages: ["hi"] }, "body.messages"],
    ["/v1/responses", { input: 7 }, "body.input"],
    ["/v1/responses", { input: { role: "user", content: "hi" } }, "body.input"],
    ["/v1/completions", { prompt: true }, "body.prompt"],
  ])("names what no server takes: %s with %j", async (url, asked, key) => {
    const input = inputOf(line({ custom_id: "a", method: "POST", url, body: { model: "m", ...asked } }));
    expect(await badOf(input)).toEqual([`1 bad_value ${key}`]);
  });

  test("holds nothing where there is nothing but a byte order mark and line ends", async () => {
    for (const text of ["", "\uFEFF", "\uFEFF\r\n\n"]) {
      const input = inputOf(text);
      expect([await badOf(input), await idsOf(input)]).toEqual([[], []]);
    }
  });

  test("is shared out between machines without a line left or taken twice", async () => {
    const text = Array.from({ length: 100 }, (_, index) => line({ custom_id: `r${index}`, ...CHAT })).join("");
    const shards = await Promise.all([0, 1, 2].map((index) => idsOf(inputOf(text, { shard: { index, of: 3 } }))));
    expect(shards.map((ids) => ids.length)).toEqual([34, 33, 33]);
    expect(new Set(shards.flat()).size).toBe(100);
  });

  test("lines of many megabytes go over the blocks that are read, and one that is too long is named", async () => {
    const long = line({
      custom_id: "long",
      ...CHAT,
      body: { ...CHAT.body, messages: [{ role: "user", content: "x".repeat(5_000_000) }] },
    });
    const input = inputOf(`${long}${"y".repeat(70_000_000)}\n${line({ custom_id: "last", ...CHAT })}`);
    expect(await badOf(input)).toEqual(["2 too_long 64"]);
    const found: [string, number][] = [];
    for await (const { id, text } of input.requests(createFinished())) found.push([id, text.length]);
    expect(found).toEqual([
      ["long", long.length - 1],
      ["last", line({ custom_id: "last", ...CHAT }).length - 1],
    ]);
    expect(keyOf("long")).toEqual(keyOf(Buffer.from("long")));
  });
});
