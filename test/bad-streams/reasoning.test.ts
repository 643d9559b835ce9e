import { describe, expect, test } from "bun:test";
import { DONE, event, finish, HEAD, response, ROLE, token } from "../fixtures/answers.ts";
import { askInTime } from "./ask.ts";

const delta = (fields: object): string => event({ choices: [{ index: 0, delta: fields, finish_reason: null }] });
const part = (thinking: unknown, more: object = {}): object => ({ content: [{ type: "thinking", thinking, ...more }] });

type Row = [name: string, first: object, second: object];

describe("reasoning under any of its names is shown, counted and timed:", () => {
  const rows: Row[] = [
    ["reasoning_content", { reasoning_content: "Je " }, { reasoning_content: "pense." }],
    ["reasoning", { content: "", reasoning: "Je " }, { content: null, reasoning: "pense." }],
    ["reasoning as an object", { reasoning: { content: "Je " } }, { reasoning: { content: "pense.", id: "r" } }],
    ["reasoning_text", { content: null, reasoning_text: "Je " }, { content: null, reasoning_text: "pense." }],
    ["thinking", { thinking: "Je " }, { thinking: "pense." }],
    ["thinking as an object", { thinking: { content: "Je " } }, { thinking: { text: "pense." } }],
    [
      "thinking_blocks",
      { thinking_blocks: [{ type: "thinking", thinking: "Je " }] },
      { thinking_blocks: [{ type: "thinking", thinking: "pense.", signature: "c2lnbmVk" }] },
    ],
    [
      "reasoning_details with text",
      { content: "", reasoning_details: [{ type: "reasoning.text", index: 0, text: "Je " }] },
      { content: "", reasoning_details: [{ type: "reasoning.text", index: 0, text: "pense." }] },
    ],
    [
      "reasoning_details with a summary",
      { reasoning_details: [{ type: "reasoning.summary", summary: "Je " }] },
      {
        reasoning_details: [
          { type: "reasoning.summary", summary: "pen" },
          { type: "reasoning.summary", summary: "se." },
        ],
      },
    ],
    ["parts of content", part("Je "), part("pense.")],
    [
      "parts of content with parts below",
      part([{ type: "text", text: "Je " }]),
      part(
        [
          { type: "text", text: "pen" },
          { type: "text", text: "se." },
        ],
        { closed: true },
      ),
    ],
    [
      "several names, of which the first that says something counts",
      { reasoning_content: "Je ", reasoning: "Je ", reasoning_details: [{ text: "Je " }] },
      { reasoning_content: "", reasoning: "pense.", thinking: "pense." },
    ],
    ["names that change", { reasoning: "Je " }, { reasoning_text: "pense." }],
  ];
  test.each(rows)("%s", async (_, first, second) => {
    const { record, shown } = await askInTime(
      HEAD + ROLE + delta(first) + delta(second) + token("Bon") + token("jour") + finish() + DONE,
    );
    expect(record).toMatchObject({ verdict: "complete", text: "Bonjour", reasoning: "Je pense.", token_events: 4 });
    expect(shown).toContain("Je pense.");
  });

  test.each(rows)("%s, which stops the clock of the first token and is itself no visible answer", async (_, first) => {
    const { record, code } = await askInTime(HEAD + ROLE + delta(first) + finish() + DONE);
    expect(record).toMatchObject({ verdict: "empty", text: "", reasoning: "Je ", token_events: 1 });
    expect(record).toHaveProperty("ttft_ms", expect.any(Number));
    expect(code).toBe(3);
  });

  test.each(rows)("%s in a JSON answer", async (_, message) => {
    const content = "content" in message && Array.isArray(message.content) ? message.content : [];
    const choices = [
      { message: { ...message, content: [...content, { type: "text", text: "Bonjour" }] }, finish_reason: "stop" },
    ];
    const { record } = await askInTime(
      response("200 OK", "Content-Type: application/json\r\n", JSON.stringify({ choices })),
    );
    expect(record).toMatchObject({ verdict: "complete", text: "Bonjour", reasoning: "Je " });
  });
});

test.each([
  ["encrypted, as a text", { reasoning_details: [{ type: "reasoning.encrypted", text: "Z0FBQUFB" }] }],
  ["a signature", { thinking_blocks: [{ type: "signature", text: "c2lnbmVk" }] }],
  ["encrypted", { reasoning_details: [{ type: "reasoning.encrypted", data: "Z0FBQUFB" }] }],
  ["signed", { thinking_blocks: [{ type: "thinking", thinking: "", signature: "c2lnbmVk" }] }],
  ["a redacted part of content", { content: [{ type: "redacted_thinking", text: "Z0FBQUFB" }] }],
  ["redacted", { thinking_blocks: [{ type: "redacted_thinking", data: "Z0FBQUFB" }] }],
  ["null", { reasoning: null, reasoning_text: null, thinking: null, thinking_blocks: null, reasoning_details: null }],
  ["empty", { reasoning: { content: "" }, reasoning_text: "", thinking: {}, thinking_blocks: [], content: [] }],
  ["of another kind", { reasoning: 7, thinking: true, reasoning_details: "", content: [{ type: "thinking" }] }],
])("reasoning that is %s is no token", async (_, fields) => {
  const { record } = await askInTime(HEAD + delta(fields) + token("a") + delta(fields) + finish() + DONE);
  expect(record).toMatchObject({ verdict: "complete", text: "a", reasoning: "", token_events: 1, malformed: 0 });
});

test("reasoning feeds the timers of the first token and of silence", async () => {
  const { record } = await askInTime(
    async ({ write, sleep, fin }) => {
      await write(HEAD + ROLE);
      for (const fields of [{ reasoning_text: "a" }, part("b"), { reasoning_details: [{ text: "c" }] }]) {
        await sleep(900);
        await write(delta(fields));
      }
      await sleep(900);
      await write(token("d") + finish() + DONE);
      fin();
    },
    { args: ["--timeout-first-token", "1s", "--timeout-idle", "1s"] },
  );
  expect(record).toMatchObject({ verdict: "complete", text: "d", reasoning: "abc", token_events: 4 });
});

test("one part of content that is no list may be reasoning", async () => {
  const thought = (fields: object): string => delta({ content: { type: "thinking", ...fields } });
  const { record } = await askInTime(
    HEAD + thought({ thinking: "Je " }) + thought({ text: "pense." }) + token("Bonjour") + finish() + DONE,
  );
  expect(record).toMatchObject({ verdict: "complete", text: "Bonjour", reasoning: "Je pense.", token_events: 3 });
});

test.each([
  ["one part", { type: "text", text: "Bon" }],
  ["texts", ["B", "on"]],
  ["parts whose keys are numbers", { 0: { text: "B" }, 1: { type: "text", text: "on" } }],
])("content may be %s", async (_, content) => {
  const { record } = await askInTime(HEAD + delta({ content }) + token("jour") + finish() + DONE);
  expect(record).toMatchObject({ verdict: "complete", text: "Bonjour", token_events: 2, malformed: 0 });
});

test("visible parts beside thinking are visible alone", async () => {
  const both = {
    content: [
      { type: "thinking", thinking: "hm", text: "hm" },
      { type: "text", text: "Bon" },
    ],
  };
  const { record } = await askInTime(HEAD + delta(both) + token("jour") + finish() + DONE);
  expect(record).toMatchObject({ text: "Bonjour", reasoning: "hm", token_events: 2 });
});

describe("what is said in audio is shown as text:", () => {
  const audio = (fields: object): object => ({ content: null, audio: fields });
  test("in pieces", async () => {
    const { record } = await askInTime(
      HEAD +
        delta({ role: "assistant", ...audio({ id: "audio_1", transcript: "Bon" }) }) +
        delta(audio({ transcript: "jour", data: "AAAA" })) +
        delta(audio({ data: "AAAA" })) +
        delta(audio({ expires_at: 1764103600 })) +
        finish() +
        DONE,
    );
    expect(record).toMatchObject({ verdict: "complete", text: "Bonjour", token_events: 2 });
    expect(record).toHaveProperty("ttfo_ms", expect.any(Number));
  });

  test("in a JSON answer", async () => {
    const choices = [{ message: audio({ transcript: "Bonjour", data: "AAAA" }), finish_reason: "stop" }];
    const { record } = await askInTime(
      response("200 OK", "Content-Type: application/json\r\n", JSON.stringify({ choices })),
    );
    expect(record).toMatchObject({ verdict: "complete", text: "Bonjour" });
  });

  test("a transcript that is no text is none", async () => {
    const { record } = await askInTime(HEAD + delta(audio({ transcript: 7 })) + token("a") + finish() + DONE);
    expect(record).toMatchObject({ text: "a", token_events: 1, malformed: 0 });
  });
});
