import { describe, expect, test } from "bun:test";
import { ask, runOnce } from "./ask.ts";
import { DONE, event, finish, HEAD, token } from "../fixtures/answers.ts";

test("one malformed event among good ones is skipped, counted, quoted whole with --debug and named at the end", async () => {
  const bad = `{"choices":[{"delta":{"content":"${"long ".repeat(100)}`;
  const { record, events, debug, shown } = await ask(HEAD + token("a") + `data: ${bad}\n\n` + token("b") + finish());
  expect(record).toMatchObject({ verdict: "complete", text: "ab", malformed: 1, error: null });
  expect(events.filter((line) => line.type === "skipped")).toMatchObject([{ data: bad }]);
  expect(debug).toContain(bad);
  expect(shown).toContain("Malformed events skipped: 1");
});

describe("an event that was lost in the middle leaves a hole in the answer, which is said", () => {
  const BAD = "data: {oops\n\n";
  const said = "could not be read: the answer lacks what stood there";

  test.each([
    ["between two tokens", token("a") + BAD + token("b") + finish() + DONE, "1 event "],
    ["before the first", BAD + token("b") + finish() + DONE, "1 event "],
    ["after the last", token("a") + BAD + BAD + finish() + DONE, "2 events "],
  ])("%s, with --quiet too", async (_, body, count) => {
    const [{ record, shown }, quiet] = await Promise.all([ask(HEAD + body), runOnce(HEAD + body, ["--quiet"])]);
    expect(record).toMatchObject({ verdict: "complete", notices: ["lost_events"] });
    expect(shown).toContain(count + said);
    expect(quiet.outcome).toMatchObject({ code: 0, stdout: record.text });
    expect(quiet.outcome.stderr).toContain(count + said);
  });

  test("of several streams it is said once, and of how many", async () => {
    const { outcome } = await runOnce(HEAD + token("a") + BAD + token("b") + finish() + DONE, [
      "--quiet",
      "--repeat",
      "2",
    ]);
    const lines = outcome.stderr.split("\n").filter((line) => line.includes(said));
    expect(lines).toEqual([expect.stringContaining("2 of 2")]);
  });

  test("an answer that was cut for another reason keeps its verdict, and lacks it all the same", async () => {
    const cut = await ask(HEAD + token("a") + BAD + token("b"));
    expect(cut.record).toMatchObject({ verdict: "truncated", notices: ["lost_events"] });
    const failed = await ask(HEAD + token("a") + BAD + token("b") + event({ error: "gone" }));
    expect(failed.record).toMatchObject({ verdict: "failed", notices: ["lost_events"] });
  });

  test.each([
    ["usage that cannot be read", token("a") + finish() + BAD + DONE],
    ["the rest of an event that the end cut", `${token("a")}${finish()}data: {"choices":[{"delta`],
    ["nothing but malformed events", BAD + DONE],
  ])("%s is no hole", async (_, body) => {
    const { record } = await ask(HEAD + body);
    expect(record.notices).toEqual([]);
    expect(record.malformed).toBe(1);
  });
});

describe("a sign of life in the place of data is a comment", () => {
  const rows = [
    "data: : PROCESSING",
    "data: :",
    "data: ping",
    "data: [PING]",
    'data: "heartbeat"',
    "data: keep-alive",
    "data: KEEPALIVE",
    "event: ping\ndata: 2026-11-26 04:10:00",
    "event: heartbeat\ndata: 17",
  ];
  test.each(rows)("%j", async (line) => {
    const life = `${line}\n\n`;
    const { record } = await ask(HEAD + life + token("a") + life + finish() + DONE);
    expect(record).toMatchObject({ verdict: "complete", text: "a", malformed: 0, notices: [], token_events: 1 });
  });

  test("and an answer that ends after it is asked for again", async () => {
    for (const line of rows) {
      const { record, requests } = await ask(
        async ({ number, write, fin }) => {
          await write(HEAD + `${line}\n\n`.repeat(2) + (number === 1 ? "" : token("a") + finish()));
          fin();
        },
        { args: ["--retries", "1"] },
      );
      expect([line, record.verdict, requests.length]).toEqual([line, "complete", 2]);
    }
    const { record } = await ask(`${HEAD}data: : PROCESSING\n\n`);
    expect(record).toMatchObject({ verdict: "failed", error: { kind: "ended_early" }, attempts: 3 });
  });

  test("other words are an event that cannot be read", async () => {
    const { record } = await ask(`${HEAD}data: pinging the engine failed\n\n`);
    expect(record).toMatchObject({ verdict: "failed", error: { kind: "malformed" }, attempts: 1 });
  });
});

test("--debug points at the place where an event stops being JSON", async () => {
  const { events, debug } = await ask(`${HEAD}${token("a")}data: {"choices": oops}\n\n${finish()}`);
  expect(events.find((line) => line.type === "skipped")?.["why"]).toEndWith("at position 12");
  expect(debug).toContain(`   {"choices": oops}\n   ${" ".repeat(12)}^\n`);
});

test("when every event is malformed the answer failed, and the first is quoted up to 200 characters", async () => {
  const { record } = await ask(`${HEAD}data: ${"oops ".repeat(100)}\n\ndata: worse\n\n${DONE}`);
  expect(record).toMatchObject({
    verdict: "failed",
    error: { kind: "malformed" },
    malformed: 2,
    attempts: 1,
    text: "",
  });
  expect(record.error?.message).toContain("oops ".repeat(40));
  expect(record.error?.message).not.toContain("oops ".repeat(41));
  expect(record.error?.message).toContain("2 events");
});

test("events that are JSON but no chunks are malformed each for its reason, and stop nothing", async () => {
  const bad = ["1", "[]", '"text"', "null", '{"choices":{}}', '{"choices":[7]}', '{"choices":[{"delta":5}]}'];
  const text = '{"choices":[{"delta":{"content":5}}]}';
  const body = [...bad, text].map((data) => `data: ${data}\n\n`).join("");
  const { record } = await ask(HEAD + body + token("a") + body + finish());
  expect(record).toMatchObject({ verdict: "complete", text: "a", malformed: 16, token_events: 1 });
});

test("chunks without choices, without delta, with null or with a role alone are no tokens and no errors", async () => {
  const empty = [
    {},
    { choices: [] },
    { choices: null },
    { choices: [{}] },
    { choices: [{ index: 0 }] },
    { choices: [{ index: 0, delta: null }] },
    { choices: [{ index: 0, delta: {} }] },
    { choices: [{ index: 0, delta: { role: "assistant" } }] },
    { choices: [{ index: 0, delta: { role: "assistant", content: "" } }] },
    { choices: [{ index: 0, delta: { content: null, tool_calls: null, reasoning: null }, finish_reason: null }] },
    { choices: [{ index: 0, delta: { tool_calls: [] }, finish_reason: "" }] },
    { error: null, choices: [] },
  ].map(event);
  const { record } = await ask(HEAD + empty.join("") + token("a") + empty.join("") + finish());
  expect(record).toMatchObject({ verdict: "complete", text: "a", token_events: 1, malformed: 0, notices: [] });
});

describe("usage", () => {
  const usage = (completion: number, more = {}) => ({
    usage: { prompt_tokens: 3, completion_tokens: completion, total_tokens: 3 + completion, ...more },
  });
  const last = { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
  const rows: [string, string, object][] = [
    ["on a last chunk of its own", token("a") + finish() + event({ choices: [], ...usage(7) }) + DONE, { tokens: 7 }],
    [
      "on every chunk, of which the last counts",
      event({ choices: [{ delta: { content: "a" } }], ...usage(1) }) + event({ ...last, ...usage(2) }) + DONE,
      { tokens: 2 },
    ],
    [
      "null after a count does not undo it",
      event({ choices: [{ delta: { content: "a" } }], ...usage(9) }) + event({ ...last, usage: null }) + DONE,
      { tokens: 9 },
    ],
    ["with the finish reason", token("a") + event({ ...last, ...usage(4) }) + DONE, { tokens: 4, prompt_tokens: 3 }],
    [
      "with nested reasoning tokens",
      token("a") + event({ ...last, ...usage(4, { completion_tokens_details: { reasoning_tokens: 2 } }) }),
      { tokens: 4, reasoning_tokens: 2 },
    ],
  ];
  for (const [name, body, expected] of rows) {
    test(`${name}`, async () => {
      const { record } = await ask(HEAD + body);
      expect(record).toMatchObject({ verdict: "complete", text: "a", tokens_source: "usage", ...expected });
    });
  }

  test("missing, or 0 beside tokens, is counted by events", async () => {
    for (const more of [
      "",
      event({ choices: [], ...usage(0) }),
      event({ choices: [], usage: { completion_tokens: -1 } }),
    ]) {
      const { record } = await ask(HEAD + token("a") + token("b") + finish() + more + DONE);
      expect(record).toMatchObject({ verdict: "complete", tokens: 2, tokens_source: "events" });
    }
  });
});

test("of several choices only the first is shown, a notice names the others once, and only its reason counts", async () => {
  const second = (content: string, reason: string | null = null): string =>
    event({ choices: [{ index: 1, delta: { content }, finish_reason: reason }] });
  const both = {
    choices: [
      { index: 1, delta: { content: "Z" } },
      { index: 0, delta: { content: "b" } },
    ],
  };
  const { record } = await ask(
    HEAD +
      token("a") +
      second("X") +
      second("Y", "content_filter") +
      event(both) +
      second("", "error") +
      finish() +
      DONE,
    { args: ["--param", "n=2"] },
  );
  expect(record).toMatchObject({ verdict: "complete", finish_reason: "stop", text: "ab", notices: ["other_choices"] });
});

test("an answer of the other choices alone is empty", async () => {
  const other = event({ choices: [{ index: 1, delta: { content: "X" } }] });
  const { record } = await ask(HEAD + other + finish() + DONE, { args: ["--param", "n=2"] });
  expect(record).toMatchObject({ verdict: "empty", text: "", notices: ["other_choices"] });
});

test("tool calls are put together by index, complete without any text, and shown on stderr", async () => {
  const call = (index: number, id: string | null, name: string | null, args: string): string =>
    event({ choices: [{ delta: { tool_calls: [{ index, id, function: { name, arguments: args } }] } }] });
  const body =
    call(0, "c0", "weather", '{"ci') +
    call(1, "c1", "clock", "{") +
    call(0, null, null, 'ty":"Ornans"}') +
    finish("tool_calls");
  const { record, shown } = await ask(HEAD + body + DONE);
  expect(record).toMatchObject({
    verdict: "complete",
    text: "",
    tool_calls: [
      { index: 0, id: "c0", name: "weather", arguments: '{"city":"Ornans"}', invalid: false },
      { index: 1, id: "c1", name: "clock", arguments: "{", invalid: true },
    ],
  });
  expect(shown).toContain('weather({"city":"Ornans"})');
});

test("reasoning goes to stderr and is no visible content", async () => {
  const think =
    event({ choices: [{ delta: { reasoning_content: "hmm " } }] }) +
    event({ choices: [{ delta: { reasoning: "so" } }] });
  const { record, shown } = await ask(HEAD + think + token("a") + finish() + DONE);
  expect(record).toMatchObject({ verdict: "complete", text: "a", reasoning: "hmm so", token_events: 3 });
  expect(shown).toContain("hmm so");
});

test("refusal text is shown on stderr; an answer with nothing else is filtered", async () => {
  const refuse = event({ choices: [{ delta: { refusal: "I must not." } }] });
  const alone = await ask(HEAD + refuse + finish() + DONE);
  expect(alone.record).toMatchObject({ verdict: "filtered", text: "", error: { kind: "filtered" } });
  expect(alone.shown).toContain("I must not.");
  const beside = await ask(HEAD + refuse + token("a") + finish() + DONE);
  expect(beside.record).toMatchObject({ verdict: "complete", text: "a", error: null });
  expect(beside.shown).toContain("I must not.");
});

describe("an error inside the stream ends it as failed, with the server's message and what came before:", () => {
  const rows: [string, string, object][] = [
    ["an error object", event({ error: { message: "out of memory", code: 507 } }), { code: "507" }],
    ["an error text", event({ error: "out of memory" }), {}],
    [
      "an error beside a finish reason",
      event({ error: { message: "out of memory" }, choices: [{ finish_reason: "stop" }] }),
      {},
    ],
    [
      "event: error with an object",
      `event: error\n${event({ error: { message: "out of memory", type: "oom" } })}`,
      { code: "oom" },
    ],
    ["event: error with a message", `event: error\n${event({ message: "out of memory" })}`, {}],
    ["event: error with a detail", `event: error\n${event({ detail: "out of memory" })}`, {}],
    ["event: error with plain text", "event: error\ndata: out of memory\n\n", {}],
  ];
  for (const [name, bytes, error] of rows) {
    test(`${name}`, async () => {
      const { record } = await ask(HEAD + token("a") + bytes + token("b") + finish() + DONE);
      expect(record).toMatchObject({ verdict: "failed", text: "a", error: { kind: "server_error", ...error } });
      expect(record.error?.message).toContain("out of memory");
      expect(record.attempts).toBe(1);
    });
  }

  test("before the first token it is not asked again", async () => {
    const { record, requests } = await ask(HEAD + event({ error: { message: "nope" } }));
    expect(record).toMatchObject({ verdict: "failed", error: { kind: "server_error" }, attempts: 1 });
    expect(requests).toHaveLength(1);
  });
});
