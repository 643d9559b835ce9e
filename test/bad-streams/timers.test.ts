import { describe, expect, test } from "bun:test";
import { DONE, event, finish, HEAD, ROLE, token } from "../fixtures/answers.ts";
import { askInTime, runInTime, type TimedAnswer } from "./ask.ts";
import type { Asked } from "./story.ts";

/** Four timers with four values, so that the one that fires is told by its value too. */
const FOUR = ["--timeout-open", "850ms", "--timeout-first-token", "980ms", "--timeout-idle", "900ms"];

/** Writes this and says nothing more. */
function silentAfter(text: string): TimedAnswer {
  return async ({ write, left }) => {
    if (text !== "") await write(text);
    await left;
  };
}

function expectTimeout({ record, events }: Asked, phase: string, after: number, text: string): void {
  expect(record).toMatchObject({ verdict: "timeout", error: { kind: "timeout", phase }, text, attempts: 1 });
  expect(record.error?.message).toContain(phase);
  expect(record.error?.message).toContain(`${after} ms`);
  expect(events.some((line) => line.type === "retrying")).toBe(false);
}

describe("each of four timers with four values is the one that fires, and says its name and value:", () => {
  const rows: [string, string, number, string[], string, TimedAnswer][] = [
    ["never answers", "open", 850, [], "", silentAfter("")],
    ["headers only", "first_token", 980, [], "", silentAfter(`${HEAD}: hello\n\n`)],
    ["a role-only chunk", "first_token", 980, [], "", silentAfter(HEAD + ROLE)],
    ["a stall after two tokens", "idle", 900, [], "ab", silentAfter(HEAD + token("a") + token("b"))],
    [
      "tokens that go on and on",
      "total",
      960,
      ["--timeout-total", "960ms"],
      "",
      async ({ write, drip }) => {
        await write(HEAD);
        await drip(Array<string>(1000).fill(token("")), 10);
      },
    ],
  ];
  for (const [name, phase, after, args, text, answer] of rows) {
    test(`${name}: ${phase}`, async () => {
      const more = phase === "total" ? ["--timeout-first-token", "0"] : [];
      const asked = await askInTime(answer, {
        args: [...(phase === "total" ? FOUR.slice(0, 2) : FOUR), ...more, ...args],
      });
      expectTimeout(asked, phase, after, text);
      expect(asked.record.total_ms).toBe(after);
    });
  }
});

test("a server that is silent longer than 30 s before its headers is waited for, as long as for a first token", async () => {
  const late: TimedAnswer = async ({ write, sleep, fin }) => {
    await sleep(100_000);
    await write(HEAD + token("a") + finish() + DONE);
    fin();
  };
  const { record } = await askInTime(late);
  expect(record).toMatchObject({ verdict: "complete", text: "a" });
  expectTimeout(await askInTime(late, { args: ["--timeout-first-token", "600ms"] }), "open", 600, "");
  const patient = await askInTime(late, { args: ["--timeout-first-token", "600ms", "--timeout-open", "0"] });
  expectTimeout(patient, "first_token", 600, "");
});

test("open says that headers may come with the first token, and which option sets it", async () => {
  const { record } = await askInTime(silentAfter(""));
  expect(record.error).toMatchObject({ kind: "timeout", phase: "open" });
  expect(record.error?.message).toContain("only with the first token");
  expect(record.error?.message).toContain("--timeout-open");
  expect(record.total_ms).toBe(120_000);
});

test("total ends an answer whose tokens keep coming, and keeps its text", async () => {
  const { outcome } = await runInTime(
    async ({ write, drip }) => {
      await write(HEAD);
      await drip(Array<string>(2000).fill(token("a")), 5);
    },
    ["--timeout-total", "700ms", "--timeout-idle", "10s"],
  );
  expect(outcome.code).toBe(4);
  expect(outcome.stdout).toMatch(/^a+$/);
  expect(outcome.stderr).toContain("total");
});

test("keep-alive comments, pings and empty chunks feed neither first_token nor idle", async () => {
  const noise = [": keep-alive\n\n", "event: ping\n\n", "data:\n\n", ROLE, event({ choices: [] })];
  const drip =
    (before: string): TimedAnswer =>
    async (exchange) => {
      await exchange.write(HEAD + before);
      while (!exchange.gone()) await exchange.drip(noise, 20);
    };
  expectTimeout(await askInTime(drip(""), { args: FOUR }), "first_token", 980, "");
  expectTimeout(await askInTime(drip(token("a")), { args: FOUR }), "idle", 900, "a");
});

test("one byte at a time is no timeout while a token event completes within idle", async () => {
  const bytes = Buffer.from(token("a") + token("b") + token("c") + finish() + DONE);
  const { record } = await askInTime(
    async ({ write, drip, fin }) => {
      await write(HEAD);
      await drip(
        [...bytes].map((byte) => Uint8Array.of(byte)),
        5,
      );
      fin();
    },
    { args: ["--timeout-idle", "2500ms", "--timeout-first-token", "4s"] },
  );
  expect(record).toMatchObject({ verdict: "complete", text: "abc" });
});

test("one byte at a time is a timeout when no token event completes within idle", async () => {
  const asked = await askInTime(
    async ({ write, drip }) => {
      await write(HEAD + token("a"));
      await drip(
        [...Buffer.from(token("b".repeat(5000)))].map((byte) => Uint8Array.of(byte)),
        10,
      );
    },
    { args: FOUR },
  );
  expectTimeout(asked, "idle", 900, "a");
});

test("reasoning, refusal and tool calls are token events: they stop first_token and feed idle", async () => {
  const kinds = [{ reasoning_content: "x" }, { refusal: "x" }, { tool_calls: [{ index: 0, function: { name: "x" } }] }];
  const events = kinds.map((delta) => event({ choices: [{ delta }] }));
  const { record } = await askInTime(
    async ({ write, drip, fin }) => {
      await write(HEAD);
      await drip([...events, ...events, ...events], 300);
      await write(finish() + DONE);
      fin();
    },
    { args: ["--timeout-first-token", "2s", "--timeout-idle", "2s"] },
  );
  expect(record).toMatchObject({ verdict: "complete", token_events: 9 });
});

test("a timer set to 0 is off", async () => {
  const { record } = await askInTime(
    async ({ write, drip, sleep, fin }) => {
      await sleep(400);
      await write(HEAD);
      await drip([token("a"), token("b"), finish()], 400);
      fin();
    },
    { args: ["--timeout", "0", "--timeout-total", "0"] },
  );
  expect(record).toMatchObject({ verdict: "complete", text: "ab" });
});

test("--timeout sets open, first_token and idle together", async () => {
  const args = ["--timeout", "900ms"];
  expectTimeout(await askInTime(silentAfter(""), { args }), "open", 900, "");
  expectTimeout(await askInTime(silentAfter(HEAD), { args }), "first_token", 900, "");
  expectTimeout(await askInTime(silentAfter(HEAD + token("a")), { args }), "idle", 900, "a");
});

test("a server that is gone silent sees the connection torn down when the timer fires", async () => {
  let left = "";
  await askInTime(
    async (exchange) => {
      await exchange.write(HEAD + token("a"));
      left = (await exchange.left).how;
    },
    { args: FOUR },
  );
  expect(left).not.toBe("");
});
