import fc from "fast-check";
import { expect } from "bun:test";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asUtf8 } from "../../src/commands/stdin.ts";
import { readPrompts } from "../../src/commands/prompts.ts";
import { stream } from "../../src/commands/stream.ts";
import { en } from "../../src/i18n/en/messages.ts";
import { parsePromptLine, type Prompt } from "../../src/run/prompts.ts";
import type { Json } from "../../src/wire/request.ts";
import { createHastyClock } from "../fixtures/clocks.ts";
import { contextOf } from "../fixtures/in-process.ts";
import { spell } from "./json-spelling.ts";
import { cutAt, cuts, define } from "./property.ts";
import { sentencesOf } from "./sentences.ts";

const words = fc.oneof(
  fc.constantFrom("hi", "é", "漢字", "a\tb", " x ", "{", "[1]", "\uFEFF", "\u2028", "null"),
  fc.string({ minLength: 1 }),
);
const message = fc.oneof(
  { weight: 4, arbitrary: fc.record({ role: fc.constantFrom("user", "system", "assistant"), content: words }) },
  fc.constantFrom<Json>(
    { role: "assistant", tool_calls: [{ id: "a" }] },
    { role: "user" },
    { content: "x" },
    {},
    null,
    "user",
  ),
  fc.record({ role: fc.constant("user"), content: words.map((text): Json => [{ type: "text", text }]) }),
);
const value: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, 0, 1, 300, 0.5, 2, 3, -1, "", "x", true, false, [], {}),
  fc.jsonValue({ maxDepth: 1 }).map((any): Json => JSON.parse(JSON.stringify(any))),
);
const key = fc.constantFrom(
  "model",
  "max_tokens",
  "temperature",
  "top_p",
  "seed",
  "stop",
  "stream",
  "tools",
  "id",
  "n",
  "__proto__",
  "toString",
  "",
);
const object = fc
  .tuple(
    fc.oneof({ weight: 4, arbitrary: words.map((prompt): [string, Json][] => [["prompt", prompt]]) }, fc.constant([])),
    fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      fc.array(message, { maxLength: 3 }).map((all): [string, Json][] => [["messages", all]]),
    ),
    fc.array(fc.tuple(key, value), { maxLength: 2 }),
  )
  .map(([prompt, messages, more]): Json => Object.fromEntries([...prompt, ...messages, ...more]));
const line = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(object, fc.nat(30)).map(([given, style]) => spell(given, style).replaceAll("\n", " ")),
  },
  fc.constantFrom("", " ", "\t", "{}", "{", "null", "[]", '"hi"', "{prompt: 1}", "plain text"),
  words.map((text) => text.replaceAll(/[\r\n]/g, " ")),
);
const file = fc.record({
  lines: fc.array(line, { maxLength: 6 }),
  end: fc.constantFrom("\n", "\r\n"),
  last: fc.boolean(),
  mark: fc.boolean(),
  name: fc.constantFrom("p.jsonl", "p.txt", "p"),
});

const path = (name: string): string => join(tmpdir(), `llmaas-fuzz-${process.pid}-${name}`);

const OUTSIDE = { env: {}, fetch: () => Promise.reject(new Error("nothing is sent")), clock: createHastyClock() };

/** What the program would ask, or what it says of a line, with the number of lines that were left out. */
async function asked(
  name: string,
  more: readonly string[],
): Promise<{ prompts: Prompt[]; skipped: number } | string[]> {
  const context = contextOf(stream, ["--prompts", path(name), ...more], OUTSIDE);
  try {
    const read = await readPrompts(context, en, () => null);
    const prompts: Prompt[] = [];
    for await (const prompt of read.prompts) prompts.push(prompt);
    expect(read.count(1)).toBe(prompts.length);
    return { prompts, skipped: read.skipped().count };
  } catch (error) {
    return sentencesOf(error);
  }
}

export const promptsProperty = define(
  "prompts",
  "each line of a prompts file is one prompt as it is written, is left out where that is asked for, or is named in a sentence",
  400,
  fc.asyncProperty(file, async ({ lines, end, last, mark, name }) => {
    const text = (mark ? "\uFEFF" : "") + lines.join(end) + (last ? end : "");
    await Bun.write(path(name), text);
    // Read anew: what is blank is no prompt, and the first that is none decides of what kind a file of no known name is.
    const all = lines
      .map((given, index) => (index === 0 && !mark ? given.replace(/^\uFEFF/, "") : given))
      .filter((given) => given.trim() !== "");
    const jsonl = name.endsWith(".jsonl") || (name === "p" && all[0]?.trimStart().startsWith("{") === true);
    const parsed = all.map((given) => parsePromptLine(given, jsonl ? "jsonl" : "text"));
    const good = parsed.flatMap((one) => ("prompt" in one ? [one.prompt] : []));
    try {
      const lenient = await asked(name, ["--skip-invalid"]);
      if (good.length === 0) expect(Array.isArray(lenient)).toBe(true);
      else expect(lenient).toEqual({ prompts: good, skipped: parsed.length - good.length });
      const strict = await asked(name, []);
      expect(Array.isArray(strict)).toBe(good.length < parsed.length || good.length === 0);
    } finally {
      await rm(path(name), { force: true });
    }
  }),
);

export const lineProperty = define(
  "lines",
  "a line of JSON asks what it says, with the parameters it says",
  3000,
  fc.property(line, fc.constantFrom("text", "jsonl"), (given, format) => {
    const parsed = parsePromptLine(given, format);
    if (!("prompt" in parsed)) {
      expect(format).toBe("jsonl");
      return;
    }
    const { text, messages, model, params } = parsed.prompt;
    if (format === "text") {
      expect(parsed.prompt).toEqual({ text: given, messages: null, model: null, params: {} });
      return;
    }
    const said: { [key: string]: Json } = JSON.parse(given);
    expect(said["prompt"] ?? null).toEqual(messages === null ? text : null);
    expect(said["messages"] ?? null).toEqual(messages);
    expect(said["model"] ?? null).toEqual(model);
    const { prompt: _p, messages: _m, model: _model, id: _id, custom_id: _c, stream: _s, ...rest } = said;
    expect(params).toEqual(rest);
  }),
);

export const encodingProperty = define(
  "encodings",
  "a text in UTF-8 or UTF-16 is the same text however its bytes are split",
  2000,
  fc.asyncProperty(
    fc.string({ unit: "binary" }),
    fc.constantFrom("utf8", "le", "be"),
    cuts,
    async (given, encoding, shares) => {
      const text = given.toWellFormed();
      const units = Buffer.from(`\uFEFF${text}`, "utf16le");
      const bytes = encoding === "utf8" ? Buffer.from(text) : encoding === "le" ? units : units.swap16();
      async function* pieces(): AsyncGenerator<Uint8Array> {
        yield* cutAt(new Uint8Array(bytes), shares);
      }
      const read: Uint8Array[] = [];
      for await (const piece of asUtf8(pieces())) read.push(piece);
      // The mark stays where it is: who reads lines takes it off.
      expect(Buffer.concat(read).toString()).toBe(encoding === "utf8" ? text : `\uFEFF${text}`);
    },
  ),
);
