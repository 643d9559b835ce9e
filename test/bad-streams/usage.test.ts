import { describe, expect, test } from "bun:test";
import { DONE, event, finish, HEAD, response, token } from "../fixtures/answers.ts";
import { messages, responses } from "../fixtures/api-answers.ts";
import { askInTime } from "./ask.ts";

const TEXT = token("Bon") + token("jour");
const COUNTED = { prompt_tokens: 7, completion_tokens: 42, total_tokens: 49 };
const told = (usage: unknown): string => event({ choices: [], usage });
const last = (more: object): string => event({ choices: [{ index: 0, delta: {}, finish_reason: "stop", ...more }] });

describe("usage is read from wherever it stands:", () => {
  test.each<[string, string]>([
    ["the chunk", TEXT + finish() + told(COUNTED)],
    ["the choice", TEXT + last({ usage: COUNTED })],
    ["the choice, under other names", TEXT + last({ usage: { input_tokens: 7, output_tokens: 42 } })],
    ["the delta", TEXT + event({ choices: [{ delta: { usage: COUNTED }, finish_reason: "stop" }] })],
    ["x_groq", TEXT + event({ choices: [{ delta: {}, finish_reason: "stop" }], x_groq: { id: "r", usage: COUNTED } })],
    ["x_groq, without a choice", TEXT + finish() + event({ choices: [], x_groq: { usage: COUNTED } })],
    [
      "input_tokens and output_tokens",
      TEXT + finish() + told({ input_tokens: 7, output_tokens: 42, total_tokens: 49, generation_tps: 81.5 }),
    ],
    ["both names, of which one is 0", TEXT + finish() + told({ ...COUNTED, input_tokens: 0, output_tokens: 0 })],
    ["parts of it in two events", TEXT + finish() + told({ prompt_tokens: 7 }) + told({ completion_tokens: 42 })],
    ["an event that only counts", TEXT + finish() + event({ usage: COUNTED })],
    ["the first chunk, where the last one's is empty", told(COUNTED) + TEXT + finish() + told({})],
    ["a chunk before an empty one", TEXT + last({}) + told(COUNTED) + told({})],
    ["a chunk before one of zeros", TEXT + finish() + told(COUNTED) + told({ prompt_tokens: 0, completion_tokens: 0 })],
    ["a chunk before one of nulls", TEXT + finish() + told(COUNTED) + told({ completion_tokens: null }) + told(null)],
    [
      "a chunk after zeros on each",
      event({ choices: [{ delta: { content: "Bon" } }], usage: { total_tokens: 0, completion_tokens: 0 } }) +
        token("jour") +
        finish() +
        told(COUNTED),
    ],
    ["the last of those that differ", TEXT + finish() + told({ ...COUNTED, completion_tokens: 41 }) + told(COUNTED)],
  ])("%s", async (_, body) => {
    const { record } = await askInTime(HEAD + body + DONE);
    const counted = { tokens: 42, tokens_source: "usage", prompt_tokens: 7, notices: [] };
    expect(record).toMatchObject({ verdict: "complete", text: "Bonjour", token_events: 2, ...counted });
  });

  test("a JSON answer under other names", async () => {
    const body = {
      choices: [{ message: { content: "Bonjour" }, finish_reason: "stop" }],
      usage: { input_tokens: 7, output_tokens: 42 },
    };
    const { record } = await askInTime(response("200 OK", "Content-Type: application/json\r\n", JSON.stringify(body)));
    expect(record).toMatchObject({ tokens: 42, prompt_tokens: 7 });
  });

  test.each([
    ["prompt_tokens_details", { prompt_tokens_details: { cached_tokens: 5 } }],
    ["input_tokens_details", { input_tokens_details: { cached_tokens: 5 } }],
    ["cache_read_input_tokens", { cache_read_input_tokens: 5 }],
    ["a name of two that is 0", { prompt_tokens_details: { cached_tokens: 0 }, cache_read_input_tokens: 5 }],
  ])("cached prompt tokens, from %s", async (_, more) => {
    const { record } = await askInTime(HEAD + TEXT + finish() + told({ ...COUNTED, ...more }) + DONE);
    expect(record).toMatchObject({ tokens: 42, prompt_tokens: 7, cached_prompt_tokens: 5 });
  });
});

describe("counts that are written as texts are read as numbers", () => {
  const [input, output] = [{ input_tokens: "7" }, { output_tokens: "42" }];
  const details = {
    prompt_tokens_details: { cached_tokens: "5" },
    completion_tokens_details: { reasoning_tokens: "0" },
  };
  const counted = { prompt_tokens: "7", completion_tokens: "42", total_tokens: "49", ...details };
  const piece = (text: string): string => event({ choices: [{ text }] });

  test.each<[string, string]>([
    ["chat", TEXT + finish() + told(counted) + DONE],
    ["responses", responses.text("Bonjour") + responses.end("completed", { usage: { ...input, ...output } })],
    [
      "messages",
      messages.start({ ...input, output_tokens: "1" }) +
        messages.text("Bonjour") +
        messages.reason("end_turn", output) +
        messages.stop,
    ],
    [
      "messages, where the last is nothing",
      messages.start({ ...input, output_tokens: "1" }) +
        messages.text("Bonjour") +
        messages.reason("end_turn", output) +
        messages.reason("end_turn", { input_tokens: "0", output_tokens: "0" }) +
        messages.stop,
    ],
    [
      "completions",
      piece("Bonjour") + event({ choices: [{ text: "", finish_reason: "stop" }], usage: counted }) + DONE,
    ],
  ])("in %s", async (api, body) => {
    const { record } = await askInTime(HEAD + body, { args: ["--api", api.split(",")[0] ?? ""] });
    expect(record).toMatchObject({
      verdict: "complete",
      text: "Bonjour",
      tokens: 42,
      tokens_source: "usage",
      prompt_tokens: 7,
    });
  });

  test("in details, too", async () => {
    const { record } = await askInTime(HEAD + TEXT + finish() + told(counted) + DONE);
    expect(record).toMatchObject({ cached_prompt_tokens: 5, reasoning_tokens: 0 });
  });

  test.each(["", " ", "abc", "-3", "1.5", "1e3", "0x10", "NaN", "12 tokens", "1,234", "１２", "9".repeat(20)])(
    "and %j is none",
    async (count) => {
      const usage = { prompt_tokens: count, completion_tokens: count, total_tokens: count };
      const { record } = await askInTime(HEAD + TEXT + finish() + told(usage) + DONE);
      expect(record).toMatchObject({ verdict: "complete", tokens: 2, tokens_source: "events", prompt_tokens: null });
    },
  );
});

/** Text whose every event has a usage of its own. */
const counting = (usages: readonly unknown[]): string =>
  usages.map((usage, i) => event({ choices: [{ delta: { content: `${i % 10}` } }], usage })).join("");
const one = (completion: number): object => ({ prompt_tokens: 713, completion_tokens: completion });

describe("a count of each event alone is no total: events are counted, with a notice", () => {
  test.each([
    ["always 1", Array.from({ length: 6 }, () => one(1))],
    ["always 2, of fewer than there are events", Array.from({ length: 6 }, () => one(2))],
    ["on the first event alone", [one(1), null, null, null, null, null]],
    ["that rises and falls", [one(1), one(2), one(1), one(2), one(1), one(1)]],
    ["at the end, of fewer than half of the events", [null, null, null, null, null, one(2)]],
  ])("%s", async (_, usages) => {
    const { record, shown } = await askInTime(HEAD + counting(usages) + finish() + DONE);
    expect(record).toMatchObject({
      verdict: "complete",
      text: "012345",
      tokens: 6,
      tokens_source: "events",
      prompt_tokens: 713,
      notices: ["usage_not_total"],
    });
    expect(shown).toContain("it is not a total");
  });
});

describe("a count is a total", () => {
  test.each([
    ["that grows with the answer", counting([one(1), one(2), one(3), one(4)]), 4],
    ["that grows at its end", counting([one(1), one(1), one(1)]) + finish() + told(one(9)), 9],
    ["that stands still above the number of events", counting([one(40), one(40), one(40)]), 40],
    [
      "that comes at the end, of text that a proxy cut into smaller events",
      TEXT.repeat(9) + finish() + told(one(12)),
      12,
    ],
    ["that comes at the end twice", TEXT.repeat(9) + finish() + told(one(12)) + told(one(12)), 12],
  ])("%s", async (_, body, tokens) => {
    const { record } = await askInTime(HEAD + body + (body.includes("stop") ? "" : finish()) + DONE);
    expect(record).toMatchObject({ verdict: "complete", tokens, tokens_source: "usage", notices: [] });
  });
});

const thought = (reasoning: number, more: object = {}): object => ({
  ...COUNTED,
  completion_tokens_details: { reasoning_tokens: reasoning },
  ...more,
});

describe("usage that cannot be is not believed: events are counted, with a notice", () => {
  test.each([
    ["more tokens than bytes", { ...COUNTED, completion_tokens: 100_000 }],
    ["as many with a little reasoning", thought(300, { completion_tokens: 100_000, total_tokens: 100_007 })],
    ["reasoning beyond the completion beside a text", thought(317)],
    ["the same without a total", { completion_tokens: 2, reasoning_tokens: 50 }],
    ["the same with a total that says nothing of it", thought(317, { total_tokens: 324 })],
  ])("%s", async (_, usage) => {
    const { record, shown } = await askInTime(HEAD + TEXT + finish() + told(usage) + DONE);
    expect(record).toMatchObject({
      verdict: "complete",
      tokens: 2,
      tokens_source: "events",
      streamed_tokens: 2,
      reasoning_tokens: null,
      notices: ["usage_impossible"],
      cost: null,
    });
    expect(shown).toContain("cannot be true of this answer");
  });

  test("in a JSON answer too", async () => {
    const body = {
      choices: [{ message: { content: "Bonjour" }, finish_reason: "stop" }],
      usage: { ...COUNTED, completion_tokens: 5000 },
    };
    const { record } = await askInTime(response("200 OK", "Content-Type: application/json\r\n", JSON.stringify(body)));
    expect(record).toMatchObject({
      tokens: 1,
      tokens_source: "events",
      notices: ["not_streamed", "usage_impossible"],
    });
  });

  test("hidden reasoning may be more than bytes, and reasoning without any text may be what it says", async () => {
    const hidden = thought(9000, { completion_tokens: 9042, total_tokens: 9049 });
    const { record } = await askInTime(HEAD + TEXT + finish() + told(hidden) + DONE);
    expect(record).toMatchObject({ tokens: 9042, streamed_tokens: 42, reasoning_hidden: true, notices: [] });
    const mute = await askInTime(HEAD + finish("length") + told(thought(300)) + DONE);
    expect(mute.record).toMatchObject({ verdict: "empty", reasoning_tokens: 300, notices: [] });
  });
});

describe("reasoning that is counted beside the completion", () => {
  const apart = thought(317, { prompt_tokens: 12, total_tokens: 371 });
  const less = thought(20, { prompt_tokens: 12, total_tokens: 74 });

  test.each([
    ["317", apart, 317],
    ["20", less, 20],
  ])("(%s) is not taken off it when it is hidden", async (_, usage, reasoning) => {
    const { record } = await askInTime(HEAD + TEXT + finish() + told(usage) + DONE);
    expect(record).toMatchObject({
      tokens: 42,
      streamed_tokens: 42,
      reasoning_tokens: reasoning,
      reasoning_hidden: true,
      reasoning_apart: true,
      notices: [],
    });
  });

  test("is streamed besides when it is shown", async () => {
    const think = event({ choices: [{ delta: { reasoning: "hm" } }] });
    const { record } = await askInTime(HEAD + think + TEXT + finish() + told(less) + DONE);
    expect(record).toMatchObject({ tokens: 42, streamed_tokens: 62, reasoning_hidden: false, reasoning_apart: true });
  });

  test("is not apart where the total is that of prompt and completion", async () => {
    const { record } = await askInTime(HEAD + TEXT + finish() + told(thought(20)) + DONE);
    expect(record).toMatchObject({ tokens: 42, streamed_tokens: 22, reasoning_hidden: true, reasoning_apart: false });
  });
});
