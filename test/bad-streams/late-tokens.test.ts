import { describe, expect, test } from "bun:test";
import { chunk, CHUNKED, DONE, event, finish, HEAD, ROLE, token } from "../fixtures/answers.ts";
import { ask, askInTime, type TimedAnswer } from "./ask.ts";

/** A token that claims to be the last. */
function last(content: string, reason = "stop"): string {
  return event({ choices: [{ index: 0, delta: { content }, finish_reason: reason }] });
}

const WORDS = ["un ", "deux ", "trois ", "quatre ", "cinq ", "six ", "sept ", "huit "];
const TEXT = WORDS.join("");

/** Writes these, so many ms apart, and says nothing more. */
function drip(pieces: readonly string[], ms: number): TimedAnswer {
  return async (exchange) => {
    await exchange.write(HEAD);
    await exchange.drip(pieces, ms);
    await exchange.left;
  };
}

describe("a finish_reason is not the end while tokens come:", () => {
  const rows: [string, string[], number][] = [
    ["one on each token", [...WORDS.map((word) => last(word)), DONE], 450],
    ["one on each token, 1.9 s apart", [...WORDS.map((word) => last(word)), DONE], 1900],
    [
      "one in the middle, and tokens that have none",
      [last("un "), ...WORDS.slice(1).map(token), finish() + DONE],
      1500,
    ],
    ["one beside the role, long before the first token", [last(""), ...WORDS.map(token), finish() + DONE], 3000],
    [
      "one beside the role, and tokens further apart than we wait for usage",
      [ROLE.replace("}}]", '},"finish_reason":"stop"}]'), ...WORDS.map(token), DONE],
      2500,
    ],
  ];
  for (const [name, pieces, ms] of rows) {
    test(name, async () => {
      const { record } = await askInTime(drip(pieces, ms));
      expect(record).toMatchObject({
        verdict: "complete",
        text: TEXT,
        finish_reason: "stop",
        error: null,
        attempts: 1,
      });
    });
  }

  test("reasoning and tool calls are tokens too", async () => {
    const thought = event({ choices: [{ index: 0, delta: { reasoning: "hm" }, finish_reason: "stop" }] });
    const call = event({ choices: [{ index: 0, delta: { tool_calls: [{ function: { name: "f" } }] } }] });
    const { record } = await askInTime(drip([thought, token("a"), call, token("b"), finish("tool_calls"), DONE], 1500));
    expect(record).toMatchObject({ verdict: "complete", text: "ab", finish_reason: "tool_calls" });
  });
});

describe("the last of them counts", () => {
  test.each([
    ["where it is another", [last("a"), last("b", "length")], "length"],
    ["also on an event without a token", [last("a"), last("b"), finish("length")], "length"],
    ["also before usage", [last("a"), last("b", "length"), event({ choices: [], usage: {} })], "length"],
    ["also a bad one", [last("a"), last("b", "content_filter")], "filtered"],
  ])("%s", async (_, events, verdict) => {
    const { record } = await ask(HEAD + events.join("") + DONE);
    expect(record).toMatchObject({ verdict, text: "ab" });
  });
});

describe("two seconds after the last token of an answer with a finish_reason", () => {
  test("the connection is closed, whatever else comes", async () => {
    const noise = [": ping\n\n", "data:\n\n", event({ choices: [] }), ROLE];
    const { record } = await askInTime(async (exchange) => {
      await exchange.write(HEAD + token("a") + finish());
      while (!exchange.gone()) await exchange.drip(noise, 300);
    });
    expect(record).toMatchObject({ verdict: "complete", text: "a", total_ms: 2000 });
  });

  test("they begin again with a token", async () => {
    const { record } = await askInTime(drip([token("a") + finish(), token("b"), token("c")], 1500));
    expect(record).toMatchObject({ verdict: "complete", text: "abc", total_ms: 5000 });
  });

  test("and not before the first: an answer that may still come has the time that a first token has", async () => {
    const { record } = await askInTime(drip([last(""), token("a"), finish() + DONE], 50_000));
    expect(record).toMatchObject({ verdict: "complete", text: "a" });
    const none = await askInTime(drip([ROLE + finish()], 0), { args: ["--timeout-first-token", "5s"] });
    expect(none.record).toMatchObject({ verdict: "empty", finish_reason: "stop", total_ms: 5000 });
  });
});

describe("after a finish_reason that tokens followed, what stops the answer is what happened:", () => {
  test("a cut body is truncated", async () => {
    const { record } = await ask(async ({ write, seen, reset }) => {
      await write(Buffer.concat([Buffer.from(CHUNKED), chunk(last("a")), chunk(token("b"))]));
      await seen("delta");
      reset();
    });
    expect(record).toMatchObject({ verdict: "truncated", text: "ab", attempts: 1 });
  });

  test("an error is failed", async () => {
    const { record } = await ask(HEAD + last("a") + token("b") + event({ error: { message: "the engine died" } }));
    expect(record).toMatchObject({ verdict: "failed", text: "ab", error: { kind: "server_error" } });
  });

  test("total is a timeout", async () => {
    const { record } = await askInTime(drip([last("a"), token("b")], 800), { args: ["--timeout-total", "2s"] });
    expect(record).toMatchObject({ verdict: "timeout", text: "ab", error: { phase: "total" } });
  });

  test("a clean end is the end", async () => {
    const { record } = await ask(HEAD + last("a") + token("b"));
    expect(record).toMatchObject({ verdict: "complete", text: "ab" });
  });
});

test("an error after a finish_reason before any token is failed, with the server's words", async () => {
  const { record } = await ask(HEAD + last("") + event({ error: { message: "the engine died" } }) + DONE);
  expect(record).toMatchObject({ verdict: "failed", error: { kind: "server_error" } });
  expect(record.error?.message).toContain("the engine died");
});
