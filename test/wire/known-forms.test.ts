import { expect, test } from "bun:test";
import type { Brought, Read } from "../../src/wire/api.ts";
import { createChoicesAssembler } from "../../src/wire/assemble-choices.ts";
import { createChunkReader, parseChunk } from "../../src/wire/choices.ts";
import { createKnownForms, createRepeats } from "../../src/wire/known-forms.ts";
import { messages } from "../../src/wire/messages.ts";
import { createTemplate } from "../../src/wire/template.ts";

/** More answers than are needed until the forms of the next ones are known. */
const ANSWERS = 40;
const FUZZED_ANSWERS = Number(process.env["FUZZED_ANSWERS"] ?? 1500);

/** What an event brought, and not how that was found out. */
function told(brought: Brought): Brought {
  return brought.kind === "chunk" ? { kind: brought.kind, chunk: brought.chunk } : brought;
}

const piece = (id: string, created: number, words: string): string =>
  JSON.stringify({
    id,
    object: "chat.completion.chunk",
    created,
    model: "m",
    choices: [{ index: 0, delta: { content: words }, finish_reason: null }],
  });

/** Readers of many answers that know the same forms; `parsed`: texts that were parsed, in their order. */
function createCounted() {
  const forms = createKnownForms();
  const parsed: string[] = [];
  const parse = (data: string): Brought => {
    parsed.push(data);
    return parseChunk(data);
  };
  return { parsed, open: (): Read => createTemplate(parse, null, forms).read };
}

test("from an answer on whose form is known, one chunk of each is parsed, whatever its id and its time", () => {
  const { parsed, open } = createCounted();
  for (let answer = 0; answer < ANSWERS; answer++) {
    const read = open();
    const texts = ["a", " b", "c", "d"].map((words) => piece(`id-${answer}`, 10 ** (answer % 9), words));
    if (answer === ANSWERS / 2) parsed.length = 0;
    for (const text of texts) expect(told(read(text, ""))).toEqual(told(parseChunk(text)));
  }
  expect(parsed).toHaveLength(ANSWERS / 2);
});

test("a single answer is learnt for itself alone", () => {
  const { parsed, open } = createCounted();
  const read = open();
  const texts = Array.from({ length: 300 }, (_, index) => piece("x", 1, `w${index}`));
  for (const text of texts) expect(told(read(text, ""))).toEqual(told(parseChunk(text)));
  // 17, and the probe of the answer itself.
  expect(parsed).toHaveLength(18);
});

test("a form is known by the name of its events too", () => {
  const names = { parsed: [] as string[] };
  const forms = createKnownForms();
  const parse = (data: string, name: string): Brought => {
    names.parsed.push(name);
    return name === "words" ? parseChunk(data) : { kind: "ignored" };
  };
  for (let answer = 0; answer < ANSWERS; answer++) {
    const { read } = createTemplate(parse, null, forms);
    for (const words of ["a", "b", "c"]) read(piece("x", answer, words), "words");
  }
  expect(createTemplate(parse, null, forms).read(piece("x", 1, "a"), "other")).toEqual({ kind: "ignored" });
});

test("answers of which no two have a form in common are soon only parsed", () => {
  const { parsed, open } = createCounted();
  const answers = Array.from({ length: 10 * ANSWERS }, (_, answer) => answer);
  const about = (answer: number): string[] =>
    ["a", "b"].map((words) => piece("x", 1, words).replace('"m"', `"${answer}"`));
  for (const answer of answers) {
    const read = open();
    for (const text of about(answer)) expect(told(read(text, ""))).toEqual(told(parseChunk(text)));
  }
  const learnt = parsed.length - 2 * answers.length;
  expect(learnt).toBeLessThan(40);
});

test("an answer that asked for several choices knows nothing of those with one", () => {
  for (let answer = 0; answer < ANSWERS; answer++) {
    const read = createChunkReader();
    for (const words of ["a", "b", "c"]) read(piece(`id-${answer}`, answer, words), "");
  }
  const read = createChunkReader(true);
  for (const index of [1, 0, 1, 0]) {
    const text = piece("id", 1, "words").replace('"index":0', `"index":${index}`);
    expect(told(read(text, ""))).toEqual(told(parseChunk(text, true)));
  }
});

test("where two choices come unasked, what was known before them is known no more", () => {
  const alone = (index: number, words: string): string =>
    `{"id":"a","choices":[{"index":${index},"delta":{"content":"${words}"}}]}`;
  for (let answer = 0; answer < ANSWERS; answer++) {
    const read = createChunkReader();
    for (const words of ["a", "b", "c"]) read(alone(1, words), "");
  }
  const read = createChunkReader();
  expect(read(alone(1, "first"), "")).toMatchObject({ chunk: { content: "first" } });
  const both = '{"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]}';
  expect(read(both, "")).toMatchObject({ chunk: { content: "a", otherChoices: true } });
  expect(read(alone(1, "second"), "")).toMatchObject({ chunk: { content: "" } });
  expect(read(alone(1, "third"), "")).toMatchObject({ chunk: { content: "" } });
});

/** The same of readers that know whole events too. */
function createKnowing() {
  const known = { forms: createKnownForms(), repeats: createRepeats() };
  return { open: (): Read => createChunkReader(false, null, known) };
}

test("events that are known as a whole are those of the answer at hand, and of no other", () => {
  const { open } = createKnowing();
  const first = (id: string): string => piece(id, 5, "").replace('{"content":""}', '{"role":"assistant","content":""}');
  const last = (id: string): string => piece(id, 6, "").replace('{"content":""}', "{}").replace("null", '"stop"');
  for (let answer = 0; answer < ANSWERS; answer++) {
    const [one, two] = [open(), open()];
    const texts = [first, (id: string) => piece(id, 5, `${id}-words`), (id: string) => piece(id, 5, "more"), last];
    for (const make of texts)
      for (const [read, id] of [[one, `one-${answer}`] as const, [two, `two-${answer}`] as const])
        expect(told(read(make(id), ""))).toEqual(told(parseChunk(make(id))));
  }
});

test.each([createCounted, createKnowing])(
  "what looks like a known form, and is another, is read by itself",
  (create) => {
    const { open } = create();
    const base = piece("id-1", 17, "words");
    for (let answer = 0; answer < ANSWERS; answer++) {
      const read = open();
      for (const words of ["a", "b", "c"]) read(piece(`id-${answer}`, answer, words), "");
    }
    const others = [
      base.replace('"id-1"', '"a\\"b"'),
      base.replace('"id-1"', '"a\\\\"'),
      base.replace('"id-1"', '""'),
      base.replace('"id-1"', '"a\tb"'),
      base.replace('"id-1"', '"a\\u0062"'),
      base.replace('"words"', '""'),
      base.replace('"words"', '"a\tb"'),
      base.replace('"words"', '"a\\nb"'),
      base.replace('"words"', "null"),
      base.replace('"id-1"', '"x","id":"y"'),
      base.replace('"id-1"', '"x","model":"other"'),
      base.replace('"id-1"', '"x","usage":{"completion_tokens":3},"a":"b"'),
      base.replace('"id-1"', "5"),
      base.replace("17", "1.5"),
      base.replace("17", "0"),
      base.replace("17", "00"),
      base.replace("17", "-1"),
      base.replace("17", "017"),
      base.replace("17", '17,"usage":{"completion_tokens":3}'),
      base.replace("17", "1e3"),
      base.replace("17", "12345678901234567890"),
      base.replace('"words"', '"words","content":"more"'),
      base.replace('"words"', '"","content":"words"'),
      base.replace('"words"', '"words","refusal":"no"'),
      base.replace('"words"', '"words"},"message":{"content":"message"'),
      base.replace('"delta"', '"message"'),
      base.replace('"words"', '"\\u0077ords"'),
      base.replace('"words"', '["words"]'),
      base.replace("null", '"stop"'),
      `${base}}`,
      base.slice(0, -1),
    ];
    for (const other of others) {
      const read = open();
      for (const text of [other, base, other, other.replaceAll("words", "next"), base])
        expect<[string, Brought]>([text, told(read(text, ""))]).toEqual([text, told(parseChunk(text))]);
    }
  },
);

test("pieces of the messages API, which have no id, are known from the first of an answer on", () => {
  const texts = ["a", "b", "message"].map((text) =>
    JSON.stringify({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
  );
  for (let answer = 0; answer < ANSWERS; answer++) {
    const read = messages.createReader(false, null);
    for (const text of texts) expect(told(read(text, ""))).toEqual(told(messages.createReader(false, null)(text, "")));
  }
});

/** Numbers that look random and are the same each time. */
function createRandom(seed: number) {
  let state = seed;
  const below = (most: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
  return { below, of: <T>(all: readonly [T, ...T[]]): T => all[below(all.length)] ?? all[0] };
}

type Random = ReturnType<typeof createRandom>;

const WORDS = [
  "a",
  " the",
  "id",
  "created",
  "content",
  "message",
  "delta",
  "80808",
  "x-1",
  '"',
  "\\",
  "\n",
  "é",
  "𝄞",
  "",
] as const;
const NAMES = ["content", "reasoning_content", "refusal", "text"] as const;

/** A chunk in one of the ways in which servers write them; `about`: of its answer. */
function fuzzedChunk({ below, of }: Random, about: Record<string, unknown>, style: number): string {
  const rarely = (): boolean => below(100) === 0;
  const delta: Record<string, unknown> = { [rarely() ? of(NAMES) : "content"]: of(WORDS) };
  if (rarely()) delta["tool_calls"] = [{ index: 0, id: of(WORDS), function: { name: "f", arguments: of(WORDS) } }];
  const choice: Record<string, unknown> = { index: rarely() ? 1 : 0, [rarely() ? "message" : "delta"]: delta };
  choice["finish_reason"] = rarely() ? of(["stop", "length", ""]) : null;
  if (style & 1) choice["logprobs"] = rarely() ? { content: [{ token: of(WORDS), logprob: -1 }] } : null;
  const event: Record<string, unknown> = style & 2 ? { choices: [choice], ...about } : { ...about, choices: [choice] };
  if (style & 4) event["usage"] = rarely() ? { completion_tokens: below(5) } : null;
  if (style & 8) event["obfuscation"] = below(4) === 0 ? of(WORDS) : "x";
  if (rarely()) event["id"] = of(WORDS);
  if (below(20) === 0) event["created"] = below(3);
  if (rarely()) event["choices"] = [choice, { index: 1, delta: { content: of(WORDS) } }];
  const text = style & 16 ? JSON.stringify(event, null, 1).replace(/\n */g, " ") : JSON.stringify(event);
  return below(30) === 0 ? mutated(text, { below, of }) : text;
}

/** An event without words, such as the first and the last. */
function fuzzedEvent({ below, of }: Random, about: Record<string, unknown>, style: number): string {
  const rarely = (): boolean => below(60) === 0;
  const delta: Record<string, unknown> = below(2) === 0 ? { role: "assistant", content: "" } : {};
  if (rarely()) delta["parts"] = [{ index: below(2), text: of(WORDS) }];
  const choice: Record<string, unknown> = { index: 0, delta, finish_reason: of([null, "stop"]) };
  if (style & 1) choice["filtered"] = { hate: { severity: of(WORDS) } };
  if (rarely()) choice["seen"] = [of(WORDS)];
  const event: Record<string, unknown> = { ...about, choices: rarely() ? [] : [choice] };
  if (style & 2) event["backend"] = { engine_type: "e", machine_name: below(20) === 0 ? of(WORDS) : "m" };
  if (style === 4) event["provider"] = { id: "x", created: 1 };
  if (rarely()) event["usage"] = { completion_tokens: below(3) };
  if (rarely()) event["x_groq"] = { id: of(WORDS) };
  const text = JSON.stringify(event);
  return below(20) === 0 ? mutated(text, { below, of }) : text;
}

const BITS = [
  '"',
  "\\",
  "\t",
  "1",
  ",",
  '"id":"x"',
  '"created":1',
  '"content":"z"',
  '"z","content":',
  "}",
  "]",
  "",
] as const;

/** The text with a part of it gone, doubled, or in the place of another. */
function mutated(text: string, { below, of }: Random): string {
  const from = below(text.length);
  const part = text.slice(from, from + below(40));
  const inserted = of([of(BITS), part + part, of(BITS) + part]);
  return text.slice(0, from) + inserted + text.slice(from + part.length);
}

/** What is known, and how often an earlier answer made it so; `whole`: events are known as a whole, too. */
function createWatched(found: { forms: number; repeats: number }, whole: boolean) {
  const [forms, repeats] = [createKnownForms(), createRepeats()];
  return {
    forms: {
      ...forms,
      find(...asked: Parameters<typeof forms.find>) {
        const around = forms.find(...asked);
        if (around !== null) found.forms++;
        return around;
      },
    },
    repeats: {
      ...repeats,
      find(data: string) {
        const repeat = whole ? repeats.find(data) : null;
        if (repeat !== null) found.repeats++;
        return repeat;
      },
    },
  };
}

/** Reads one answer in both ways, and holds what comes out against each other. */
function checkAnswer(random: Random, style: number, shelves: ReturnType<typeof createWatched>): void {
  const { below, of } = random;
  const about = {
    id: below(4) === 0 ? of(WORDS) : `chatcmpl-${below(1e9)}`,
    object: below(20) === 0 ? of(["chat.completion", ""]) : "chat.completion.chunk",
    created: below(2e9),
    model: of(["m", "m", "n", "id"]),
  };
  const several = below(20) === 0;
  const known = createChoicesAssembler("chat.completion", several);
  const plain = createChoicesAssembler("chat.completion", several);
  const read = createChunkReader(several, known, shelves);
  let others = several;
  for (let left = 2 + below(8); left > 0; left--) {
    const text = below(3) === 0 ? fuzzedEvent(random, about, style) : fuzzedChunk(random, about, style);
    const alone = parseChunk(text, others, plain);
    const brought = read(text, "");
    expect<[string, Brought]>([text, told(brought)]).toEqual([text, told(alone)]);
    if (alone.kind !== "chunk") continue;
    others ||= alone.chunk.otherChoices;
    const { content, refusal } = alone.chunk;
    for (const assembler of [known, plain]) if (content + refusal !== "") assembler.said(content, refusal, []);
  }
  const unsaid = { model: "asked", created: 1 };
  const mask = Object.assign((text: string) => text, { mayHold: () => false });
  expect(known.json(unsaid, mask)).toBe(plain.json(unsaid, mask));
}

test("whatever answers come one after another, each is read, and put together, as if it stood alone", () => {
  const random = createRandom(Number(process.env["FUZZ_SEED"] ?? 7));
  const found = { forms: 0, repeats: 0 };
  for (let answer = 0; answer < FUZZED_ANSWERS;) {
    const style = random.below(32);
    const shelves = createWatched(found, random.below(2) === 0);
    for (let more = 60; more > 0; more--, answer++) checkAnswer(random, style, shelves);
  }
  expect(found.forms).toBeGreaterThan(FUZZED_ANSWERS / 4);
  expect(found.repeats).toBeGreaterThan(FUZZED_ANSWERS / 2);
});
