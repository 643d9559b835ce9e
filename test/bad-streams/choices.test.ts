import { describe, expect, test } from "bun:test";
import { DONE, event, finish, HEAD, response, token } from "../fixtures/answers.ts";
import { askInTime } from "./ask.ts";

const choice = (index: unknown, content: string, reason: string | null = null): object => ({
  index,
  delta: { content },
  finish_reason: reason,
});
const chunk = (...choices: object[]): string => event({ choices });

describe("the one choice of a chunk is the answer, whatever its number:", () => {
  test.each([
    ["0", [0, 0, 0]],
    ["1", [1, 1, 1]],
    ["growing", [0, 1, 2]],
    ["falling", [2, 1, 0]],
    ["a text", ["0", "1", "x"]],
    ["null or absent", [null, undefined, null]],
    ["no number at all", [-1, true, {}]],
  ])("%s", async (_, [first, second, third]) => {
    const { record } = await askInTime(
      HEAD + chunk(choice(first, "Bon")) + chunk(choice(second, "jour")) + chunk(choice(third, "", "stop")) + DONE,
    );
    expect(record).toMatchObject({ verdict: "complete", text: "Bonjour", finish_reason: "stop", notices: [] });
  });

  test.each([
    ["one object", (choice: object) => choice],
    ["an object whose keys are numbers", (choice: object) => ({ 1: choice })],
  ])("in %s in place of a list", async (_, listed) => {
    const chunk = (content: string, reason: string | null): string =>
      event({ choices: listed({ index: 0, delta: { content }, finish_reason: reason }) });
    const { record } = await askInTime(HEAD + chunk("Bon", null) + chunk("jour", "stop") + DONE);
    expect(record).toMatchObject({ verdict: "complete", text: "Bonjour", malformed: 0, notices: [] });
  });

  test("another for its reasoning than for its text", async () => {
    const think = event({ choices: [{ index: 0, delta: { reasoning_content: "Je pense." } }] });
    const { record } = await askInTime(
      HEAD + think + chunk(choice(1, "Bon")) + chunk(choice(1, "jour")) + finish() + DONE,
    );
    expect(record).toMatchObject({ verdict: "complete", text: "Bonjour", reasoning: "Je pense.", token_events: 3 });
  });

  test("in a JSON answer", async () => {
    const body = JSON.stringify({ choices: [{ index: 1, message: { content: "Bon" }, finish_reason: "length" }] });
    const { record } = await askInTime(response("200 OK", "Content-Type: application/json\r\n", body));
    expect(record).toMatchObject({ verdict: "length", text: "Bon" });
  });

  test("with n at 1 too", async () => {
    const { record } = await askInTime(HEAD + chunk(choice(3, "a", "stop")) + DONE, { args: ["--param", "n=1"] });
    expect(record).toMatchObject({ verdict: "complete", text: "a", notices: [] });
  });

  test("with its text beside a delta that is not there", async () => {
    const body = event({ choices: [{ index: 0, text: "Bon" }] }) + event({ choices: [{ text: "jour" }] });
    const { record } = await askInTime(HEAD + body + finish() + DONE);
    expect(record).toMatchObject({ verdict: "complete", text: "Bonjour", token_events: 2 });
  });
});

describe("other choices are those", () => {
  const others = { verdict: "complete", finish_reason: "stop", text: "ab", notices: ["other_choices"] };

  test("that share a chunk, of which the first by number is shown", async () => {
    const { record } = await askInTime(
      HEAD + chunk(choice(0, "a"), choice(1, "X")) + chunk(choice(1, "Y"), choice(0, "b")) + finish() + DONE,
    );
    expect(record).toMatchObject(others);
  });

  test("that come alone once they have shared a chunk", async () => {
    const { record } = await askInTime(
      HEAD +
        chunk(choice(0, "a"), choice(1, "X")) +
        chunk(choice(1, "Y")) +
        chunk(choice(1, "", "content_filter")) +
        token("b") +
        finish() +
        DONE,
    );
    expect(record).toMatchObject(others);
  });

  test.each(["2", "5"])("that come in turns, or first, under n=%s", async (n) => {
    const { record } = await askInTime(
      HEAD +
        [1, 0, 1, 0, 1].map((index, i) => chunk(choice(index, index === 0 ? "ab".charAt(i >> 1) : "X"))).join("") +
        chunk(choice(1, "", "error")) +
        finish() +
        DONE,
      { args: ["--param", `n=${n}`] },
    );
    expect(record).toMatchObject(others);
  });

  test("of a JSON answer", async () => {
    const choices = ["Y", "ab"].map((content, i) => ({ index: 1 - i, message: { content }, finish_reason: "stop" }));
    const { record } = await askInTime(
      response("200 OK", "Content-Type: application/json\r\n", JSON.stringify({ choices })),
    );
    expect(record).toMatchObject({ text: "ab", notices: ["other_choices", "not_streamed"] });
  });

  test("of a chunk where none is the first: its first is shown", async () => {
    const { record } = await askInTime(HEAD + chunk(choice(1, "ab", "stop"), choice(2, "X", "length")) + DONE);
    expect(record).toMatchObject(others);
  });
});

describe("an event that says the whole answer again is not shown twice:", () => {
  const USAGE = { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 };
  const whole = (message: object, more: object = { object: "chat.completion" }): string =>
    event({ ...more, choices: [{ index: 0, message, finish_reason: "stop" }], usage: USAGE });
  const pieces = token("Bon") + token("jour");
  const told = { verdict: "complete", finish_reason: "stop", tokens: 2, tokens_source: "usage", prompt_tokens: 7 };

  test.each<[string, string]>([
    ["object: chat.completion", pieces + whole({ content: "Bonjour" })],
    ["the same with other white space", pieces + whole({ content: "Bonjour\n" })],
    ["a message equal to the text so far", pieces + whole({ content: "Bonjour" }, {})],
    ["the same in one read with its last piece", token("Bonj") + token("our") + whole({ content: "Bonjour" }, {})],
    ["the same after a single piece", token("Bonjour") + token("") + whole({ content: "Bonjour" }, {})],
    ["a message of parts", pieces + whole({ content: [{ type: "text", text: "Bonjour" }] }, {})],
    ["the same twice", pieces + whole({ content: "Bonjour" }) + whole({ content: "Bonjour" })],
  ])("%s", async (_, body) => {
    const { record } = await askInTime(HEAD + body + DONE);
    expect(record).toMatchObject({ ...told, text: "Bonjour" });
  });

  test("of reasoning and tool calls only what did not come before is taken", async () => {
    const call = { index: 0, id: "a", type: "function", function: { name: "clock", arguments: "{}" } };
    const think = event({ choices: [{ delta: { reasoning: "Je pense." } }] });
    const message = { content: "Bonjour", reasoning: "Je pense.", tool_calls: [call] };
    const { record } = await askInTime(HEAD + think + pieces + whole(message) + DONE);
    expect(record).toMatchObject({ text: "Bonjour", reasoning: "Je pense.", token_events: 4 });
    expect(record.tool_calls).toHaveLength(1);
    const made = event({ choices: [{ delta: { tool_calls: [call] } }] });
    const again = await askInTime(HEAD + made + whole({ content: null, tool_calls: [call] }) + DONE);
    expect(again.record.tool_calls).toHaveLength(1);
    expect(again.record).toMatchObject({ verdict: "complete", token_events: 1 });
  });

  test("its text is taken where none came before", async () => {
    const think = event({ choices: [{ delta: { reasoning: "Je pense." } }] });
    for (const before of ["", think]) {
      const { record } = await askInTime(HEAD + before + whole({ content: "Bonjour" }) + DONE);
      expect(record).toMatchObject({ ...told, text: "Bonjour" });
    }
  });

  test("pieces in messages of chunks are pieces, even when they are alike", async () => {
    const piece = (content: string, more: object): string =>
      event({ ...more, choices: [{ index: 0, message: { content }, finish_reason: null }] });
    const { record } = await askInTime(
      HEAD + ["ha", "ha", "haha"].map((text) => piece(text, { object: "chat.completion.chunk" })).join("") + finish(),
    );
    expect(record).toMatchObject({ text: "hahahaha", token_events: 3 });
    const unnamed = await askInTime(HEAD + piece("Bon", {}) + piece("jour", {}) + finish());
    expect(unnamed.record).toMatchObject({ text: "Bonjour", token_events: 2 });
  });

  test("a message beside an empty delta counts as if it stood alone", async () => {
    const both = (content: string, more: object): string =>
      event({ ...more, choices: [{ index: 0, delta: {}, message: { content }, finish_reason: "stop" }] });
    const pieced = await askInTime(HEAD + both("Bon", {}) + both("jour", {}) + DONE);
    expect(pieced.record).toMatchObject({ text: "Bonjour", token_events: 2 });
    const again = await askInTime(HEAD + pieces + both("Bonjour", { object: "chat.completion" }) + DONE);
    expect(again.record).toMatchObject({ text: "Bonjour", token_events: 2 });
  });

  test("a message that grows beside the pieces is not shown", async () => {
    const both = (content: string, so: string): string =>
      event({ choices: [{ index: 0, delta: { content }, message: { content: so }, finish_reason: null }] });
    const { record } = await askInTime(HEAD + both("Bon", "Bon") + both("jour", "Bonjour") + finish() + DONE);
    expect(record).toMatchObject({ text: "Bonjour", token_events: 2 });
  });

  test("deltas are pieces, whatever the event is called and however alike they are", async () => {
    const piece = (content: string): string =>
      event({ object: "chat.completion", choices: [{ index: 0, delta: { content } }] });
    const { record } = await askInTime(HEAD + ["ha", "ha", "haha"].map(piece).join("") + finish());
    expect(record).toMatchObject({ text: "hahahaha", token_events: 3 });
  });
});
