import { describe, expect, test } from "bun:test";
import { DONE, event, finish, HEAD, token } from "../fixtures/answers.ts";
import { askInTime } from "./ask.ts";

const MIB = 1024 * 1024;

/** One event that calls tools. */
function calling(...calls: unknown[]): string {
  return event({ choices: [{ index: 0, delta: { tool_calls: calls } }] });
}

/** An answer that begins well, goes on with this, and would end well. */
function answer(...events: string[]): string {
  return HEAD + token("kept") + events.join("") + finish("tool_calls") + DONE;
}

const json = (body: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;

const deep = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

describe("more than is read failed in words of its own, once, and what came is kept:", () => {
  const cases: [name: string, body: string, reason: string, says: string][] = [
    ["JSON nested 1001 deep", answer(`data: {"x":${deep(1000)}}\n\n`), "depth", "more than 1,000 levels deep"],
    ["JSON nested four million deep", answer(`data: ${deep(4_000_000)}\n\n`), "depth", "levels deep"],
    ["an error nested too deeply", answer(`data: {"error":{"message":${deep(2000)}}}\n\n`), "depth", "levels deep"],
    ["nested choices", answer(`data: {"choices":[{"delta":{"content":${deep(1500)}}}]}\n\n`), "depth", "levels deep"],
    [
      "1001 tool calls in one event",
      answer(calling(...times(1001, (index) => ({ index })))),
      "tool_calls",
      "1,000 tool",
    ],
    [
      "four million tool calls",
      answer(`data: {"choices":[{"delta":{"tool_calls":[${"0,".repeat(4e6)}0]}}]}\n\n`),
      "tool_calls",
      "1,000 tool",
    ],
    [
      "ever new tool indexes",
      answer(...times(1001, (index) => calling({ index, function: { name: "f" } }))),
      "tool_calls",
      "1,000 tool",
    ],
    [
      "two million values",
      answer(`data: {"choices":[],"x":[${"0,".repeat(2e6)}0]}\n\n`),
      "values",
      "1,000,000 JSON values",
    ],
    [
      "arguments of 9 MiB",
      answer(...times(9, () => calling({ index: 0, function: { name: "f", arguments: "x".repeat(MIB) } }))),
      "arguments",
      "pass 8 MiB",
    ],
    [
      "arguments of 9 MiB in nine calls",
      answer(...times(9, (index) => calling({ index, function: { name: "f", arguments: "x".repeat(MIB) } }))),
      "arguments",
      "pass 8 MiB",
    ],
    [
      "a name of 9 MiB",
      answer(...times(9, (i) => calling({ index: 0, function: { name: `${i}`.repeat(MIB) } }))),
      "arguments",
      "pass 8 MiB",
    ],
    [
      "a refusal of 9 MiB",
      answer(...times(9, () => event({ choices: [{ delta: { refusal: "x".repeat(MIB) } }] }))),
      "refusal",
      "refusal passes 8 MiB",
    ],
  ];
  for (const [name, body, reason, says] of cases) {
    test(name, async () => {
      const { record, code, shown, requests } = await askInTime(body);
      expect(record).toMatchObject({
        verdict: "failed",
        error: { kind: "oversize", reason },
        text: "kept",
        attempts: 1,
      });
      expect(record.error?.message).toContain(says);
      expect(shown).toContain(says);
      expect(code).toBe(1);
      expect(requests).toHaveLength(1);
      expect(record.tool_calls.length).toBeLessThanOrEqual(1000);
    });
  }
});

test("a JSON answer has the same bounds", async () => {
  const whole = (content: string): string => json(`{"choices":[{"message":${content},"finish_reason":"stop"}]}`);
  const { record } = await askInTime(whole(`{"content":"a","x":${deep(1001)}}`));
  expect(record).toMatchObject({ verdict: "failed", error: { kind: "oversize", reason: "depth" } });
  const calls = await askInTime(whole(`{"tool_calls":[${times(1001, () => "{}").join(",")}]}`));
  expect(calls.record).toMatchObject({ verdict: "failed", error: { kind: "oversize", reason: "tool_calls" } });
});

test("the body of a refusal that is nested too deeply is quoted, and does no harm", async () => {
  const body = `{"error":{"message":${deep(20_000)}}}`;
  const head = `HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const { record } = await askInTime(head + body);
  expect(record).toMatchObject({ verdict: "failed", error: { kind: "http", status: 400 } });
  expect(record.error?.message.length).toBeLessThan(500);
});

test("as much as may be is read: 1000 calls, and many levels", async () => {
  const calls = await askInTime(
    answer(calling(...times(1000, (index) => ({ index, id: `c${index}`, function: { name: "f" } })))),
  );
  expect(calls.record).toMatchObject({ verdict: "complete", text: "kept" });
  expect(calls.record.tool_calls).toHaveLength(1000);
  const levels = await askInTime(answer(`data: {"choices":[],"x":${deep(900)}}\n\n`));
  expect(levels.record).toMatchObject({ verdict: "complete", malformed: 0 });
});

test("arguments nested deeply inside their text are JSON, whatever their depth", async () => {
  const { record } = await askInTime(answer(calling({ index: 0, function: { name: "f", arguments: deep(500_000) } })));
  expect(record).toMatchObject({ verdict: "complete", tool_calls: [{ name: "f", invalid: false }] });
});

test("a malformed event of 8 MiB among good ones is skipped, and does not hold the others up", async () => {
  const { record } = await askInTime(answer(`data: [${'{"a":1},'.repeat(100_000)}x\n\n`));
  expect(record).toMatchObject({ verdict: "complete", malformed: 1, text: "kept" });
});
