import { describe, expect, test } from "bun:test";
import { ask, askInTime, runOnce, type SeenAnswer } from "./ask.ts";
import { chunk, CHUNKED, DONE, event, finish, HEAD, response, ROLE, token } from "../fixtures/answers.ts";

/** Every class of finish reason: verdict with text, verdict without. Each word is in test/stream/finish-reason.test.ts. */
const REASONS: readonly [reasons: string[], withText: string, without: string, kind: string | null][] = [
  [["stop", "tool_use", "END_TURN", "pause-turn"], "complete", "empty", null],
  [
    ["length", "MAX_TOKENS", "model_length", "model_context_window_exceeded", "maxOutputTokens"],
    "length",
    "empty",
    null,
  ],
  [["content_filter", "SAFETY", "sensitive", "content-filtered"], "filtered", "filtered", "filtered"],
  [["error", "network_error", "TIMEOUT", "malformed-function-call"], "failed", "failed", "finish_reason"],
  [["upstream_error", "Aborted", "stop_failed"], "failed", "failed", "finish_reason"],
];

describe("a finish_reason", () => {
  for (const [reasons, withText, without, kind] of REASONS) {
    for (const reason of reasons) {
      test(`${reason} makes an answer with text ${withText} and one without ${without}`, async () => {
        const [full, bare] = await Promise.all([
          ask(HEAD + token("a") + finish(reason) + DONE),
          ask(HEAD + finish(reason) + DONE),
        ]);
        expect(full.record).toMatchObject({
          verdict: withText,
          finish_reason: reason,
          text: "a",
          attempts: 1,
          notices: [],
        });
        expect(full.record.error?.kind ?? null).toBe(kind);
        expect(bare.record).toMatchObject({ verdict: without, finish_reason: reason, text: "", attempts: 1 });
        expect(bare.record.error?.kind).toBe(kind ?? "empty");
      });
    }
  }

  test("that is unknown is complete with a notice", async () => {
    const { record, shown } = await ask(HEAD + token("a") + finish("tired") + DONE);
    expect(record).toMatchObject({ verdict: "complete", finish_reason: "tired", notices: ["unknown_finish_reason"] });
    expect(shown.match(/tired/g)?.length).toBe(2);
  });

  test("that is unknown is said with --quiet too", async () => {
    const { outcome } = await runOnce(HEAD + token("a") + finish("tired") + DONE, ["--quiet"]);
    expect(outcome).toMatchObject({ code: 0, stdout: "a" });
    expect(outcome.stderr).toContain("for a reason llmaas does not know: tired.");
    expect(outcome.stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test.each([[0], [1], [true], [{ type: "stop" }], [["stop"]]])(
    "that is no text counts as given: %j",
    async (reason) => {
      const { record } = await ask(
        HEAD + token("a") + event({ choices: [{ index: 0, delta: {}, finish_reason: reason }] }),
      );
      const finish_reason = JSON.stringify(reason);
      expect(record).toMatchObject({ verdict: "complete", finish_reason, notices: ["unknown_finish_reason"] });
    },
  );

  test.each(["", " ", "null", "None", false, null])("that says nothing is none: %j", async (reason) => {
    const { record } = await ask(
      HEAD + token("a") + event({ choices: [{ index: 0, delta: {}, finish_reason: reason }] }) + DONE,
    );
    expect(record).toMatchObject({ verdict: "truncated", finish_reason: null, notices: [] });
  });

  test("that says nothing on each event does not stand for the one at the end", async () => {
    const each = (content: string): string =>
      event({ choices: [{ index: 0, delta: { content }, finish_reason: "null" }] });
    const [whole, cut] = await Promise.all([
      ask(HEAD + each("a") + each("b") + finish("length") + DONE),
      ask(HEAD + each("a") + each("b")),
    ]);
    expect(whole.record).toMatchObject({ verdict: "length", text: "ab" });
    expect(cut.record).toMatchObject({ verdict: "truncated", text: "ab" });
  });

  test("length says that max_tokens cut the answer", async () => {
    const { shown } = await ask(HEAD + token("a") + finish("length") + DONE);
    expect(shown).toContain("max_tokens cut the answer");
  });

  test("after reasoning alone is empty, and the message says what reasoning used and what to raise", async () => {
    const usage = { usage: { completion_tokens: 300, reasoning_tokens: 300 }, choices: [] };
    const think = event({ choices: [{ delta: { reasoning_content: "hmm" } }] });
    const { record } = await ask(HEAD + think + finish("length") + event(usage) + DONE);
    expect(record).toMatchObject({ verdict: "empty", text: "", reasoning: "hmm" });
    expect(record.error?.message).toContain("300 tokens");
    expect(record.error?.message).toContain("--max-tokens");
  });

  test("on the chunk of the last token counts with it", async () => {
    const { record } = await ask(HEAD + event({ choices: [{ delta: { content: "a" }, finish_reason: "stop" }] }));
    expect(record).toMatchObject({ verdict: "complete", text: "a" });
  });
});

describe("[DONE]", () => {
  test("without a finish_reason is no end of a whole answer: it is truncated, and says what to do", async () => {
    const { record, shown } = await ask(HEAD + token("a") + DONE);
    expect(record).toMatchObject({ verdict: "truncated", finish_reason: null, text: "a", notices: [], attempts: 1 });
    expect(shown).toContain("without a finish_reason");
    expect(shown).toContain("--trust-done");
  });

  test("is one where the user trusts it, which the verdict says", async () => {
    const { record, shown } = await ask(HEAD + token("a") + DONE, { args: ["--trust-done"] });
    expect(record).toMatchObject({ verdict: "complete", finish_reason: null, notices: ["done_without_reason"] });
    expect(shown).toContain("Verdict: complete (no finish_reason: --trust-done)");
  });

  test.each([
    ["reasoning alone", event({ choices: [{ delta: { reasoning: "hm" } }] }), "truncated", "empty"],
    [
      "a tool call",
      event({ choices: [{ delta: { tool_calls: [{ function: { name: "f" } }] } }] }),
      "truncated",
      "complete",
    ],
    ["a refusal", event({ choices: [{ delta: { refusal: "no" } }] }), "filtered", "filtered"],
    ["nothing", ROLE, "empty", "empty"],
    ["a role and usage", ROLE + event({ choices: [], usage: { completion_tokens: 0 } }), "empty", "empty"],
  ])("without a finish_reason, after %s", async (_, before, verdict, trusted) => {
    const asked = await Promise.all([ask(HEAD + before + DONE), ask(HEAD + before + DONE, { args: ["--trust-done"] })]);
    expect(asked.map(({ record }) => [record.verdict, record.attempts])).toEqual([
      [verdict, 1],
      [trusted, 1],
    ]);
  });

  test("is trusted and the end of the body is not", async () => {
    const { record } = await ask(HEAD + token("a"), { args: ["--trust-done"] });
    expect(record).toMatchObject({ verdict: "truncated" });
  });

  test("is no more than a JSON answer's end, which says nothing without a finish_reason either", async () => {
    const body = JSON.stringify({ choices: [{ message: { content: "a" } }] });
    const answer = response("200 OK", "Content-Type: application/json\r\n", body);
    const [strict, trusting] = await Promise.all([ask(answer), ask(answer, { args: ["--trust-done"] })]);
    expect(strict.record).toMatchObject({ verdict: "truncated", text: "a" });
    expect(trusting.record).toMatchObject({ verdict: "complete", text: "a" });
  });

  for (const done of [
    "data:[DONE]\n\n",
    "data:  [DONE] \n\n",
    "data: [DONE]\r\n\r\n",
    "data: [DONE]",
    "event: x\ndata: [DONE]\n\n",
  ]) {
    test(`is understood as ${JSON.stringify(done)}`, async () => {
      const { record } = await ask(HEAD + token("a") + finish() + done);
      expect(record).toMatchObject({ verdict: "complete", malformed: 0 });
    });
  }

  test("ends the stream: what comes after it is ignored, and the connection is closed", async () => {
    let left = "";
    const { record } = await ask(async ({ write, left: leaving }) => {
      await write(HEAD + token("a") + finish() + DONE + token("b") + event({ error: "late" }));
      await write(`data: {oops\n\n${token("c")}`);
      left = (await leaving).how;
    });
    expect(record).toMatchObject({ verdict: "complete", text: "a", malformed: 0, error: null });
    expect(left).not.toBe("");
  });
});

describe("after the finish_reason", () => {
  const rows: [string, SeenAnswer][] = [
    ["a reset", async ({ reset }) => reset()],
    ["a clean end", async ({ fin }) => fin()],
    ["an error object", async ({ write, fin }) => (await write(chunk(event({ error: "late" }))), fin())],
    ["event: error", async ({ write, fin }) => (await write(chunk("event: error\ndata: late\n\n")), fin())],
    ["another finish_reason", async ({ write, fin }) => (await write(chunk(finish("error"))), fin())],
    ["broken chunked encoding", async ({ write, fin }) => (await write("zz\r\nnonsense"), fin())],
  ];
  for (const [name, then] of rows) {
    test(`${name} changes no verdict`, async () => {
      const { record } = await ask(async (exchange) => {
        await exchange.write(Buffer.concat([Buffer.from(CHUNKED), chunk(token("a")), chunk(finish())]));
        await exchange.seen("delta");
        await then(exchange);
      });
      expect(record).toMatchObject({ verdict: "complete", finish_reason: "stop", text: "a", error: null, attempts: 1 });
    });
  }

  test("usage is waited for, for at most two seconds, and then the connection is closed", async () => {
    const usage = event({ choices: [], usage: { completion_tokens: 42 } });
    const late = await askInTime(async ({ write, sleep, left }) => {
      await write(HEAD + token("a") + finish());
      await sleep(400);
      await write(usage);
      await left;
    });
    expect(late.record).toMatchObject({ verdict: "complete", tokens: 42, tokens_source: "usage" });
    expect(late.record.total_ms).toBe(2000);
  });

  test("a token that still comes is shown", async () => {
    const { record } = await ask(HEAD + token("a") + finish() + token("b") + DONE);
    expect(record).toMatchObject({ verdict: "complete", text: "ab" });
  });

  test("a timer that fires while usage is awaited changes no verdict", async () => {
    const { record } = await askInTime(async ({ write }) => write(HEAD + token("a") + finish()), {
      args: ["--timeout-idle", "300ms", "--timeout-total", "1s"],
    });
    expect(record).toMatchObject({ verdict: "complete", error: null });
  });
});

describe("without a marker, after a token, the answer is truncated and keeps its text, when the body", () => {
  const said = token("né ") + token("𝄞");
  const rows: [string, SeenAnswer, string][] = [
    ["ends with its connection", async ({ write, fin }) => (await write(HEAD + said), fin()), "end"],
    [
      "is reset with its connection",
      async ({ write, seen, reset }) => (await write(HEAD + said), await seen("delta"), reset()),
      "end",
    ],
    [
      "ends its chunks",
      async ({ write, fin }) => (
        await write(Buffer.concat([Buffer.from(CHUNKED), chunk(said), Buffer.from("0\r\n\r\n")])),
        fin()
      ),
      "end",
    ],
    [
      "lacks its last chunk",
      async ({ write, seen, fin }) => (
        await write(Buffer.concat([Buffer.from(CHUNKED), chunk(said)])),
        await seen("delta"),
        fin()
      ),
      "reset",
    ],
    [
      "is reset between chunks",
      async ({ write, seen, reset }) => (
        await write(Buffer.concat([Buffer.from(CHUNKED), chunk(said)])),
        await seen("delta"),
        reset()
      ),
      "reset",
    ],
    [
      "is cut below its length",
      async ({ write, seen, fin }) => (
        await write(`${HEAD.replace("Connection", "Content-Length: 9999\r\nConnection")}${said}`),
        await seen("delta"),
        fin()
      ),
      "reset",
    ],
    [
      "is reset below its length",
      async ({ write, seen, reset }) => (
        await write(`${HEAD.replace("Connection", "Content-Length: 9999\r\nConnection")}${said}`),
        await seen("delta"),
        reset()
      ),
      "reset",
    ],
  ];
  for (const [name, answer, how] of rows) {
    test(`${name}`, async () => {
      const { record, events, shown } = await ask(answer);
      expect(record).toMatchObject({ verdict: "truncated", finish_reason: null, text: "né 𝄞", attempts: 1 });
      expect(record.error?.kind).toBe("truncated");
      expect(events.some((line) => line.type === "retrying")).toBe(false);
      expect(shown).toContain(how === "reset" ? "The connection broke in the middle" : "ended without saying");
    });
  }

  test("ends in the middle of an event, whose good part is not invented", async () => {
    const { record } = await ask(`${HEAD}${token("a")}data: {"choices":[{"delta":{"content":"b`);
    expect(record).toMatchObject({ verdict: "truncated", text: "a", malformed: 1 });
  });

  test("had only reasoning", async () => {
    const { record } = await ask(HEAD + event({ choices: [{ delta: { reasoning: "hmm" } }] }));
    expect(record).toMatchObject({ verdict: "truncated", text: "", reasoning: "hmm", attempts: 1 });
  });
});

test("a finish_reason that is no word is quoted, and not shown whole", async () => {
  const endless = "tired ".repeat(10_000);
  const asked = await Promise.all(
    [endless, `${endless} error`].map((reason) => ask(HEAD + token("a") + finish(reason) + DONE)),
  );
  expect(asked.map(({ record }) => record.verdict)).toEqual(["complete", "failed"]);
  for (const { record, shown } of asked) {
    expect(record.finish_reason).toBe(endless.slice(0, 200));
    expect(shown.length).toBeLessThan(2000);
  }
});
